/* Keeps ngtcp2 from writing qlog that nobody reads. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/quic/conn.h"

/* ngtcp2 tells of lost packets in its qlog alone, so it is always asked for
 * one, and would format each packet as JSON for us to throw away: a tenth of a
 * run.  Where ngtcp2 is linked statically, in a version whose internal calls we
 * know, the linker puts these before them (--wrap; cmake/dependencies.cmake),
 * and of a log that nobody keeps the losses alone are written.  Elsewhere all
 * of it is, with the same results. */
static bool wanted;

void ho_quic_qlog_want(const ho_sinks *sinks) {
  for (size_t i = 0; sinks && i < sinks->count; i++) {
    wanted |= sinks->list[i].qlog != NULL;
  }
}

#ifdef HO_QLOG_GATE

#if NGTCP2_VERSION_NUM < 0x010b00 || NGTCP2_VERSION_NUM >= 0x010c00
#error "these are ngtcp2 1.11's prototypes"
#endif

/* WRAP(name, prototype, arguments): nothing but the log's own state depends on
 * what these do. */
#define WRAP(name, prototype, arguments)                                       \
  void __real_##name prototype;                                                \
  void __wrap_##name prototype;                                                \
  void __wrap_##name prototype {                                               \
    if (wanted) {                                                              \
      __real_##name arguments;                                                 \
    }                                                                          \
  }

WRAP(ngtcp2_qlog_write_frame, (void *qlog, const void *frame), (qlog, frame))
WRAP(ngtcp2_qlog_pkt_received_start, (void *qlog), (qlog))
WRAP(ngtcp2_qlog_pkt_received_end, (void *qlog, const void *hd, size_t len),
     (qlog, hd, len))
WRAP(ngtcp2_qlog_pkt_sent_start, (void *qlog), (qlog))
WRAP(ngtcp2_qlog_pkt_sent_end, (void *qlog, const void *hd, size_t len),
     (qlog, hd, len))
WRAP(ngtcp2_qlog_metrics_updated, (void *qlog, const void *stat), (qlog, stat))

#endif
