/* A world made of hand-written events. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "meter_world.h"

#include <check.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/base/alloc.h"

void world_init(world *w) {
  *w = (world){.connection = 0, .inside = 4000, .outside = 5000};
  w->nets[0] = (ho_net_config){.name = "home", .family = 4, .connected = true};
  w->nets[0].wired = (ho_wired){
      .down_bps = 10000000, .up_bps = 2000000, .delay = 10 * HO_MSEC};
  w->nets[1] = (ho_net_config){.name = "cell", .family = 4, .connected = true};
  w->nets[1].wired =
      (ho_wired){.down_bps = 8000000, .up_bps = 2000000, .delay = 20 * HO_MSEC};
  w->arm = (ho_arm){
      .name = "quic", .ping = HO_NEVER, .cid_length = 8, .keepalive = HO_NEVER};
  w->scenario = (ho_scenario){.name = "test",
                              .stop = 60 * HO_SEC,
                              .nets = w->nets,
                              .nets_count = 2,
                              .client_notice = 50 * HO_MSEC,
                              .arms = &w->arm,
                              .arms_count = 1,
                              .timeline = w->actions};
  w->scenario.work =
      (ho_workload_config){.type = HO_WORK_DOWNLOAD, .bytes = 1000};
}

void world_begin(world *w) {
  ho_meter_config config = {.scenario = &w->scenario,
                            .seed = 7,
                            .events = w->events,
                            .series = w->series};

  strcpy(w->dir, "/tmp/meter_test.XXXXXX");
  ck_assert_ptr_nonnull(mkdtemp(w->dir));
  w->log = ho_log_new();
  w->meter = ho_meter_new(&config, w->log, w->dir);
  HO_EMIT(w->log, run_started, 0, -1, .arm = w->arm.name, .seed = 7);
  HO_EMIT(w->log, connection_started, 0, 0, .connection = 0,
          .transport = w->arm.transport == HO_TRANSPORT_TCP ? "tcp" : "quic",
          .handshake = "full", .net = 0);
}

void world_end(world *w, ho_time t, const char *reason) {
  HO_EMIT(w->log, run_ended, t, -1, .reason = reason);
  ck_assert_int_eq(ho_meter_finish(w->meter), 0);
}

void world_free(world *w) {
  DIR *dir = opendir(w->dir);
  struct dirent *entry;

  while (dir != NULL && (entry = readdir(dir)) != NULL) {
    if (entry->d_name[0] != '.') {
      char *path = ho_format("%s/%s", w->dir, entry->d_name);

      unlink(path);
      free(path);
    }
  }
  closedir(dir);
  rmdir(w->dir);
  ho_meter_del(w->meter);
  ho_log_del(w->log);
}

/* ---- packets ---- */

ho_tuple world_inside(int net, uint16_t port) {
  return (ho_tuple){{ho_addr_v4(0xc0a8000au + ((uint32_t)net << 8)), port},
                    {ho_addr_v4(0xc0000201u), 443}};
}

ho_tuple world_outside(int net, uint16_t port) {
  return (ho_tuple){{ho_addr_v4(0xc6336401u + ((uint32_t)net << 8)), port},
                    {ho_addr_v4(0xc0000201u), 443}};
}

/* Which packets went by which tuple, so that arrival needs only the number. */
static struct {
  int net;
  uint16_t outside;
} sent[1 << 16];

static uint64_t sent_by(world *w, ho_time t, ho_side side, uint8_t dcid) {
  ho_tuple tuple = side == HO_CLIENT ? world_inside(w->net, w->inside)
                                     : world_outside(w->net, w->outside);
  uint64_t n = ++w->packet;

  ck_assert_uint_lt(n, sizeof(sent) / sizeof(sent[0]));
  sent[n].net = w->net;
  sent[n].outside = w->outside;
  if (w->arm.transport == HO_TRANSPORT_QUIC) {
    HO_EMIT(w->log, quic_sent, t, 0, .connection = w->connection,
            .endpoint = side, .packet = n, .type = "1rtt", .pn = w->pn[side]++,
            .dcid = {.len = dcid != 0, .bytes = {dcid}}, .tuple = tuple,
            .bytes = 1200, .eliciting = 1);
  }
  HO_EMIT(w->log, datagram_sent, t, 0, .packet = n, .endpoint = side,
          .net = w->net, .proto = 17, .tuple = tuple, .bytes = 1228);
  return n;
}

uint64_t up_sent(world *w, ho_time t, uint8_t dcid) {
  return sent_by(w, t, HO_CLIENT, dcid);
}

uint64_t down_sent(world *w, ho_time t, uint8_t dcid) {
  return sent_by(w, t, HO_SERVER, dcid);
}

void up_wire(world *w, ho_time t, uint64_t n) {
  HO_EMIT(w->log, wire, t, 0, .packet = n, .net = sent[n].net, .proto = 17,
          .tuple = world_outside(sent[n].net, sent[n].outside), .bytes = 1228);
}

void up_got(world *w, ho_time t, uint64_t n) {
  up_wire(w, t, n);
  HO_EMIT(w->log, datagram_received, t, 0, .packet = n, .endpoint = HO_SERVER,
          .net = sent[n].net, .proto = 17,
          .tuple = world_outside(sent[n].net, sent[n].outside), .bytes = 1228);
}

void down_got(world *w, ho_time t, uint64_t n) {
  HO_EMIT(w->log, datagram_received, t, 0, .packet = n, .endpoint = HO_CLIENT,
          .net = sent[n].net, .proto = 17,
          .tuple = world_inside(sent[n].net, 4000), .bytes = 1228);
}

void dropped(world *w, ho_time t, uint64_t n) {
  HO_EMIT(w->log, packet_dropped, t, 0, .packet = n, .net = sent[n].net,
          .direction = "down", .reason = "link-down", .bytes = 1228);
}

uint64_t up(world *w, ho_time t, ho_time arrival, uint8_t dcid) {
  uint64_t n = up_sent(w, t, dcid);

  if (arrival == HO_NEVER) {
    dropped(w, t, n);
  } else {
    up_got(w, arrival, n);
  }
  return n;
}

uint64_t down(world *w, ho_time t, ho_time arrival, uint8_t dcid) {
  uint64_t n = down_sent(w, t, dcid);

  if (arrival == HO_NEVER) {
    dropped(w, t, n);
  } else {
    down_got(w, arrival, n);
  }
  return n;
}

void deliver(world *w, ho_time t, uint64_t packet, uint64_t bytes) {
  bool is_upload = w->scenario.work.type == HO_WORK_UPLOAD;

  HO_EMIT(w->log, delivered, t, 0, .request = 0, .connection = w->connection,
          .endpoint = is_upload ? HO_SERVER : HO_CLIENT, .bytes = bytes,
          .packet = packet);
}

void recovery(world *w, ho_time t, ho_side side, uint64_t cwnd, ho_time rtt) {
  HO_EMIT(w->log, recovery, t, 0, .connection = w->connection, .endpoint = side,
          .cwnd = cwnd, .in_flight = cwnd / 2, .srtt = rtt, .latest_rtt = rtt,
          .min_rtt = rtt);
}

/* ---- courses of events ---- */

void download(world *w, ho_time until) {
  world_begin(w);
  HO_EMIT(w->log, request_issued, 0, 0, .what = "download", .bytes = 1000000);
  HO_EMIT(w->log, request_attempt, 0, 0, .connection = 0);
  up(w, 0, MS(5), 11);
  HO_EMIT(w->log, handshake_done, MS(5), 0, .endpoint = HO_CLIENT);
  HO_EMIT(w->log, handshake_done, MS(5), 0, .endpoint = HO_SERVER);
  recovery(w, MS(6), HO_SERVER, 50000, MS(20));
  for (ho_time t = MS(10); t <= until; t += MS(10)) {
    deliver(w, t, down(w, t, t, 21), 1000);
  }
}

void all_done(world *w, ho_time t) {
  HO_EMIT(w->log, request_done, t, 0, .connection = w->connection);
  HO_EMIT(w->log, work_done, t, 0, .requests = 1);
}

void hand_off(world *w, ho_time t, const char *kind, int from, int to,
              ho_time t_loss, ho_time t_up) {
  HO_EMIT(w->log, handoff, t, 0, .kind = kind, .from = from, .to = to,
          .t_loss = t_loss, .t_up = t_up);
}

/* ---- path validation ---- */

void frame(world *w, ho_time t, ho_side side, bool is_sent, bool is_challenge,
           uint64_t data, uint64_t bytes, uint64_t packet) {
  ho_tuple tuple = side == HO_CLIENT ? world_inside(w->net, w->inside)
                                     : world_outside(w->net, w->outside);

  HO_EMIT(w->log, path_frame, t, 0, .endpoint = side,
          .way = is_sent ? "sent" : "received",
          .frame = is_challenge ? "PATH_CHALLENGE" : "PATH_RESPONSE",
          .packet = packet, .tuple = tuple, .data = data, .bytes = bytes);
}

void challenge(world *w, ho_time t, ho_side side, uint64_t data,
               uint64_t bytes) {
  frame(w, t, side, true, true, data, bytes, w->packet + 1);
}

void response(world *w, ho_time t, ho_side side, uint64_t data) {
  frame(w, t, side, false, false, data, 1200, w->packet);
}

/* The rest of a clean migration to |net| whose first datagram leaves at |t|:
 * one way 20 ms, both ends validate. */
void migrate(world *w, ho_time t, int net, uint8_t up_cid, uint8_t down_cid) {
  uint64_t n;

  w->net = net;
  challenge(w, t, HO_CLIENT, 1, 1200);
  n = up_sent(w, t, up_cid);
  up_got(w, t + MS(20), n);
  HO_EMIT(w->log, recovery, t + MS(20), 0, .endpoint = HO_SERVER,
          .cwnd = 12000);
  frame(w, t + MS(20), HO_SERVER, true, false, 1, 1200, w->packet + 1);
  challenge(w, t + MS(20), HO_SERVER, 2, 1200);
  n = down_sent(w, t + MS(20), down_cid);
  down_got(w, t + MS(40), n);
  response(w, t + MS(40), HO_CLIENT, 1);
  frame(w, t + MS(40), HO_CLIENT, true, false, 2, 1200, w->packet + 1);
  n = up_sent(w, t + MS(40), up_cid);
  deliver(w, t + MS(41), n - 1, 1000);
  up_got(w, t + MS(61), n);
  response(w, t + MS(61), HO_SERVER, 2);
  recovery(w, t + MS(61), HO_SERVER, 13200, MS(41));
}

/* ---- rows ---- */

static ho_csv_file *read_file(world *w, const char *file) {
  static ho_csv_file csv;
  char *path = ho_format("%s/%s", w->dir, file);

  ho_csv_file_free(&csv);
  ck_assert_int_eq(ho_csv_read(&csv, path), 0);
  free(path);
  return &csv;
}

size_t rows(world *w, const char *file) {
  return read_file(w, file)->count;
}

const char *field(world *w, const char *file, size_t n, const char *name) {
  const ho_csv_file *csv = read_file(w, file);
  const ho_table *table = ho_table_find(file);

  if (n >= csv->count) {
    return "(none)";
  }
  ck_assert_uint_eq(csv->rows[n].count, table->count);
  for (size_t i = 0; i < table->count; i++) {
    if (strcmp(table->columns[i].name, name) == 0) {
      return csv->rows[n].fields[i];
    }
  }
  ck_abort_msg("no column %s in %s", name, file);
  return NULL;
}

void row_is(world *w, const char *file, size_t n, const char *const *pairs) {
  for (; pairs[0] != NULL; pairs += 2) {
    const char *value = field(w, file, n, pairs[0]);

    ck_assert_msg(strcmp(value, pairs[1]) == 0, "%s row %zu: %s is %s, not %s",
                  file, n, pairs[0], value, pairs[1]);
  }
}

void handoff_is(world *w, size_t n, const char *const *pairs) {
  row_is(w, "handoffs.csv", n, pairs);
}

void run_is(world *w, const char *const *pairs) {
  row_is(w, "runs.csv", 0, pairs);
}
