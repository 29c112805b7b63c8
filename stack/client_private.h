/* The inside of a client.  Private to stack/client*.c. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_CLIENT_PRIVATE_H
#define HO_STACK_CLIENT_PRIVATE_H

#include "stack/client.h"
#include "stack/work.h"

/* RFC 6335's dynamic ports. */
enum { CLIENT_FIRST_PORT = 49152, CLIENT_PORTS = 16384 };

/* A network as the client sees it. */
typedef struct {
  ho_client_net net;
  bool connected;
  ho_time up_since;
  uint8_t *ports_used; /* bit i: port CLIENT_FIRST_PORT + i was drawn */
  unsigned ports_drawn;
} client_net;

/* One connection; the newest is the one in use, older ones linger. */
typedef struct client_conn {
  ho_client *client;
  struct client_conn *next; /* older */
  uint64_t number;
  ho_binding *binding;
  int net; /* whose address it sends from */
  bool ready, closed;
  bool attached; /* the workload uses it */
  const char *why_closed;
  int from;         /* network it moved away from last, or -1 */
  bool own_way;     /* it was taken to a network regardless of the default */
  bool move_failed; /* acted upon in client_conn_settled */
  uint16_t *ports;  /* by network; 0: not drawn yet */
  ho_time opened;
} client_conn;

struct ho_client {
  ho_client_config config;
  client_net *nets;
  ho_host *host;
  ho_rng ports;
  ho_work *work;
  ho_timer tick;  /* of the workload */
  ho_timer watch; /* of detection by silence, and of the app's pings */
  ho_timer retry; /* of connecting again */

  int in_use; /* network of the default route, -1: none */
  int lost;   /* network whose loss left none, -1 */
  ho_time t_lost;
  ho_time last_loss; /* t_loss of the last handoff */
  bool told_apart;   /* sockets are bound, since the transport is told */

  client_conn *conn; /* newest */
  uint64_t connections;
  uint8_t *ticket;
  size_t ticket_len;
  ho_time waiting_since, pinged;
  bool was_waiting;
  bool reopen; /* a connection is wanted, as soon as no call is under way */
  int reopen_net;
};

const ho_arm *client_arm(const ho_client *c);
void client_emit_handoff(ho_client *c, const char *kind, int from, int to,
                         ho_time t_loss);
void client_emit_notice(ho_client *c, int net, const char *cause);

/* client_conn.c: */
/* the network that the connection in use, or the next one, sends from; -1: none
 */
int client_conn_net(const ho_client *c);
void client_conn_open(ho_client *c, int net, ho_tls_mode tls);
/* gives up the connection in use and opens another on |net| (-1: the default
 * network, when there is one). */
void client_conn_reopen(ho_client *c, int net);
/* what the arm does when it knows that it should leave for |net| */
void client_conn_react(ho_client *c, int net);
int client_conn_move(ho_client *c, int net, bool fresh_port, ho_move how);
void client_conn_settled(void *user, ho_binding *binding);
void client_conn_retry(void *user);

/* client_detect.c: */
void client_watch(void *user);
void client_watch_arm(ho_client *c);

#endif
