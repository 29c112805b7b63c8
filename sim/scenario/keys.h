/* Keys of a map, declared in tables: type, bounds, words. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_SCENARIO_KEYS_H
#define HO_SCENARIO_KEYS_H

#include "sim/scenario/loader.h"

typedef enum {
  HO_KEY_OTHER, /* the section reads it itself */
  HO_KEY_LATER, /* known, not yet supported */
  HO_KEY_TIME,  /* ho_time */
  HO_KEY_TIME_OR_NEVER,
  HO_KEY_RATE,  /* uint64_t, bit/s */
  HO_KEY_BYTES, /* uint64_t */
  HO_KEY_RATIO, /* uint32_t, ppm */
  HO_KEY_QUEUE, /* ho_queue_size */
  HO_KEY_COUNT, /* uint64_t */
  HO_KEY_COUNT32,
  HO_KEY_LENGTH, /* uint64_t, mm */
  HO_KEY_SPEED,  /* uint64_t, mm/s */
  HO_KEY_POWER,  /* int32_t, thousandths of a dBm */
  HO_KEY_BOOL,   /* bool; |words|, if any, are the words for false and true */
  HO_KEY_WORD    /* an enum: the index among |words| */
} ho_key_type;

typedef struct {
  const char *name;
  ho_key_type type;
  size_t offset;        /* of the member of the destination */
  const char *required; /* what it is, for when it is missing; else NULL */
  uint64_t min, max;    /* inclusive, in base units; max 0: no bound */
  const char *bounds;   /* both, in the words of the message */
  const char *const *words;
  size_t words_count;
  const char *const *later; /* words that are not yet supported */
  size_t later_count;
} ho_key;

/* ho_section is a map of the document and what to call it. */
typedef struct {
  const yaml_node_t *node; /* NULL: the map is not there, all keys missing */
  const yaml_node_t *at;   /* where to say that a key is missing */
  const char *path;        /* dotted, "" for the root */
  const char *what;        /* "network 'home'" */
  /* Explains a key that belongs somewhere else; may be NULL. */
  const char *(*elsewhere)(const char *key);
  bool complete; /* a preset has given what it may lack */
} ho_section;

/* ho_section_is_map checks that |node| is a map, and notes that it is none;
 * |example| is one.  An empty value counts as a map without keys. */
bool ho_section_is_map(ho_loader *l, const yaml_node_t *node, const char *what,
                       const char *example);

/* ho_section_read notes unknown, duplicate, missing and unsupported keys of
 * |section| and stores every other in |dest|. */
void ho_section_read(ho_loader *l, const ho_section *section,
                     const ho_key *keys, size_t count, void *dest);

/* ho_section_get returns the value of |name|, or NULL. */
const yaml_node_t *ho_section_get(const ho_loader *l, const ho_section *section,
                                  const char *name);

/* ho_section_text: |name| is there and is a single value, |*text|.  That it is
 * something else is noted. */
bool ho_section_text(ho_loader *l, const ho_section *section, const char *name,
                     ho_slice *text);

/* ho_key_read stores one value in |dest|; a bad one is a problem, and false. */
bool ho_key_read(ho_loader *l, const ho_key *key, ho_slice text,
                 const char *path, void *dest);

/* ho_key_word resolves |text| to an index of |key|'s words, or notes the
 * problem and returns -1. */
int ho_key_word(ho_loader *l, const ho_key *key, ho_slice text);

/* ho_words_key is a key whose value is a list of words. */
typedef struct {
  ho_key key;
  const char *article, *one; /* what each is called: "a", "cause" */
  const char *example;
} ho_words_key;

/* ho_words_key_read reads a list of words, or one text of words with commas
 * between them, into |*bits|: 1 shifted by each one's index.  None, one twice
 * or a wrong one is a problem, and false. */
bool ho_words_key_read(ho_loader *l, const ho_words_key *key,
                       const yaml_node_t *node, unsigned *bits);

#define HO_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
