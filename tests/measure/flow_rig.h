/* A connection of hand-made packets, to see what checks make of it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_TESTS_FLOW_RIG_H
#define HO_TESTS_FLOW_RIG_H

#include "measure/checks/engine.h"

#define MS(n) ((ho_time)(n)*HO_MSEC)

/* Frames. */
#define PING      ((ho_frame){.type = HO_FRAME_PING})
#define PADDING   ((ho_frame){.type = HO_FRAME_PADDING, .length = 100})
#define DATA      STREAM(0, 1000)
#define TOKEN     ((ho_frame){.type = HO_FRAME_NEW_TOKEN, .length = 16})
#define ASK(n)    ((ho_frame){.type = HO_FRAME_PATH_CHALLENGE, .data = (n)})
#define ANSWER(n) ((ho_frame){.type = HO_FRAME_PATH_RESPONSE, .data = (n)})
#define STREAM(from, len)                                                      \
  ((ho_frame){.type = HO_FRAME_STREAM, .offset = (from), .length = (len)})
#define CLOSE(code)                                                            \
  ((ho_frame){.type = HO_FRAME_CONNECTION_CLOSE, .error = (code)})
/* Numbers |top| - |more| to |top|; |more| is less than 64. */
#define ACK(top, more)                                                         \
  ((ho_frame){.type = HO_FRAME_ACK,                                            \
              .largest = (top),                                                \
              .length = 1,                                                     \
              .bytes = (const uint8_t[]){(more)}})

enum { RIG_PACKETS = 256 };

/* One client, behind no NAT; what is sent has the members' values. */
typedef struct {
  ho_scenario scenario;
  ho_arm arm;
  ho_wire_params params; /* the server's; change before rig_begin */
  ho_finding findings[HO_CHECK_COUNT];
  ho_flow *flow;
  ho_tuple tuple; /* that packets are sent on */
  uint8_t dcid;   /* the server's CID that the client uses: 8 bytes of it */
  uint8_t ecn;
  size_t bytes;  /* of UDP payload */
  ho_time delay; /* one way; 10 ms */
  bool forged;
  size_t token_len; /* of a client's Initial */
  uint64_t pn[2];   /* the next */
  uint64_t packet;  /* the last */
  ho_sighting sent[RIG_PACKETS];
  ho_wire_datagram *wires[RIG_PACKETS];
} rig;

/* rig_init is a client at 10.0.0.1:1000 and a server at 192.0.2.1:443, of
 * connection |connection|; rig_begin has them shake hands until 40 ms, where
 * the packets 0 of either side confirm it. */
void rig_init(rig *r, uint64_t connection);
void rig_begin(rig *r);
void rig_free(rig *r);

/* rig_shake is all of the handshake but HANDSHAKE_DONE, until 20 ms. */
void rig_shake(rig *r);

/* rig_put sends a packet of any type. */
uint64_t rig_put(rig *r, ho_side from, ho_time t, ho_wire_type type,
                 uint64_t pn, const ho_frame *frames, size_t count);

/* rig_at is a client's address, by number: 10.0.0.|n|, with that port. */
ho_endpoint rig_at(uint8_t n, uint16_t port);

/* rig_send sends a 1-RTT packet at |t|, rig_arrive has it arrive, on |tuple|
 * where that is not NULL; rig_go does both, |delay| apart.  They return its IP
 * packet's number. */
uint64_t rig_send(rig *r, ho_side from, ho_time t, const ho_frame *frames,
                  size_t count);
void rig_arrive(rig *r, uint64_t packet, ho_time t, const ho_tuple *tuple);
uint64_t rig_go(rig *r, ho_side from, ho_time t, const ho_frame *frames,
                size_t count);

#define RIG_FRAMES(...)                                                        \
  (const ho_frame[]){__VA_ARGS__},                                             \
      sizeof((const ho_frame[]){__VA_ARGS__}) / sizeof(ho_frame)
#define SEND(side, ms, ...) rig_send(&r, side, MS(ms), RIG_FRAMES(__VA_ARGS__))
#define GO(side, ms, ...)   rig_go(&r, side, MS(ms), RIG_FRAMES(__VA_ARGS__))

/* rig_event: something happens to the client, or to this connection. */
void rig_event(rig *r, const ho_event *event);
#define EVENT(name, ms, ...)                                                   \
  rig_event(&r, &(ho_event){.kind = HO_EV_##name,                              \
                            .t = MS(ms),                                       \
                            .u.name = (ho_ev_##name){__VA_ARGS__}})

/* The verdict on |id| so far; with RIG_FAILS also who and with which packet. */
#define RIG_IS(id, v)                                                          \
  ck_assert_msg(r.findings[HO_CHECK_##id].verdict == (v), "%s is %s: %s", #id, \
                ho_verdict_name(r.findings[HO_CHECK_##id].verdict),            \
                r.findings[HO_CHECK_##id].detail)
#define RIG_FAILS(id, side, number)                                            \
  do {                                                                         \
    RIG_IS(id, HO_FAIL);                                                       \
    ck_assert_int_eq(r.findings[HO_CHECK_##id].endpoint, side);                \
    ck_assert_uint_eq(r.findings[HO_CHECK_##id].packet, number);               \
  } while (0)

/* rig_end ends the run at |t|. */
void rig_end(rig *r, ho_time t);

#endif
