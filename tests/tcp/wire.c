/* A client and a server of the TCP baseline joined by a wire, for tests. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/tcp/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/base/alloc.h"
#include "sim/ns3/ns3.h"
#include "stack/content.h"
#include "stack/entropy.h"
#include "stack/tcp/segment.h"

typedef struct {
  wire *p;
  ho_side to;
  ho_datagram dgram;
  uint8_t data[];
} flight;

static void mix(wire *p, const void *data, size_t len) {
  const uint8_t *b = data;

  for (size_t i = 0; i < len; i++) { /* FNV-1a */
    p->digest = (p->digest ^ b[i]) * UINT64_C(0x100000001b3);
  }
}

static void deliver(void *user) {
  flight *f = user;
  wire *p = f->p;
  ho_transport *t = p->ends[f->to].transport;

  if (t) {
    t->v->recv(t, &f->dgram, ho_ns_now());
    wire_drain(p, f->to);
  }
  free(f);
}

static ho_time serialise(wire *p, wire_end *end, size_t ip_bytes) {
  ho_time start = ho_ns_now() > end->free_at ? ho_ns_now() : end->free_at;

  if (p->rate_bps == 0) {
    return ho_ns_now();
  }
  end->free_at = start + ip_bytes * 8 * HO_SEC / p->rate_bps;
  return end->free_at;
}

void wire_send(wire *p, ho_side sender, const ho_datagram *dgram) {
  wire_end *end = &p->ends[sender];
  ho_time now = ho_ns_now();
  size_t ip = (p->family == 4 ? 20 : 40) + dgram->len;
  flight *f;

  end->segments++;
  end->bytes += ip;
  mix(p, &now, sizeof(now));
  mix(p, dgram->data, dgram->len);
  if (p->note) {
    p->note(p, sender, dgram);
  }
  if (p->lose && p->lose(p, sender, dgram)) {
    return;
  }
  f = ho_alloc(sizeof(*f) + dgram->len);
  f->p = p;
  f->to = sender == HO_CLIENT ? HO_SERVER : HO_CLIENT;
  f->dgram = *dgram;
  f->dgram.path = (ho_path){dgram->path.remote, dgram->path.local};
  f->dgram.data = f->data;
  memcpy(f->data, dgram->data, dgram->len);
  ho_ns_at(serialise(p, end, ip) + p->delay, deliver, f);
}

void wire_checksum(const ho_datagram *dgram) {
  uint16_t sum;

  dgram->data[16] = dgram->data[17] = 0;
  sum = ho_segment_checksum(dgram->data, dgram->len, &dgram->path.local.addr,
                            &dgram->path.remote.addr);
  dgram->data[16] = (uint8_t)(sum >> 8);
  dgram->data[17] = (uint8_t)sum;
}

void wire_drain(wire *p, ho_side side) {
  ho_transport *t = p->ends[side].transport;
  uint8_t buf[2000];

  for (;;) {
    ho_datagram dgram = {
        .data = buf, .cap = sizeof(buf), .packet = p->packets + 1};
    if (!t || !t->v->send(t, &dgram, ho_ns_now())) {
      return;
    }
    p->packets++;
    wire_checksum(&dgram);
    wire_send(p, side, &dgram);
  }
}

/* ---- upcalls ---- */

static void client_wake(void *user) {
  wire_drain(user, HO_CLIENT);
}

static void server_wake(void *user) {
  wire_drain(user, HO_SERVER);
}

static void client_ready(void *user) {
  wire *p = user;

  p->ready = true;
  p->ready_at = ho_ns_now();
  if (p->on_ready) {
    p->on_ready(p);
  }
}

static void client_closed(void *user, const char *reason, int64_t error) {
  wire *p = user;

  free(p->closed);
  p->closed = ho_strdup(reason);
  p->closed_at = ho_ns_now();
  p->error = error;
}

static void client_ticket(void *user, const uint8_t *data, size_t len) {
  wire *p = user;

  free(p->ticket);
  p->ticket = ho_alloc(len);
  p->ticket_len = len;
  memcpy(p->ticket, data, len);
}

/* ---- set-up ---- */

static ho_endpoint endpoint(uint8_t family, const char *v4, const char *v6,
                            uint16_t port) {
  ho_endpoint e = {.port = port};

  ho_addr_parse(&e.addr, family == 4 ? v4 : v6);
  return e;
}

static ho_endpoint server_at(uint8_t family) {
  return endpoint(family, "203.0.113.1", "2001:db8:1::1", 443);
}

static void make_server(wire *p) {
  ho_server_end_config config = {
      .log = p->log,
      .seed = 1,
      .arm = &p->arm,
      .server = &p->server_config,
      .local = {server_at(4), server_at(6)},
      .mtu = p->mtu,
      .creds = p->creds,
      .service = p->service,
      .owner = {.wake = server_wake, .user = p},
  };

  p->ends[HO_SERVER].transport = ho_tcp_server_new(&config);
}

void wire_restart_server(wire *p) {
  ho_transport *t = p->ends[HO_SERVER].transport;

  t->v->del(t);
  make_server(p);
}

static void send_raw(wire *p, ho_side sender, uint16_t from, uint16_t to,
                     uint8_t *data) {
  ho_endpoint server = server_at(p->family);
  ho_endpoint client = endpoint(p->family, "192.0.2.2", "2001:db8:2::2", from);
  ho_datagram dgram = {
      .path = {client, server}, .data = data, .len = HO_SEGMENT_MIN};

  dgram.path.remote.port = to;
  if (sender == HO_SERVER) {
    client.port = to;
    server.port = from;
    dgram.path = (ho_path){server, client};
  }
  wire_checksum(&dgram);
  wire_send(p, sender, &dgram);
}

void wire_inject(wire *p, ho_side sender, const ho_segment *seg, uint8_t *buf) {
  ho_segment_write_rst(buf, seg);
  send_raw(p, sender, seg->dst, seg->src, buf);
}

void wire_raw(wire *p, uint16_t port, uint8_t flags) {
  uint8_t data[HO_SEGMENT_MIN] = {40000 >> 8, 40000 & 0xff,
                                  (uint8_t)(port >> 8), (uint8_t)port};

  data[12] = HO_SEGMENT_MIN / 4 << 4;
  data[13] = flags;
  send_raw(p, HO_CLIENT, 40000, port, data);
}

void wire_init(wire *p, uint64_t seed) {
  memset(p, 0, sizeof(*p));
  ho_ns_start(seed);
  ho_entropy_seed(seed, ho_ns_now);
  p->log = ho_log_new();
  p->creds = ho_tls_new();
  p->service = ho_service_new(&(ho_service_config){.log = p->log});
  p->arm = (ho_arm){.transport = HO_TRANSPORT_TCP, .initial_window = 10};
  p->mtu = 1500;
  p->family = 4;
  p->delay = 10 * HO_MSEC;
  p->digest = UINT64_C(0xcbf29ce484222325);
  p->ends[HO_CLIENT].wire = p->ends[HO_SERVER].wire = p;
  make_server(p);
}

void wire_connect(wire *p) {
  uint16_t port = (uint16_t)(50000 + p->connections);
  ho_client_conn_config config = {
      .log = p->log,
      .seed = 1,
      .connection = p->connections++,
      .arm = &p->arm,
      .server = &p->server_config,
      .path = {endpoint(p->family, "192.0.2.2", "2001:db8:2::2", port),
               server_at(p->family)},
      .mtu = p->mtu,
      .tls = p->tls,
      .ticket = p->ticket,
      .ticket_len = p->ticket_len,
      .creds = p->creds,
      .owner = {client_wake, client_ready, client_closed, NULL, client_ticket,
                p},
  };
  ho_transport **t = &p->ends[HO_CLIENT].transport;

  if (*t) {
    (*t)->v->del(*t);
  }
  p->ready = false;
  *t = ho_tcp_client_new(&config);
  (*t)->v->open(*t, ho_ns_now());
  wire_drain(p, HO_CLIENT);
}

void wire_free(wire *p) {
  for (int i = 0; i < 2; i++) {
    ho_transport *t = p->ends[i].transport;
    p->ends[i].transport = NULL;
    if (t) {
      t->v->del(t);
    }
  }
  ho_ns_run(ho_ns_now() + HO_SEC); /* what is under way lands nowhere */
  ho_service_del(p->service);
  ho_ns_end();
  ho_tls_del(p->creds);
  ho_log_del(p->log);
  free(p->ticket);
  free(p->closed);
}

int run_alone(void (*body)(void)) {
  int status = -1;
  pid_t pid;

  fflush(NULL);
  pid = fork();
  if (pid == 0) {
    body();
    exit(EXIT_SUCCESS);
  }
  waitpid(pid, &status, 0);
  return status;
}

/* ---- requests ---- */

static void on_response(ho_call *call, const ho_http_response *resp) {
  fetch *f = call->user;

  f->status = resp->status;
  f->content_length = resp->content_length;
  f->upload_offset = resp->upload_offset;
}

static void on_data(ho_call *call, const uint8_t *data, size_t len) {
  fetch *f = call->user;

  if (!f->first) {
    f->first = true;
    f->first_at = ho_ns_now();
  }
  if (ho_content_check(f->object, call->request.from + f->got, data, len) ==
      len) {
    f->got += len;
  } else {
    f->wrong += len;
  }
}

static void on_end(ho_call *call, int64_t error) {
  fetch *f = call->user;

  f->done = true;
  f->done_at = ho_ns_now();
  f->error = error;
}

void fetch_init(fetch *f, wire *p, ho_http_kind kind, uint64_t object,
                uint64_t total) {
  memset(f, 0, sizeof(*f));
  f->wire = p;
  f->object = object;
  f->call.request =
      (ho_http_request){.kind = kind, .object = object, .total = total};
  f->call.on_response = on_response;
  f->call.on_data = on_data;
  f->call.on_end = on_end;
  f->call.user = f;
}

void fetch_start(fetch *f) {
  ho_transport *t = f->wire->ends[HO_CLIENT].transport;

  t->v->request(t, &f->call, ho_ns_now());
  wire_drain(f->wire, HO_CLIENT);
}
