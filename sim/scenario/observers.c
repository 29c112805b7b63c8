/* Who looks on: the keys `observers` and `swap_game`. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>

#include "sim/base/alloc.h"
#include "sim/scenario/keys.h"

/* In the order of their enum. */
static const char *const vantages[] = {[HO_VANTAGE_OLD] = "old",
                                       [HO_VANTAGE_NEW] = "new",
                                       [HO_VANTAGE_BOTH] = "both",
                                       [HO_VANTAGE_SERVER] = "server",
                                       [HO_VANTAGE_ALL] = "all"};

static const ho_words_key key = {{"observers", HO_KEY_WORD, .words = vantages,
                                  .words_count = HO_COUNT(vantages)},
                                 "a",
                                 "vantage point",
                                 "[old, new, both]"};

const char *ho_vantage_name(ho_vantage vantage) {
  assert((size_t)vantage < HO_COUNT(vantages));
  return vantages[vantage];
}

/* Two that play live through the same times. */
static void pair_up(ho_loader *l) {
  const ho_scenario *sc = l->out;
  size_t before = 0, movers = 0;

  l->draws_as = ho_alloc_array(sc->clients, sizeof(*l->draws_as));
  for (size_t i = 0; i < sc->clients; i++) {
    l->draws_as[i] = i;
    if (ho_scenario_moves(sc, i)) {
      l->draws_as[i] = movers++ % 2 == 1 ? before : i;
      before = i;
    }
  }
}

static void read_game(ho_loader *l, const yaml_node_t *at) {
  const ho_drawn *movers = &l->movers;

  if (l->out->observers == 0) {
    ho_doc_error(&l->doc, at, "'swap_game' needs 'observers'");
  }
  if (movers->lo < movers->hi) {
    ho_doc_error(&l->doc, at,
                 "'swap_game' needs a fixed number of clients that move (there "
                 "can be %llu to %llu)",
                 (unsigned long long)movers->lo,
                 (unsigned long long)movers->hi);
  } else if (movers->lo == 0 || movers->lo % 2 == 1) {
    ho_doc_error(&l->doc, at,
                 "'swap_game' needs pairs of clients that move, so an even "
                 "number of them (there %s %llu)",
                 movers->lo == 1 ? "is" : "are",
                 (unsigned long long)movers->lo);
  } else {
    pair_up(l);
  }
}

void ho_observers_read(ho_loader *l, const yaml_node_t *root) {
  const yaml_node_t *list = ho_map_get(&l->doc, root, "observers");

  if (list) {
    ho_words_key_read(l, &key, list, &l->out->observers);
  }
  if (l->out->swap_game && !l->clients_bad) {
    read_game(l, ho_map_get(&l->doc, root, "swap_game"));
  }
}
