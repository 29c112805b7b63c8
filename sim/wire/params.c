/* Transport parameters. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/wire/params.h"

#include "sim/base/diag.h"
#include "sim/wire/reader.h"

/* RFC 9000, 18.2 and RFC 9221, 3. */
enum {
  ORIGINAL_DCID = 0x00,
  MAX_IDLE_TIMEOUT = 0x01,
  RESET_TOKEN = 0x02,
  MAX_UDP_PAYLOAD_SIZE = 0x03,
  MAX_DATA = 0x04,
  MAX_STREAM_DATA_BIDI_LOCAL = 0x05,
  MAX_STREAM_DATA_BIDI_REMOTE = 0x06,
  MAX_STREAM_DATA_UNI = 0x07,
  MAX_STREAMS_BIDI = 0x08,
  MAX_STREAMS_UNI = 0x09,
  ACK_DELAY_EXPONENT = 0x0a,
  MAX_ACK_DELAY = 0x0b,
  DISABLE_ACTIVE_MIGRATION = 0x0c,
  PREFERRED_ADDRESS = 0x0d,
  ACTIVE_CONNECTION_ID_LIMIT = 0x0e,
  INITIAL_SCID = 0x0f,
  RETRY_SCID = 0x10,
  MAX_DATAGRAM_FRAME_SIZE = 0x20,
};

static uint64_t number(ho_reader *r, uint64_t least, uint64_t most) {
  uint64_t v = ho_reader_varint(r);

  r->bad |= v < least || v > most;
  return v;
}

static void read_cid(ho_reader *r, ho_cid *cid, size_t len) {
  if (len > sizeof(cid->bytes)) {
    r->bad = true;
    return;
  }
  cid->len = (uint8_t)len;
  ho_reader_copy(r, cid->bytes, len);
}

/* All zero means that the family is not offered. */
static void read_address(ho_reader *r, ho_endpoint *e, uint8_t family) {
  static const ho_endpoint none;
  size_t len = family == 4 ? 4 : 16;

  *e = none;
  ho_reader_copy(r, e->addr.bytes, len);
  e->port = (uint16_t)ho_reader_uint(r, 2);
  if (e->port != 0 || memcmp(&e->addr, &none.addr, sizeof(e->addr)) != 0) {
    e->addr.family = family;
  }
}

static void read_preferred(ho_reader *r, ho_wire_params *params) {
  size_t len;

  params->has_preferred = true;
  read_address(r, &params->preferred_v4, 4);
  read_address(r, &params->preferred_v6, 6);
  len = (size_t)ho_reader_uint(r, 1);
  r->bad |= len == 0; /* 18.2: its CID has at least one byte */
  read_cid(r, &params->preferred_cid, len);
  ho_reader_copy(r, params->preferred_token.bytes, 16);
}

static void read_identity(ho_reader *r, ho_wire_params *params, uint64_t id) {
  size_t len = ho_reader_left(r);

  switch (id) {
  case ORIGINAL_DCID:
    params->has_original_dcid = true;
    read_cid(r, &params->original_dcid, len);
    break;
  case INITIAL_SCID:
    params->has_initial_scid = true;
    read_cid(r, &params->initial_scid, len);
    break;
  case RETRY_SCID:
    params->has_retry_scid = true;
    read_cid(r, &params->retry_scid, len);
    break;
  case RESET_TOKEN:
    params->has_reset_token = true;
    ho_reader_copy(r, params->reset_token.bytes, 16);
    break;
  case DISABLE_ACTIVE_MIGRATION:
    params->disable_active_migration = true;
    break;
  case PREFERRED_ADDRESS:
    read_preferred(r, params);
    break;
  default: /* RFC 9000, 7.4.2: what is not known is ignored */
    ho_reader_skip(r, len);
  }
}

static void read_value(ho_reader *r, ho_wire_params *params, uint64_t id) {
  static const uint64_t most = UINT64_MAX, streams = UINT64_C(1) << 60;
  ho_wire_params *p = params;

  switch (id) {
  case MAX_IDLE_TIMEOUT:
    p->max_idle_timeout_ms = number(r, 0, most);
    break;
  case MAX_UDP_PAYLOAD_SIZE:
    p->max_udp_payload_size = number(r, 1200, most);
    break;
  case MAX_DATA:
    p->initial_max_data = number(r, 0, most);
    break;
  case MAX_STREAM_DATA_BIDI_LOCAL:
    p->initial_max_stream_data_bidi_local = number(r, 0, most);
    break;
  case MAX_STREAM_DATA_BIDI_REMOTE:
    p->initial_max_stream_data_bidi_remote = number(r, 0, most);
    break;
  case MAX_STREAM_DATA_UNI:
    p->initial_max_stream_data_uni = number(r, 0, most);
    break;
  case MAX_STREAMS_BIDI:
    p->initial_max_streams_bidi = number(r, 0, streams);
    break;
  case MAX_STREAMS_UNI:
    p->initial_max_streams_uni = number(r, 0, streams);
    break;
  case ACK_DELAY_EXPONENT:
    p->ack_delay_exponent = number(r, 0, 20);
    break;
  case MAX_ACK_DELAY:
    p->max_ack_delay_ms = number(r, 0, (1 << 14) - 1);
    break;
  case ACTIVE_CONNECTION_ID_LIMIT:
    p->active_connection_id_limit = number(r, 2, most);
    break;
  case MAX_DATAGRAM_FRAME_SIZE:
    p->max_datagram_frame_size = number(r, 0, most);
    break;
  default:
    read_identity(r, params, id);
  }
}

/* Is |id| among the parameters before |end|? */
static bool is_before(const uint8_t *p, const uint8_t *end, uint64_t id) {
  ho_reader r = {p, end, false};

  while (r.p < r.end) {
    if (ho_reader_varint(&r) == id) {
      return true;
    }
    ho_reader_skip(&r, ho_reader_varint(&r));
  }
  return false;
}

/* A bit for each small number; the others are few and looked for. */
static bool is_twice(uint64_t *seen, const uint8_t *p, const uint8_t *here,
                     uint64_t id) {
  uint64_t bit;
  bool twice;

  if (id >= 64) {
    return is_before(p, here, id);
  }
  bit = UINT64_C(1) << id;
  twice = *seen & bit;
  *seen |= bit;
  return twice;
}

int ho_wire_params_read(ho_wire_params *params, const uint8_t *p, size_t len) {
  ho_reader r = {p, p + len, false};
  uint64_t seen = 0;

  *params = (ho_wire_params){.max_udp_payload_size = 65527,
                             .ack_delay_exponent = 3,
                             .max_ack_delay_ms = 25,
                             .active_connection_id_limit = 2};
  while (r.p < r.end && !r.bad) {
    const uint8_t *here = r.p;
    uint64_t id = ho_reader_varint(&r), n = ho_reader_varint(&r);
    const uint8_t *value = ho_reader_skip(&r, n);
    ho_reader one = {value, r.p, false};

    if (r.bad || is_twice(&seen, p, here, id)) {
      return HO_ERR_INPUT;
    }
    read_value(&one, params, id);
    if (one.bad || one.p != one.end) {
      return HO_ERR_INPUT;
    }
  }
  return r.bad ? HO_ERR_INPUT : 0;
}

/* RFC 8446, 4.1.2: what stands before the extensions of a ClientHello. */
static void skip_hello(ho_reader *r) {
  ho_reader_skip(r, 2 + 32);
  ho_reader_skip(r, ho_reader_uint(r, 1));
  ho_reader_skip(r, ho_reader_uint(r, 2));
  ho_reader_skip(r, ho_reader_uint(r, 1));
}

const uint8_t *ho_wire_params_find(const uint8_t *message, size_t len,
                                   size_t *params_len) {
  enum { CLIENT_HELLO = 1, ENCRYPTED_EXTENSIONS = 8, PARAMETERS = 0x39 };
  ho_reader r = {message, message + len, false};
  uint64_t type = ho_reader_uint(&r, 1);

  ho_reader_skip(&r, 3);
  if (type == CLIENT_HELLO) {
    skip_hello(&r);
  } else if (type != ENCRYPTED_EXTENSIONS) {
    return NULL;
  }
  ho_reader_skip(&r, 2);
  while (!r.bad && r.p < r.end) {
    uint64_t extension = ho_reader_uint(&r, 2), n = ho_reader_uint(&r, 2);
    const uint8_t *content = ho_reader_skip(&r, n);
    if (!r.bad && extension == PARAMETERS) {
      *params_len = (size_t)n;
      return content;
    }
  }
  return NULL;
}
