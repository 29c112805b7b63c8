/* The floor: the same QUIC and HTTP/3 endpoints handing datagrams to each other
 * in memory, with no network, no events and no ns-3 between them.  What a run
 * costs above this is ours. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "sim/base/alloc.h"
#include "sim/base/diag.h"
#include "stack/config.h"
#include "stack/entropy.h"
#include "stack/quic/quic.h"
#include "stack/work.h"
#include "stack/world.h"

/* More than are ever on their way, but no more than needed: memory that is long
 * out of the cache would be a cost that a run does not have. */
enum { SLOTS = 2048, SLOT_BYTES = 1500 };

/* One direction: a rate, a delay and a queue that is never full. */
typedef struct {
  ho_time arrives;
  size_t len;
  uint8_t data[SLOT_BYTES];
} slot;

typedef struct {
  slot *slots;
  size_t head, count;
  ho_time free_at; /* when the line has sent what it was given */
} line;

typedef struct {
  ho_transport *t;
  ho_path path;
  line *out;
} end;

static ho_time now;
static uint64_t rate_bps = 100000000;
static ho_time delay = 10 * HO_MSEC;
static uint64_t datagrams;
static bool done, ready;
static const char *dead;

static ho_time clock_now(void) {
  return now;
}

static void push(line *l, const ho_datagram *dgram) {
  slot *s = &l->slots[(l->head + l->count) % SLOTS];
  ho_time start = l->free_at > now ? l->free_at : now;

  assert(l->count < SLOTS && dgram->len <= SLOT_BYTES);
  l->free_at = start + (dgram->len + 28) * 8 * HO_SEC / rate_bps;
  s->arrives = l->free_at + delay;
  s->len = dgram->len;
  memcpy(s->data, dgram->data, dgram->len);
  l->count++;
  datagrams++;
}

static void drain(end *e) {
  uint8_t buf[SLOT_BYTES];
  ho_datagram dgram = {.data = buf, .cap = sizeof(buf)};

  while (e->t->v->send(e->t, &dgram, now)) {
    push(e->out, &dgram);
  }
}

static void deliver(line *l, end *to) {
  slot *s = &l->slots[l->head];
  ho_datagram dgram = {.path = to->path, .data = s->data, .len = s->len};

  to->t->v->recv(to->t, &dgram, now);
  l->head = (l->head + 1) % SLOTS;
  l->count--;
  drain(to);
}

static void expire(end *e) {
  if (e->t->v->deadline(e->t) <= now) {
    e->t->v->timeout(e->t, now);
    drain(e);
  }
}

static ho_time min_time(ho_time a, ho_time b) {
  return a < b ? a : b;
}

static ho_time first(const line *l) {
  return l->count ? l->slots[l->head].arrives : HO_NEVER;
}

static void on_nothing(void *user) {
  (void)user;
}

static void on_ready(void *user) {
  (void)user;
  ready = true;
}

static void on_closed(void *user, const char *reason, int64_t error) {
  (void)user, (void)error;
  dead = reason;
}

static void on_done(void *user) {
  (void)user;
  done = true;
}

static uint64_t no_packet(void *user) {
  (void)user;
  return 0;
}

static void loop(end *client, end *server, line *up, line *down,
                 ho_work *work) {
  bool attached = false;

  while (!done && !dead) {
    ho_time at = min_time(first(up), first(down));
    at = min_time(at, client->t->v->deadline(client->t));
    at = min_time(at, server->t->v->deadline(server->t));
    assert(at != HO_NEVER);
    now = at > now ? at : now;
    if (first(up) <= now) {
      deliver(up, server);
    }
    if (first(down) <= now) {
      deliver(down, client);
    }
    expire(client);
    expire(server);
    if (ready && !attached) {
      attached = true;
      ho_work_attach(work, client->t, 0, now);
      drain(client);
    }
  }
}

static double seconds(struct timeval time) {
  return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

/* CPU time of the process so far. */
static double cpu_s(void) {
  struct rusage usage;

  getrusage(RUSAGE_SELF, &usage);
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/* |load_s| is the part that loaded the libraries, which a run does not have:
 * its process is forked when they are there. */
static void report(uint64_t bytes, double load_s) {
  struct rusage usage;

  getrusage(RUSAGE_SELF, &usage);
  printf("cpu_s=%.6f load_s=%.6f virtual_s=%.6f datagrams=%lu bytes=%lu "
         "peak_kib=%ld\n",
         cpu_s(), load_s, (double)now / 1e9, (unsigned long)datagrams,
         (unsigned long)bytes, usage.ru_maxrss);
}

static ho_work *make_work(const ho_workload_config *config) {
  return ho_work_new(&(ho_work_config){.config = config,
                                       .now = clock_now,
                                       .packet = no_packet,
                                       .kick = on_nothing,
                                       .done = on_done});
}

int main(int argc, char **argv) {
  uint64_t bytes = argc > 1 ? strtoull(argv[1], NULL, 10) : 100000000;
  ho_arm arm = {.cc = HO_CC_CUBIC,
                .initial_window = 10,
                .pmtud = !(argc > 2 && strcmp(argv[2], "1200") == 0),
                .cid_length = 8,
                .ping = HO_NEVER,
                .keepalive = HO_NEVER,
                .active_connection_id_limit = 7,
                .idle_timeout = 30 * HO_SEC};
  ho_server_config config = {.cid_length = 8,
                             .active_connection_id_limit = 7,
                             .stateless_reset = true,
                             .idle_timeout = 30 * HO_SEC};
  ho_workload_config load = {HO_WORK_DOWNLOAD, .bytes = bytes, .objects = 1};
  ho_endpoint a = {ho_addr_v4(0xc0a80001), 50000};
  ho_endpoint b = {ho_addr_v4(0xc0000201), 443};
  line up = {ho_alloc_array(SLOTS, sizeof(slot)), 0, 0, 0};
  line down = {ho_alloc_array(SLOTS, sizeof(slot)), 0, 0, 0};
  ho_work *work = make_work(&load);
  ho_service *service = ho_service_new(&(ho_service_config){0});
  ho_tls *creds;
  end client = {NULL, {a, b}, &up}, server = {NULL, {b, a}, &down};
  double load_s;

  ho_world_preload();
  load_s = cpu_s();
  ho_entropy_seed(1, clock_now);
  creds = ho_tls_new();
  client.t = ho_quic_client_new(&(ho_client_conn_config){
      .seed = 1,
      .arm = &arm,
      .server = &config,
      .path = client.path,
      .mtu = 1500,
      .creds = creds,
      .owner = {.wake = on_nothing, .ready = on_ready, .closed = on_closed}});
  server.t = ho_quic_server_new(
      &(ho_server_end_config){.seed = 1,
                              .arm = &arm,
                              .server = &config,
                              .mtu = 1500,
                              .creds = creds,
                              .service = service,
                              .owner = {.wake = on_nothing}});
  ho_work_start(work, now);
  client.t->v->open(client.t, now);
  drain(&client);
  loop(&client, &server, &up, &down, work);
  if (dead) {
    fprintf(stderr, "bench_floor: the connection died: %s\n", dead);
    return 1;
  }
  report(bytes, load_s);
  client.t->v->del(client.t);
  server.t->v->del(server.t);
  ho_work_del(work);
  ho_service_del(service);
  ho_tls_del(creds);
  free(up.slots);
  free(down.slots);
  return 0;
}
