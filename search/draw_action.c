/* Draws single actions. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

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
    [HO_ACT_CORRUPT] = 1,    [HO_ACT_ATTACK] = 2,   [HO_ACT_MOVE] = 3,
    [HO_ACT_HANDOVER] = 3,   [HO_ACT_CONNECT] = 1,
};

enum { KINDS = sizeof(weights) };

#define BIT(kind) (1u << (kind))

static const char *pick(ho_rng *rng, const char *const *words, size_t count) {
  return words[ho_rng_below(rng, count)];
}

#define PICK(rng, words) pick(rng, words, sizeof(words) / sizeof((words)[0]))

/* Whether an action of |kind| may be about |net|. */
static bool suits(const ho_net_config *net, ho_action_kind kind) {
  switch ((int)kind) {
  case HO_ACT_REBIND:
  case HO_ACT_FLUSH:
    return net->nat.present;
  case HO_ACT_MOVE:
    return ho_net_is_radio(net);
  case HO_ACT_HANDOVER:
    return net->type == HO_NET_LTE && net->lte.cells > 1;
  default:
    return true;
  }
}

static size_t count_nets(const ho_scenario *sc, ho_action_kind kind) {
  size_t count = 0;

  for (size_t i = 0; i < sc->nets_count; i++) {
    count += suits(&sc->nets[i], kind);
  }
  return count;
}

unsigned ho_draw_kinds(const ho_scenario *scenario) {
  unsigned kinds = scenario->search.actions ? scenario->search.actions : ~0u;

  for (int kind = 0; kind < KINDS; kind++) {
    bool other = kind == HO_ACT_SWITCH || kind == HO_ACT_MIGRATE ||
                 kind == HO_ACT_CONNECT;
    /* `resume` ends `pause`, and so on: no weight of their own. */
    if (weights[kind] == 0 || count_nets(scenario, (ho_action_kind)kind) == 0 ||
        (other && scenario->nets_count < 2)) {
      kinds &= ~BIT(kind);
    }
  }
  return kinds & (BIT(KINDS) - 1);
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

static const ho_net_config *draw_net(const ho_scenario *sc, ho_action_kind kind,
                                     ho_rng *rng) {
  uint64_t at = ho_rng_below(rng, count_nets(sc, kind));
  const ho_net_config *net = sc->nets;

  while (!suits(net, kind) || at-- > 0) {
    net++;
  }
  return net;
}

static char *draw_set(const ho_scenario *sc, ho_rng *rng) {
  static const struct {
    const char *key, *choice;
  } keys[] = {{"delay", "1ms..300ms"},  {"loss", "0.5%..20%"},
              {"jitter", "1ms..50ms"},  {"reorder", "0.5%..10%"},
              {"queue", "3..60"},       {"down", "200kbps..20Mbps"},
              {"up", "200kbps..10Mbps"}};
  size_t i = ho_rng_below(rng, sizeof(keys) / sizeof(keys[0]));
  const ho_net_config *net = draw_net(sc, HO_ACT_SET, rng);
  char *value, *text;

  i = net->type == HO_NET_TRACE && i > 4 ? 0 : i; /* its rates are its file's */
  value = ho_value_draw(keys[i].choice, rng);
  text = ho_format("set %s %s %s%s", net->name, keys[i].key, value,
                   strcmp(keys[i].key, "queue") ? "" : "p");
  free(value);
  return text;
}

static const char *suffix_of(uint64_t n) {
  static const char *const suffixes[] = {"th", "st", "nd", "rd"};

  return n % 10 > 3 || n / 10 % 10 == 1 ? "th" : suffixes[n % 10];
}

/* Half of all rules are about the first USUAL of these.  |most| bounds the
 * ordinal: of what a move depends on, the first few. */
static const struct {
  const char *what;
  uint64_t most;
} matched[] = {{"datagram", 30},
               {"PATH_CHALLENGE", 4},
               {"PATH_RESPONSE", 4},
               {"NEW_CONNECTION_ID", 4},
               {"RETIRE_CONNECTION_ID", 4},
               {"ACK", 30},
               {"Initial", 3},
               {"Handshake", 3},
               {"HANDSHAKE_DONE", 2},
               {"NEW_TOKEN", 2},
               {"STREAM", 30},
               {"PING", 4},
               {"MAX_STREAM_DATA", 4},
               {"CRYPTO", 4},
               {"MAX_DATA", 4},
               {"CONNECTION_CLOSE", 2},
               {"1-RTT", 30},
               {"0-RTT", 3},
               {"Retry", 2}};

enum { USUAL = 6, MATCHED = sizeof(matched) / sizeof(matched[0]) };

static char *draw_rule(const ho_scenario *sc, ho_action_kind kind,
                       ho_rng *rng) {
  static const char *const from[] = {"client", "server"};
  const char *verb = ho_action_name(kind), *side = PICK(rng, from);
  size_t what = ho_rng_below(rng, ho_rng_below(rng, 2) ? USUAL : MATCHED);
  uint64_t first = ho_value_log(rng, 1, matched[what].most);
  uint64_t more = ho_rng_below(rng, 2) ? ho_rng_below(rng, 12) : 0;
  char *which = more ? ho_format("%" PRIu64 "..%" PRIu64, first, first + more)
                     : ho_format("%" PRIu64 "%s", first, suffix_of(first));
  char *by = kind == HO_ACT_DELAY ? ho_value_draw("1ms..800ms", rng) : NULL;
  const char *on =
      ho_rng_below(rng, 4) == 0 ? draw_net(sc, kind, rng)->name : NULL;
  char *text =
      ho_format("%s %s %s %s%s%s%s%s", verb, side, which, matched[what].what,
                by ? " by " : "", by ? by : "", on ? " on " : "", on ? on : "");

  free(which);
  free(by);
  return text;
}

/* Of a number of packets, or for a while. */
static char *draw_attack(const ho_scenario *sc, ho_rng *rng) {
  size_t count;
  const ho_listed *kinds = ho_list_attacks(&count);
  const char *kind = kinds[ho_rng_below(rng, count)].name;
  const char *net = draw_net(sc, HO_ACT_ATTACK, rng)->name;
  char *lasts, *text;

  if (ho_rng_below(rng, 2)) {
    return ho_format("attack %s %s %" PRIu64, kind, net,
                     ho_value_log(rng, 1, 40));
  }
  lasts = ho_value_draw("5ms..1s", rng);
  text = ho_format("attack %s %s for %s", kind, net, lasts);
  free(lasts);
  return text;
}

/* To somewhere at most twice as far as what its network's first antenna is. */
static char *draw_move(const ho_scenario *sc, ho_rng *rng) {
  const ho_net_config *net = draw_net(sc, HO_ACT_MOVE, rng);
  ho_position at = net->type == HO_NET_LTE ? net->lte.enb : net->wifi.ap;
  uint64_t far = (uint64_t)(llabs(at.x_mm) + llabs(at.y_mm)) / 500 + 1;

  return ho_format("move %s%" PRIu64 "m,0m at %" PRIu64 "m/s",
                   ho_rng_below(rng, 2) ? "-" : "", ho_rng_below(rng, far + 1),
                   ho_value_log(rng, 1, 30));
}

static char *draw_handover(const ho_scenario *sc, ho_rng *rng) {
  const ho_net_config *net = draw_net(sc, HO_ACT_HANDOVER, rng);

  return ho_format("handover %s %" PRIu64, net->name,
                   1 + ho_rng_below(rng, net->lte.cells));
}

static char *about_net(const char *verb, const char *net, const char *rest) {
  return ho_format("%s %s%s%s", verb, net, *rest ? " " : "", rest);
}

char *ho_draw_action(const ho_draw *draw, ho_rng *rng, char **undo) {
  static const char *const rebinds[] = {"port", "port", "address", "both"};
  static const char *const blocked[] = {"udp", "all"};
  const ho_scenario *sc = draw->scenario;
  ho_action_kind kind = draw_kind(ho_draw_kinds(sc), rng);
  const char *net = draw_net(sc, kind, rng)->name;
  const char *of;
  char *value, *text;

  *undo = NULL;
  switch ((int)kind) {
  case HO_ACT_DISCONNECT:
    *undo = about_net("connect", net, "");
    return about_net("disconnect", net, "");
  case HO_ACT_CONNECT:
    return about_net("connect", net, "");
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
    of = PICK(rng, blocked);
    *undo = about_net("unblock", net, of);
    return about_net("block", net, of);
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
  case HO_ACT_DELAY:
  case HO_ACT_DUPLICATE:
  case HO_ACT_CORRUPT:
    return draw_rule(sc, kind, rng);
  case HO_ACT_ATTACK:
    return draw_attack(sc, rng);
  case HO_ACT_MOVE:
    return draw_move(sc, rng);
  case HO_ACT_HANDOVER:
    return draw_handover(sc, rng);
  default:
    return ho_strdup("rotate");
  }
}
