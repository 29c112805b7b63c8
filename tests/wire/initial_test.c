/* Goal: anybody opens an Initial packet by the DCID that its keys come from,
 * and by no other; what is no Initial packet opens for nobody. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/wire/initial.h"

#include <stdlib.h>

#include "rfc9001.h"
#include "tests/suite.h"

static const ho_cid first = {8,
                             {0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08}};

typedef struct {
  uint8_t data[1500], dest[1500];
  size_t len;
  ho_header header;
  const uint8_t *plain;
  size_t plain_len;
} packet;

static void take(packet *p, const char *text) {
  p->len = hex(p->data, text);
  ck_assert_int_eq(ho_header_read(&p->header, p->data, p->len, 0), 0);
}

static bool opens(packet *p, const ho_cid *dcid, ho_side from) {
  return ho_initial_open(dcid, from, p->data, &p->header, p->dest, &p->plain,
                         &p->plain_len);
}

START_TEST(samples_open) {
  uint8_t want[1162] = {0};
  packet p;

  take(&p, client_initial);
  ck_assert(opens(&p, &first, HO_CLIENT));
  hex(want, client_frame);
  ck_assert_uint_eq(p.plain_len, sizeof(want));
  ck_assert_mem_eq(p.plain, want, sizeof(want));
  take(&p, server_initial);
  ck_assert(opens(&p, &first, HO_SERVER));
  ck_assert_uint_eq(p.plain_len, hex(want, server_frames));
  ck_assert_mem_eq(p.plain, want, p.plain_len);
}
END_TEST

START_TEST(others_do_not) {
  ho_cid dcid = first;
  packet p;

  take(&p, client_initial);
  ck_assert(!opens(&p, &first, HO_SERVER));
  dcid.bytes[7] ^= 1;
  ck_assert(!opens(&p, &dcid, HO_CLIENT));
  ck_assert_uint_eq(p.plain_len, 0);
  dcid = (ho_cid){0};
  ck_assert(!opens(&p, &dcid, HO_CLIENT));
  p.data[700] ^= 1;
  ck_assert(!opens(&p, &first, HO_CLIENT));
}
END_TEST

/* Every length that the header could tell, in a buffer of that size. */
START_TEST(truncated_is_refused) {
  packet p;
  size_t whole;

  take(&p, client_initial);
  whole = p.header.len;
  for (size_t len = p.header.pn_offset; len < whole; len++) {
    uint8_t *data = malloc(len), *dest = malloc(len);
    const uint8_t *plain;
    size_t plain_len;

    memcpy(data, p.data, len);
    p.header.len = len;
    ck_assert(!ho_initial_open(&first, HO_CLIENT, data, &p.header, dest, &plain,
                               &plain_len));
    free(data);
    free(dest);
  }
}
END_TEST

START_TEST(hello_is_put_together) {
  uint8_t frames[300];
  size_t len = hex(frames, client_frame), n = 0;
  /* The message is 241 bytes behind the frame's 4: cut at 100. */
  uint8_t head[200] = {6, 0, 0x40, 100}, tail[200] = {6, 0x40, 100, 0x40, 141};
  ho_handshake h = {0};
  const uint8_t *message;

  memcpy(head + 4, frames + 4, 100);
  memcpy(tail + 5, frames + 104, 141);
  ck_assert_ptr_null(ho_initial_message(&h, tail, 146, &n));
  /* PADDING before and a frame that is none behind do not matter. */
  memmove(head + 3, head, 104);
  memset(head, 0, 3);
  head[107] = 0x3f;
  message = ho_initial_message(&h, head, 108, &n);
  ck_assert_ptr_nonnull(message);
  ck_assert_uint_eq(n, len - 4);
  ck_assert_mem_eq(message, frames + 4, n);
  ck_assert_ptr_null(ho_initial_message(&h, frames, len, &n));
  ho_handshake_free(&h);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, samples_open);
  tcase_add_test(tc, others_do_not);
  tcase_add_test(tc, truncated_is_refused);
  tcase_add_test(tc, hello_is_put_together);
}

int main(void) {
  return suite_run("initial", add);
}
