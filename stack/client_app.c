/* What a client's application may ask of its connection. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/client_private.h"

void ho_client_migrate(ho_client *client, int net) {
  int from = client_conn_net(client);

  if (!client->started || net == from || from < 0 || client->in_use < 0 ||
      !client->nets[net].connected) {
    return;
  }
  client_emit_handoff(client, "migrate", from, net, ho_ns_now());
  client_emit_notice(client, net, "app");
  client_conn_react(client, net);
}

void ho_client_rotate(ho_client *client) {
  bool quic = client->conn && !client->conn->tcp;
  int net = client_conn_net(client);

  if (!client->started || net < 0 || !client->nets[net].connected) {
    return;
  }
  client_emit_handoff(client, "rotate", net, net, ho_ns_now());
  client_emit_notice(client, net, "app");
  if (!quic || client_conn_move(client, net, true, HO_MOVE_MIGRATE) != 0) {
    client_conn_reopen(client, net);
  }
}

void ho_client_rekey(ho_client *client) {
  ho_transport *t;

  if (!client->conn || client->conn->closed || !client->conn->ready) {
    return;
  }
  t = ho_binding_transport(client->conn->binding);
  t->v->rekey(t, ho_ns_now());
  ho_binding_kick(client->conn->binding);
}

void ho_client_pause(ho_client *client) {
  ho_work_pause(client->work);
}

void ho_client_resume(ho_client *client) {
  ho_work_resume(client->work, ho_ns_now());
}
