/* Networks of type `wired` and `trace`, and the backhaul of a radio. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/scenario/network.h"
#include "sim/scenario/trace.h"

#define RATE_MIN  .min = 1, .bounds = "more than 0bps"
#define RATIO_MAX .max = 1000000, .bounds = "0% to 100%"

/* In the order of ho_set_key, so that `set` finds them. */
static const ho_key link_keys[] = {
    [HO_SET_DOWN] = {"down", HO_KEY_RATE, offsetof(ho_wired, down_bps),
                     "the rate towards the client, such as 100Mbps", RATE_MIN},
    [HO_SET_UP] = {"up", HO_KEY_RATE, offsetof(ho_wired, up_bps),
                   "the rate from the client, such as 20Mbps", RATE_MIN},
    [HO_SET_DELAY] = {"delay", HO_KEY_TIME, offsetof(ho_wired, delay)},
    [HO_SET_JITTER] = {"jitter", HO_KEY_TIME, offsetof(ho_wired, jitter)},
    [HO_SET_LOSS] = {"loss", HO_KEY_RATIO, offsetof(ho_wired, loss_ppm),
                     RATIO_MAX},
    [HO_SET_REORDER] = {"reorder", HO_KEY_RATIO,
                        offsetof(ho_wired, reorder_ppm), RATIO_MAX},
    [HO_SET_QUEUE] = {"queue", HO_KEY_QUEUE, offsetof(ho_wired, queue),
                      .min = 1, .bounds = "more than nothing"},
};

const ho_key *ho_link_keys(size_t *count) {
  *count = HO_COUNT(link_keys);
  return link_keys;
}

bool ho_link_is_random(const ho_wired *w) {
  return w->jitter > 0 || w->reorder_ppm > 0 ||
         (w->loss_ppm > 0 && w->loss_ppm < 1000000);
}

bool ho_link_key_read(ho_loader *l, ho_set_key key, ho_slice text,
                      const char *path, ho_wired *link) {
  bool ok = ho_key_read(l, &link_keys[key], text, path, link);

  l->random = l->random || (ok && ho_link_is_random(link));
  return ok;
}

void ho_wired_read(ho_loader *l, const ho_section *section,
                   ho_net_config *net) {
  ho_key keys[HO_COUNT(link_keys)];

  for (size_t i = 0; i < HO_COUNT(keys); i++) {
    keys[i] = link_keys[i];
    keys[i].offset += offsetof(ho_net_config, wired);
  }
  ho_net_keys_read(l, section, keys, HO_COUNT(keys), net);
}

void ho_backhaul_read(ho_loader *l, const ho_section *section, ho_wired *link) {
  const yaml_node_t *node = ho_section_get(l, section, "backhaul");
  char *path = ho_format("%s.backhaul", section->path);
  ho_section own = {node, node, path, "'backhaul'", .complete = true};

  if (node &&
      ho_section_is_map(l, node, "'backhaul'", "{down: 1Gbps, delay: 5ms}")) {
    ho_section_read(l, &own, link_keys, HO_COUNT(link_keys), link);
  }
  free(path);
}

/* A file that is not named from the root stands beside the scenario. */
static char *beside(const char *scenario, ho_slice name) {
  const char *slash = strrchr(scenario, '/');

  return name.s[0] == '/' || !slash
             ? ho_slice_dup(name)
             : ho_format("%.*s/%.*s", (int)(slash - scenario), scenario,
                         HO_SLICE(name));
}

static void read_trace(ho_loader *l, const ho_section *section, const char *key,
                       ho_trace *trace) {
  ho_diag diag = {0};
  ho_slice name;
  char *path;

  if (!ho_section_text(l, section, key, &name) ||
      !ho_loader_word(l, &name, NULL)) {
    return;
  }
  if (name.len == 0) {
    ho_slice_error(&l->doc, name, "no value (expected the name of a trace)");
    return;
  }
  path = beside(l->out->file, name);
  if (ho_trace_read(trace, path, &diag) == 0) {
    trace->file = ho_slice_dup(name);
  }
  for (size_t i = 0; i < diag.count; i++) {
    ho_slice_error(&l->doc, name, "trace %s", diag.messages[i]);
  }
  ho_diag_free(&diag);
  free(path);
}

void ho_trace_net_read(ho_loader *l, const ho_section *section,
                       ho_net_config *net) {
  static const ho_key files[] = {
      {"down", HO_KEY_OTHER,
       .required = "a trace of what goes towards the client"},
      {"up", HO_KEY_OTHER, .required = "a trace of what comes from the client"},
  };
  ho_key keys[HO_COUNT(link_keys)];

  _Static_assert(HO_SET_DOWN == 0 && HO_SET_UP == 1, "both come first");
  for (size_t i = 0; i < HO_COUNT(keys); i++) {
    keys[i] = i < HO_COUNT(files) ? files[i] : link_keys[i];
    keys[i].offset += offsetof(ho_net_config, wired);
  }
  ho_net_keys_read(l, section, keys, HO_COUNT(keys), net);
  read_trace(l, section, "down", &net->trace_down);
  read_trace(l, section, "up", &net->trace_up);
  net->wired.down_bps = net->trace_down.mean_bps;
  net->wired.up_bps = net->trace_up.mean_bps;
}
