/* The verbs of the timeline and what follows them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/scenario/actions.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/scenario/network.h"
#include "sim/scenario/position.h"

static const ho_action_syntax table[] = {
    {"disconnect", "disconnect NET", "the radio or cable is lost",
     HO_ACT_DISCONNECT},
    {"connect", "connect NET", "the network is usable again", HO_ACT_CONNECT},
    {"switch", "switch NET",
     "the OS makes NET the default while the old one still works",
     HO_ACT_SWITCH},
    {"rebind", "rebind NET port|address|both",
     "the NAT gives every mapping a new external port or address; nobody is "
     "told",
     HO_ACT_REBIND},
    {"flush", "flush NET", "the NAT forgets its mappings", HO_ACT_FLUSH},
    {"set", "set NET KEY VALUE",
     "change a link, or the backhaul of a radio: down, up, delay, jitter, "
     "loss, reorder, queue",
     HO_ACT_SET},
    {"pause", "pause", "the application goes quiet", HO_ACT_PAUSE},
    {"resume", "resume", "the application goes on", HO_ACT_RESUME},
    {"migrate", "migrate NET", "the client application moves to NET",
     HO_ACT_MIGRATE},
    {"rotate", "rotate",
     "the client moves to a fresh local port on the same network",
     HO_ACT_ROTATE},
    {"rekey", "rekey", "the client updates its keys", HO_ACT_REKEY},
    {"move", "move X,Y at SPEED",
     "the client walks, such as 'move 78m,0m at 1.4m/s'; what its radios make "
     "of it follows from their models",
     HO_ACT_MOVE},
    {"handover", "handover NET CELL",
     "LTE's X2 handover to a cell, counted from 1; the address stays",
     HO_ACT_HANDOVER},
    {"block", "block NET udp|tcp|all", "a middlebox lets none of it through",
     HO_ACT_BLOCK},
    {"throttle", "throttle NET udp|tcp|all RATE",
     "a middlebox slows it down to RATE each way", HO_ACT_THROTTLE},
    {"unblock", "unblock NET [udp|tcp|all]",
     "the middlebox neither blocks nor throttles it any more", HO_ACT_UNBLOCK},
    {"restart", "restart server", "the server loses its state", HO_ACT_RESTART},
    {"drop", "drop client|server WHICH WHAT [on NET]",
     "a packet rule: of the datagrams that this endpoint sends, those are "
     "lost. WHICH is 1st, 2nd..4th, 3..5 or every; WHAT is datagram, a frame "
     "such as PATH_RESPONSE or a packet such as Initial; also WHAT WHICH, such "
     "as 'datagrams 3..5'",
     HO_ACT_DROP},
    {"delay", "delay client|server WHICH WHAT by TIME [on NET]",
     "they are held back, and overtaken by later ones", HO_ACT_DELAY},
    {"duplicate", "duplicate client|server WHICH WHAT [on NET]",
     "they are sent twice", HO_ACT_DUPLICATE},
    {"corrupt", "corrupt client|server WHICH WHAT [on NET]",
     "they are damaged on the way", HO_ACT_CORRUPT},
    {"attack", "attack KIND NET [COUNT|for DURATION]",
     "an attacker without keys on NET's wire; KIND is forward, forward-both, "
     "spoof, replay, inject, storm, drop-path, reset-client or reset-server "
     "(see 'handoff list attacks')",
     HO_ACT_ATTACK},
    {"fault", "fault client|server NAME",
     "that endpoint breaks a rule from then on (see 'handoff list faults')",
     HO_ACT_FAULT},
};

const ho_action_syntax *ho_action_table(size_t *count) {
  *count = HO_COUNT(table);
  return table;
}

const char *ho_action_name(ho_action_kind kind) {
  for (size_t i = 0; i < HO_COUNT(table); i++) {
    if (table[i].kind == kind) {
      return table[i].verb;
    }
  }
  assert(!"an action without a verb");
  return "";
}

static const ho_action_syntax *find_verb(ho_loader *l, ho_slice verb) {
  const char *names[HO_COUNT(table)];
  char *hint;

  for (size_t i = 0; i < HO_COUNT(table); i++) {
    names[i] = table[i].verb;
    if (ho_slice_is(verb, table[i].verb)) {
      return &table[i];
    }
  }
  hint = ho_loader_suggest(verb, names, HO_COUNT(table));
  ho_slice_error(&l->doc, verb, "unknown action '%.*s'%s", HO_SLICE(verb),
                 hint);
  free(hint);
  return NULL;
}

void ho_action_note_syntax(ho_loader *l, ho_slice text, ho_action_kind kind) {
  for (size_t i = 0; i < HO_COUNT(table); i++) {
    if (table[i].kind == kind) {
      ho_slice_error(&l->doc, text, "'%.*s' is not '%s'", HO_SLICE(text),
                     table[i].syntax);
    }
  }
}

bool ho_action_is_shared(ho_action_kind kind) {
  return kind == HO_ACT_SET || kind == HO_ACT_BLOCK ||
         kind == HO_ACT_THROTTLE || kind == HO_ACT_UNBLOCK ||
         kind == HO_ACT_RESTART || kind == HO_ACT_ATTACK;
}

/* What is done to a client's networks and to its application, not to what all
 * send and meet on their way. */
static bool is_for_movers(ho_action_kind kind) {
  switch (kind) {
  case HO_ACT_DISCONNECT:
  case HO_ACT_CONNECT:
  case HO_ACT_SWITCH:
  case HO_ACT_PAUSE:
  case HO_ACT_RESUME:
  case HO_ACT_MIGRATE:
  case HO_ACT_ROTATE:
  case HO_ACT_REKEY:
  case HO_ACT_MOVE:
  case HO_ACT_HANDOVER:
    return true;
  case HO_ACT_REBIND:
  case HO_ACT_FLUSH:
  case HO_ACT_SET:
  case HO_ACT_BLOCK:
  case HO_ACT_THROTTLE:
  case HO_ACT_UNBLOCK:
  case HO_ACT_RESTART:
  case HO_ACT_DROP:
  case HO_ACT_DELAY:
  case HO_ACT_DUPLICATE:
  case HO_ACT_CORRUPT:
  case HO_ACT_ATTACK:
  case HO_ACT_FAULT:
    break;
  }
  return false;
}

bool ho_scenario_concerns(const ho_scenario *scenario, const ho_action *action,
                          size_t client) {
  return (action->client < 0 || (size_t)action->client == client) &&
         (!is_for_movers(action->kind) || ho_scenario_moves(scenario, client));
}

bool ho_endpoint_read(ho_loader *l, ho_slice word, ho_action_kind kind,
                      ho_side *side) {
  static const char *const sides[] = {
      [HO_CLIENT] = "client", [HO_SERVER] = "server"};
  ho_key key = {ho_action_name(kind), HO_KEY_WORD, .words = sides,
                .words_count = HO_COUNT(sides)};
  int index = -1;

  if (ho_loader_word(l, &word, NULL)) {
    index = ho_key_word(l, &key, word);
  }
  if (index >= 0) {
    *side = (ho_side)index;
  }
  return index >= 0;
}

static bool read_rebind(ho_loader *l, ho_slice word, ho_action *action) {
  static const char *const words[] = {"port", "address", "both"};
  static const ho_key key = {"rebind", HO_KEY_WORD, .words = words,
                             .words_count = 3};
  int index;

  if (!ho_loader_word(l, &word, NULL)) {
    return false;
  }
  index = ho_key_word(l, &key, word);
  if (index >= 0) {
    action->rebind = (ho_rebind)(index + 1);
  }
  return index >= 0;
}

static bool check_nat(ho_loader *l, ho_slice word, const ho_action *action) {
  const ho_net_config *net = &l->out->nets[action->net];

  if (net->nat.present) {
    return true;
  }
  ho_slice_error(&l->doc, word,
                 "network '%s' has no NAT to %s (give it 'nat: "
                 "home-router' or another)",
                 net->name, ho_action_name(action->kind));
  return false;
}

/* The keys that a network's `set` can change: a trace's rates are its file's.
 */
static const ho_key *settable(ho_loader *l, int net, size_t *first,
                              size_t *count) {
  *first = l->out->nets[net].type == HO_NET_TRACE ? HO_SET_DELAY : 0;
  return ho_link_keys(count);
}

static void note_not_settable(ho_loader *l, ho_slice word, int net) {
  size_t first, count;
  const ho_key *keys = settable(l, net, &first, &count);
  const char **names = ho_alloc_array(count, sizeof(*names));
  char *list;

  for (size_t i = first; i < count; i++) {
    names[i - first] = keys[i].name;
  }
  list = ho_loader_alternatives(names, count - first);
  ho_slice_error(&l->doc, word, "'%.*s' cannot be set (expected %s)",
                 HO_SLICE(word), list);
  free(names);
  free(list);
}

static bool read_set(ho_loader *l, ho_slice name, ho_slice value,
                     const char *path, ho_action *action) {
  size_t first, count;
  const ho_key *keys = settable(l, action->net, &first, &count);

  if (!ho_loader_word(l, &name, NULL)) {
    return false;
  }
  for (size_t i = first; i < count; i++) {
    if (ho_slice_is(name, keys[i].name)) {
      action->key = (ho_set_key)i;
      return ho_link_key_read(l, action->key, value, path, &action->set);
    }
  }
  note_not_settable(l, name, action->net);
  return false;
}

static bool has_radio(const ho_scenario *sc) {
  for (size_t i = 0; i < sc->nets_count; i++) {
    if (ho_net_is_radio(&sc->nets[i])) {
      return true;
    }
  }
  return false;
}

static bool read_move(ho_loader *l, ho_slice text, const ho_slice *words,
                      const char *path, ho_action *action) {
  static const ho_key speed = {"speed", HO_KEY_SPEED, .min = 1, .max = 1000000,
                               .bounds = "more than 0m/s, at most 1000m/s"};
  char *own;
  bool ok;

  if (!ho_slice_is(words[1], "at")) {
    ho_action_note_syntax(l, text, HO_ACT_MOVE);
    return false;
  }
  if (!has_radio(l->out) && !l->nets_bad) {
    ho_slice_error(&l->doc, text,
                   "no network here is a radio (of type wifi or lte), so "
                   "nothing comes of a move");
    return false;
  }
  own = ho_format("%s.speed", path);
  ok = ho_position_read(l, words[0], path, &action->to);
  ok = ho_key_read(l, &speed, words[2], own, &action->mm_per_s) && ok;
  free(own);
  return ok;
}

static bool read_cell(ho_loader *l, ho_slice net, ho_slice word,
                      ho_action *action) {
  static const char *const names[] = {"1", "2", "3", "4", "5", "6", "7"};
  const ho_net_config *cfg = &l->out->nets[action->net];
  char *list;

  if (!ho_loader_word(l, &word, NULL) || l->nets_bad) {
    return false;
  }
  if (cfg->type != HO_NET_LTE || cfg->lte.cells < 2) {
    ho_slice_error(&l->doc, net,
                   "network '%s' has no cells to hand over between (it needs "
                   "'type: lte' and 'cells: 2' or more)",
                   cfg->name);
    return false;
  }
  for (uint32_t i = 0; i < cfg->lte.cells; i++) {
    if (ho_slice_is(word, names[i])) {
      action->cell = i + 1;
      return true;
    }
  }
  list = ho_loader_alternatives(names, cfg->lte.cells);
  ho_slice_error(&l->doc, word,
                 "'%.*s' is no cell of network '%s' (expected "
                 "%s)",
                 HO_SLICE(word), cfg->name, list);
  free(list);
  return false;
}

static bool read_block(ho_loader *l, const ho_slice *words, const char *path,
                       ho_action *action) {
  static const char *const kinds[] = {"udp", "tcp", "all"};
  static const ho_key rate = {"throttle", HO_KEY_RATE, .min = 1,
                              .bounds = "more than 0bps"};
  ho_key key = {ho_action_name(action->kind), HO_KEY_WORD, .words = kinds,
                .words_count = HO_COUNT(kinds)};
  ho_slice word = words[1];
  int index = HO_BLOCK_ALL - 1;

  if (word.len > 0) {
    if (!ho_loader_word(l, &word, NULL)) {
      return false;
    }
    index = ho_key_word(l, &key, word);
  }
  if (index < 0) {
    return false;
  }
  action->block = (ho_block)(index + 1);
  return action->kind != HO_ACT_THROTTLE ||
         ho_key_read(l, &rate, words[2], path, &action->limit_bps);
}

static bool read_restart(ho_loader *l, ho_slice text, ho_slice word) {
  if (ho_slice_is(word, "server")) {
    return true;
  }
  ho_action_note_syntax(l, text, HO_ACT_RESTART);
  return false;
}

/* Counts the words that follow the verb; those in [] need not. */
static void count_words(const char *syntax, size_t *least, size_t *most) {
  *least = *most = 0;
  for (const char *s = strchr(syntax, ' '); s; s = strchr(s + 1, ' ')) {
    *least += s[1] != '[';
    *most += 1;
  }
}

/* What follows the network. */
static bool read_operands(ho_loader *l, const ho_slice *words, const char *path,
                          ho_action *action) {
  switch (action->kind) {
  case HO_ACT_FLUSH:
    return check_nat(l, words[0], action);
  case HO_ACT_REBIND:
    return check_nat(l, words[0], action) && read_rebind(l, words[1], action);
  case HO_ACT_SET:
    return read_set(l, words[1], words[2], path, action);
  case HO_ACT_HANDOVER:
    return read_cell(l, words[0], words[1], action);
  case HO_ACT_BLOCK:
  case HO_ACT_THROTTLE:
  case HO_ACT_UNBLOCK:
    return read_block(l, words, path, action);
  case HO_ACT_DISCONNECT:
  case HO_ACT_CONNECT:
  case HO_ACT_SWITCH:
  case HO_ACT_MIGRATE:
  case HO_ACT_PAUSE:
  case HO_ACT_RESUME:
  case HO_ACT_ROTATE:
  case HO_ACT_REKEY:
  case HO_ACT_MOVE:
  case HO_ACT_RESTART:
  case HO_ACT_DROP:
  case HO_ACT_DELAY:
  case HO_ACT_DUPLICATE:
  case HO_ACT_CORRUPT:
  case HO_ACT_ATTACK:
  case HO_ACT_FAULT:
    break;
  }
  return true;
}

static bool read_words(ho_loader *l, const ho_words *words, const char *path,
                       ho_action *action) {
  const ho_slice *word = words->word;

  switch (action->kind) {
  case HO_ACT_PAUSE:
  case HO_ACT_RESUME:
  case HO_ACT_ROTATE:
  case HO_ACT_REKEY:
    return true;
  case HO_ACT_MOVE:
    return read_move(l, words->text, word, path, action);
  case HO_ACT_RESTART:
    return read_restart(l, words->text, word[0]);
  case HO_ACT_DROP:
  case HO_ACT_DELAY:
  case HO_ACT_DUPLICATE:
  case HO_ACT_CORRUPT:
    return ho_rule_read(l, words, path, action);
  case HO_ACT_ATTACK:
    return ho_attack_read(l, words, path, action);
  case HO_ACT_FAULT:
    return ho_fault_read(l, words, action);
  case HO_ACT_DISCONNECT:
  case HO_ACT_CONNECT:
  case HO_ACT_SWITCH:
  case HO_ACT_FLUSH:
  case HO_ACT_MIGRATE:
  case HO_ACT_REBIND:
  case HO_ACT_SET:
  case HO_ACT_HANDOVER:
  case HO_ACT_BLOCK:
  case HO_ACT_THROTTLE:
  case HO_ACT_UNBLOCK:
    break;
  }
  action->net = ho_loader_net(l, word[0]);
  return action->net >= 0 && read_operands(l, word, path, action);
}

/* Actions whose words the syntax does not count count for themselves. */
static bool is_counted(ho_action_kind kind) {
  return kind < HO_ACT_DROP || kind > HO_ACT_ATTACK;
}

static bool check_count(const ho_words *words, const ho_action_syntax *syntax) {
  size_t least, most;

  count_words(syntax->syntax, &least, &most);
  return !is_counted(syntax->kind) ||
         (words->count >= least && words->count <= most);
}

bool ho_action_read(ho_loader *l, ho_slice text, const char *path,
                    ho_action *action) {
  ho_words words = {.count = 0};
  const ho_action_syntax *syntax;
  ho_slice rest, verb;

  if (!ho_loader_word(l, &text, NULL)) {
    return false;
  }
  words.text = rest = text;
  verb = ho_slice_word(&rest);
  if (verb.len == 0) {
    ho_slice_error(&l->doc, text,
                   "no action (expected one such as "
                   "'disconnect home')");
    return false;
  }
  syntax = find_verb(l, verb);
  if (!syntax) {
    return false;
  }
  while (words.count < HO_WORDS_MAX && rest.len > 0) {
    words.word[words.count++] = ho_slice_word(&rest);
  }
  if (rest.len > 0 || !check_count(&words, syntax)) {
    ho_action_note_syntax(l, text, syntax->kind);
    return false;
  }
  action->kind = syntax->kind;
  action->net = -1;
  return read_words(l, &words, path, action);
}
