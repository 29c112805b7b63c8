/* Runs with a faulty endpoint for tests: a scenario's text and faults in, its
 * events and decrypted datagrams to callbacks. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_TESTS_STACK_FAULTY_H
#define HO_TESTS_STACK_FAULTY_H

#include "sim/net/ip.h"
#include "sim/net/sink.h"
#include "sim/scenario/scenario.h"
#include "sim/wire/decoder.h"

/* A datagram as it was SENT, or as it was RECEIVED. */
typedef struct {
  ho_seen_at at;
  ho_side from;
  int net;
  ho_time now;
  const ho_packet *pkt;
  ho_ip ip;
  const ho_wire_datagram *wire;
} faulty_datagram;

/* faulty_run is one run in a process of its own: the first arm of |text|, of
 * one client's first connection, with |fault| for |side| from |at| on
 * (HO_NEVER: without).  |done| is called at the end, in that process, with the
 * digest of the events.  Returns the process's exit status. */
typedef struct {
  const char *text;
  ho_side side;
  ho_fault_id fault;
  ho_time at;
  void (*event)(void *user, const ho_event *ev);           /* or NULL */
  void (*datagram)(void *user, const faulty_datagram *dg); /* or NULL */
  void (*done)(void *user, const char *digest);
  void *user;
} faulty_setting;

int faulty_run(const faulty_setting *setting);

/* faulty_frame returns the first frame of |type| in a packet of |wire| that
 * could be opened, or NULL. */
const ho_frame *faulty_frame(const ho_wire_datagram *wire, uint64_t type);

#endif
