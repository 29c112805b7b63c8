/* Moving a client's connection to another network, or from port to port. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/client_private.h"

int client_conn_move(ho_client *c, int net, bool fresh, ho_move how) {
  client_conn *conn = c->conn;
  client_net *n = &c->nets[net];
  ho_endpoint local;
  ho_transport *t;
  ho_path path;
  int rv;

  if (!conn || conn->closed || !conn->ready ||
      n->net.addr.family != c->nets[conn->net].net.addr.family) {
    return -1;
  }
  local = client_conn_local(conn, net, fresh);
  path = (ho_path){local, n->net.server};
  t = ho_binding_transport(conn->binding);
  rv = t->v->move(t, how, &path, ho_ns_now());
  /* Where the path in use works, it can wait for a CID. */
  if (rv != 0 && !(rv == HO_ERR_FULL && c->nets[conn->net].connected)) {
    return rv;
  }
  conn->from = conn->net;
  conn->net = net;
  conn->own_way |= !fresh;
  conn->move_failed = false;
  ho_binding_local(conn->binding, &local, !c->told_apart && fresh);
  ho_binding_kick(conn->binding);
  return 0;
}

/* A probe that failed leaves the connection where it was, and one that moved at
 * once is taken back (RFC 9000, 9.3.2, has the same of the server); if there is
 * no way back, nothing is left but another connection.  One that can do without
 * QUIC does not insist. */
void client_conn_not_moved(ho_client *c) {
  client_conn *conn = c->conn;
  int back = conn->from;

  conn->move_failed = false;
  if (client_races(c)) {
    client_race_again(c, "validation");
  } else if (back < 0 || !c->nets[back].connected) {
    client_emit_notice(c, c->in_use, "validation");
    client_conn_reopen(c, -1);
  } else if (client_conn_move(c, back, false, HO_MOVE_MIGRATE) != 0) {
    conn->net = back; /* it never left */
  } else {
    client_emit_notice(c, c->in_use, "validation");
  }
}

void client_conn_react(ho_client *c, int net) {
  const ho_arm *arm = client_arm(c);
  ho_move how =
      arm->on_change == HO_CHANGE_PROBE ? HO_MOVE_PROBE : HO_MOVE_MIGRATE;

  if (c->conn && !c->conn->closed && c->conn->net == net) {
    return; /* it is there already */
  }
  /* Another address family needs another server address, which RFC 9000, 9
   * does not let a client choose; and TCP cannot move at all. */
  if (!c->conn || c->conn->tcp || arm->on_change == HO_CHANGE_RECONNECT ||
      client_race_avoids_quic(c, net) ||
      client_conn_move(c, net, false, how) != 0) {
    client_conn_reopen(c, net);
  }
}
