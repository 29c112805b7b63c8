/* Wireshark decrypts both paths: tshark, with nothing but our captures and no
 * settings, takes every datagram in them for QUIC and opens every packet, on
 * each network's interface, in each direction, before the handoff and after.
 * Without the secrets in the file it does not. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <stdint.h>
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

enum { CLIENTS = 2, CONNECTIONS = 3, NETS = 2, PACKETS = 1 << 16 };

static const ho_time moved = 400 * HO_MSEC;

typedef struct {
  unsigned long datagrams;
  unsigned long packets; /* that were opened; Retry cannot be */
} count;

/* What one file has, by network, sender and whether it is after the move. */
typedef struct {
  count of[NETS][2][2];
} counts;

typedef struct {
  ho_decoder *decoders[CLIENTS][CONNECTIONS];
  ho_wire_datagram d;
  uint8_t packets[PACKETS]; /* in a datagram, by its ID */
  counts files[2];          /* by ho_side */
} counter;

/* ---- ours ---- */

static void decode(counter *k, ho_side from, const ho_packet *pkt) {
  ho_ip ip;

  assert(pkt->id < PACKETS);
  assert(ho_ip_parse(&ip, pkt->data, pkt->len) == 0);
  ho_decoder_read(k->decoders[pkt->client][pkt->connection], from,
                  pkt->data + ip.payload, ip.total - ip.payload, &k->d);
  for (size_t i = 0; i < k->d.packets_count; i++) {
    if (k->d.packets[i].header.type != HO_WIRE_RETRY) {
      assert(k->d.packets[i].opened);
      k->packets[pkt->id]++;
    }
  }
}

static void on_packet(void *user, ho_seen_at at, ho_side from, int net,
                      const ho_packet *pkt, ho_time now) {
  counter *k = user;
  ho_side file = (at == HO_SENT) == (from == HO_CLIENT) ? HO_CLIENT : HO_SERVER;
  count *c;

  if (at == HO_ON_WIRE) {
    return;
  }
  if (at == HO_SENT) {
    decode(k, from, pkt);
  }
  if (net >= 0) { /* there was an interface for it to be on */
    c = &k->files[file].of[net][from][now >= moved];
    c->datagrams++;
    c->packets += k->packets[pkt->id];
  }
}

static void on_secret(void *user, ho_side of, int client, uint64_t connection,
                      uint8_t proto, const char *label, const uint8_t *random,
                      const uint8_t *secret, size_t len, ho_time now) {
  counter *k = user;

  (void)proto, (void)random, (void)now;
  ho_decoder_secret(k->decoders[client][connection], of, label, secret, len);
}

static void each_decoder(counter *k, bool make) {
  for (size_t i = 0; i < CLIENTS; i++) {
    for (size_t j = 0; j < CONNECTIONS; j++) {
      if (make) {
        k->decoders[i][j] = ho_decoder_new();
      } else {
        ho_decoder_del(k->decoders[i][j]);
      }
    }
  }
}

static void run(const ho_scenario *s, const char *dir, counter *k) {
  ho_log *log = ho_log_new();
  ho_pcap *pcap = ho_pcap_new(s, dir);
  ho_sink list[] = {{on_packet, on_secret, k}, {0}};

  assert(pcap);
  list[1] = ho_pcap_sink(pcap);
  each_decoder(k, true);
  ho_world_run(s, 0, 1, log, &(ho_sinks){list, 2});
  each_decoder(k, false);
  assert(ho_pcap_close(pcap) == 0);
  ho_log_del(log);
}

/* ---- Wireshark's ---- */

static unsigned long items(const char *list) {
  unsigned long n = *list ? 1 : 0;

  for (; *list; list++) {
    n += *list == ',';
  }
  return n;
}

/* Reads a datagram's line; returns whether tshark has anything against it. */
static bool add_line(counts *c, char *line) {
  enum { NET, PORT, TIME, PROTOCOLS, NUMBERS, FRAMES, FAILED, BAD, FIELDS };
  char *fields[FIELDS], *rest = line, *dot;
  unsigned long net;
  ho_time t;
  count *here;

  for (size_t i = 0; i < FIELDS; i++) {
    fields[i] = strsep(&rest, "\t");
    assert(fields[i]);
  }
  net = strtoul(fields[NET], NULL, 10);
  assert(net < NETS);
  dot = strchr(fields[TIME], '.');
  assert(dot && strlen(dot) == 10);
  t = strtoull(fields[TIME], NULL, 10) * HO_SEC + strtoull(dot + 1, NULL, 10);
  here = &c->of[net][!strcmp(fields[PORT], "443") ? HO_SERVER : HO_CLIENT]
               [t >= moved];
  here->datagrams++;
  here->packets += *fields[FRAMES] ? items(fields[NUMBERS]) : 0;
  return !strstr(fields[PROTOCOLS], ":quic") || *fields[FAILED] || *fields[BAD];
}

/* Returns how many datagrams tshark does not understand. */
static unsigned long read_tshark(counts *c, const char *path) {
  char *command = ho_format(
      "env -i PATH=\"$PATH\" HOME=/nonexistent tshark -r %s -Y udp -T fields "
      "-e frame.interface_id -e udp.srcport -e frame.time_epoch "
      "-e frame.protocols -e quic.packet_number -e quic.frame_type "
      "-e quic.decryption_failed -e _ws.malformed 2>/dev/null",
      path);
  FILE *in = popen(command, "r");
  unsigned long bad = 0;
  char *line = NULL;
  size_t cap = 0;

  *c = (counts){0};
  assert(in);
  while (getline(&line, &cap, in) > 0) {
    line[strcspn(line, "\n")] = '\0';
    bad += add_line(c, line);
  }
  assert(pclose(in) == 0);
  free(line);
  free(command);
  return bad;
}

/* ---- both ---- */

/* Prints where they differ. */
static bool is_same(const counts *ours, const counts *theirs,
                    const char *path) {
  bool same = true;

  for (int i = 0; i < NETS * 2 * 2; i++) {
    const count *a = &ours->of[i / 4][i / 2 % 2][i % 2];
    const count *b = &theirs->of[i / 4][i / 2 % 2][i % 2];
    if (a->datagrams != b->datagrams || a->packets != b->packets) {
      fprintf(stderr,
              "%s, interface %d, from the %s, %s: %lu packets in %lu "
              "datagrams, tshark opens %lu in %lu\n",
              path, i / 4, i / 2 % 2 ? "server" : "client",
              i % 2 ? "after" : "before", a->packets, a->datagrams, b->packets,
              b->datagrams);
      same = false;
    }
  }
  return same;
}

/* The run is about what it should be: something on both paths. */
static void check_paths(const counts *c) {
  for (int from = 0; from < 2; from++) {
    assert(c->of[0][from][0].packets > 10);
    assert(c->of[1][from][1].packets > 10);
  }
}

/* Copies |from| but for its decryption secrets (block type 10). */
static void copy_without_secrets(const char *from, const char *to) {
  FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
  uint8_t block[1 << 13];
  uint32_t head[2]; /* type and length, of a little-endian machine */
  size_t dropped = 0;

  assert(in && out);
  while (fread(head, 1, sizeof(head), in) == sizeof(head)) {
    assert(head[1] > sizeof(head) && head[1] <= sizeof(block));
    memcpy(block, head, sizeof(head));
    assert(fread(block + sizeof(head), 1, head[1] - sizeof(head), in) ==
           head[1] - sizeof(head));
    dropped += head[0] == 10;
    if (head[0] != 10) {
      assert(fwrite(block, 1, head[1], out) == head[1]);
    }
  }
  assert(dropped > 0);
  fclose(in);
  assert(fclose(out) == 0);
}

static unsigned long opened(const counts *c) {
  unsigned long n = 0;

  for (int i = 0; i < NETS * 2 * 2; i++) {
    n += c->of[i / 4][i / 2 % 2][i % 2].packets;
  }
  return n;
}

static void check_file(const counts *ours, const char *dir, ho_side side) {
  char *path = ho_format("%s/%s.pcapng", dir, side ? "server" : "client");
  char *bare = ho_format("%s/bare.pcapng", dir);
  counts theirs;
  unsigned long bad = read_tshark(&theirs, path);

  check_paths(ours);
  if (bad > 0) {
    fprintf(stderr, "%s: tshark does not understand %lu\n", path, bad);
  }
  assert(bad == 0);
  assert(is_same(ours, &theirs, path));
  copy_without_secrets(path, bare);
  read_tshark(&theirs, bare);
  assert(opened(&theirs) < opened(ours) / 10);
  unlink(bare);
  unlink(path);
  free(bare);
  free(path);
}

static void check_run(void *arg) {
  ho_source source = {"test.yaml", arg, strlen(arg)};
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
    check_file(&k->files[side], dir, (ho_side)side);
  }
  ho_scenario_del(s);
  free(k);
  rmdir(dir);
}

static const struct {
  const char *arm, *cell, *more, *timeline;
} cases[] = {
    {"quic", "family: ipv6", "", "switch cell\n  - 500ms: rekey"},
    {"quic-probe", "family: ipv6", "clients: 2\n", "switch cell"},
    {"quic-passive", "nat: cgn", "", "disconnect home"},
    {"quic-reconnect", "family: ipv6", "clients: 2\n", "disconnect home"},
    {"quic-0rtt", "nat: cgn", "server: {retry: true}\n", "disconnect home"},
};

START_TEST(both_paths) {
  char *text = ho_format(
      "name: a\nstop: 20s\n"
      "networks:\n"
      "  home: {type: wired, down: 20Mbps, up: 20Mbps, delay: 15ms,\n"
      "         nat: home-router}\n"
      "  cell: {type: wired, down: 20Mbps, up: 10Mbps, delay: 25ms,\n"
      "         loss: 1%%, %s}\n"
      "%sworkload: {type: download, bytes: 2MB}\n"
      "arms: [%s]\ntimeline:\n"
      "  - 200ms: rebind home port\n"
      "  - 300ms: rekey\n"
      "  - 400ms: %s\n",
      cases[_i].cell, cases[_i].more, cases[_i].arm, cases[_i].timeline);

  ck_assert_int_eq(runs_alone(check_run, text), 0);
  free(text);
}
END_TEST

static void add_tests(TCase *tc) {
  tcase_add_loop_test(tc, both_paths, 0, COUNT(cases));
}

int main(void) {
  if (system("tshark -v >/dev/null 2>&1") != 0) {
    puts("tshark is not installed");
    return 77;
  }
  return suite_run("wireshark_paths", add_tests);
}
