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

/* ho_action_is_shared: it changes what all clients have in common, so it is
 * one action however many there are. */
bool ho_action_is_shared(ho_action_kind kind);

#endif
