/* What the two ends of a connection are told when they are made. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_CONFIG_H
#define HO_STACK_CONFIG_H

#include "sim/base/event.h"
#include "sim/net/sink.h"
#include "sim/scenario/scenario.h"
#include "stack/http.h"
#include "stack/tls.h"
#include "stack/transport.h"

/* ho_client_conn_config makes one client connection. */
typedef struct {
  ho_log *log;
  const ho_sinks *sinks; /* for its secrets; NULL: nobody */
  uint64_t seed;
  int client;          /* index of the client */
  uint64_t connection; /* counts this client's connections from 0 */
  const ho_arm *arm;
  const ho_server_config *server; /* for what both ends must agree on */
  ho_path path;                   /* local (port chosen) and remote endpoint */
  ho_endpoint locals[2];          /* endpoints for a preferred address of
                                     IPv4, IPv6; family 0: none */
  int net;                        /* network it starts on, for events */
  uint32_t mtu;                   /* IP bytes */
  ho_tls_mode tls;
  const uint8_t *ticket; /* from an earlier connection, or NULL; copied */
  size_t ticket_len;
  ho_tls *creds;
  ho_transport_owner owner;
} ho_client_conn_config;

/* ho_server_end_config makes the server's end: one transport for all
 * connections of its protocol. */
typedef struct {
  ho_log *log;
  const ho_sinks *sinks;
  uint64_t seed;
  const ho_arm *arm; /* cc, initial window, pmtud: the same at both ends */
  const ho_server_config *server;
  ho_endpoint local[2];     /* IPv4 and IPv6 */
  ho_endpoint preferred[2]; /* offered to clients; family 0: none */
  uint32_t mtu;
  ho_tls *creds;
  ho_service *service;
  unsigned incarnation; /* 0 first; then how often the server was restarted: it
                           has its keys, but knows of no connection */
  ho_transport_owner owner; /* only wake is used */
} ho_server_end_config;

#endif
