/* Shows an observer arbitrary packets: it refuses or takes any bytes, and what
 * it keeps of them is whole. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "measure/observe/observer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const ho_seen_flow *f) {
  char *text = ho_ids_text(&f->ids);

  assert(f->up.packets + f->down.packets > 0);
  assert(f->up.spins <= f->up.shorts && f->up.ecn <= f->up.packets);
  assert(f->up.packets == 0 || f->up.t_first <= f->up.t_last);
  assert(strstr(text, "tuple:") != NULL);
  free(text);
}

/* Each packet: a byte of tap, direction and pause, one of length (8 bytes
 * each), then its bytes, in a buffer of their own. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  ho_observer_config config = {.server_tap = 1};
  ho_observer *o;
  ho_time t = 0;

  if (size == 0) {
    return 0;
  }
  config.server_cid_len = data[0] & 1 ? 8 : 0;
  config.server_id_len = data[0] & 2 ? 3 : 0;
  o = ho_observer_new(&config);
  for (size_t at = 1; at + 2 <= size;) {
    size_t want = (size_t)data[at + 1] * 8, left = size - at - 2;
    uint32_t len = (uint32_t)(want < left ? want : left);
    uint8_t *packet = malloc(len + 1);
    ho_glimpse g = {0};

    t += (data[at] >> 2) * (HO_SEC / 8);
    memcpy(packet, data + at + 2, len);
    g = (ho_glimpse){t, data[at] & 1, data[at] & 2, packet, len};
    assert(ho_observer_see(o, &g) < (int64_t)ho_observer_count(o));
    free(packet);
    at += 2 + len;
  }
  ho_observer_finish(o);
  for (size_t i = 0; i < ho_observer_count(o); i++) {
    check(ho_observer_flow(o, i));
  }
  ho_observer_del(o);
  return 0;
}
