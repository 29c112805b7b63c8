/* What an IP packet shows to everybody: RFC 791, 8200, 768, 9293. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/observe/glimpse.h"

#include "sim/base/diag.h"
#include "sim/wire/reader.h"

enum { V4_HEADER = 20, TCP_HEADER = 20, PORTS = 4, SYN = 2 };

/* A packet from its source to its destination. */
typedef struct {
  ho_endpoint src, dst;
} ends;

static ho_addr read_addr(ho_reader *r, uint8_t family) {
  ho_addr addr = {.family = family};

  ho_reader_copy(r, addr.bytes, family == 4 ? 4 : 16);
  return addr;
}

/* What is behind the IP header, up to the packet's end as that tells it. */
static ho_reader read_v4(ho_reader *r, ho_shown *shown, ends *e) {
  const uint8_t *start = r->p;
  size_t header = (ho_reader_uint(r, 1) & 15) * 4, total;

  shown->ecn = ho_reader_uint(r, 1) & 3;
  total = (size_t)ho_reader_uint(r, 2);
  ho_reader_skip(r, 2);
  /* Of a fragment nobody knows the ports (RFC 791, 3.2). */
  r->bad |= ho_reader_uint(r, 2) & 0x3fff;
  shown->ttl = (uint8_t)ho_reader_uint(r, 1);
  shown->proto = (uint8_t)ho_reader_uint(r, 1);
  ho_reader_skip(r, 2);
  e->src.addr = read_addr(r, 4);
  e->dst.addr = read_addr(r, 4);
  r->bad |=
      header < V4_HEADER || total < header || total > (size_t)(r->end - start);
  if (r->bad) {
    return *r;
  }
  return (ho_reader){start + header, start + total, false};
}

static ho_reader read_v6(ho_reader *r, ho_shown *shown, ends *e) {
  uint32_t first = (uint32_t)ho_reader_uint(r, 4);
  size_t len = (size_t)ho_reader_uint(r, 2);

  shown->ecn = first >> 20 & 3;
  shown->label = first & 0xfffff;
  shown->proto = (uint8_t)ho_reader_uint(r, 1);
  shown->ttl = (uint8_t)ho_reader_uint(r, 1);
  e->src.addr = read_addr(r, 6);
  e->dst.addr = read_addr(r, 6);
  if (r->bad || len > ho_reader_left(r)) {
    r->bad = true;
    return *r;
  }
  return (ho_reader){r->p, r->p + len, false};
}

/* Behind the ports. */
static void read_udp(ho_reader *r) {
  size_t len = PORTS + ho_reader_left(r);

  r->bad |= ho_reader_uint(r, 2) != len;
  ho_reader_skip(r, 2);
}

/* Likewise. */
static void read_tcp(ho_reader *r, ho_shown *shown) {
  size_t header;

  shown->seq = (uint32_t)ho_reader_uint(r, 4);
  ho_reader_skip(r, 4);
  header = (size_t)(ho_reader_uint(r, 1) >> 4) * 4;
  shown->syn = ho_reader_uint(r, 1) & SYN;
  ho_reader_skip(r, 6);
  r->bad |= header < TCP_HEADER;
  ho_reader_skip(r, r->bad ? 0 : header - TCP_HEADER);
}

static void read_transport(ho_reader *r, ho_shown *shown, ends *e) {
  if (shown->proto != HO_PROTO_TCP && shown->proto != HO_PROTO_UDP) {
    r->p = r->end;
    return;
  }
  e->src.port = (uint16_t)ho_reader_uint(r, 2);
  e->dst.port = (uint16_t)ho_reader_uint(r, 2);
  if (shown->proto == HO_PROTO_TCP) {
    read_tcp(r, shown);
  } else {
    read_udp(r);
  }
}

int ho_glimpse_read(ho_shown *shown, const ho_glimpse *glimpse) {
  ho_reader r = {glimpse->data, glimpse->data + glimpse->len, false};
  unsigned version = glimpse->len > 0 ? glimpse->data[0] >> 4 : 0;
  ends e = {{{0}}};

  *shown = (ho_shown){0};
  if (version != 4 && version != 6) {
    return HO_ERR_INPUT;
  }
  r = version == 4 ? read_v4(&r, shown, &e) : read_v6(&r, shown, &e);
  if (!r.bad) {
    read_transport(&r, shown, &e);
  }
  if (r.bad) {
    return HO_ERR_INPUT;
  }
  shown->tuple =
      glimpse->up ? (ho_tuple){e.src, e.dst} : (ho_tuple){e.dst, e.src};
  shown->payload = r.p;
  shown->payload_len = ho_reader_left(&r);
  return 0;
}
