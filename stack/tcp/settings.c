/* What the manifest says of the TCP baseline. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/tcp/tcp.h"

#include "sim/ns3/ns3_tcp.h"

static const struct {
  const char *name, *value;
} settings[] = {
    {"tcp.pacing", "off; bbr paces"},
    {"tcp.segment_size", "MTU - IP header - 32"},
    {"tcp.notsent_lowat_bytes", "131072"},
    {"tls.record_bytes",
     "one segment for 40 records, then 16384; again after 1s"},
    {"nghttp2.initial_window_size", "16777216"},
    {"nghttp2.connection_window_size", "16777216"},
    {"nghttp2.max_concurrent_streams", "1000"},
    {"nghttp2.max_data_frame_payload_bytes", "16375"},
};

void ho_tcp_settings(void (*fn)(void *user, const char *name,
                                const char *value),
                     void *user) {
  ho_ns_tcp_settings(fn, user);
  for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
    fn(user, settings[i].name, settings[i].value);
  }
}
