/* A host's bindings: transports that it has, and their local endpoints. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <stdlib.h>

#include "sim/base/alloc.h"
#include "stack/host_private.h"

static void expire(void *user) {
  ho_binding *b = user;

  if (b->muted) {
    return;
  }
  assert(!b->host->busy); /* timers fire between calls, never in one */
  b->host->busy = true;
  b->t->v->timeout(b->t, ho_ns_now());
  b->host->busy = false;
  ho_binding_kick(b);
}

ho_binding *ho_host_bind(ho_host *host, ho_transport *transport, void *user) {
  ho_binding *b = ho_alloc(sizeof(*b));

  assert(transport->v->abi == HO_TRANSPORT_ABI);
  b->host = host;
  b->t = transport;
  b->user = user;
  b->client = host->config.client;
  b->family = 4;
  ho_timer_init(&b->timer, expire, b);
  if (host->last) {
    host->last->next = b;
  } else {
    host->bindings = b;
  }
  host->last = b;
  return b;
}

void ho_binding_local(ho_binding *binding, const ho_endpoint *local,
                      bool follow) {
  if (ho_binding_find_local(binding, local)) {
    return;
  }
  ho_grow(&binding->locals, binding->locals_count, &binding->locals_cap,
          sizeof(ho_local));
  binding->locals[binding->locals_count++] = (ho_local){*local, follow};
  binding->family = local->addr.family;
}

void ho_binding_identity(ho_binding *binding, int client, uint64_t connection) {
  binding->client = client;
  binding->connection = connection;
}

static void unlink_binding(ho_host *host, ho_binding *binding) {
  ho_binding **at = &host->bindings, *before = NULL;

  while (*at != binding) {
    before = *at;
    at = &before->next;
  }
  *at = binding->next;
  if (host->last == binding) {
    host->last = before;
  }
}

void ho_binding_mute(ho_binding *binding) {
  ho_host *host = binding->host;

  if (binding->muted) {
    return;
  }
  binding->muted = true;
  ho_timer_clear(&binding->timer);
  unlink_binding(host, binding);
  binding->next = host->muted;
  host->muted = binding;
  ho_host_work(host);
}

ho_transport *ho_binding_transport(const ho_binding *binding) {
  return binding->t;
}

void *ho_binding_user(const ho_binding *binding) {
  return binding->user;
}

uint64_t ho_binding_packet(const ho_binding *binding) {
  return binding->packet;
}

bool ho_binding_failed(ho_binding *binding) {
  bool failed = binding->failed;

  binding->failed = false;
  return failed;
}

ho_time ho_binding_heard(const ho_binding *binding) {
  return binding->heard;
}

/* What was muted may have been at work itself; now nothing is.  The binding
 * stays, since its timer may still have events (see ho_timer). */
void ho_host_reap(ho_host *host) {
  while (host->muted) {
    ho_binding *b = host->muted;
    host->muted = b->next;
    b->next = host->gone;
    host->gone = b;
    b->t->v->del(b->t);
    b->t = NULL;
    free(b->locals);
    b->locals = NULL;
    b->locals_count = 0;
  }
}

static void del(ho_binding *b) {
  ho_binding *next;

  for (; b; b = next) {
    next = b->next;
    if (b->t) {
      b->t->v->del(b->t);
    }
    free(b->locals);
    free(b);
  }
}

void ho_host_bindings_del(ho_host *host) {
  del(host->bindings);
  del(host->muted);
  del(host->gone);
}
