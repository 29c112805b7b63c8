/* How a client finds out by itself that its path is dead: silence, or an error
 * from a socket whose address is gone; and the pings that provoke an answer. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/client_private.h"

static ho_time later(ho_time a, ho_time b) {
  return a > b ? a : b;
}

/* When the application last had reason to think that all is well. */
static ho_time last_sign(const ho_client *c) {
  ho_time heard = ho_binding_heard(c->conn->binding);

  if (c->race.rival) {
    heard = later(heard, ho_binding_heard(c->race.rival->binding));
  }
  return later(later(heard, c->waiting_since), c->conn->opened);
}

static bool is_watched(const ho_client *c) {
  return c->conn && !c->conn->closed && !c->reopen && c->was_waiting;
}

static ho_time ping_due(const ho_client *c) {
  const ho_arm *arm = client_arm(c);

  if (arm->ping == HO_NEVER || !c->conn->tcp || !c->conn->ready) {
    return HO_NEVER;
  }
  return later(last_sign(c), c->pinged) + arm->ping;
}

static ho_time silence_due(const ho_client *c) {
  const ho_arm *arm = client_arm(c);

  if (client_races(c)) {
    return last_sign(c) + (c->race.on
                               ? later(arm->patience, arm->head_start + HO_SEC)
                               : arm->patience);
  }
  if (client_policy_patience(c) != HO_NEVER && c->conn->ready) {
    return last_sign(c) + client_policy_patience(c);
  }
  if (arm->detect != HO_DETECT_TIMER) {
    return HO_NEVER;
  }
  /* A handshake is given a second, whatever the patience afterwards. */
  if (!c->conn->ready && arm->detect_after < HO_SEC) {
    return last_sign(c) + HO_SEC;
  }
  return last_sign(c) + arm->detect_after;
}

void client_watch_arm(ho_client *c) {
  bool waiting = ho_work_waiting(c->work);
  ho_time ping, silence;

  if (waiting && !c->was_waiting) {
    c->waiting_since = ho_ns_now();
  }
  c->was_waiting = waiting;
  if (!is_watched(c)) {
    ho_timer_clear(&c->watch);
    return;
  }
  ping = ping_due(c);
  silence = silence_due(c);
  ho_timer_set(&c->watch, ping < silence ? ping : silence);
}

int client_way_out(const ho_client *c) {
  if (c->in_use >= 0 && c->in_use != c->conn->net) {
    return c->in_use;
  }
  for (size_t i = 0; i < c->config.scenario->nets_count; i++) {
    if (c->nets[i].connected && (int)i != c->conn->net) {
      return (int)i;
    }
  }
  return -1;
}

static void give_up_on_path(ho_client *c, const char *cause) {
  const ho_arm *arm = client_arm(c);
  int net = client_way_out(c);

  /* Where the OS has not moved the default route, this is the client's own
   * migration. */
  if (net >= 0 && net != c->in_use) {
    client_emit_handoff(c, "migrate", c->conn->net, net, ho_ns_now());
  }
  client_emit_notice(c, net >= 0 ? net : c->in_use, cause);
  if (net < 0 || arm->on_change == HO_CHANGE_NONE ||
      arm->on_change == HO_CHANGE_RECONNECT) {
    client_conn_reopen(c, net);
  } else {
    client_conn_react(c, net);
  }
  /* Silence is counted anew for the new path. */
  c->waiting_since = ho_ns_now();
}

static void find_out(ho_client *c) {
  if (client_races(c)) {
    client_race_again(c, "timer");
  } else if (client_policy_patience(c) != HO_NEVER && c->conn->ready) {
    client_policy_degraded(c);
  } else {
    give_up_on_path(c, "timer");
  }
}

static void ping(ho_client *c) {
  ho_transport *t = ho_binding_transport(c->conn->binding);

  c->pinged = ho_ns_now();
  /* A socket bound to an address that is gone refuses to send on systems that
   * tell (ENETDOWN); `detect: hang` stands for those that do not. */
  if (client_arm(c)->detect == HO_DETECT_RST &&
      !c->nets[c->conn->net].connected) {
    give_up_on_path(c, "send-error");
    return;
  }
  t->v->ping(t, c->pinged);
  ho_binding_kick(c->conn->binding);
}

void client_watch(void *user) {
  ho_client *c = user;
  ho_time now = ho_ns_now();

  if (is_watched(c)) {
    if (silence_due(c) <= now) {
      find_out(c);
    } else if (ping_due(c) <= now) {
      ping(c);
    }
  }
  client_watch_arm(c);
}
