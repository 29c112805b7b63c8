/* What HTTP/2's client and server have in common. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/tcp/h2.h"

#include <assert.h>
#include <string.h>

#include "stack/tcp/tls_io.h"

enum { FRAME_HEADER = 9 };

void ho_h2_start(nghttp2_session *session) {
  nghttp2_settings_entry settings[] = {
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, HO_H2_STREAMS},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, HO_H2_WINDOW},
      {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
  };
  /* Push is a client's to forbid (RFC 9113, 6.5.2). */
  size_t count = nghttp2_session_check_server_session(session) ? 2 : 3;
  int rv = nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings, count);

  assert(rv == 0);
  rv = nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0,
                                             HO_H2_WINDOW);
  assert(rv == 0);
  (void)rv;
}

size_t ho_h2_fields(nghttp2_nv *nv, ho_http_field *fields, size_t count) {
  for (size_t i = 0; i < count; i++) {
    nv[i] = (nghttp2_nv){(uint8_t *)fields[i].name, (uint8_t *)fields[i].value,
                         strlen(fields[i].name), strlen(fields[i].value),
                         NGHTTP2_NV_FLAG_NONE};
  }
  return count;
}

ssize_t ho_h2_frame_length(nghttp2_session *session, uint8_t type, int32_t id,
                           int32_t session_window, int32_t stream_window,
                           uint32_t max, void *user) {
  ssize_t len = HO_TLS_RECORD - FRAME_HEADER;

  (void)session, (void)type, (void)id, (void)user;
  len = len < session_window ? len : session_window;
  len = len < stream_window ? len : stream_window;
  return len < (ssize_t)max ? len : (ssize_t)max;
}
