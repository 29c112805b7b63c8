/* Wireshark agrees: tshark, with nothing but our captures, counts the same
 * frames and CIDs as our decoder. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "measure/pcap.h"
#include "sim/base/alloc.h"
#include "sim/net/ip.h"
#include "sim/wire/decoder.h"
#include "stack/world.h"
#include "tests/stack/runs.h"
#include "tests/suite.h"

enum { CONNECTIONS = 4, TYPES = 0x20, CIDS = 64 };

/* What one side sent. */
typedef struct {
  unsigned long datagrams, frames[TYPES];
  char cids[CIDS][41]; /* hexadecimal */
  size_t cids_count;
} counts;

typedef struct {
  ho_decoder *decoders[CONNECTIONS];
  ho_wire_datagram d;
  counts sides[2];
} counter;

/* ---- ours ---- */

static void add_cid(counts *c, const char *hex) {
  for (size_t i = 0; i < c->cids_count; i++) {
    if (strcmp(c->cids[i], hex) == 0) {
      return;
    }
  }
  assert(c->cids_count < CIDS);
  snprintf(c->cids[c->cids_count++], sizeof(c->cids[0]), "%s", hex);
}

static void add_packet(counts *c, const ho_wire_packet *p) {
  char hex[41] = "";

  assert(p->opened);
  for (size_t i = 0; i < p->header.dcid.len; i++) {
    sprintf(hex + 2 * i, "%02x", p->header.dcid.bytes[i]);
  }
  add_cid(c, hex);
  for (size_t i = 0; i < p->frames_count; i++) {
    if (p->frames[i].type < TYPES) {
      c->frames[p->frames[i].type]++;
    }
  }
}

static void on_packet(void *user, ho_seen_at at, ho_side from, int net,
                      const ho_packet *pkt, ho_time now) {
  counter *k = user;
  ho_ip ip;

  (void)net, (void)now;
  if (at != HO_SENT) {
    return;
  }
  assert(ho_ip_parse(&ip, pkt->data, pkt->len) == 0);
  ho_decoder_read(k->decoders[pkt->connection], from, pkt->data + ip.payload,
                  ip.total - ip.payload, &k->d);
  k->sides[from].datagrams++;
  for (size_t i = 0; i < k->d.packets_count; i++) {
    if (k->d.packets[i].header.type != HO_WIRE_RETRY) {
      add_packet(&k->sides[from], &k->d.packets[i]);
    }
  }
}

static void on_secret(void *user, ho_side of, int client, uint64_t connection,
                      uint8_t proto, const char *label, const uint8_t *random,
                      const uint8_t *secret, size_t len, ho_time now) {
  counter *k = user;

  (void)client, (void)proto, (void)random, (void)now;
  ho_decoder_secret(k->decoders[connection], of, label, secret, len);
}

static void run(const ho_scenario *s, const char *dir, counter *k) {
  ho_log *log = ho_log_new();
  ho_pcap *pcap = ho_pcap_new(s, dir);
  ho_sink list[] = {{on_packet, on_secret, k}, {0}};

  assert(pcap);
  list[1] = ho_pcap_sink(pcap);
  for (size_t i = 0; i < CONNECTIONS; i++) {
    k->decoders[i] = ho_decoder_new();
  }
  ho_world_run(s, 0, 1, log, &(ho_sinks){list, 2});
  assert(ho_pcap_close(pcap) == 0);
  for (size_t i = 0; i < CONNECTIONS; i++) {
    ho_decoder_del(k->decoders[i]);
  }
  ho_log_del(log);
}

/* ---- Wireshark's ---- */

static void add_line(counts *c, char *line) {
  char *rest = line, *types = strsep(&rest, "\t"), *cids = rest, *item;

  c->datagrams++;
  while ((item = strsep(&types, ","))) {
    unsigned long type = strtoul(item, NULL, 0);
    if (*item && type < TYPES) {
      c->frames[type]++;
    }
  }
  while ((item = strsep(&cids, ","))) {
    if (*item) {
      add_cid(c, item);
    }
  }
}

static void read_tshark(counts *c, const char *dir, ho_side side) {
  char *command = ho_format(
      "tshark -r %s/%s.pcapng -Y 'quic && udp.%sport == 443' -T fields "
      "-e quic.frame_type -e quic.dcid 2>/dev/null",
      dir, side == HO_CLIENT ? "client" : "server",
      side == HO_CLIENT ? "dst" : "src");
  FILE *in = popen(command, "r");
  char *line = NULL;
  size_t cap = 0;

  assert(in);
  while (getline(&line, &cap, in) > 0) {
    line[strcspn(line, "\n")] = '\0';
    add_line(c, line);
  }
  assert(pclose(in) == 0);
  free(line);
  free(command);
}

/* ---- both ---- */

static void compare(const counts *ours, const counts *theirs) {
  static const int types[] = {
      HO_FRAME_CRYPTO,
      HO_FRAME_NEW_TOKEN,
      HO_FRAME_NEW_CONNECTION_ID,
      HO_FRAME_RETIRE_CONNECTION_ID,
      HO_FRAME_PATH_CHALLENGE,
      HO_FRAME_PATH_RESPONSE,
      HO_FRAME_HANDSHAKE_DONE,
      HO_FRAME_ACK,
  };

  if (ours->datagrams != theirs->datagrams ||
      ours->cids_count != theirs->cids_count) {
    fprintf(stderr, "%lu datagrams and %zu CIDs, tshark has %lu and %zu\n",
            ours->datagrams, ours->cids_count, theirs->datagrams,
            theirs->cids_count);
    abort();
  }
  for (size_t i = 0; i < COUNT(types); i++) {
    if (ours->frames[types[i]] != theirs->frames[types[i]]) {
      fprintf(stderr, "%s: %lu, tshark has %lu\n",
              ho_frame_name((uint64_t)types[i]), ours->frames[types[i]],
              theirs->frames[types[i]]);
      abort();
    }
  }
  for (size_t i = 0; i < ours->cids_count; i++) {
    counts copy = *theirs;
    add_cid(&copy, ours->cids[i]);
    assert(copy.cids_count == theirs->cids_count);
  }
}

static void check_run(void *arg) {
  const char *text = arg;
  ho_source source = {"test.yaml", arg, strlen(text)};
  counter *k = ho_alloc(sizeof(*k));
  char dir[] = "wireshark.XXXXXX";
  ho_scenario *s = NULL;
  ho_diag diag = {0};

  assert(mkdtemp(dir));
  if (ho_scenario_load(&source, NULL, 0, 1, &s, &diag) != 0) {
    ho_diag_print(&diag, stderr);
    abort();
  }
  run(s, dir, k);
  for (int side = 0; side < 2; side++) {
    counts theirs = {0};
    read_tshark(&theirs, dir, (ho_side)side);
    compare(&k->sides[side], &theirs);
  }
  /* The run has what it is about. */
  assert(k->sides[HO_CLIENT].frames[HO_FRAME_PATH_RESPONSE] > 0);
  assert(k->sides[HO_SERVER].frames[HO_FRAME_NEW_CONNECTION_ID] > 0);
  assert(k->sides[HO_SERVER].frames[HO_FRAME_NEW_TOKEN] > 0);
  ho_scenario_del(s);
  free(k);
  for (int side = 0; side < 2; side++) {
    char *path = ho_format("%s/%s.pcapng", dir, side ? "server" : "client");
    unlink(path);
    free(path);
  }
  rmdir(dir);
}

static const char networks[] =
    "networks:\n"
    "  home: {type: wired, down: 50Mbps, up: 20Mbps, delay: 15ms,\n"
    "         nat: home-router}\n"
    "  cell: {type: wired, down: 20Mbps, up: 10Mbps, delay: 25ms, nat: cgn}\n";

START_TEST(moves_and_key_updates) {
  char *text = ho_format("name: a\nstop: 20s\n%s"
                         "workload: {type: download, bytes: 3MB}\n"
                         "arms: [quic]\n"
                         "timeline:\n"
                         "  - 100ms: rekey\n"
                         "  - 200ms: rebind home port\n"
                         "  - 400ms: switch cell\n"
                         "  - 600ms: rekey\n"
                         "  - 800ms: rotate\n",
                         networks);

  ck_assert_int_eq(runs_alone(check_run, text), 0);
  free(text);
}
END_TEST

START_TEST(retry_and_early_data) {
  char *text = ho_format("name: b\nstop: 20s\n%s"
                         "server: {retry: true}\n"
                         "workload: {type: download, bytes: 3MB}\n"
                         "arms: [quic-0rtt]\n"
                         "timeline:\n"
                         "  - 200ms: rebind home both\n"
                         "  - 500ms: disconnect home\n",
                         networks);

  ck_assert_int_eq(runs_alone(check_run, text), 0);
  free(text);
}
END_TEST

static void add_tests(TCase *tc) {
  tcase_add_test(tc, moves_and_key_updates);
  tcase_add_test(tc, retry_and_early_data);
}

int main(void) {
  if (system("tshark -v >/dev/null 2>&1") != 0) {
    puts("tshark is not installed");
    return 77;
  }
  return suite_run("wireshark", add_tests);
}
