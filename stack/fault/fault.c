/* Faulty endpoints: between a host and its interfaces. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/fault/fault.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/ns3/ns3.h"
#include "stack/fault/fault_inside.h"
#include "stack/fault/fault_memory.h"

/* ---- connections ---- */

fault_inside *fault_inside_find(ho_faults *f, int client, uint64_t connection) {
  fault_inside *in;

  if (client < 0) {
    return NULL;
  }
  for (in = f->conns; in; in = in->next) {
    if (in->c.client == client && in->c.connection == connection) {
      return in;
    }
  }
  in = ho_alloc(sizeof(*in));
  in->c.side = f->side;
  in->c.client = client;
  in->c.connection = connection;
  in->faults = f;
  in->decoder = ho_decoder_new();
  in->next = f->conns;
  f->conns = in;
  return in;
}

void fault_inside_del(fault_inside *in) {
  ho_decoder_del(in->decoder);
  fault_numbers_free(&in->numbers);
  free(in->places);
  free(in);
}

/* Those in use are the newest. */
uint64_t fault_pack(fault_conn *c, const ho_endpoint *e) {
  fault_inside *in = (fault_inside *)c;

  for (size_t i = in->places_count; i > 0; i--) {
    if (ho_endpoint_eq(&in->places[i - 1], e)) {
      return i;
    }
  }
  ho_grow(&in->places, in->places_count, &in->places_cap, sizeof(*in->places));
  in->places[in->places_count++] = *e;
  return in->places_count;
}

ho_endpoint fault_unpack(const fault_conn *c, uint64_t n) {
  const fault_inside *in = (const fault_inside *)c;

  assert(n > 0 && n <= in->places_count);
  return in->places[n - 1];
}

/* What a fault is shown of a connection, anew before each call. */
static fault_conn *view(fault_inside *in, ho_fault_id fault) {
  ho_faults *f = in->faults;

  in->c.locals = f->locals;
  in->c.locals_count = f->locals_count;
  in->c.peer = ho_decoder_params(in->decoder, fault_other(f->side));
  in->c.memory = in->memory[fault];
  return &in->c;
}

/* ---- faults in force ---- */

static bool concerns(const fault_in_force *e, const fault_inside *in) {
  return e->client < 0 || e->client == in->c.client;
}

static bool is_in_force(const ho_faults *f, int client, ho_fault_id fault) {
  for (size_t i = 0; i < f->in_force_count; i++) {
    const fault_in_force *e = &f->in_force[i];
    if (e->fault == fault && (e->client < 0 || e->client == client)) {
      return true;
    }
  }
  return false;
}

void ho_faults_begin(ho_faults *faults, int client, ho_fault_id fault) {
  const fault_in_force *e;

  if (is_in_force(faults, client, fault)) {
    return;
  }
  ho_grow(&faults->in_force, faults->in_force_count, &faults->in_force_cap,
          sizeof(*faults->in_force));
  faults->in_force[faults->in_force_count] = (fault_in_force){client, fault};
  e = &faults->in_force[faults->in_force_count++];
  for (fault_inside *in = faults->conns; in; in = in->next) {
    if (concerns(e, in) && fault_table[fault]->begin) {
      fault_table[fault]->begin(view(in, fault), ho_ns_now());
    }
  }
  fault_extras_flush(faults);
}

static void run_leave(fault_inside *in, fault_datagram *g) {
  ho_faults *f = in->faults;

  for (size_t i = 0; i < f->in_force_count; i++) {
    const fault_in_force *e = &f->in_force[i];
    const fault_def *def = fault_table[e->fault];
    if (concerns(e, in) && def->leave && (g->p || def->all)) {
      def->leave(view(in, e->fault), g, ho_ns_now());
    }
  }
}

static bool run_arrive(fault_inside *in) {
  ho_faults *f = in->faults;
  bool swallowed = false;

  for (size_t i = 0; i < f->in_force_count; i++) {
    const fault_in_force *e = &f->in_force[i];
    const fault_def *def = fault_table[e->fault];
    if (concerns(e, in) && def->arrive) {
      swallowed |= def->arrive(view(in, e->fault), ho_ns_now());
    }
  }
  return swallowed;
}

/* ---- what passes ---- */

static bool is_udp(const ho_packet *pkt, ho_ip *ip) {
  return ho_ip_parse(ip, pkt->data, pkt->len) == 0 && ip->proto == HO_PROTO_UDP;
}

void ho_faults_leave(ho_faults *faults, ho_packet *pkt) {
  fault_inside *in = fault_inside_find(faults, pkt->client, pkt->connection);
  fault_datagram *g = &faults->datagram;
  ho_ip ip;

  if (!in || !is_udp(pkt, &ip)) {
    faults->out(faults->out_user, pkt);
    return;
  }
  ho_decoder_read(in->decoder, faults->side, pkt->data + ip.payload,
                  ip.total - ip.payload, &faults->leaving);
  fault_take_apart(in, &ip, g);
  run_leave(in, g);
  if (fault_put_together(in, pkt, &ip, g)) {
    faults->out(faults->out_user, pkt);
  } else {
    ho_packet_del(faults->env->pool, pkt);
  }
  fault_extras_flush(faults);
}

/* Copies and what was broken on the way may teach nothing wrong while packets
 * are protected by keys that everybody has. */
static void read_arrived(fault_inside *in, const ho_packet *pkt,
                         const ho_ip *ip) {
  ho_side from = fault_other(in->faults->side);
  const uint8_t *data = pkt->data + ip->payload;
  size_t len = ip->total - ip->payload;

  if (!in->established && (pkt->copy_of || pkt->forged || pkt->damaged)) {
    ho_decoder_peek(in->decoder, from, data, len, &in->arrived);
  } else {
    ho_decoder_read(in->decoder, from, data, len, &in->arrived);
  }
  in->established |= fault_short(&in->arrived) != NULL;
  in->c.arrived = &in->arrived;
  in->c.from = ip->src;
  in->c.to = ip->dst;
  in->c.arrived_ecn = ip->ecn;
  in->c.arrived_at = ho_ns_now();
}

bool ho_faults_arrive(ho_faults *faults, ho_packet *pkt) {
  fault_inside *in = fault_inside_find(faults, pkt->client, pkt->connection);
  bool swallowed;
  ho_ip ip;

  if (!in || !is_udp(pkt, &ip)) {
    return true;
  }
  read_arrived(in, pkt, &ip);
  swallowed = run_arrive(in);
  fault_translate(in, pkt, &ip);
  fault_extras_flush(faults);
  return !swallowed;
}

/* The connection's server is another than it was. */
static void change_server(fault_inside *in) {
  in->established = false;
  if (in->faults->side == HO_SERVER) {
    fault_extras_drop(in);
    fault_numbers_free(&in->numbers);
    in->numbers = (fault_numbers){0};
    memset(in->memory, 0, sizeof(in->memory));
  }
}

void ho_faults_secret(ho_faults *faults, ho_side of, int client,
                      uint64_t connection, const char *label,
                      const uint8_t *secret, size_t len) {
  fault_inside *in = fault_inside_find(faults, client, connection);

  if (in && ho_decoder_secret(in->decoder, of, label, secret, len)) {
    change_server(in);
  }
}

/* ---- life ---- */

ho_faults *ho_faults_new(const ho_env *env, ho_side side) {
  ho_faults *faults = ho_alloc(sizeof(*faults));

  faults->env = env;
  faults->side = side;
  return faults;
}

void ho_faults_output(ho_faults *faults, ho_faults_out out, void *user) {
  faults->out = out;
  faults->out_user = user;
}

void ho_faults_local(ho_faults *faults, const ho_addr *addr) {
  ho_grow(&faults->locals, faults->locals_count, &faults->locals_cap,
          sizeof(*faults->locals));
  faults->locals[faults->locals_count++] = *addr;
}

void ho_faults_del(ho_faults *faults) {
  if (!faults) {
    return;
  }
  fault_extras_free(faults);
  while (faults->conns) {
    fault_inside *in = faults->conns;
    faults->conns = in->next;
    fault_inside_del(in);
  }
  free(faults->in_force);
  free(faults->locals);
  free(faults);
}
