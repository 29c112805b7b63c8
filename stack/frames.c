/* The frames of a run's QUIC packets, for those who pick packets by them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/frames.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/net/ip.h"
#include "sim/wire/decoder.h"

typedef struct {
  ho_decoder **decoders; /* by number of the connection; NULL: not QUIC */
  size_t count, cap;
} connections;

struct ho_frames {
  connections *clients;
  size_t clients_count;
  uint64_t packet; /* what |datagram| is */
  ho_wire_datagram *datagram;
  uint64_t *paths; /* packets with path frames, in order of sending */
  size_t paths_count, paths_cap;
};

static ho_decoder *decoder_of(ho_frames *f, int client, uint64_t connection) {
  connections *c = &f->clients[client];

  assert((size_t)client < f->clients_count && connection < UINT32_MAX);
  while (c->count <= connection) {
    ho_grow(&c->decoders, c->count, &c->cap, sizeof(ho_decoder *));
    c->decoders[c->count++] = NULL;
  }
  if (!c->decoders[connection]) {
    c->decoders[connection] = ho_decoder_new();
  }
  return c->decoders[connection];
}

static bool same(uint64_t a, uint64_t b) {
  return strcmp(ho_frame_name(a), ho_frame_name(b)) == 0;
}

static bool has_frame(const ho_wire_datagram *d, uint64_t type) {
  for (size_t i = 0; i < d->frames_count; i++) {
    if (d->frames[i].type == type || same(d->frames[i].type, type)) {
      return true;
    }
  }
  return false;
}

static bool has_packet(const ho_wire_datagram *d, ho_wire_type type) {
  for (size_t i = 0; i < d->packets_count; i++) {
    if (d->packets[i].header.type == type) {
      return true;
    }
  }
  return false;
}

static void note_path(ho_frames *f, uint64_t id) {
  ho_grow(&f->paths, f->paths_count, &f->paths_cap, sizeof(*f->paths));
  f->paths[f->paths_count++] = id;
}

static void on_packet(void *user, ho_seen_at at, ho_side from, int net,
                      const ho_packet *pkt, ho_time now) {
  ho_frames *f = user;
  ho_ip ip;

  (void)net, (void)now;
  if (at != HO_SENT || ho_ip_parse(&ip, pkt->data, pkt->len) != 0 ||
      ip.proto != HO_PROTO_UDP) {
    return;
  }
  f->packet = pkt->id;
  f->datagram->packets_count = f->datagram->frames_count = 0;
  if (pkt->client < 0) {
    return; /* the answer to nobody: a stateless reset */
  }
  ho_decoder_read(decoder_of(f, pkt->client, pkt->connection), from,
                  pkt->data + ip.payload, ip.total - ip.payload, f->datagram);
  if (has_frame(f->datagram, HO_FRAME_PATH_CHALLENGE) ||
      has_frame(f->datagram, HO_FRAME_PATH_RESPONSE)) {
    note_path(f, pkt->id);
  }
}

static void on_secret(void *user, ho_side of, int client, uint64_t connection,
                      uint8_t proto, const char *label, const uint8_t *random,
                      const uint8_t *secret, size_t len, ho_time now) {
  (void)random, (void)now;
  if (proto == HO_PROTO_UDP && client >= 0) {
    ho_decoder_secret(decoder_of(user, client, connection), of, label, secret,
                      len);
  }
}

ho_frames *ho_frames_new(size_t clients) {
  ho_frames *f = ho_alloc(sizeof(*f));

  f->clients = ho_alloc_array(clients, sizeof(*f->clients));
  f->clients_count = clients;
  f->datagram = ho_alloc(sizeof(*f->datagram));
  return f;
}

void ho_frames_del(ho_frames *frames) {
  if (!frames) {
    return;
  }
  for (size_t i = 0; i < frames->clients_count; i++) {
    connections *c = &frames->clients[i];

    for (size_t j = 0; j < c->count; j++) {
      ho_decoder_del(c->decoders[j]);
    }
    free(c->decoders);
  }
  free(frames->clients);
  free(frames->datagram);
  free(frames->paths);
  free(frames);
}

ho_sink ho_frames_sink(ho_frames *frames) {
  return (ho_sink){.packet = on_packet, .secret = on_secret, .user = frames};
}

bool ho_frames_match(void *user, const ho_rule *rule, const ho_packet *pkt) {
  const ho_frames *f = user;

  assert(f->packet == pkt->id);
  switch (rule->match) {
  case HO_MATCH_FRAME:
    return has_frame(f->datagram, rule->frame);
  case HO_MATCH_PACKET:
    return has_packet(f->datagram, rule->packet);
  case HO_MATCH_DATAGRAM:
    break;
  }
  return true;
}

bool ho_frames_path(void *user, const ho_packet *pkt) {
  const ho_frames *f = user;
  uint64_t id = pkt->copy_of ? pkt->copy_of : pkt->id;

  for (size_t i = f->paths_count; i-- > 0;) {
    if (f->paths[i] == id) {
      return true;
    }
  }
  return false;
}
