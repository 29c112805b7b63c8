/* Scan pauses of a Wi-Fi station. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/net/air_scan.h"

#include <stdlib.h>

#include "sim/base/alloc.h"

static void turn(void *user) {
  ho_air_scan *s = user;
  ho_direction dir;
  ho_packet *pkt;

  if (!s->away) {
    s->away = true;
    ho_timer_set(&s->timer,
                 s->begins + s->lo + ho_rng_below(&s->rng, s->hi - s->lo + 1));
    return;
  }
  s->away = false;
  s->begins += s->every;
  ho_timer_set(&s->timer, s->begins);
  while ((pkt = ho_air_scan_take(s, &dir)) != NULL) {
    s->release(s->user, s->station, dir, pkt);
  }
}

void ho_air_scan_init(ho_air_scan *scan, const ho_env *env,
                      const ho_net_config *net, unsigned station,
                      void (*release)(void *user, unsigned station,
                                      ho_direction dir, ho_packet *pkt),
                      void *user) {
  char *stream;

  scan->env = env;
  scan->every = net->type == HO_NET_WIFI ? net->wifi.scan_every : HO_NEVER;
  scan->lo = net->wifi.scan_lo;
  scan->hi = net->wifi.scan_hi;
  scan->station = station;
  scan->release = release;
  scan->user = user;
  ho_timer_init(&scan->timer, turn, scan);
  stream = ho_format("scan.%s.%u", net->name, station);
  ho_rng_init(&scan->rng, env->seed, stream);
  free(stream);
}

void ho_air_scan_free(ho_air_scan *scan) {
  ho_direction dir;
  ho_packet *pkt;

  while ((pkt = ho_air_scan_take(scan, &dir)) != NULL) {
    ho_packet_del(scan->env->pool, pkt);
  }
}

void ho_air_scan_start(ho_air_scan *scan) {
  if (scan->every != HO_NEVER) {
    scan->begins = ho_rng_below(&scan->rng, scan->every);
    ho_timer_set(&scan->timer, scan->begins);
  }
}

bool ho_air_scan_hold(ho_air_scan *scan, ho_direction dir, ho_packet *pkt) {
  if (!scan->away) {
    return false;
  }
  ho_air_hold_add(&scan->held, dir, pkt);
  return true;
}

ho_packet *ho_air_scan_take(ho_air_scan *scan, ho_direction *dir) {
  return ho_air_hold_take(&scan->held, dir);
}
