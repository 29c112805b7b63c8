/* What a QUIC client keeps from one connection for the next. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/quic/ticket.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"

void ho_quic_ticket_free(ho_quic_ticket *ticket) {
  free(ticket->session);
  free(ticket->params);
  free(ticket->token);
  *ticket = (ho_quic_ticket){0};
}

void ho_quic_ticket_set(uint8_t **part, size_t *part_len, const uint8_t *data,
                        size_t len) {
  free(*part);
  *part = ho_alloc(len);
  memcpy(*part, data, len);
  *part_len = len;
}

static uint8_t *put(uint8_t *p, const uint8_t *part, size_t len) {
  memcpy(p, &len, sizeof(len));
  if (len > 0) {
    memcpy(p + sizeof(len), part, len);
  }
  return p + sizeof(len) + len;
}

uint8_t *ho_quic_ticket_pack(const ho_quic_ticket *ticket, size_t *len) {
  uint8_t *data, *p;

  *len = 3 * sizeof(size_t) + ticket->session_len + ticket->params_len +
         ticket->token_len;
  p = data = ho_alloc(*len);
  p = put(p, ticket->session, ticket->session_len);
  p = put(p, ticket->params, ticket->params_len);
  p = put(p, ticket->token, ticket->token_len);
  assert((size_t)(p - data) == *len);
  return data;
}

static const uint8_t *get(const uint8_t *p, uint8_t **part, size_t *part_len) {
  size_t len;

  memcpy(&len, p, sizeof(len));
  p += sizeof(len);
  if (len > 0) {
    ho_quic_ticket_set(part, part_len, p, len);
  }
  return p + len;
}

void ho_quic_ticket_unpack(ho_quic_ticket *ticket, const uint8_t *data,
                           size_t len) {
  const uint8_t *p = data;

  p = get(p, &ticket->session, &ticket->session_len);
  p = get(p, &ticket->params, &ticket->params_len);
  p = get(p, &ticket->token, &ticket->token_len);
  assert(p == data + len);
}
