/* The secrets of a decoder's connection, and whose they are.  A server that is
 * restarted before the client has heard of it gets the client's Initial packet
 * once more, and begins the connection again with secrets of its own. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/wire/decoder_state.h"

typedef struct {
  const char *label;
  ho_level level;
  ho_side from;
} lane_name;

static const lane_name *find_name(const char *label) {
  static const lane_name names[] = {
      {"CLIENT_EARLY_TRAFFIC_SECRET", HO_LEVEL_EARLY, HO_CLIENT},
      {"CLIENT_HANDSHAKE_TRAFFIC_SECRET", HO_LEVEL_HANDSHAKE, HO_CLIENT},
      {"SERVER_HANDSHAKE_TRAFFIC_SECRET", HO_LEVEL_HANDSHAKE, HO_SERVER},
      {"CLIENT_TRAFFIC_SECRET_0", HO_LEVEL_APP, HO_CLIENT},
      {"SERVER_TRAFFIC_SECRET_0", HO_LEVEL_APP, HO_SERVER},
  };

  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    if (strcmp(label, names[i].label) == 0) {
      return &names[i];
    }
  }
  return NULL;
}

static ho_wire_lane *find_lane(ho_decoder *d, const lane_name *name) {
  return &d->lanes[name->level][name->from];
}

static bool has(const ho_wire_lane *lane, const uint8_t *secret, size_t len) {
  return lane->secret_bytes == len && memcmp(lane->secret, secret, len) == 0;
}

/* ---- from one server to another ---- */

static void move(void *to, void *from, size_t size) {
  memcpy(to, from, size);
  memset(from, 0, size);
}

/* Initial packets have the client's keys (RFC 9001, 5.2), whoever answers. */
static void move_client(ho_decoder *to, ho_decoder *from) {
  ho_level own = HO_LEVEL_INITIAL;

  move(to->lanes[own], from->lanes[own], sizeof(to->lanes[own]));
  move(&to->crypto[own][HO_CLIENT], &from->crypto[own][HO_CLIENT],
       sizeof(ho_handshake));
  own = HO_LEVEL_EARLY;
  move(to->lanes[own], from->lanes[own], sizeof(to->lanes[own]));
  for (int level = 0; level < HO_LEVELS; level++) {
    to->next_pn[level][HO_CLIENT] = from->next_pn[level][HO_CLIENT];
  }
  to->cid_len[HO_CLIENT] = from->cid_len[HO_CLIENT];
  to->has_params[HO_CLIENT] = from->has_params[HO_CLIENT];
  to->params[HO_CLIENT] = from->params[HO_CLIENT];
}

static void go_over(ho_decoder *d) {
  ho_decoder *before = ho_alloc(sizeof(*before));

  *before = *d;
  *d = (ho_decoder){.before = before};
  move_client(d, before);
}

/* Makes |d| what it was with the server of |*at|, which is before. */
static void go_back(ho_decoder *d, ho_decoder **at) {
  ho_decoder *to = *at, newest;

  *at = to->before;
  to->before = NULL;
  move_client(to, d);
  newest = *d;
  *d = *to;
  *to = newest;
  ho_decoder_del(to);
}

static void forget_others(ho_decoder *d) {
  ho_decoder_del(d->before);
  d->before = NULL;
  d->chosen = true;
}

/* The client has this secret: so it is with the server that has it, too. */
static bool choose(ho_decoder *d, const lane_name *name, const uint8_t *secret,
                   size_t len) {
  ho_decoder **at = &d->before;
  bool other = false;

  if (!has(find_lane(d, name), secret, len)) {
    while (*at && !has(find_lane(*at, name), secret, len)) {
      at = &(*at)->before;
    }
    if (*at) {
      go_back(d, at);
      other = true;
    } else if (find_lane(d, name)->secret_bytes > 0) {
      go_over(d);
      other = true;
    }
  }
  forget_others(d);
  return other;
}

void ho_decoder_keep(ho_decoder *d) {
  d->chosen = true;
}

bool ho_decoder_secret(ho_decoder *d, ho_side of, const char *label,
                       const uint8_t *secret, size_t len) {
  const lane_name *name = find_name(label);
  const ho_wire_lane *lane;
  bool other = false;

  if (!name || !ho_suite_guess(len, 0)) {
    return false;
  }
  lane = find_lane(d, name);
  /* The early one is of the connection before, and so is its suite. */
  if (!d->chosen && name->level != HO_LEVEL_EARLY) {
    if (of == HO_CLIENT) {
      other = choose(d, name, secret, len);
    } else if (lane->secret_bytes > 0 && !has(lane, secret, len)) {
      go_over(d);
      other = true;
    }
  }
  ho_wire_lane_secret(find_lane(d, name),
                      name->level == HO_LEVEL_EARLY ? NULL : d->suite, secret,
                      len);
  return other;
}
