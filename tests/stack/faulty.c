/* Runs with a faulty endpoint for tests. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "faulty.h"

#include <stdlib.h>
#include <string.h>

#include "runs.h"
#include "sim/base/alloc.h"
#include "stack/world.h"

/* Sent and received datagrams have decoders of their own, since what one has
 * learned the other may not have seen yet. */
typedef struct {
  const faulty_setting *setting;
  ho_decoder *decoders[3];
  ho_wire_datagram wire;
} watcher;

static void on_packet(void *user, ho_seen_at at, ho_side from, int net,
                      const ho_packet *pkt, ho_time now) {
  watcher *w = user;
  faulty_datagram dg = {.at = at,
                        .from = from,
                        .net = net,
                        .now = now,
                        .pkt = pkt,
                        .wire = &w->wire};

  if (ho_ip_parse(&dg.ip, pkt->data, pkt->len) != 0 ||
      dg.ip.proto != HO_PROTO_UDP || pkt->client != 0 || pkt->connection != 0) {
    return;
  }
  ho_decoder_read(w->decoders[at], from, pkt->data + dg.ip.payload,
                  dg.ip.total - dg.ip.payload, &w->wire);
  if (w->setting->datagram) {
    w->setting->datagram(w->setting->user, &dg);
  }
}

static void on_secret(void *user, ho_side of, int client, uint64_t connection,
                      uint8_t proto, const char *label, const uint8_t *random,
                      const uint8_t *secret, size_t len, ho_time now) {
  watcher *w = user;

  (void)proto, (void)random, (void)now;
  for (int i = 0; i < 3 && client == 0 && connection == 0; i++) {
    ho_decoder_secret(w->decoders[i], of, label, secret, len);
  }
}

static void add_fault(ho_scenario *s, const faulty_setting *setting) {
  ho_action *all = ho_alloc_array(s->timeline_count + 1, sizeof(*all));

  if (s->timeline_count > 0) {
    memcpy(all, s->timeline, s->timeline_count * sizeof(*all));
  }
  all[s->timeline_count++] = (ho_action){.at = setting->at,
                                         .kind = HO_ACT_FAULT,
                                         .client = -1,
                                         .net = -1,
                                         .faulty = setting->side,
                                         .fault = setting->fault};
  free(s->timeline);
  s->timeline = all;
}

static void run(void *arg) {
  const faulty_setting *setting = arg;
  ho_scenario *s = runs_load(setting->text, 1);
  ho_log *log = ho_log_new();
  watcher *w = ho_alloc(sizeof(*w));
  ho_sink sink = {on_packet, on_secret, w};
  char digest[65];

  w->setting = setting;
  for (int i = 0; i < 3; i++) {
    w->decoders[i] = ho_decoder_new();
  }
  if (setting->at != HO_NEVER) {
    add_fault(s, setting);
  }
  if (setting->event) {
    ho_log_subscribe(log, setting->event, setting->user);
  }
  ho_world_run(s, 0, 1, log, &(ho_sinks){&sink, 1});
  ho_log_digest(log, digest);
  setting->done(setting->user, digest);
  for (int i = 0; i < 3; i++) {
    ho_decoder_del(w->decoders[i]);
  }
  free(w);
  ho_log_del(log);
  ho_scenario_del(s);
}

int faulty_run(const faulty_setting *setting) {
  return runs_alone(run, (void *)setting);
}

const ho_frame *faulty_frame(const ho_wire_datagram *wire, uint64_t type) {
  for (size_t i = 0; i < wire->packets_count; i++) {
    const ho_wire_packet *p = &wire->packets[i];
    for (size_t j = 0; p->opened && j < p->frames_count; j++) {
      if (p->frames[j].type == type) {
        return &p->frames[j];
      }
    }
  }
  return NULL;
}
