/* A small world for tests of clients: wired networks with a wall in each that
 * stops UDP or TCP, a server that can be restarted, and clients driven by hand.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_TESTS_STACK_RIG_H
#define HO_TESTS_STACK_RIG_H

#include "sim/net/link.h"
#include "stack/client.h"
#include "stack/config.h"

enum { RIG_NETS = 3, RIG_CLIENTS = 200 };

typedef struct rig rig;

typedef struct {
  rig *r;
  int index;
  ho_element wall, client_end, core_end;
  ho_link *link;
  unsigned blocked; /* HO_BLOCK_UDP, HO_BLOCK_TCP */
  uint32_t largest; /* packet that a client sent into it */
} rig_net;

struct rig {
  ho_scenario *scenario;
  ho_pool pool;
  ho_env env;
  ho_tls *creds;
  ho_service *service;
  ho_endpoint server_at[2];
  rig_net nets[RIG_NETS];
  ho_client *clients[RIG_CLIENTS];
  size_t clients_count, done;
  ho_host *server;
  ho_binding *bindings[2]; /* QUIC, TCP */
  unsigned incarnation;
};

/* rig_load reads a scenario, of which |transport| becomes that of its first
 * arm; the caller may change it further.  rig_make then makes its networks, the
 * server and |clients| clients, with |fn| to hear of every event. */
void rig_load(rig *r, const char *text, ho_transport_kind transport);
void rig_make(rig *r, size_t clients, ho_log_fn fn, void *user);
void rig_free(rig *r);

/* What can happen, to the first client where it is about one. */
typedef enum {
  RIG_START,
  RIG_LOSE,
  RIG_GAIN,
  RIG_SWITCH,
  RIG_MIGRATE,
  RIG_X2,
  RIG_BLOCK_UDP,
  RIG_BLOCK_TCP,
  RIG_BLOCK_ALL,
  RIG_UNBLOCK,
  RIG_RESTART
} rig_verb;

typedef struct {
  ho_time at;
  rig_verb verb;
  int net;
} rig_step;

/* rig_run does |steps| in order and goes on to the scenario's stop, or until
 * every client is done.  Without a RIG_START the clients start at 0. */
void rig_run(rig *r, const rig_step *steps, size_t count);

#endif
