/* Goal: what a QUIC client keeps for its next connection comes back as it
 * was, whatever parts there are. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/quic/ticket.h"

#include <stdlib.h>
#include <string.h>

#include "tests/suite.h"

static const size_t lengths[][3] = {
    /* session, params, token */
    {0, 0, 0},    {1, 0, 0},    {0, 1, 0},       {0, 0, 1},
    {300, 60, 0}, {300, 0, 40}, {2000, 512, 77}, {70000, 1, 255},
};

/* Parts differ, so that one taken for another shows. */
static void fill(uint8_t **part, size_t *part_len, size_t len, uint8_t first) {
  uint8_t *bytes = calloc(1, len + 1);

  for (size_t i = 0; i < len; i++) {
    bytes[i] = (uint8_t)(first + i);
  }
  if (len > 0) {
    ho_quic_ticket_set(part, part_len, bytes, len);
  }
  free(bytes);
}

static void same(const uint8_t *a, size_t a_len, const uint8_t *b,
                 size_t b_len) {
  ck_assert_uint_eq(a_len, b_len);
  if (a_len > 0) {
    ck_assert(memcmp(a, b, a_len) == 0);
  } else {
    ck_assert_ptr_null(b);
  }
}

START_TEST(a_ticket_comes_back) {
  ho_quic_ticket in = {0}, out = {0};
  uint8_t *data;
  size_t len;

  fill(&in.session, &in.session_len, lengths[_i][0], 10);
  fill(&in.params, &in.params_len, lengths[_i][1], 20);
  fill(&in.token, &in.token_len, lengths[_i][2], 30);
  data = ho_quic_ticket_pack(&in, &len);
  ck_assert_uint_eq(len, 3 * sizeof(size_t) + lengths[_i][0] + lengths[_i][1] +
                             lengths[_i][2]);
  ho_quic_ticket_unpack(&out, data, len);
  free(data); /* the ticket has copies */
  same(in.session, in.session_len, out.session, out.session_len);
  same(in.params, in.params_len, out.params, out.params_len);
  same(in.token, in.token_len, out.token, out.token_len);
  ho_quic_ticket_free(&in);
  ho_quic_ticket_free(&out);
}
END_TEST

/* A server sends a new token after each validation: the newest counts. */
START_TEST(a_part_is_replaced) {
  ho_quic_ticket t = {0};

  ho_quic_ticket_set(&t.token, &t.token_len, (const uint8_t *)"older", 5);
  ho_quic_ticket_set(&t.token, &t.token_len, (const uint8_t *)"new", 3);
  ck_assert_uint_eq(t.token_len, 3);
  ck_assert(memcmp(t.token, "new", 3) == 0);
  ho_quic_ticket_free(&t);
  ck_assert_ptr_null(t.token);
  ck_assert_uint_eq(t.token_len, 0);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, a_ticket_comes_back, 0, (int)COUNT(lengths));
  tcase_add_test(tc, a_part_is_replaced);
}

int main(void) {
  return suite_run("ticket", add);
}
