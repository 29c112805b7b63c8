/* Goal: every transport parameter of RFC 9000, 18.2 is read, and what it does
 * not allow is refused. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/wire/params.h"

#include <stdlib.h>
#include <string.h>

#include "rfc9001.h"
#include "sim/base/diag.h"
#include "tests/suite.h"

static int read_text(ho_wire_params *params, const char *text) {
  uint8_t bytes[512];

  return ho_wire_params_read(params, bytes, hex(bytes, text));
}

START_TEST(defaults_are_the_rfcs) {
  ho_wire_params p;

  ck_assert_int_eq(ho_wire_params_read(&p, (const uint8_t *)"", 0), 0);
  ck_assert_uint_eq(p.max_udp_payload_size, 65527);
  ck_assert_uint_eq(p.ack_delay_exponent, 3);
  ck_assert_uint_eq(p.max_ack_delay_ms, 25);
  ck_assert_uint_eq(p.active_connection_id_limit, 2);
  ck_assert_uint_eq(p.max_idle_timeout_ms, 0);
  ck_assert_uint_eq(p.initial_max_data, 0);
  ck_assert_uint_eq(p.max_datagram_frame_size, 0);
  ck_assert(!p.has_original_dcid && !p.has_retry_scid && !p.has_initial_scid);
  ck_assert(!p.has_reset_token && !p.has_preferred);
  ck_assert(!p.disable_active_migration);
}
END_TEST

/* Each once, and one that nobody knows (31 * N + 27). */
static const char all[] = "0003a1a2a3"
                          "01024064"
                          "0210000102030405060708090a0b0c0d0e0f"
                          "030244b0"
                          "04048000ffff"
                          "050101"
                          "060102"
                          "070103"
                          "080104"
                          "090105"
                          "0a0114"
                          "0b027fff"
                          "0c00"
                          "0d2b"
                          "cb007105"
                          "01bb"
                          "20010db8000000000000000000000001"
                          "1f90"
                          "02c1c2"
                          "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"
                          "0e0108"
                          "0f01b1"
                          "1000"
                          "200244b0"
                          "407a03010203";

START_TEST(reads_each_parameter) {
  ho_wire_params p;

  ck_assert_int_eq(read_text(&p, all), 0);
  ck_assert(p.has_original_dcid && p.has_initial_scid && p.has_retry_scid);
  ck_assert_uint_eq(p.original_dcid.len, 3);
  ck_assert_uint_eq(p.original_dcid.bytes[2], 0xa3);
  ck_assert_uint_eq(p.initial_scid.len, 1);
  ck_assert_uint_eq(p.initial_scid.bytes[0], 0xb1);
  ck_assert_uint_eq(p.retry_scid.len, 0);
  ck_assert_uint_eq(p.max_idle_timeout_ms, 100);
  ck_assert(p.has_reset_token);
  ck_assert_uint_eq(p.reset_token.bytes[15], 15);
  ck_assert_uint_eq(p.max_udp_payload_size, 1200);
  ck_assert_uint_eq(p.initial_max_data, 65535);
  ck_assert_uint_eq(p.initial_max_stream_data_bidi_local, 1);
  ck_assert_uint_eq(p.initial_max_stream_data_bidi_remote, 2);
  ck_assert_uint_eq(p.initial_max_stream_data_uni, 3);
  ck_assert_uint_eq(p.initial_max_streams_bidi, 4);
  ck_assert_uint_eq(p.initial_max_streams_uni, 5);
  ck_assert_uint_eq(p.ack_delay_exponent, 20);
  ck_assert_uint_eq(p.max_ack_delay_ms, 16383);
  ck_assert(p.disable_active_migration);
  ck_assert_uint_eq(p.active_connection_id_limit, 8);
  ck_assert_uint_eq(p.max_datagram_frame_size, 1200);
}
END_TEST

START_TEST(preferred_address_is_read) {
  ho_wire_params p;
  char a[HO_ENDPOINT_TEXT], b[HO_ENDPOINT_TEXT];

  ck_assert_int_eq(read_text(&p, all), 0);
  ck_assert(p.has_preferred);
  ck_assert_str_eq(ho_endpoint_text(a, &p.preferred_v4), "203.0.113.5:443");
  ck_assert_str_eq(ho_endpoint_text(b, &p.preferred_v6), "[2001:db8::1]:8080");
  ck_assert_uint_eq(p.preferred_cid.len, 2);
  ck_assert_uint_eq(p.preferred_cid.bytes[1], 0xc2);
  ck_assert_uint_eq(p.preferred_token.bytes[0], 0xf0);
  ck_assert_uint_eq(p.preferred_token.bytes[15], 0xff);
}
END_TEST

/* 18.2: all zeros where a family is not offered. */
START_TEST(a_family_may_not_be_offered) {
  ho_wire_params p;

  ck_assert_int_eq(read_text(&p, "0d2a"
                                 "000000000000"
                                 "20010db8000000000000000000000001"
                                 "1f90"
                                 "01c1"
                                 "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"),
                   0);
  ck_assert_uint_eq(p.preferred_v4.addr.family, 0);
  ck_assert_uint_eq(p.preferred_v6.addr.family, 6);
}
END_TEST

/* Every prefix that does not end between two parameters. */
START_TEST(truncation_is_seen) {
  uint8_t bytes[512];
  size_t len = hex(bytes, all), whole = 0;
  ho_wire_params p;

  for (size_t n = 0; n < len; n++) {
    if (n == whole) {
      bool two = bytes[n] == 0x40; /* its number has two bytes */
      ck_assert_int_eq(ho_wire_params_read(&p, bytes, n), 0);
      whole += 2u + two + bytes[n + 1 + two];
    } else {
      ck_assert_int_eq(ho_wire_params_read(&p, bytes, n), HO_ERR_INPUT);
    }
  }
  ck_assert_uint_eq(whole, len);
}
END_TEST

static const char *const bad[] = {
    "010105040101010106", /* max_idle_timeout twice */
    "407a0101407a00",     /* an unknown one twice */
    "407a01010c00407a00", /* with one between */
    "0c000c00",           /* an empty one twice */
    "0c0101",             /* a flag with a value */
    "0015000102030405060708090a0b0c0d0e0f1011121314", /* a CID of 21 */
    "0f15000102030405060708090a0b0c0d0e0f1011121314",
    "1015000102030405060708090a0b0c0d0e0f1011121314",
    "020f000102030405060708090a0b0c0d0e",     /* a token of 15 */
    "0211000102030405060708090a0b0c0d0e0f10", /* and of 17 */
    "030244af",                               /* max_udp_payload_size 1199 */
    "0a0115",                                 /* ack_delay_exponent 21 */
    "0b0480004000",                           /* max_ack_delay 2^14 */
    "0e0101",                                 /* active_connection_id_limit 1 */
    "0808d000000000000001",                   /* streams above 2^60 */
    "0908d000000000000001",
    "01020101", /* a number that does not fill its length */
    "010140",   /* or goes on beyond it */
    "0100",     /* or is not there */
    "0d29cb00710501bb20010db80000000000000000000000011f90" /* an empty CID */
    "00f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
    "0d2bcb00710501bb20010db80000000000000000000000011f90" /* a byte more */
    "01c1f0f1f2f3f4f5f6f7f8f9fafbfcfdfeffff",
    "0d2acb00710501bb20010db80000000000000000000000011f90" /* or less */
    "02c1c2f0f1f2f3f4f5f6f7f8f9fafbfcfdfe",
};

START_TEST(nonsense_is_refused) {
  ho_wire_params p;

  ck_assert_int_eq(read_text(&p, bad[_i]), HO_ERR_INPUT);
}
END_TEST

/* RFC 9001, 8.2: in the sample's ClientHello. */
START_TEST(found_in_a_client_hello) {
  uint8_t frame[300];
  size_t len = hex(frame, client_frame), n = 0;
  const uint8_t *message = frame + 4, *found;

  found = ho_wire_params_find(message, len - 4, &n);
  ck_assert_ptr_eq(found, frame + len - 50);
  ck_assert_uint_eq(n, 50);
  for (size_t i = 0; i < len - 4; i++) { /* it is the last of all */
    uint8_t *exact = malloc(i + 1);      /* for the sanitizer to watch */
    memcpy(exact, message, i);
    ck_assert_ptr_null(ho_wire_params_find(exact, i, &n));
    free(exact);
  }
}
END_TEST

START_TEST(found_in_encrypted_extensions) {
  uint8_t b[64];
  size_t n = 0, len = hex(b, "0800000e000c"
                             "00100002ffff"
                             "003900020c00");

  ck_assert_ptr_eq(ho_wire_params_find(b, len, &n), b + 16);
  ck_assert_uint_eq(n, 2);
  b[0] = 0x0b; /* a Certificate has none */
  ck_assert_ptr_null(ho_wire_params_find(b, len, &n));
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, defaults_are_the_rfcs);
  tcase_add_test(tc, reads_each_parameter);
  tcase_add_test(tc, preferred_address_is_read);
  tcase_add_test(tc, a_family_may_not_be_offered);
  tcase_add_test(tc, truncation_is_seen);
  tcase_add_loop_test(tc, nonsense_is_refused, 0, COUNT(bad));
  tcase_add_test(tc, found_in_a_client_hello);
  tcase_add_test(tc, found_in_encrypted_extensions);
}

int main(void) {
  return suite_run("transport parameters", add);
}
