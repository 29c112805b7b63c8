/* The frames of a run's QUIC packets, for those who pick packets by them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_FRAMES_H
#define HO_STACK_FRAMES_H

#include "sim/net/sink.h"
#include "sim/scenario/scenario.h"

/* ho_frames decrypts every datagram that an endpoint sends, as it is sent. It
 * knows whose each is, and the keys, from the simulation: ground truth. */
typedef struct ho_frames ho_frames;

ho_frames *ho_frames_new(size_t clients);
void ho_frames_del(ho_frames *frames);

/* ho_frames_sink is to be among the run's sinks from its beginning on. */
ho_sink ho_frames_sink(ho_frames *frames);

/* ho_frames_match says whether |pkt| has what |rule| asks for.  |pkt| is the
 * datagram last sent.  Frames that the RFC gives one name to, such as ACKs with
 * and without ECN, are the same to it. */
bool ho_frames_match(void *user, const ho_rule *rule, const ho_packet *pkt);

/* ho_frames_path says whether |pkt|, or what it is a copy of, has a
 * PATH_CHALLENGE or PATH_RESPONSE.  It may have been sent long ago. */
bool ho_frames_path(void *user, const ho_packet *pkt);

#endif
