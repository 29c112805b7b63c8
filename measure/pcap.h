/* Captures of a run's packets (pcapng), one on each side of the NATs, and what
 * observers see. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_PCAP_H
#define HO_MEASURE_PCAP_H

#include "sim/net/sink.h"
#include "sim/scenario/scenario.h"

/* ho_pcap writes client.pcapng, what the clients' interfaces send and receive,
 * and server.pcapng, what the server's does: before and after the NATs.  Each
 * network is an interface, times are in nanoseconds since virtual 0, and the
 * TLS secrets are inside, so that Wireshark decrypts without any setting.  A
 * packet's comment is its number in events.csv.
 *
 * Where the scenario has observers, it also writes wire.pcapng: what the access
 * networks' taps show, both ways, without secrets and comments. */
typedef struct ho_pcap ho_pcap;

/* ho_pcap_new creates the files in the folder |dir|.  Returns NULL if they
 * cannot be created; errno says why. */
ho_pcap *ho_pcap_new(const ho_scenario *scenario, const char *dir);
ho_sink ho_pcap_sink(ho_pcap *pcap);

/* ho_pcap_close closes the files and frees |pcap|.
 *
 * Returns 0, or
 *
 * HO_ERR_IO
 *     Something could not be written; errno says why. */
int ho_pcap_close(ho_pcap *pcap);

#endif
