/* ns-3's TCP without ns-3's IP: segments in, segments out, bytes between. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_NS3_NS3_TCP_H
#define HO_NS3_NS3_TCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/time.h"

#ifdef __cplusplus
extern "C" {
#endif

/* An ho_ns_tcp is one TCP connection (RFC 9293) run by ns-3's TCP model.  It
 * knows no IP address: the caller carries its segments, checksums and
 * demultiplexes them, and listens.  TCP's wire format is the same over IPv4 and
 * IPv6, so one connection serves either.
 *
 * After every call on a connection, and whenever |wake| is called, the caller
 * looks at the state, reads, and takes segments until there are none.  |wake|
 * comes in an event of its own, never from within another call, and at most
 * once until the caller has looked.
 *
 * What differs from ns-3 as it is, to be like a kernel: RTT samples have the
 * resolution of the clock, not the timestamp option's millisecond; a RST is
 * obeyed only inside the window, whatever flags stand beside it; a flushed
 * write leaves at once instead of one ns later; a FIN is repeated at doubling
 * intervals, 8 times, and an ACK does not undo the doubling of the
 * retransmission timer; SYNs carry the MSS option, and the peer's is obeyed.
 * ns-3's model has no tail loss probe, RACK or F-RTO, its initial sequence
 * number is 0 and its timer stays below 60 s.  BBR of ns-3 3.37 may crawl for
 * ever after a burst of losses. */
typedef struct ho_ns_tcp ho_ns_tcp;

typedef enum { HO_NS_TCP_CUBIC, HO_NS_TCP_RENO, HO_NS_TCP_BBR } ho_ns_tcp_cc;

typedef struct {
  ho_ns_tcp_cc cc;
  uint32_t mss;            /* payload bytes of a full segment */
  uint32_t initial_window; /* segments */
  uint16_t local_port, remote_port;
  bool pacing; /* BBR paces in any case */
  void (*wake)(void *user);
  void *user;
} ho_ns_tcp_config;

/* HO_NS_TCP_HEADER is what a data segment carries before its payload: the TCP
 * header with the timestamps option (RFC 7323), padded. */
enum { HO_NS_TCP_HEADER = 32 };

typedef enum {
  HO_NS_TCP_CONNECTING,
  HO_NS_TCP_OPEN,
  HO_NS_TCP_EOF,    /* the peer sends no more; what it sent can be read */
  HO_NS_TCP_CLOSED, /* both ends have closed, in good order */
  HO_NS_TCP_RESET,  /* a RST came */
  HO_NS_TCP_TIMEOUT /* the peer did not answer and TCP gave up */
} ho_ns_tcp_state;

/* ho_ns_tcp_connect sends a SYN.  Call it within a run; the configuration is
 * copied. */
ho_ns_tcp *ho_ns_tcp_connect(const ho_ns_tcp_config *config);

/* ho_ns_tcp_accept answers the SYN |segment| of |len| bytes. */
ho_ns_tcp *ho_ns_tcp_accept(const ho_ns_tcp_config *config,
                            const uint8_t *segment, size_t len);

/* ho_ns_tcp_del forgets the connection without a word to the peer. */
void ho_ns_tcp_del(ho_ns_tcp *tcp);

/* ho_ns_tcp_input takes a segment, header and all, whose ports are the
 * connection's and whose checksum the caller has verified. */
void ho_ns_tcp_input(ho_ns_tcp *tcp, const uint8_t *segment, size_t len);

/* ho_ns_tcp_output writes the next segment to be sent, its checksum zero, to
 * |buf| of |cap| bytes.  Returns its length, or 0 when there is none. */
size_t ho_ns_tcp_output(ho_ns_tcp *tcp, uint8_t *buf, size_t cap);

/* ho_ns_tcp_write queues bytes.  ho_ns_tcp_flush then sends what the windows
 * allow; without it nothing leaves before the next acknowledgement.
 *
 * Returns 0, or
 *
 * HO_ERR_FULL
 *     The send buffer cannot hold all |len| bytes; none were taken.
 * HO_ERR_PROTO
 *     The connection is not open (any more). */
int ho_ns_tcp_write(ho_ns_tcp *tcp, const uint8_t *data, size_t len);
void ho_ns_tcp_flush(ho_ns_tcp *tcp);

/* ho_ns_tcp_mss is the payload of a full segment: ours, or the peer's if that
 * is smaller. */
uint32_t ho_ns_tcp_mss(const ho_ns_tcp *tcp);

/* ho_ns_tcp_unsent returns how many written bytes have never been sent. */
size_t ho_ns_tcp_unsent(const ho_ns_tcp *tcp);

/* ho_ns_tcp_room returns how many more bytes the send buffer holds. */
size_t ho_ns_tcp_room(const ho_ns_tcp *tcp);

/* ho_ns_tcp_read moves received bytes to |buf|; 0 when there are none. */
size_t ho_ns_tcp_read(ho_ns_tcp *tcp, uint8_t *buf, size_t cap);

/* ho_ns_tcp_close sends a FIN after everything written. */
void ho_ns_tcp_close(ho_ns_tcp *tcp);

ho_ns_tcp_state ho_ns_tcp_get_state(const ho_ns_tcp *tcp);

/* Bytes and ns; a time is 0 until there is a sample. */
typedef struct {
  uint32_t cwnd, in_flight;
  ho_time srtt, latest_rtt, min_rtt, rto;
} ho_ns_tcp_info;

void ho_ns_tcp_get_info(const ho_ns_tcp *tcp, ho_ns_tcp_info *info);

/* ho_ns_tcp_settings lists every ns-3 attribute that is not left at ns-3's
 * default, for a manifest. */
void ho_ns_tcp_settings(void (*fn)(void *user, const char *name,
                                   const char *value),
                        void *user);

#ifdef __cplusplus
}
#endif

#endif
