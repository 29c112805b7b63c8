/* A client that does not know whether UDP gets through: QUIC raced against TCP.
 *
 * QUIC begins.  When it is not through its handshake after the head start, or
 * fails before, TCP begins too (RFC 8305 does so with addresses), and the first
 * whose TLS handshake is done gets the workload.  Where TCP won, QUIC is not
 * tried for a while, as browsers do that mark QUIC as broken; nor is a QUIC
 * connection moved there.  Where TCP alone gets nowhere, that is forgotten. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/client_private.h"

bool client_races(const ho_client *c) {
  return client_arm(c)->transport == HO_TRANSPORT_AUTO;
}

bool client_race_avoids_quic(const ho_client *c, int net) {
  return client_races(c) && ho_ns_now() < c->nets[net].quic_from;
}

/* 0-RTT would call a connection ready before a packet of it has come
 * through, so a race goes by resumption at most. */
static void open_one(ho_client *c, client_conn **as, int net, bool tcp) {
  ho_tls_mode tls = c->race.tls;

  client_conn_open(c, as, net, tcp, tls == HO_TLS_0RTT ? HO_TLS_RESUME : tls);
}

void client_race_open(ho_client *c, int net, ho_tls_mode tls) {
  client_race *race = &c->race;

  race->tls = tls;
  race->on = true;
  race->tcp = client_race_avoids_quic(c, net);
  race->quic = !race->tcp;
  if (race->quic) {
    ho_timer_set(&race->head_start, ho_ns_now() + client_arm(c)->head_start);
  }
  open_one(c, &c->conn, net, race->tcp);
}

static void begin_tcp(ho_client *c, client_conn **as) {
  c->race.tcp = true;
  ho_timer_clear(&c->race.head_start);
  open_one(c, as, c->conn->net, true);
}

void client_race_head_start(void *user) {
  ho_client *c = user;

  if (c->race.on && !c->race.tcp && !c->reopen) {
    begin_tcp(c, &c->race.rival);
  }
}

static void end(ho_client *c) {
  c->race.on = false;
  c->race.rival = NULL;
  ho_timer_clear(&c->race.head_start);
}

void client_race_call_off(ho_client *c) {
  client_conn *rival = c->race.rival;

  end(c);
  if (rival) {
    client_conn_close(rival);
  }
}

static void won(ho_client *c, client_conn *winner, client_conn *loser) {
  if (winner->tcp && c->race.quic) {
    c->nets[winner->net].quic_from = ho_ns_now() + client_arm(c)->quic_again;
  }
  c->conn = winner;
  end(c);
  if (loser) {
    client_conn_close(loser);
  }
}

/* |conn| failed; the other goes on alone, or begins now. */
static void drop_out(ho_client *c, client_conn *conn, client_conn *other) {
  if (other) {
    c->conn = other;
    c->race.rival = NULL;
  } else if (!c->race.tcp && !c->reopen) {
    begin_tcp(c, &c->conn);
  } else {
    if (!c->race.quic) {
      c->nets[conn->net].quic_from = 0;
    }
    end(c); /* client_conn_settled sees to the rest */
  }
}

void client_race_settled(ho_client *c, client_conn *conn) {
  client_conn *other = conn == c->conn ? c->race.rival : c->conn;

  if (conn->closed) {
    drop_out(c, conn, other);
  } else if (conn->ready) {
    won(c, conn, other);
  }
}

void client_race_again(ho_client *c, const char *cause) {
  if (c->race.on && !c->race.quic) {
    c->nets[c->conn->net].quic_from = 0;
  }
  client_emit_notice(c, c->in_use, cause);
  client_conn_reopen(c, -1);
}
