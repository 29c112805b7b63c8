/* The verbs of the timeline and what follows them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/scenario/actions.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/scenario/network.h"

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
     "change a link: down, up, delay, jitter, loss, reorder, queue",
     HO_ACT_SET},
    {"pause", "pause", "the application goes quiet", HO_ACT_PAUSE},
    {"resume", "resume", "the application goes on", HO_ACT_RESUME},
    {"migrate", "migrate NET", "the client application moves to NET",
     HO_ACT_MIGRATE},
    {"rotate", "rotate",
     "the client moves to a fresh local port on the same network",
     HO_ACT_ROTATE},
    {"rekey", "rekey", "the client updates its keys", HO_ACT_REKEY},
    {.verb = "move"},
    {.verb = "handover"},
    {.verb = "block"},
    {.verb = "throttle"},
    {.verb = "unblock"},
    {.verb = "drop"},
    {.verb = "delay"},
    {.verb = "duplicate"},
    {.verb = "corrupt"},
    {.verb = "restart"},
    {.verb = "attack"},
};

const ho_action_syntax *ho_action_table(size_t *count) {
  *count = HO_COUNT(table);
  return table;
}

const char *ho_action_name(ho_action_kind kind) {
  for (size_t i = 0; i < HO_COUNT(table); i++) {
    if (table[i].syntax && table[i].kind == kind) {
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
    if (!ho_slice_is(verb, table[i].verb)) {
      continue;
    }
    if (!table[i].syntax) {
      ho_slice_error(&l->doc, verb, "action '%s' is not yet supported",
                     table[i].verb);
      return NULL;
    }
    return &table[i];
  }
  hint = ho_loader_suggest(verb, names, HO_COUNT(table));
  ho_slice_error(&l->doc, verb, "unknown action '%.*s'%s", HO_SLICE(verb),
                 hint);
  free(hint);
  return NULL;
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

/* What a link's `set` cannot change. */
static void note_not_settable(ho_loader *l, ho_slice word) {
  size_t count;
  const ho_key *keys = ho_link_keys(&count);
  const char **names = ho_alloc_array(count, sizeof(*names));
  char *list;

  for (size_t i = 0; i < count; i++) {
    names[i] = keys[i].name;
  }
  list = ho_loader_alternatives(names, count);
  ho_slice_error(&l->doc, word, "'%.*s' cannot be set (expected %s)",
                 HO_SLICE(word), list);
  free(names);
  free(list);
}

static bool read_set(ho_loader *l, ho_slice name, ho_slice value,
                     const char *path, ho_action *action) {
  size_t count;
  const ho_key *keys = ho_link_keys(&count);

  if (!ho_loader_word(l, &name, NULL)) {
    return false;
  }
  for (size_t i = 0; i < count; i++) {
    if (ho_slice_is(name, keys[i].name)) {
      action->key = (ho_set_key)i;
      return ho_link_key_read(l, action->key, value, path, &action->set);
    }
  }
  note_not_settable(l, name);
  return false;
}

/* How many words follow each verb. */
static size_t words_after(ho_action_kind kind) {
  switch (kind) {
  case HO_ACT_PAUSE:
  case HO_ACT_RESUME:
  case HO_ACT_ROTATE:
  case HO_ACT_REKEY:
    return 0;
  case HO_ACT_DISCONNECT:
  case HO_ACT_CONNECT:
  case HO_ACT_SWITCH:
  case HO_ACT_FLUSH:
  case HO_ACT_MIGRATE:
    return 1;
  case HO_ACT_REBIND:
    return 2;
  case HO_ACT_SET:
    return 3;
  case HO_ACT_MOVE:
  case HO_ACT_HANDOVER:
  case HO_ACT_BLOCK:
  case HO_ACT_THROTTLE:
  case HO_ACT_UNBLOCK:
  case HO_ACT_RESTART:
    break;
  }
  return 0;
}

static bool read_words(ho_loader *l, const ho_slice words[3], const char *path,
                       ho_action *action) {
  if (words_after(action->kind) == 0) {
    return true;
  }
  action->net = ho_loader_net(l, words[0]);
  if (action->net < 0) {
    return false;
  }
  if ((action->kind == HO_ACT_REBIND || action->kind == HO_ACT_FLUSH) &&
      !check_nat(l, words[0], action)) {
    return false;
  }
  if (action->kind == HO_ACT_REBIND) {
    return read_rebind(l, words[1], action);
  }
  if (action->kind == HO_ACT_SET) {
    return read_set(l, words[1], words[2], path, action);
  }
  return true;
}

bool ho_action_read(ho_loader *l, ho_slice text, const char *path,
                    ho_action *action) {
  ho_slice words[3] = {{0}}, rest, verb;
  const ho_action_syntax *syntax;
  size_t n = 0;

  if (!ho_loader_word(l, &text, NULL)) {
    return false;
  }
  rest = text;
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
  while (n < 3 && rest.len > 0) {
    words[n++] = ho_slice_word(&rest);
  }
  if (rest.len > 0 || n != words_after(syntax->kind)) {
    ho_slice_error(&l->doc, text, "'%.*s' is not '%s'", HO_SLICE(text),
                   syntax->syntax);
    return false;
  }
  action->kind = syntax->kind;
  action->net = -1;
  return read_words(l, words, path, action);
}
