/* What is known of radios: association, reach, and how quick they can be. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "measure/meter_state.h"

void ho_meter_on_radio(ho_meter *m, const ho_event *ev) {
  const ho_ev_radio *u = &ev->u.radio;
  ho_meter_client *c = ho_meter_client_at(m, ev->client);

  if (c == NULL || u->net < 0) {
    return;
  }
  if (strcmp(u->state, "associated") == 0) {
    c->t_associated[u->net] = m->now;
    if (c->out_of_reach == u->net) {
      c->out_of_reach = -1;
    }
  } else if (strcmp(u->state, "out-of-reach") == 0) {
    c->out_of_reach = u->net;
  }
}

void ho_meter_transit(ho_meter *m, ho_side receiver, int net, ho_time transit) {
  if (net >= 0 && transit < m->quickest[receiver][net]) {
    m->quickest[receiver][net] = transit;
  }
}

/* A recorded link's delay may change with its rate. */
static ho_time least_delay(const ho_wired *wired, const ho_trace *trace) {
  ho_time least = HO_NEVER;

  if (trace->file == NULL || trace->opportunities) {
    return wired->delay;
  }
  for (size_t i = 0; i < trace->count; i++) {
    least = trace->rows[i].delay < least ? trace->rows[i].delay : least;
  }
  return least;
}

ho_time ho_meter_min_rtt(const ho_meter *m, int net) {
  const ho_net_config *config;
  ho_time up, down;

  if (net < 0) {
    return 0;
  }
  config = &m->nets[net];
  if (ho_net_is_radio(config)) {
    up = m->quickest[HO_SERVER][net];
    down = m->quickest[HO_CLIENT][net];
    return up == HO_NEVER || down == HO_NEVER ? 0 : up + down;
  }
  up = least_delay(&config->wired, &config->trace_up);
  down = least_delay(&config->wired, &config->trace_down);
  return up + down + 2 * m->config.scenario->server.delay;
}
