/* ClientHellos, which anybody can read: QUIC's in Initial packets, TCP's in the
 * clear. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_OBSERVE_HELLO_H
#define HO_OBSERVE_HELLO_H

#include "measure/observe/glimpse.h"
#include "measure/observe/identifiers.h"
#include "sim/wire/handshake.h"
#include "sim/wire/header.h"

/* ho_hello is the first message of the connection that a flow carries, or of
 * the last that began in it.  Zeroed at first. */
typedef struct {
  ho_handshake message;
  bool begun;
  ho_cid first;       /* QUIC: gives the keys of Initial packets */
  ho_cid other;       /* QUIC: a DCID that gives none */
  uint32_t first_seq; /* TCP: of the first byte behind the SYN */
} ho_hello;

/* ho_hello_quic takes the Initial packet of a client at |packet|.  The tickets
 * of a ClientHello that is whole go into |ids|. */
void ho_hello_quic(ho_hello *hello, ho_ids *ids, const uint8_t *packet,
                   const ho_header *header);

/* ho_hello_tcp takes a client's segment, likewise.  A ClientHello that is cut
 * into several TLS records is not read. */
void ho_hello_tcp(ho_hello *hello, ho_ids *ids, const ho_shown *segment);

void ho_hello_free(ho_hello *hello);

#endif
