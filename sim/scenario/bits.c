/* Lists of words of a table, read as a set. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "sim/scenario/keys.h"

static bool add_word(ho_loader *l, const ho_words_key *key, ho_slice word,
                     unsigned *bits) {
  int index;

  if (!ho_loader_word(l, &word, NULL)) {
    return false;
  }
  index = ho_key_word(l, &key->key, word);
  if (index < 0) {
    return false;
  }
  if (*bits & 1u << index) {
    ho_slice_error(&l->doc, word, "%s '%s' is named twice", key->one,
                   key->key.words[index]);
    return false;
  }
  *bits |= 1u << index;
  return true;
}

/* "disconnected, degrading": --set has no lists. */
static bool split(ho_loader *l, const ho_words_key *key, ho_slice text,
                  unsigned *bits) {
  const char *comma;
  size_t len;
  bool ok = ho_loader_word(l, &text, NULL);

  while (ok) {
    comma = memchr(text.s, ',', text.len);
    len = comma ? (size_t)(comma - text.s) : text.len;
    ok = add_word(l, key, ho_slice_trim(ho_slice_part(text, 0, len)), bits);
    if (!comma) {
      break;
    }
    text = ho_slice_part(text, len + 1, text.len - len - 1);
  }
  return ok;
}

bool ho_words_key_read(ho_loader *l, const ho_words_key *key,
                       const yaml_node_t *node, unsigned *bits) {
  bool ok = true;

  *bits = 0;
  if (ho_node_text(node)) {
    return split(l, key, ho_node_slice(node), bits);
  }
  if (!ho_node_is_list(node) || ho_list_count(node) == 0) {
    ho_doc_error(&l->doc, node, "'%s' must be a list such as %s", key->key.name,
                 key->example);
    return false;
  }
  for (size_t i = 0; i < ho_list_count(node); i++) {
    const yaml_node_t *item = ho_list_item(&l->doc, node, i);
    if (!ho_node_text(item)) {
      ho_doc_error(&l->doc, item, "%s %s must be a single word", key->article,
                   key->one);
      ok = false;
    } else {
      ok = add_word(l, key, ho_node_slice(item), bits) && ok;
    }
  }
  return ok;
}
