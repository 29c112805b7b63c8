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
  bool came_back; /* during the run, and has not been the default since */
  ho_time up_since;
  ho_time quic_from;   /* before that, QUIC is not tried here (see race) */
  uint8_t *ports_used; /* bit i: port CLIENT_FIRST_PORT + i was drawn */
  unsigned ports_drawn;
} client_net;

/* One connection: the one in use, one that races for that, or one that was
 * given up and says goodbye. */
typedef struct client_conn {
  ho_client *client;
  struct client_conn *next; /* older */
  uint64_t number;
  ho_binding *binding;
  bool tcp;
  int net; /* whose address it sends from */
  bool ready, closed;
  bool attached; /* the workload uses it */
  const char *why_closed;
  int from;         /* network it moved away from last, or -1 */
  bool own_way;     /* it was taken to a network regardless of the default */
  bool move_failed; /* acted upon in client_conn_settled */
  uint32_t aways;   /* migrations to networks that are not the default */
  uint16_t *ports;  /* by network; 0: not drawn yet */
  ho_time opened;
} client_conn;

/* A race of QUIC and TCP for the workload: conn of ho_client began, |rival|
 * came later, or is NULL. */
typedef struct {
  bool on;
  bool quic, tcp; /* which were tried so far */
  ho_tls_mode tls;
  client_conn *rival;
  ho_timer head_start;
} client_race;

struct ho_client {
  ho_client_config config;
  client_net *nets;
  ho_host *host;
  ho_rng ports;
  ho_work *work;
  ho_timer tick;   /* of the workload */
  ho_timer watch;  /* of detection by silence, and of the app's pings */
  ho_timer retry;  /* of connecting again */
  ho_timer back;   /* of going back to a better network */
  ho_timer away;   /* of going back to the default network */
  ho_timer wait;   /* of giving up without a network */
  ho_timer linger; /* of connections that were given up */

  bool started;
  int prefers; /* network to begin on, if it is connected then */
  int in_use;  /* network of the default route, -1: none */
  int lost;    /* network whose loss left none, -1 */
  const char *lost_kind;
  ho_time t_lost;
  ho_time last_loss; /* t_loss of the last handoff */
  int last_to;       /* where it went; -1: there was none */
  bool told_apart;   /* sockets are bound, since the transport is told */

  client_conn *conn;  /* in use */
  client_conn *conns; /* all, the newest first */
  client_race race;
  uint64_t connections;
  struct {
    uint8_t *data;
    size_t len;
  } tickets[2]; /* of QUIC, of TCP */
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
/* opens a connection, which becomes |*as|: conn or race.rival of |c| */
void client_conn_open(ho_client *c, client_conn **as, int net, bool tcp,
                      ho_tls_mode tls);
/* opens what the arm has, a connection or a race, as the one in use */
void client_conn_begin(ho_client *c, int net, ho_tls_mode tls);
/* |conn|'s local endpoint on |net| */
ho_endpoint client_conn_local(client_conn *conn, int net, bool fresh_port);
/* ends |conn|, in good order, if it has not ended */
void client_conn_close(client_conn *conn);
/* the connection in use ended by itself: the client connects again */
void client_conn_lost(ho_client *c);
/* gives up the connection in use and opens another on |net| (-1: the default
 * network, when there is one). */
void client_conn_reopen(ho_client *c, int net);
void client_conn_settled(void *user, ho_binding *binding);
void client_conn_retry(void *user);
/* deletes given-up connections that have nothing more to do */
void client_conn_sweep(void *user);

/* client_move.c: */
/* what the arm does when it knows that it should leave for |net| */
void client_conn_react(ho_client *c, int net);
int client_conn_move(ho_client *c, int net, bool fresh_port, ho_move how);
/* the move in hand has failed */
void client_conn_not_moved(ho_client *c);

/* client_race.c: */
bool client_races(const ho_client *c); /* its arm's transport is auto */
void client_race_open(ho_client *c, int net, ho_tls_mode tls);
/* whether QUIC is not to be tried on |net| now */
bool client_race_avoids_quic(const ho_client *c, int net);
/* Something happened to |conn|, which takes part in a race under way. */
void client_race_settled(ho_client *c, client_conn *conn);
void client_race_head_start(void *user);
/* ends a race without a winner */
void client_race_call_off(ho_client *c);
/* gives up what there is for a new race on the default network */
void client_race_again(ho_client *c, const char *cause);

/* client_policy.c: what the arm's policy makes of |cause| (HO_CAUSE_*).  An arm
 * that has none reacts to all that it is told. */
bool client_policy_reacts(const ho_client *c, unsigned cause);
bool client_policy_wants(const ho_client *c, unsigned cause);
/* silence after which the path counts as degrading, or HO_NEVER */
ho_time client_policy_patience(const ho_client *c);
void client_policy_degraded(ho_client *c);
/* sending failed: the address is gone */
void client_policy_failed(ho_client *c);
/* what follows from the network in use, or from there being none */
void client_policy_arm(ho_client *c);
void client_policy_return(void *user);
void client_policy_wait(ho_client *c);
void client_policy_give_up(void *user);

/* client_detect.c: */
/* where to go when the path in use is silent: the default network, or if that
 * is the silent one, the first other that is connected; -1: nowhere */
int client_way_out(const ho_client *c);
void client_watch(void *user);
void client_watch_arm(ho_client *c);

#endif
