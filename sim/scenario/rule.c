/* Packet rules, such as `drop client 1st PATH_RESPONSE`. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim/base/alloc.h"
#include "sim/scenario/actions.h"
#include "sim/scenario/keys.h"
#include "sim/wire/frame.h"

#define ORDINALS "expected such as 1st, 2nd..4th, 3..5 or every"

/* Digits of an ordinal, at most: nothing sends more. */
#define DIGITS_MAX 9

/* What RFC 9000 names by one word; no endpoint here sends Version Negotiation.
 */
static const ho_wire_type packets[] = {HO_WIRE_INITIAL, HO_WIRE_0RTT,
                                       HO_WIRE_HANDSHAKE, HO_WIRE_RETRY,
                                       HO_WIRE_1RTT};

/* More than there are frames, packets and "datagram" together. */
#define NAMES_MAX 64

static bool find_what(ho_slice word, ho_rule *rule) {
  uint64_t type = ho_frame_type(word.s, word.len);

  if (ho_slice_is(word, "datagram") || ho_slice_is(word, "datagrams")) {
    rule->match = HO_MATCH_DATAGRAM;
    return true;
  }
  for (size_t i = 0; i < HO_COUNT(packets); i++) {
    if (ho_slice_is(word, ho_wire_type_name(packets[i]))) {
      rule->match = HO_MATCH_PACKET;
      rule->packet = packets[i];
      return true;
    }
  }
  if (type != UINT64_MAX) {
    rule->match = HO_MATCH_FRAME;
    rule->frame = type;
  }
  return type != UINT64_MAX;
}

static size_t list_what(const char *names[NAMES_MAX]) {
  size_t n = 0;

  names[n++] = "datagram";
  for (size_t i = 0; i < HO_COUNT(packets); i++) {
    names[n++] = ho_wire_type_name(packets[i]);
  }
  for (uint64_t type = 0; type <= HO_FRAME_DATAGRAM_LEN; type++) {
    const char *name = ho_frame_name(type);
    /* Those of one name follow one another. */
    if (strcmp(name, names[n - 1]) != 0 &&
        ho_frame_type(name, strlen(name)) != UINT64_MAX) {
      names[n++] = name;
    }
  }
  return n;
}

/* "path_response" is far from its name in letters and near in sense. */
static char *suggest_what(ho_slice word) {
  const char *names[NAMES_MAX];
  size_t count = list_what(names);

  for (size_t i = 0; i < count; i++) {
    if (strlen(names[i]) == word.len &&
        strncasecmp(names[i], word.s, word.len) == 0) {
      return ho_format(" (did you mean '%s'?)", names[i]);
    }
  }
  return ho_loader_suggest(word, names, count);
}

static bool read_what(ho_loader *l, ho_slice word, ho_rule *rule) {
  char *hint;

  if (find_what(word, rule)) {
    return true;
  }
  hint = suggest_what(word);
  ho_slice_error(&l->doc, word,
                 "'%.*s' is neither 'datagram', nor a frame such as "
                 "PATH_CHALLENGE, nor a packet such as Initial%s",
                 HO_SLICE(word), hint);
  free(hint);
  return false;
}

static const char *suffix_of(uint64_t n) {
  static const char *const suffixes[] = {"th", "st", "nd", "rd"};

  return n % 10 > 3 || (n / 10) % 10 == 1 ? "th" : suffixes[n % 10];
}

/* "3" or "3rd" */
static bool read_ordinal(ho_slice text, uint64_t *n) {
  size_t digits = 0;

  *n = 0;
  while (digits < text.len && digits < DIGITS_MAX &&
         isdigit((unsigned char)text.s[digits])) {
    *n = *n * 10 + (uint64_t)(text.s[digits++] - '0');
  }
  text = ho_slice_part(text, digits, text.len - digits);
  return *n > 0 && (text.len == 0 || ho_slice_is(text, suffix_of(*n)));
}

static bool read_which(ho_loader *l, ho_slice word, ho_rule *rule) {
  const char *dots = memmem(word.s, word.len, "..", 2);
  size_t at = dots ? (size_t)(dots - word.s) : word.len;
  bool ok;

  if (ho_slice_is(word, "every")) {
    rule->first = 1;
    rule->last = UINT64_MAX;
    return true;
  }
  ok = read_ordinal(ho_slice_part(word, 0, at), &rule->first);
  rule->last = rule->first;
  if (ok && dots) {
    ok = read_ordinal(ho_slice_part(word, at + 2, word.len - at - 2),
                      &rule->last);
  }
  if (!ok) {
    ho_slice_error(&l->doc, word, "'%.*s' is no ordinal (" ORDINALS ")",
                   HO_SLICE(word));
  } else if (rule->last < rule->first) {
    ho_slice_error(&l->doc, word, "range '%.*s' runs backward", HO_SLICE(word));
  }
  return ok && rule->first <= rule->last;
}

static bool is_which(ho_slice word) {
  return ho_slice_is(word, "every") ||
         (word.len > 0 && isdigit((unsigned char)word.s[0]));
}

/* "1st PATH_RESPONSE" or "datagrams 3..5"; 1-RTT begins with a digit too. */
static bool read_matches(ho_loader *l, const ho_words *words, ho_rule *rule) {
  ho_slice one = words->word[1], two = words->word[2];
  bool what_first, ok;

  if (!ho_loader_word(l, &one, NULL) || !ho_loader_word(l, &two, NULL)) {
    return false;
  }
  what_first =
      find_what(one, rule) || (!is_which(one) && !find_what(two, rule));
  ok = read_what(l, what_first ? one : two, rule);
  return read_which(l, what_first ? two : one, rule) && ok;
}

static bool read_by(ho_loader *l, ho_slice text, const char *path,
                    ho_rule *rule) {
  static const ho_key key = {"delay", HO_KEY_TIME, .min = 1,
                             .bounds = "more than 0ns"};

  return ho_key_read(l, &key, text, path, &rule->by);
}

/* Takes the pair "WORD VALUE", which must be there, off |words|. */
static bool take_pair(ho_loader *l, const ho_words *words, size_t *at,
                      const char *word, const char *value) {
  ho_slice found = words->word[*at];

  if (!ho_slice_is(found, word) || *at + 1 >= words->count) {
    ho_slice_error(&l->doc, found, "'%.*s' is not '%s %s'", HO_SLICE(found),
                   word, value);
    return false;
  }
  *at += 2;
  return true;
}

static bool read_rest(ho_loader *l, const ho_words *words, const char *path,
                      ho_action *action) {
  size_t at = 3;
  bool ok = true;

  if (action->kind == HO_ACT_DELAY) {
    if (!take_pair(l, words, &at, "by", "TIME")) {
      return false;
    }
    ok = read_by(l, words->word[at - 1], path, &action->rule);
  }
  if (at == words->count) {
    return ok;
  }
  if (!take_pair(l, words, &at, "on", "NET")) {
    return false;
  }
  action->net = action->rule.net = ho_loader_net(l, words->word[at - 1]);
  return ok && action->net >= 0;
}

bool ho_rule_read(ho_loader *l, const ho_words *words, const char *path,
                  ho_action *action) {
  size_t most = action->kind == HO_ACT_DELAY ? 7 : 5;
  bool ok;

  action->rule.net = -1;
  if (words->count < most - 2 || words->count > most) {
    ho_action_note_syntax(l, words->text, action->kind);
    return false;
  }
  ok = ho_endpoint_read(l, words->word[0], action->kind, &action->rule.from);
  ok = read_matches(l, words, &action->rule) && ok;
  return read_rest(l, words, path, action) && ok;
}
