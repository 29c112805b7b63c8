/* A client's migration policy: which causes move it, how far, and for how
 * long. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/client_private.h"

/* Policies are of QUIC connections that can move. */
static const ho_policy *policy_of(const ho_client *c) {
  const ho_arm *arm = client_arm(c);
  bool moves = arm->transport == HO_TRANSPORT_QUIC &&
               (arm->on_change == HO_CHANGE_MIGRATE ||
                arm->on_change == HO_CHANGE_PROBE);

  return moves ? &arm->policy : NULL;
}

bool client_policy_reacts(const ho_client *c, unsigned cause) {
  const ho_policy *policy = policy_of(c);

  return !policy || (policy->causes & cause) != 0;
}

bool client_policy_wants(const ho_client *c, unsigned cause) {
  const ho_policy *policy = policy_of(c);

  return policy && (policy->causes & cause) != 0;
}

/* ---- a path that degrades, or cannot be sent on ---- */

ho_time client_policy_patience(const ho_client *c) {
  return client_policy_wants(c, HO_CAUSE_DEGRADING)
             ? policy_of(c)->degrading_after
             : HO_NEVER;
}

/* Another connected network, the default one first; -1: none, or there were
 * enough migrations away from the default. */
static int alternative(const ho_client *c) {
  int net = client_way_out(c);

  if (net >= 0 && net != c->in_use &&
      c->conn->aways >= policy_of(c)->attempts) {
    return -1;
  }
  return net;
}

static void leave(ho_client *c, int net, const char *cause) {
  if (net != c->in_use) {
    c->conn->aways++;
    client_emit_handoff(c, "migrate", c->conn->net, net, ho_ns_now());
  }
  client_emit_notice(c, net, cause);
  client_conn_react(c, net);
}

void client_policy_degraded(ho_client *c) {
  int net = alternative(c);

  c->waiting_since = ho_ns_now(); /* silence is counted anew */
  if (net >= 0) {
    leave(c, net, "degrading");
  } else if (policy_of(c)->port_migration && c->conn->ready) {
    client_emit_handoff(c, "rotate", c->conn->net, c->conn->net, ho_ns_now());
    client_emit_notice(c, c->conn->net, "degrading");
    client_conn_move(c, c->conn->net, true, HO_MOVE_MIGRATE);
  }
}

void client_policy_failed(ho_client *c) {
  int net = alternative(c);

  if (net >= 0 && !c->nets[c->conn->net].connected) {
    leave(c, net, "write-error");
  }
}

/* ---- how long ---- */

/* A connection that was taken off the default network goes back in the end. */
void client_policy_arm(ho_client *c) {
  const ho_policy *policy = policy_of(c);
  bool away = policy && policy->away != HO_NEVER && c->conn &&
              !c->conn->closed && c->in_use >= 0 && c->conn->net != c->in_use;

  if (!away) {
    ho_timer_clear(&c->away);
  } else if (c->away.due == HO_NEVER) {
    ho_timer_set(&c->away, ho_ns_now() + policy->away);
  }
}

void client_policy_return(void *user) {
  ho_client *c = user;

  if (c->conn && !c->conn->closed && c->in_use >= 0 &&
      c->conn->net != c->in_use) {
    client_emit_handoff(c, "migrate", c->conn->net, c->in_use, ho_ns_now());
    client_emit_notice(c, c->in_use, "app");
    client_conn_react(c, c->in_use);
  }
}

/* There is no network at all: how long is one waited for? */
void client_policy_wait(ho_client *c) {
  const ho_policy *policy = policy_of(c);

  if (!policy || policy->wait == HO_NEVER || c->in_use >= 0) {
    ho_timer_clear(&c->wait);
  } else {
    ho_timer_set(&c->wait, ho_ns_now() + policy->wait);
  }
}

void client_policy_give_up(void *user) {
  ho_client *c = user;

  if (c->in_use < 0) {
    client_conn_reopen(c, -1); /* once there is a network again */
  }
}
