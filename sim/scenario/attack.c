/* Attackers and faulty endpoints in the timeline. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <stdlib.h>

#include "sim/base/alloc.h"
#include "sim/scenario/actions.h"
#include "sim/scenario/keys.h"

static const ho_listed attacks[] = {
    [HO_ATTACK_FORWARD] = {"forward",
                           "off-path: a copy of each client packet overtakes "
                           "it from the attacker's address (RFC 9000, 9.3.3)",
                           NULL, NULL},
    [HO_ATTACK_FORWARD_BOTH] = {"forward-both",
                                "as forward, and what is answered there is "
                                "brought back to the client",
                                NULL, NULL},
    [HO_ATTACK_SPOOF] = {"spoof",
                         "client packets are sent again with a victim's "
                         "address as their source (RFC 9000, 9.3.1); 1 packet",
                         NULL, NULL},
    [HO_ATTACK_REPLAY] = {"replay",
                          "old client packets again, from made-up ports of the "
                          "attacker's address; 10 packets",
                          NULL, NULL},
    [HO_ATTACK_INJECT] = {"inject",
                          "old client packets again, with the addresses that "
                          "they had; 10 packets",
                          NULL, NULL},
    [HO_ATTACK_STORM] = {"storm",
                         "on-path: each client packet gets another source "
                         "port; answers find back",
                         NULL, NULL},
    [HO_ATTACK_DROP_PATH] = {"drop-path",
                             "on-path: what has a PATH_CHALLENGE or a "
                             "PATH_RESPONSE is lost, both ways",
                             NULL, NULL},
    [HO_ATTACK_RESET_CLIENT] = {"reset-client",
                                "forged stateless resets to the client; 1 "
                                "packet",
                                NULL, NULL},
    [HO_ATTACK_RESET_SERVER] = {"reset-server",
                                "forged stateless resets to the server, as if "
                                "from the client; 1 packet",
                                NULL, NULL},
};

/* Packets that an attack treats or makes when nothing is said. */
static const uint64_t usual_counts[] = {
    [HO_ATTACK_FORWARD] = UINT64_MAX,
    [HO_ATTACK_FORWARD_BOTH] = UINT64_MAX,
    [HO_ATTACK_SPOOF] = 1,
    [HO_ATTACK_REPLAY] = 10,
    [HO_ATTACK_INJECT] = 10,
    [HO_ATTACK_STORM] = UINT64_MAX,
    [HO_ATTACK_DROP_PATH] = UINT64_MAX,
    [HO_ATTACK_RESET_CLIENT] = 1,
    [HO_ATTACK_RESET_SERVER] = 1,
};
_Static_assert(HO_COUNT(usual_counts) == HO_COUNT(attacks), "one for each");

static const ho_listed faults[] = {
#define FAULT(id, name, about) [HO_FAULT_##id] = {name, about, NULL, NULL},
#include "sim/scenario/faults.def"
#undef FAULT
};

const ho_listed *ho_list_attacks(size_t *count) {
  *count = HO_COUNT(attacks);
  return attacks;
}

const ho_listed *ho_list_faults(size_t *count) {
  *count = HO_COUNT(faults);
  return faults;
}

const char *ho_attack_name(ho_attack_kind kind) {
  assert((size_t)kind < HO_COUNT(attacks));
  return attacks[kind].name;
}

const char *ho_fault_name(ho_fault_id fault) {
  assert((size_t)fault < HO_COUNT(faults));
  return faults[fault].name;
}

/* Resolves |word| to an index of |list|, or notes that there is no such |what|
 * and returns -1. */
static int find_listed(ho_loader *l, ho_slice word, const ho_listed *list,
                       size_t count, const char *what) {
  const char **names;
  char *hint;

  if (!ho_loader_word(l, &word, NULL)) {
    return -1;
  }
  for (size_t i = 0; i < count; i++) {
    if (ho_slice_is(word, list[i].name)) {
      return (int)i;
    }
  }
  names = ho_alloc_array(count, sizeof(*names));
  for (size_t i = 0; i < count; i++) {
    names[i] = list[i].name;
  }
  hint = ho_loader_suggest(word, names, count);
  ho_slice_error(&l->doc, word, "no %s '%.*s'%s (see 'handoff list %ss')", what,
                 HO_SLICE(word), hint, what);
  free(hint);
  free(names);
  return -1;
}

/* Nothing, "COUNT" or "for DURATION". */
static bool read_extent(ho_loader *l, const ho_words *words, const char *path,
                        ho_attack *attack) {
  static const ho_key count = {"attack", HO_KEY_COUNT, .min = 1, .max = 1000000,
                               .bounds = "1 to 1000000 packets"};
  static const ho_key lasts = {"attack", HO_KEY_TIME, .min = 1,
                               .bounds = "more than 0ns"};

  if (words->count == 3) {
    return ho_key_read(l, &count, words->word[2], path, &attack->count);
  }
  if (words->count == 4) {
    attack->count = UINT64_MAX;
    return ho_key_read(l, &lasts, words->word[3], path, &attack->lasts);
  }
  return true;
}

bool ho_attack_read(ho_loader *l, const ho_words *words, const char *path,
                    ho_action *action) {
  bool endless = words->count > 2 && ho_slice_is(words->word[2], "for");
  int kind;

  if (words->count < 2 || words->count > 4 || endless != (words->count == 4)) {
    ho_action_note_syntax(l, words->text, HO_ACT_ATTACK);
    return false;
  }
  kind = find_listed(l, words->word[0], attacks, HO_COUNT(attacks), "attack");
  action->net = ho_loader_net(l, words->word[1]);
  if (kind >= 0) {
    action->attack =
        (ho_attack){(ho_attack_kind)kind, usual_counts[kind], HO_NEVER};
  }
  return read_extent(l, words, path, &action->attack) && kind >= 0 &&
         action->net >= 0;
}

bool ho_fault_read(ho_loader *l, const ho_words *words, ho_action *action) {
  bool ok = ho_endpoint_read(l, words->word[0], HO_ACT_FAULT, &action->faulty);
  int fault = find_listed(l, words->word[1], faults, HO_COUNT(faults), "fault");

  if (fault >= 0) {
    action->fault = (ho_fault_id)fault;
  }
  return ok && fault >= 0;
}
