/* What a QUIC client keeps from one connection for the next: the TLS session,
 * the server's transport parameters (RFC 9000, 7.4.1) and an address validation
 * token (8.1.3). */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_QUIC_TICKET_H
#define HO_STACK_QUIC_TICKET_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
  uint8_t *session, *params, *token;
  size_t session_len, params_len, token_len;
} ho_quic_ticket;

void ho_quic_ticket_free(ho_quic_ticket *ticket);

/* ho_quic_ticket_set replaces one of the three parts by a copy of |data|. */
void ho_quic_ticket_set(uint8_t **part, size_t *part_len, const uint8_t *data,
                        size_t len);

/* ho_quic_ticket_pack returns all parts in one block that the caller frees;
 * ho_quic_ticket_unpack reads it back.  The block is our own, never input. */
uint8_t *ho_quic_ticket_pack(const ho_quic_ticket *ticket, size_t *len);
void ho_quic_ticket_unpack(ho_quic_ticket *ticket, const uint8_t *data,
                           size_t len);

#endif
