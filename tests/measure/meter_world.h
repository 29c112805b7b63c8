/* A world made of hand-written events, to see what the meter makes of them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_TESTS_METER_WORLD_H
#define HO_TESTS_METER_WORLD_H

#include "measure/csv.h"
#include "measure/meter.h"
#include "sim/base/event.h"

#define MS(n)    ((ho_time)(n)*HO_MSEC)
#define ROW(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Two networks: home (0; 10 Mbit/s, 10 ms one way) and cell (1; 8 Mbit/s,
 * 20 ms one way); one arm.  Change |scenario| and |arm| before world_begin. */
typedef struct {
  ho_scenario scenario;
  ho_net_config nets[2];
  ho_arm arm;
  ho_action actions[1];
  bool series, events;
  ho_log *log;
  ho_meter *meter;
  char dir[64];
  uint64_t packet;     /* number of the last packet */
  uint64_t connection; /* of what is sent */
  uint64_t pn[2];
  int net;                  /* the client's next packets leave by it */
  uint16_t inside, outside; /* the client's port before and after NAT */
} world;

void world_init(world *w);
void world_begin(world *w);

/* world_end emits run_ended, lets the meter write its files and reads them. */
void world_end(world *w, ho_time t, const char *reason);
void world_free(world *w);

/* The client's tuple on |net| with |port|, as the client or the server has it.
 */
ho_tuple world_inside(int net, uint16_t port);
ho_tuple world_outside(int net, uint16_t port);

/* up and down send one QUIC packet at |t| that arrives at |arrival| (HO_NEVER:
 * it is dropped then and there at t); both return its number.  |dcid| is one
 * byte, 0 for an empty CID. */
uint64_t up(world *w, ho_time t, ho_time arrival, uint8_t dcid);
uint64_t down(world *w, ho_time t, ho_time arrival, uint8_t dcid);

/* What happens at an instant must be emitted in order, so a packet is sent and
 * arrives in separate calls where others come in between. */
uint64_t up_sent(world *w, ho_time t, uint8_t dcid);
void up_wire(world *w, ho_time t, uint64_t packet);
void up_got(world *w, ho_time t, uint64_t packet);
uint64_t down_sent(world *w, ho_time t, uint8_t dcid);
void down_got(world *w, ho_time t, uint64_t packet);
void dropped(world *w, ho_time t, uint64_t packet);

/* deliver: |packet| brought |bytes| of request 0 to the receiver. */
void deliver(world *w, ho_time t, uint64_t packet, uint64_t bytes);
void recovery(world *w, ho_time t, ho_side side, uint64_t cwnd, ho_time rtt);

/* download begins the world and downloads over home from 0 to |until|: one
 * packet up, then one down and 1000 bytes delivered every 10 ms.  It is asked
 * for, connected, and the server's recovery has a sample of 20 ms. */
void download(world *w, ho_time until);
void all_done(world *w, ho_time t);
void hand_off(world *w, ho_time t, const char *kind, int from, int to,
              ho_time t_loss, ho_time t_up);

/* Frames of path validation; |packet| is the number of the datagram.  A
 * challenge goes into the next one that is sent, a response came with the
 * last. */
void frame(world *w, ho_time t, ho_side side, bool is_sent, bool is_challenge,
           uint64_t data, uint64_t bytes, uint64_t packet);
void challenge(world *w, ho_time t, ho_side side, uint64_t data,
               uint64_t bytes);
void response(world *w, ho_time t, ho_side side, uint64_t data);

/* migrate is the rest of a clean migration to |net| whose first datagram leaves
 * at |t|: one way 20 ms, both ends validate, the first byte comes at 41 ms. */
void migrate(world *w, ho_time t, int net, uint8_t up_cid, uint8_t down_cid);

/* field returns column |name| of row |n| of the world's |file|, "(none)" where
 * there is no such row; valid until world_free. */
const char *field(world *w, const char *file, size_t n, const char *name);
size_t rows(world *w, const char *file);

/* Check a row's fields: pairs of column and value, ended by NULL. */
void row_is(world *w, const char *file, size_t n, const char *const *pairs);
void handoff_is(world *w, size_t n, const char *const *pairs);
void run_is(world *w, const char *const *pairs);

#endif
