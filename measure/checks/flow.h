/* One connection as its packets show it: what all checks share.  Private to
 * measure/checks. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_FLOW_H
#define HO_MEASURE_FLOW_H

#include "measure/checks/check.h"
#include "measure/checks/index.h"
#include "sim/wire/decoder.h"

/* ho_sighting is a datagram at one place (see ho_seen_at), decrypted.  It is
 * seen up to three times, with the same |d|. */
typedef struct {
  ho_seen_at at;
  ho_time t;
  ho_side from; /* who sent it, or seems to have (forged) */
  bool forged, damaged;
  uint64_t copy_of; /* packet that it is a copy of; 0: none */
  uint64_t packet;  /* IP packet number */
  int net;
  ho_tuple tuple; /* as seen at this place: the client's endpoint is its own
                     SENT by it and RECEIVED by it, its NAT's elsewhere */
  uint8_t family, ecn;
  uint32_t flow_label; /* IPv6 */
  const ho_wire_datagram *d;
} ho_sighting;

/* A connection ID that one side issued. */
typedef struct {
  uint64_t sequence;
  ho_cid cid;
  bool has_token;
  ho_token token;
  ho_time t_issued;   /* first frame that carried it left its issuer */
  ho_time t_known;    /* first such frame reached the peer; HO_NEVER */
  ho_time t_retiring; /* first RETIRE_CONNECTION_ID left the peer; HO_NEVER */
  ho_time t_retired;  /* it reached the issuer; HO_NEVER */
  ho_time t_first, t_last; /* the peer sent with it; HO_NEVER: never */
  unsigned times_sent;     /* frames that carried it */
} ho_flow_cid;

/* An address of a peer, as the endpoint |of| ho_flow_end knows it: one entry
 * per remote endpoint and own local endpoint, as that end sees the tuple. */
typedef struct {
  ho_tuple tuple;
  ho_time t_first;         /* something was sent or received on it */
  uint64_t received, sent; /* bytes of UDP payload; |received| counts what
                              could be authentic: forged bytes too */
  uint64_t challenges, responses; /* sent to it: frames */
  ho_time t_challenge;            /* last PATH_CHALLENGE sent; HO_NEVER */
  ho_time t_validated;            /* a PATH_RESPONSE to a challenge sent there
                                     arrived, or the handshake; HO_NEVER */
  ho_time t_nonprobing;        /* first non-probing packet received; HO_NEVER */
  uint64_t largest_nonprobing; /* packet number received on it; UINT64_MAX */
} ho_flow_path;

/* A PATH_CHALLENGE that one end sent. */
typedef struct {
  uint64_t data;
  ho_time t_sent;
  uint64_t packet, pn;
  ho_tuple tuple;     /* as its sender sees it */
  size_t bytes;       /* UDP payload of its datagram */
  ho_time t_received; /* at the peer; HO_NEVER */
  ho_tuple tuple_received;
  ho_time t_answered; /* a PATH_RESPONSE with its data arrived; HO_NEVER */
  unsigned answers;   /* PATH_RESPONSEs that left the peer */
} ho_flow_challenge;

/* What one end has done so far. */
typedef struct {
  ho_flow_cid *cids; /* that it issued, in order of first sight */
  size_t cids_count, cids_cap;
  size_t cids_low; /* all before it are retired, at both ends */
  ho_index by_cid, by_sequence;
  size_t cid_at;                       /* found last */
  uint64_t prior_sent, prior_received; /* its largest Retire Prior To: sent,
                                          and arrived at the peer */
  ho_flow_path *paths;
  size_t paths_count, paths_cap;
  ho_index by_tuple, by_client;  /* the latter: by the client's endpoint */
  size_t path_at;                /* found last */
  ho_flow_challenge *challenges; /* that it sent */
  size_t challenges_count, challenges_cap;
  ho_index by_data, by_target;  /* the latter: by the client's endpoint */
  const ho_wire_params *params; /* that it declared; NULL: not seen */
  bool peer_params_known;       /* the other end's have arrived here */
  ho_time t_confirmed;          /* handshake confirmed here: HANDSHAKE_DONE
                                   arrived (client), or was sent (server) */
  ho_tuple confirmed;           /* which way: the path in use then */
  ho_time t_closed;             /* it sent CONNECTION_CLOSE; HO_NEVER */
  uint64_t error;               /* in that */
  bool error_app;
  ho_time t_reset; /* a stateless reset for it arrived */
  uint64_t largest_sent[3], largest_received[3]; /* Initial, Handshake, app;
                                                    UINT64_MAX: none */
  bool key_phase;   /* of the newest 1-RTT packet that arrived here */
  uint64_t pn_keys; /* the first one with these keys, of those so far */
  ho_time t_last_sent, t_last_received;
  /* As its endpoint tells (recovery events), not read from packets: */
  uint64_t cwnd, in_flight;
  ho_time srtt, latest_rtt, min_rtt;
} ho_flow_end;

/* ho_flow is one connection. */
typedef struct ho_flow {
  int client;
  uint64_t connection;
  const ho_scenario *scenario;
  const ho_arm *arm;
  ho_decoder *decoder;
  ho_flow_end ends[2];              /* by ho_side */
  ho_finding *findings;             /* its client's, by check */
  const ho_checks_watcher *watcher; /* NULL: nobody */
  void **states;                    /* by module */
  /* Ground truth from the log: */
  bool told;          /* the client's transport was told of its last change of
                         address (or asked for it); false: passive */
  ho_time t_told;     /* when; HO_NEVER */
  ho_time t_changed;  /* the last handoff; HO_NEVER */
  const char *change; /* its kind */
  uint64_t packet;    /* that the client sent last, and from where, as it took
                         it; 0: not known */
  ho_endpoint source;
  /* Of a restart of the server within the handshake (heir.h): */
  bool sealed;              /* the server has told a secret */
  bool lost;                /* nothing can be said of it any more */
  uint8_t shared[2][48];    /* a secret of the handshake as either end has it */
  size_t shared_len[2];     /* 0: none yet */
  struct ho_flow *heir;     /* what it may become; NULL */
  struct ho_flow *forebear; /* what it was; NULL */
  ho_finding *spare;        /* |findings| that nobody is told of; NULL */
} ho_flow;

/* ho_check_module is the checks of one file.  Its functions are called for
 * every datagram after the flow itself has learned from it, for every event
 * that concerns the flow's client, and at the end.  Any may be NULL.  A flow's
 * zeroed state of |state_size| bytes is the module's own. */
typedef struct {
  const char *name;
  size_t state_size;
  void (*datagram)(ho_flow *flow, void *state, const ho_sighting *s);
  void (*event)(ho_flow *flow, void *state, const ho_event *event);
  void (*finish)(ho_flow *flow, void *state, ho_time now);
  void (*free)(void *state);
} ho_check_module;

extern const ho_check_module ho_checks_supply;        /* A1 to A4, A10 */
extern const ho_check_module ho_checks_resent;        /* A11 */
extern const ho_check_module ho_checks_retirement;    /* A5 to A9, A12, A13 */
extern const ho_check_module ho_checks_linkability;   /* B */
extern const ho_check_module ho_checks_reset;         /* I1 to I4 */
extern const ho_check_module ho_checks_idle;          /* I5 to I7 */
extern const ho_check_module ho_checks_challenges;    /* C1 to C5, C12, C14 */
extern const ho_check_module ho_checks_responses;     /* C6 to C10 */
extern const ho_check_module ho_checks_validation;    /* C11, C13, C15 */
extern const ho_check_module ho_checks_amplification; /* D */
extern const ho_check_module ho_checks_attack;        /* F */
extern const ho_check_module ho_checks_migration;     /* E1 to E7 */
extern const ho_check_module ho_checks_path;          /* E8 to E13 */
extern const ho_check_module ho_checks_recovery;      /* G */
extern const ho_check_module ho_checks_preferred;     /* H */

/* ho_flow_pass: the clause was exercised, and held.  Never undoes a FAIL.
 * ho_flow_observe does the same with words for |detail|. */
void ho_flow_pass(ho_flow *flow, ho_check_id id);
void ho_flow_observe(ho_flow *flow, ho_check_id id, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* ho_flow_fail: |endpoint| broke it with packet |p| (or NULL) of |s| (or NULL,
 * then |t| counts).  Only the first failure is kept; the watcher is told of
 * all. */
void ho_flow_fail(ho_flow *flow, ho_check_id id, ho_side endpoint, ho_time t,
                  const ho_sighting *s, const ho_wire_packet *p,
                  const char *format, ...)
    __attribute__((format(printf, 7, 8)));

/* Looking things up; NULL where there is none. */
static inline ho_side ho_other(ho_side side) {
  return side == HO_CLIENT ? HO_SERVER : HO_CLIENT;
}
ho_flow_cid *ho_flow_find_cid(ho_flow *flow, ho_side issuer, const ho_cid *cid);
ho_flow_cid *ho_flow_find_sequence(ho_flow *flow, ho_side issuer,
                                   uint64_t sequence);
ho_flow_path *ho_flow_find_path(ho_flow *flow, ho_side of,
                                const ho_tuple *tuple);
ho_flow_challenge *ho_flow_find_challenge(ho_flow *flow, ho_side sender,
                                          uint64_t data);

/* ho_flow_next_path goes through the paths of |of| to or from |client|, newest
 * first, and ho_flow_next_challenge through the PATH_CHALLENGEs that |sender|
 * sent there: |after| is the one before, or NULL. */
const ho_flow_path *ho_flow_next_path(const ho_flow *flow, ho_side of,
                                      const ho_endpoint *client,
                                      const ho_flow_path *after);
const ho_flow_challenge *ho_flow_next_challenge(const ho_flow *flow,
                                                ho_side sender,
                                                const ho_endpoint *client,
                                                const ho_flow_challenge *after);

/* ho_flow_pto is |of|'s probe timeout now (RFC 9002, 6.2.1), from its
 * endpoint's smoothed RTT and, as its variance is not told, at least: srtt +
 * max_ack_delay (a lower bound).  Before a sample: HO_INITIAL_PTO, three times
 * the initial RTT (RFC 9002, 6.2.2). */
#define HO_INITIAL_PTO (999 * HO_MSEC)

ho_time ho_flow_pto(const ho_flow *flow, ho_side of);

/* ho_flow_patience is how long |side| may leave something undone before it is
 * blamed: three PTOs, and a second at least. */
ho_time ho_flow_patience(const ho_flow *flow, ho_side side);

/* ho_flow_recovers: |side| can tell the whole packet number of |p| from the
 * bytes that it has on the wire (RFC 9000, 17.1 and A.3).  Of a packet that so
 * many others have overtaken it cannot, and so cannot open it. */
bool ho_flow_recovers(const ho_flow *flow, ho_side side,
                      const ho_wire_packet *p);

/* ho_flow_belongs: the receiver of |s| can tell that |p| is of this connection.
 * Of a packet without a CID a server has only the address that it comes from
 * (RFC 9000, 5.2), and the handshake's is the one it knows (5.1). */
bool ho_flow_belongs(const ho_flow *flow, const ho_sighting *s,
                     const ho_wire_packet *p);

/* ho_flow_outdated: |p| has older keys than another 1-RTT packet that has
 * arrived at |side|, which may have thrown them away (RFC 9001, 6.5). */
bool ho_flow_outdated(const ho_flow *flow, ho_side side,
                      const ho_wire_packet *p);

/* ho_flow_space is the packet number space of |p|: 0, 1 or 2. */
int ho_flow_space(const ho_wire_packet *p);

/* Whether |s| is where its sender's own doing shows: SENT, and not forged. */
static inline bool ho_sent_by(const ho_sighting *s, ho_side side) {
  return s->at == HO_SENT && s->from == side && !s->forged;
}

#endif
