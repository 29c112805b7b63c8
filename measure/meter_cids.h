/* Connection IDs, and where each was seen.  Private to measure/meter_*.c. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_METER_CIDS_H
#define HO_MEASURE_METER_CIDS_H

#include "measure/checks/index.h"
#include "measure/csv.h"
#include "measure/meter_packets.h"

/* ho_meter_visit is the part of a use that lies between two handoffs. */
typedef struct {
  size_t handoffs; /* that were before */
  ho_time t_first, t_last;
} ho_meter_visit;

typedef enum {
  HO_METER_BY_DATA,
  HO_METER_BY_CHALLENGE,
  HO_METER_BY_RESPONSE,
  HO_METER_BY_HANDOFF
} ho_meter_cause;

/* ho_meter_use is a CID on one tuple, server's view. */
typedef struct {
  int tuple;
  ho_time t_first, t_last;
  uint64_t outside; /* sights at its access network's outer end */
  bool at_server;
  /* Without what attackers send: */
  ho_meter_visit *visits;
  size_t visits_count, visits_cap;
  uint64_t packets, first_packet;
  uint8_t cause; /* what brought the first one here */
  int handoff;   /* likewise, where it was one */
} ho_meter_use;

typedef struct {
  uint64_t connection, sequence;
  uint8_t side; /* issuer */
  bool issued;
  ho_cid cid;
  ho_token token;
  ho_time t_issued, t_retired;
  ho_meter_use *uses;
  size_t uses_count, uses_cap;
  ho_index uses_index; /* by tuple */
  int local;           /* the client's own tuple that last sent it, or -1 */
} ho_meter_cid;

/* ---- meter_cids.c ---- */
void ho_meter_on_cid(ho_meter *m, const ho_event *ev);
int ho_meter_cid_sent(ho_meter *m, ho_meter_client *c, ho_side side,
                      uint64_t connection, const ho_cid *dcid);
/* ho_meter_cids_in_order lists |c|'s CIDs by connection, issuer and sequence;
 * those that nobody issued only where |all|.  The list is the caller's. */
size_t *ho_meter_cids_in_order(const ho_meter_client *c, bool all,
                               size_t *count);
uint64_t ho_meter_cids_used(const ho_meter *m, ho_side issuer);
void ho_meter_write_cids(const ho_meter *m, ho_csv *csv);
void ho_meter_write_hex(ho_csv *csv, const uint8_t *bytes, size_t len);

/* ---- meter_sights.c: on which tuples a CID was seen ---- */
/* ho_meter_cid_seen: packet |n| is on the wire. */
void ho_meter_cid_seen(ho_meter *m, ho_meter_client *c, uint64_t n,
                       const ho_meter_packet *packet);
/* ho_meter_cid_received: it has reached the server. */
void ho_meter_cid_received(ho_meter_client *c, const ho_meter_packet *packet);
/* ho_meter_cid_dropped: a packet of the server's was dropped because of
 * |reason|. */
void ho_meter_cid_dropped(const ho_meter *m, ho_meter_client *c,
                          const ho_meter_packet *packet, const char *reason);
void ho_meter_on_meddled(ho_meter *m, const ho_event *ev);
void ho_meter_sights_free(ho_meter_cid *cid);
/* ho_meter_cid_reused returns 1 or 0, or -1 where there is nothing to say, for
 * the DCIDs that |side| sends. */
int ho_meter_cid_reused(const ho_meter_client *c, size_t handoff, ho_side side);
/* ho_meter_link_window is how long some CID was seen on both tuples of |h|, at
 * least 0; HO_NEVER where ho_meter_cid_reused finds none. */
ho_time ho_meter_link_window(const ho_meter_client *c, size_t handoff);

/* ---- meter_vantages.c ---- */
void ho_meter_find_old(ho_meter *m);
/* ho_meter_write_vantages writes the names of the scenario's observers that
 * have seen |use| (NULL: nobody has). */
void ho_meter_write_vantages(const ho_meter *m, ho_csv *csv,
                             const ho_meter_client *c, const ho_meter_use *use);

#endif
