/* Faulty endpoints: what an endpoint sends is opened, changed and sealed again
 * before its interface has it, so that each check can be seen to fail. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_FAULT_H
#define HO_STACK_FAULT_H

#include "sim/net/element.h"
#include "sim/scenario/scenario.h"

/* ho_faults are the faults of one host (a client, or the server).  They hold a
 * decoder for each of its connections and follow them from their first packet,
 * so they must exist before that. */
typedef struct ho_faults ho_faults;

typedef void (*ho_faults_out)(void *user, ho_packet *pkt);

ho_faults *ho_faults_new(const ho_env *env, ho_side side);

/* ho_faults_del is for after the last ho_ns_run, or before the first. */
void ho_faults_del(ho_faults *faults);

/* ho_faults_output says where to put what the host is to send.  Its host calls
 * it. */
void ho_faults_output(ho_faults *faults, ho_faults_out out, void *user);

/* ho_faults_local adds an address that the host can send from. */
void ho_faults_local(ho_faults *faults, const ho_addr *addr);

/* ho_faults_begin puts |fault| into force for |client|'s connections (-1:
 * everybody's), those that come later included.  A second time it does
 * nothing. */
void ho_faults_begin(ho_faults *faults, int client, ho_fault_id fault);

/* ho_faults_secret gets the secrets of both ends of the host's connections,
 * |of| one of them, from a sink.  Where another server turns out to be there
 * (see ho_decoder_secret), a faulty server forgets what it did before. */
void ho_faults_secret(ho_faults *faults, ho_side of, int client,
                      uint64_t connection, const char *label,
                      const uint8_t *secret, size_t len);

/* ho_faults_arrive sees what the host receives, after its sinks and before its
 * transport, and may change it: acknowledgements of what the transport does not
 * know that it sent are taken out.  False: the transport is not to see it.
 * |pkt| stays the caller's. */
bool ho_faults_arrive(ho_faults *faults, ho_packet *pkt);

/* ho_faults_leave takes over |pkt|, an IP packet with UDP that the host is
 * about to send, and puts out what it sends instead: nothing, one packet or
 * more, perhaps later.  Without a fault in force that is |pkt| itself,
 * untouched. */
void ho_faults_leave(ho_faults *faults, ho_packet *pkt);

#endif
