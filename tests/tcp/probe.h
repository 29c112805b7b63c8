/* What tests of the TCP baseline share: one request, and what was seen. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_TESTS_TCP_PROBE_H
#define HO_TESTS_TCP_PROBE_H

#include "tests/tcp/wire.h"

/* The RTT of every wire that is not given another. */
#define WIRE_RTT (20 * HO_MSEC)

/* The request of tests that make one. */
extern fetch probe_fetch;

/* What the events and segments of the run said. */
typedef struct {
  uint64_t events[HO_EV_COUNT]; /* how many, by kind */
  uint64_t early_accepted;      /* ends that took 0-RTT data */
  uint64_t repeated_bytes, largest_segment;
  uint64_t sent_to[2][64]; /* by side and connection */
  ho_time first_delivered;
  const char *server_closed; /* the reason, or "" */
  uint8_t last_flags[2];
  uint32_t client_next; /* what the client acknowledged last */
} probe_seen;
extern probe_seen seen;

/* probe_setup makes |p| with one request, which starts as soon as it can. */
void probe_setup(wire *p, ho_http_kind kind, uint64_t total);
void probe_start(wire *p);

/* probe_complete asserts that the answer came, all |bytes| of it right. */
void probe_complete(uint64_t bytes);

/* probe_first_byte connects anew, downloads 1000 bytes and returns how long the
 * first took. */
ho_time probe_first_byte(wire *p, ho_tls_mode tls);

/* probe_main runs each case in a process of its own. */
typedef struct {
  const char *name;
  void (*run)(void);
} probe_case;
int probe_main(const char *suite, const probe_case *cases, size_t count);

#endif
