/* Draws single actions. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdlib.h>

#include "search/draw.h"
#include "search/values.h"
#include "sim/base/alloc.h"
#include "sim/scenario/presets.h"

/* How likely a kind is among those that may be drawn. */
static const unsigned char weights[] = {
    [HO_ACT_DISCONNECT] = 3, [HO_ACT_SWITCH] = 6,   [HO_ACT_REBIND] = 6,
    [HO_ACT_FLUSH] = 1,      [HO_ACT_SET] = 2,      [HO_ACT_PAUSE] = 1,
    [HO_ACT_MIGRATE] = 3,    [HO_ACT_ROTATE] = 4,   [HO_ACT_REKEY] = 1,
    [HO_ACT_BLOCK] = 1,      [HO_ACT_THROTTLE] = 1, [HO_ACT_RESTART] = 1,
    [HO_ACT_DROP] = 4,       [HO_ACT_DELAY] = 3,    [HO_ACT_DUPLICATE] = 1,
    [HO_ACT_CORRUPT] = 1,    [HO_ACT_ATTACK] = 2,
};

enum { KINDS = sizeof(weights) };

#define BIT(kind) (1u << (kind))

/* A server that forgets, middleboxes that slow down for good and attackers are
 * drawn where they are named. */
static const unsigned by_default =
    BIT(HO_ACT_DISCONNECT) | BIT(HO_ACT_SWITCH) | BIT(HO_ACT_REBIND) |
    BIT(HO_ACT_FLUSH) | BIT(HO_ACT_SET) | BIT(HO_ACT_PAUSE) |
    BIT(HO_ACT_MIGRATE) | BIT(HO_ACT_ROTATE) | BIT(HO_ACT_REKEY) |
    BIT(HO_ACT_BLOCK) | BIT(HO_ACT_DROP) | BIT(HO_ACT_DELAY) |
    BIT(HO_ACT_DUPLICATE) | BIT(HO_ACT_CORRUPT);

static const char *pick(ho_rng *rng, const char *const *words, size_t count) {
  return words[ho_rng_below(rng, count)];
}

#define PICK(rng, words) pick(rng, words, sizeof(words) / sizeof((words)[0]))

static bool has_nat(const ho_scenario *sc) {
  for (size_t i = 0; i < sc->nets_count; i++) {
    if (sc->nets[i].nat.present) {
      return true;
    }
  }
  return false;
}

unsigned ho_draw_kinds(const ho_scenario *scenario) {
  unsigned kinds =
      scenario->search.actions ? scenario->search.actions : by_default;

  for (int kind = 0; kind <= HO_ACT_FAULT; kind++) {
    if (kind >= KINDS || weights[kind] == 0) {
      kinds &= ~BIT(kind); /* `connect` ends `disconnect`, and so on */
    }
  }
  if (!has_nat(scenario)) {
    kinds &= ~(BIT(HO_ACT_REBIND) | BIT(HO_ACT_FLUSH));
  }
  if (scenario->nets_count < 2) {
    kinds &= ~(BIT(HO_ACT_SWITCH) | BIT(HO_ACT_MIGRATE));
  }
  return kinds;
}

static ho_action_kind draw_kind(unsigned kinds, ho_rng *rng) {
  uint64_t sum = 0, at;
  int kind;

  for (kind = 0; kind < KINDS; kind++) {
    sum += kinds >> kind & 1 ? weights[kind] : 0;
  }
  at = ho_rng_below(rng, sum);
  for (kind = 0; kind < KINDS; kind++) {
    uint64_t own = kinds >> kind & 1 ? weights[kind] : 0;
    if (at < own) {
      break;
    }
    at -= own;
  }
  return (ho_action_kind)kind;
}

static const char *draw_net(const ho_scenario *sc, ho_rng *rng, bool nat) {
  const ho_net_config *net;

  do {
    net = &sc->nets[ho_rng_below(rng, sc->nets_count)];
  } while (nat && !net->nat.present);
  return net->name;
}

static char *draw_set(const ho_scenario *sc, ho_rng *rng) {
  static const struct {
    const char *key, *choice;
  } keys[] = {{"delay", "1ms..300ms"},
              {"loss", "0.5%..20%"},
              {"jitter", "1ms..50ms"},
              {"down", "200kbps..20Mbps"},
              {"up", "200kbps..10Mbps"}};
  size_t i = ho_rng_below(rng, sizeof(keys) / sizeof(keys[0]));
  const ho_net_config *net = &sc->nets[ho_rng_below(rng, sc->nets_count)];
  char *value, *text;

  i = net->type == HO_NET_TRACE && i > 2 ? 0 : i; /* its rates are its file's */
  value = ho_value_draw(keys[i].choice, rng);
  text = ho_format("set %s %s %s", net->name, keys[i].key, value);
  free(value);
  return text;
}

static const char *suffix_of(uint64_t n) {
  static const char *const suffixes[] = {"th", "st", "nd", "rd"};

  return n % 10 > 3 || n / 10 % 10 == 1 ? "th" : suffixes[n % 10];
}

/* Of one frame, the first few; of datagrams, some in a row. */
static char *draw_rule(const char *verb, bool held_back, ho_rng *rng) {
  static const char *const from[] = {"client", "server"};
  static const char *const whats[] = {
      "datagram",          "PATH_CHALLENGE",       "PATH_RESPONSE",
      "NEW_CONNECTION_ID", "RETIRE_CONNECTION_ID", "ACK"};
  const char *side = PICK(rng, from), *what = PICK(rng, whats);
  uint64_t first = ho_value_log(rng, 1, *what == 'd' || *what == 'A' ? 30 : 4);
  uint64_t more = ho_rng_below(rng, 2) ? ho_rng_below(rng, 12) : 0;
  char *which = more ? ho_format("%" PRIu64 "..%" PRIu64, first, first + more)
                     : ho_format("%" PRIu64 "%s", first, suffix_of(first));
  char *by = held_back ? ho_value_draw("1ms..800ms", rng) : NULL;
  char *text = ho_format("%s %s %s %s%s%s", verb, side, which, what,
                         by ? " by " : "", by ? by : "");

  free(which);
  free(by);
  return text;
}

static char *draw_attack(const ho_scenario *sc, ho_rng *rng) {
  static const char *const kinds[] = {
      "forward", "forward-both", "spoof",        "replay",      "inject",
      "storm",   "drop-path",    "reset-client", "reset-server"};
  const char *kind = PICK(rng, kinds);

  return ho_format("attack %s %s %" PRIu64, kind, draw_net(sc, rng, false),
                   ho_value_log(rng, 1, 40));
}

static char *about_net(const char *verb, const char *net, const char *rest) {
  return ho_format("%s %s%s%s", verb, net, *rest ? " " : "", rest);
}

char *ho_draw_action(const ho_draw *draw, ho_rng *rng, char **undo) {
  static const char *const rebinds[] = {"port", "port", "address", "both"};
  const ho_scenario *sc = draw->scenario;
  ho_action_kind kind = draw_kind(ho_draw_kinds(sc), rng);
  const char *net =
      draw_net(sc, rng, kind == HO_ACT_REBIND || kind == HO_ACT_FLUSH);
  char *value, *text;

  *undo = NULL;
  switch ((int)kind) {
  case HO_ACT_DISCONNECT:
    *undo = about_net("connect", net, "");
    return about_net("disconnect", net, "");
  case HO_ACT_SWITCH:
    return about_net("switch", net, "");
  case HO_ACT_MIGRATE:
    return about_net("migrate", net, "");
  case HO_ACT_REBIND:
    return about_net("rebind", net, PICK(rng, rebinds));
  case HO_ACT_FLUSH:
    return about_net("flush", net, "");
  case HO_ACT_SET:
    return draw_set(sc, rng);
  case HO_ACT_PAUSE:
    *undo = ho_strdup("resume");
    return ho_strdup("pause");
  case HO_ACT_BLOCK:
    *undo = about_net("unblock", net, "udp");
    return about_net("block", net, "udp");
  case HO_ACT_THROTTLE:
    *undo = about_net("unblock", net, "udp");
    value = ho_value_draw("50kbps..2Mbps", rng);
    text = ho_format("throttle %s udp %s", net, value);
    free(value);
    return text;
  case HO_ACT_RESTART:
    return ho_strdup("restart server");
  case HO_ACT_REKEY:
    return ho_strdup("rekey");
  case HO_ACT_DROP:
    return draw_rule("drop", false, rng);
  case HO_ACT_DELAY:
    return draw_rule("delay", true, rng);
  case HO_ACT_DUPLICATE:
    return draw_rule("duplicate", false, rng);
  case HO_ACT_CORRUPT:
    return draw_rule("corrupt", false, rng);
  case HO_ACT_ATTACK:
    return draw_attack(sc, rng);
  default:
    return ho_strdup("rotate");
  }
}
