/* Packet rules: what the timeline does to single datagrams of an endpoint. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_NET_RULES_H
#define HO_NET_RULES_H

#include "sim/net/element.h"
#include "sim/scenario/scenario.h"

/* ho_rules are all packet rules of a run.  Each stands right behind an
 * endpoint's interfaces, after the datagram was counted as sent.
 *
 * Every rule counts what matches it, for each client by itself and over all
 * networks it is about, whether or not another rule acts on the same datagram.
 * Where several do: what is dropped ("rule") is gone; else it is damaged first,
 * then copied, and original and copy are held back together for the longest
 * delay, while later datagrams go on.  Copies pass right behind.
 *
 * A damaged datagram has a bit flipped in the last byte of each of its QUIC
 * packets, so that no AEAD tag holds; headers stay readable and the UDP
 * checksum right, since it is to arrive. */
typedef struct ho_rules ho_rules;

/* ho_rules_match says whether |pkt|, which leaves its endpoint, has what |rule|
 * asks for; HO_MATCH_DATAGRAM is never asked about. */
typedef bool (*ho_rules_match)(void *user, const ho_rule *rule,
                               const ho_packet *pkt);

/* ho_rules_new makes them for |nets| networks and |clients| clients; none is in
 * force.  |env| must outlive them.  ho_rules_del gives back what is held; only
 * after the last ho_ns_run. */
ho_rules *ho_rules_new(const ho_env *env, size_t nets, size_t clients,
                       ho_rules_match match, void *user);
void ho_rules_del(ho_rules *rules);

/* ho_rules_element is the stage next to |side|'s interface on network |net|. */
ho_element *ho_rules_element(ho_rules *rules, int net, ho_side side);

/* ho_rules_add puts |rule| into force, for |client| or, with -1, for all.
 * |kind| is HO_ACT_DROP, DELAY, DUPLICATE or CORRUPT. */
void ho_rules_add(ho_rules *rules, ho_action_kind kind, int client,
                  const ho_rule *rule);

#endif
