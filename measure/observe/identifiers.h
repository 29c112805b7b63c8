/* What an observer can recognise a flow by. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_OBSERVE_IDENTIFIERS_H
#define HO_OBSERVE_IDENTIFIERS_H

#include <stddef.h>
#include <stdint.h>

/* In the order of their names, which is that of flows.csv. */
typedef enum {
  HO_ID_CID_DOWN,     /* DCID of packets to the client */
  HO_ID_CID_DOWN_ISH, /* likewise, its length guessed */
  HO_ID_CID_UP,       /* DCID of packets to the server */
  HO_ID_CID_UP_ISH,
  HO_ID_LABEL,  /* IPv6 flow label of the client's packets: 3 bytes */
  HO_ID_LB,     /* server ID in a CID of QUIC-LB */
  HO_ID_PORT,   /* client's external port: 2 bytes */
  HO_ID_TICKET, /* PSK identity in a ClientHello */
  HO_ID_TOKEN,  /* of an Initial packet */
  HO_ID_TUPLE,  /* client's external address and port */
  HO_ID_KINDS
} ho_id_kind;

/* ho_id_name is the kind's name in flows.csv: "cid-down", "cid-down~", ... */
const char *ho_id_name(ho_id_kind kind);

typedef struct {
  ho_id_kind kind;
  uint16_t len;
  uint8_t *bytes;
} ho_id;

/* A flow has a few; what an attacker makes up beyond this many is not kept. */
enum { HO_IDS_MAX = 4096 };

/* ho_ids is the set of a flow's identifiers.  Zeroed ones are none. */
typedef struct {
  ho_id *list;
  size_t count, cap;
  uint32_t last[HO_ID_KINDS]; /* index + 1 of the one last added of a kind */
} ho_ids;

/* ho_ids_add adds the |len| bytes, unless they are in it; nothing is added
 * where |len| is 0 or more than 65535. */
void ho_ids_add(ho_ids *ids, ho_id_kind kind, const uint8_t *bytes, size_t len);

/* ho_ids_drop takes out all of |kind|. */
void ho_ids_drop(ho_ids *ids, ho_id_kind kind);

/* ho_ids_text returns "kind:hex kind:hex", sorted by kind, then hex; the caller
 * frees it. */
char *ho_ids_text(const ho_ids *ids);

void ho_ids_free(ho_ids *ids);

#endif
