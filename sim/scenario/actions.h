/* One action of the timeline. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_SCENARIO_ACTIONS_H
#define HO_SCENARIO_ACTIONS_H

#include "sim/scenario/loader.h"
#include "sim/scenario/presets.h"

/* ho_action_read reads "VERB WORDS..." into |action|, but for its time.  |path|
 * is the dotted place of the value in the document.  What is wrong is noted;
 * then false is returned. */
bool ho_action_read(ho_loader *l, ho_slice text, const char *path,
                    ho_action *action);

enum { HO_WORDS_MAX = 8 };

/* ho_words is an action taken apart: all of it, and what follows its verb.
 * Words that are not there are empty. */
typedef struct {
  ho_slice text;
  ho_slice word[HO_WORDS_MAX];
  size_t count;
} ho_words;

/* Each reads the words of a verb into |action|, whose |kind| is set.  What is
 * wrong is noted; then false is returned. */
bool ho_rule_read(ho_loader *l, const ho_words *words, const char *path,
                  ho_action *action);
bool ho_attack_read(ho_loader *l, const ho_words *words, const char *path,
                    ho_action *action);
bool ho_fault_read(ho_loader *l, const ho_words *words, ho_action *action);

/* ho_endpoint_read reads "client" or "server" after the verb of |kind|. */
bool ho_endpoint_read(ho_loader *l, ho_slice word, ho_action_kind kind,
                      ho_side *side);

/* ho_action_note_syntax notes that |text| is not what |kind| looks like. */
void ho_action_note_syntax(ho_loader *l, ho_slice text, ho_action_kind kind);

/* ho_action_is_shared: it changes what all clients have in common, so it is
 * one action however many there are. */
bool ho_action_is_shared(ho_action_kind kind);

#endif
