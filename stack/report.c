/* What a run was made with: library versions and settings, for the manifest. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <gnutls/gnutls.h>
#include <nghttp2/nghttp2.h>
#include <nghttp3/nghttp3.h>
#include <ngtcp2/ngtcp2.h>

#include "sim/ns3/ns3.h"
#include "sim/ns3/ns3_radio.h"
#include "stack/certificate.h"
#include "stack/content.h"
#include "stack/tcp/tcp.h"
#include "stack/world.h"

void ho_world_preload(void) {
  gnutls_global_init();
  ngtcp2_version(0);
  nghttp3_version(0);
  nghttp2_version(0);
  ho_certificate_load();
  ho_content_preload();
}

static bool has_type(const ho_scenario *scenario, ho_net_type type) {
  for (size_t i = 0; i < scenario->nets_count; i++) {
    if (scenario->nets[i].type == type) {
      return true;
    }
  }
  return false;
}

void ho_world_preload_for(const ho_scenario *scenario) {
  if (has_type(scenario, HO_NET_WIFI) || has_type(scenario, HO_NET_LTE)) {
    ho_ns_preload();
  }
}

void ho_world_versions(ho_setting_fn fn, void *user) {
  fn(user, "handoff", HO_VERSION);
  fn(user, "ns-3", ho_ns_version());
  fn(user, "ngtcp2", ngtcp2_version(0)->version_str);
  fn(user, "nghttp3", nghttp3_version(0)->version_str);
  fn(user, "nghttp2", nghttp2_version(0)->version_str);
  fn(user, "gnutls", gnutls_check_version(NULL));
}

void ho_world_settings(const ho_scenario *scenario, ho_setting_fn fn,
                       void *user) {
  fn(user, "tls.certificate", "Ed25519");
  fn(user, "tls.cipher", "AES-128-GCM");
  fn(user, "tls.group", "X25519");
  fn(user, "ip.mtu_bytes", "1500");
  fn(user, "quic.flow_window_bytes", "16777216");
  fn(user, "quic.burst_datagrams", "10");
  fn(user, "quic.pacing", "ngtcp2's own, between bursts");
  fn(user, "quic.initial_window_packets", "10, ngtcp2's own");
  fn(user, "quic.handshake_timeout_ms", "10000");
  fn(user, "quic.max_streams_bidi", "1000");
  fn(user, "h3.qpack_max_dtable_capacity", "4096");
  fn(user, "h3.qpack_blocked_streams", "100");
  ho_tcp_settings(fn, user);
  if (has_type(scenario, HO_NET_WIFI)) {
    ho_wifi_settings(fn, user);
  }
  if (has_type(scenario, HO_NET_LTE)) {
    ho_lte_settings(fn, user);
  }
}
