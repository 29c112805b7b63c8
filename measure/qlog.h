/* qlog: what each endpoint's QUIC library did, a file for each connection. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_QLOG_H
#define HO_MEASURE_QLOG_H

#include "sim/base/event.h"
#include "sim/net/sink.h"

/* ho_qlog writes client.sqlog and server.sqlog, the first client's first
 * connection as its two ends have it, and {client,server}-CLIENT-CONNECTION
 * .sqlog for every other one (a file in this format has one trace): JSON text
 * sequences (RFC 7464).  Without QUIC there are none.
 *
 * Records are ngtcp2's, in version 0.3 of qlog.  Their times are changed to
 * virtual milliseconds, so that the files of a run have one axis
 * (reference_time 0).  Packets have the "tuple" they were seen on, and
 * a packet of padding alone gets the beginning that ngtcp2 leaves out, a Retry
 * and a stateless reset their length.  Between them stand the events that
 * ngtcp2 does not write, under the names of draft-ietf-quic-qlog-quic-events:
 *
 * quic:tuple_assigned
 *     A tuple is used for the first time, as the endpoint sees it.
 *
 * quic:connection_id_updated
 *     Packets on a tuple go to another connection ID of the peer from here on.
 *
 * quic:migration_state_updated
 *     A challenge is sent on a tuple, its validation ends (the state
 *     probing_*), the first packet that migrates is sent on it, the migration
 *     ends (migration_*).  Of both endpoints: the server, too, validates. */
typedef struct ho_qlog ho_qlog;

/* ho_qlog_new listens to |log|; files go to |dir|. */
ho_qlog *ho_qlog_new(ho_log *log, const char *dir);
ho_sink ho_qlog_sink(ho_qlog *qlog);

/* ho_qlog_close closes the files and frees |qlog|, after the last event.
 *
 * Returns 0, or
 *
 * HO_ERR_IO
 *     Writing failed at some time; errno says why. */
int ho_qlog_close(ho_qlog *qlog);

#endif
