/* Transport parameters (RFC 9000, 18), read from TLS handshake messages. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_WIRE_PARAMS_H
#define HO_WIRE_PARAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/event.h"

/* ho_wire_params has RFC 9000's defaults where a parameter is absent. */
typedef struct {
  bool has_original_dcid, has_retry_scid, has_initial_scid;
  ho_cid original_dcid, retry_scid, initial_scid;
  uint64_t max_idle_timeout_ms; /* 0: none */
  bool has_reset_token;
  ho_token reset_token;
  uint64_t max_udp_payload_size; /* default 65527 */
  uint64_t ack_delay_exponent;   /* default 3 */
  uint64_t max_ack_delay_ms;     /* default 25 */
  bool disable_active_migration;
  uint64_t active_connection_id_limit; /* default 2 */
  bool has_preferred;
  ho_endpoint preferred_v4, preferred_v6; /* family 0: not offered */
  ho_cid preferred_cid;
  ho_token preferred_token;
  uint64_t initial_max_data;
  uint64_t initial_max_stream_data_bidi_local;
  uint64_t initial_max_stream_data_bidi_remote;
  uint64_t initial_max_stream_data_uni;
  uint64_t initial_max_streams_bidi, initial_max_streams_uni;
  uint64_t max_datagram_frame_size; /* RFC 9221, 3; 0: no DATAGRAM */
} ho_wire_params;

/* ho_wire_params_read reads the extension's content (18).
 *
 * Returns 0, or
 *
 * HO_ERR_INPUT
 *     Truncated, a parameter twice, or a value that 18.2 does not allow:
 *     |params| has what stands before it. */
int ho_wire_params_read(ho_wire_params *params, const uint8_t *p, size_t len);

/* ho_wire_params_find looks through a whole ClientHello or EncryptedExtensions
 * message (type byte and length first) for the extension (RFC 9001, 8.2).
 * Returns its content, or NULL. */
const uint8_t *ho_wire_params_find(const uint8_t *message, size_t len,
                                   size_t *params_len);

#endif
