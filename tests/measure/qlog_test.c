/* qlog: what becomes of a library's records and of a run's events.
 *
 * Records get the virtual time and the tuple of their packet; a tuple is told
 * before the first packet on it; only frames that migrate begin a migration;
 * what was never sent is not lost; a full disk is noticed. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/qlog.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/base/alloc.h"
#include "sim/base/diag.h"
#include "tests/suite.h"

#define SEP "\x1e"
#define HEADER(group)                                                          \
  SEP "{\"qlog_format\":\"JSON-SEQ\",\"common_fields\":{\"group_id\":\"" group \
      "\"}}\n"
#define RECORD(name, frame)                                                    \
  SEP "{\"time\":7.5,\"name\":\"" name                                         \
      "\",\"data\":{\"frames\":[{\"frame_type\":\"" frame "\"}]}}\n"
#define SENT(frame)     RECORD("transport:packet_sent", frame)
#define RECEIVED(frame) RECORD("transport:packet_received", frame)

#define AT(ms) ((ho_time)(ms)*HO_MSEC)

static ho_log *record_log;
static ho_qlog *qlog;
static ho_sink sink;

static const ho_tuple home = {{{4, {192, 168, 0, 10}}, 5000},
                              {{4, {192, 0, 2, 1}}, 443}};
static const ho_tuple cell = {{{6, {0x20, 1, 0xd, 0xb8}}, 6000},
                              {{6, {0x20, 1, 0xd, 0xb8, [15] = 1}}, 443}};

static void setup(void) {
  record_log = ho_log_new();
  qlog = ho_qlog_new(record_log, ".");
  sink = ho_qlog_sink(qlog);
}

static void teardown(void) {
  ho_log_del(record_log);
  unlink("client.sqlog");
  unlink("server.sqlog");
  unlink("client-2-1.sqlog");
}

static void put(ho_side side, ho_time now, const char *text) {
  sink.qlog(sink.user, side, 0, 0, text, strlen(text), now);
}

static void sent(ho_time now, const ho_tuple *tuple, uint8_t cid) {
  HO_EMIT(record_log, quic_sent, now, 0, .endpoint = HO_CLIENT, .type = "1rtt",
          .dcid = {2, {0xab, cid}}, .tuple = *tuple);
}

static void validated(ho_time now, const ho_tuple *tuple, const char *result) {
  HO_EMIT(record_log, path_validation, now, 0, .endpoint = HO_CLIENT,
          .tuple = *tuple, .result = result);
}

static void expect_file(const char *name, const char *wanted) {
  char got[8192];
  FILE *in = fopen(name, "r");
  size_t len;

  ck_assert_ptr_nonnull(in);
  len = fread(got, 1, sizeof(got) - 1, in);
  got[len] = '\0';
  fclose(in);
  ck_assert_str_eq(got, wanted);
}

#define TUPLE_HOME                                                             \
  "\"name\":\"quic:tuple_assigned\",\"data\":{\"tuple_id\":\"0\","             \
  "\"tuple_remote\":{\"ip_v4\":\"192.0.2.1\",\"port_v4\":443},"                \
  "\"tuple_local\":{\"ip_v4\":\"192.168.0.10\",\"port_v4\":5000}}}\n"
#define TUPLE_CELL                                                             \
  "\"name\":\"quic:tuple_assigned\",\"data\":{\"tuple_id\":\"1\","             \
  "\"tuple_remote\":{\"ip_v6\":\"2001:db8::1\",\"port_v6\":443},"              \
  "\"tuple_local\":{\"ip_v6\":\"2001:db8::\",\"port_v6\":6000}}}\n"
#define PACKET(frame)                                                          \
  "\"name\":\"transport:packet_sent\",\"data\":{\"frames\":[{"                 \
  "\"frame_type\":\"" frame "\"}]}}\n"

START_TEST(probes_and_migrates) {
  put(HO_CLIENT, 0, HEADER("aabb"));
  put(HO_CLIENT, 0, SENT("crypto"));
  put(HO_CLIENT, 0, RECORD("recovery:metrics_updated", "none"));
  sent(0, &home, 1);
  put(HO_CLIENT, AT(1), SENT("path_challenge"));
  sent(AT(1), &cell, 2);
  HO_EMIT(record_log, path_frame, AT(1), 0, .endpoint = HO_CLIENT,
          .way = "sent", .frame = "PATH_CHALLENGE", .tuple = cell);
  validated(AT(2), &cell, "success");
  put(HO_CLIENT, AT(3) + 1, SENT("ack"));
  sent(AT(3) + 1, &cell, 3);
  ck_assert_int_eq(ho_qlog_close(qlog), 0);
  expect_file(
      "client.sqlog",
      HEADER("aabb") SEP "{\"time\":0.000000," TUPLE_HOME            /**/
          SEP "{\"time\":0.000000,\"tuple\":\"0\"," PACKET("crypto") /**/
      SEP "{\"time\":0.000000,\"name\":\"recovery:metrics_updated\","
          "\"data\":{\"frames\":[{\"frame_type\":\"none\"}]}}\n" /**/
      SEP "{\"time\":1.000000," TUPLE_CELL                       /**/
          SEP "{\"time\":1.000000,\"tuple\":\"1\",\"name\":"
          "\"quic:connection_id_updated\",\"data\":{\"initiator\":"
          "\"remote\",\"new\":\"ab02\"}}\n"                              /**/
      SEP "{\"time\":1.000000,\"tuple\":\"1\"," PACKET("path_challenge") /**/
      SEP "{\"time\":1.000000,\"tuple\":\"1\",\"name\":"
          "\"quic:migration_state_updated\",\"data\":{\"new\":"
          "\"probing_started\",\"tuple_id\":\"1\"}}\n" /**/
      SEP "{\"time\":2.000000,\"tuple\":\"1\",\"name\":"
          "\"quic:migration_state_updated\",\"data\":{\"old\":"
          "\"probing_started\",\"new\":\"probing_successful\","
          "\"tuple_id\":\"1\"}}\n" /**/
      SEP "{\"time\":3.000001,\"tuple\":\"1\",\"name\":"
          "\"quic:connection_id_updated\",\"data\":{\"initiator\":"
          "\"remote\",\"old\":\"ab02\",\"new\":\"ab03\"}}\n"  /**/
      SEP "{\"time\":3.000001,\"tuple\":\"1\"," PACKET("ack") /**/
      SEP "{\"time\":3.000001,\"tuple\":\"1\",\"name\":"
          "\"quic:migration_state_updated\",\"data\":{\"old\":"
          "\"probing_successful\",\"new\":\"migration_started\","
          "\"tuple_id\":\"1\"}}\n" /**/
      SEP "{\"time\":3.000001,\"tuple\":\"1\",\"name\":"
          "\"quic:migration_state_updated\",\"data\":{\"old\":"
          "\"migration_started\",\"new\":\"migration_complete\","
          "\"tuple_id\":\"1\"}}\n");
}
END_TEST

/* A packet that no event tells of stands without a tuple, in its place. */
START_TEST(never_sent) {
  put(HO_CLIENT, 0, SENT("ping"));
  put(HO_CLIENT, AT(1), SENT("ack"));
  put(HO_CLIENT, AT(1), SENT("crypto"));
  sent(AT(1), &home, 1);
  ck_assert_int_eq(ho_qlog_close(qlog), 0);
  expect_file("client.sqlog", SEP "{\"time\":0.000000," PACKET("ping")    /**/
              SEP "{\"time\":1.000000," TUPLE_HOME                        /**/
                  SEP "{\"time\":1.000000,\"tuple\":\"0\"," PACKET("ack") /**/
              SEP "{\"time\":1.000000," PACKET("crypto"));
}
END_TEST

/* A packet of padding alone, as ngtcp2 writes it. */
START_TEST(padding_only) {
  put(HO_CLIENT, AT(1), SENT("crypto"));
  put(HO_CLIENT, AT(1), SENT("crypto") "{\"frame_type\":\"padding\"}]}}\n");
  sent(AT(1), &home, 1);
  sent(AT(1), &home, 1);
  ck_assert_int_eq(ho_qlog_close(qlog), 0);
  expect_file("client.sqlog",
              SEP "{\"time\":1.000000," TUPLE_HOME /**/
                  SEP
                  "{\"time\":1.000000,\"tuple\":\"0\"," PACKET("crypto") /**/
              SEP "{\"time\":1.000000,\"tuple\":\"0\"," PACKET("padding"));
}
END_TEST

/* What comes in has the tuple of the datagram that has just arrived there. */
START_TEST(received) {
  put(HO_CLIENT, 0, HEADER("aabb"));
  HO_EMIT(record_log, datagram_received, AT(4), 0, .endpoint = HO_CLIENT,
          .tuple = home);
  put(HO_CLIENT, AT(4), RECEIVED("ack"));
  put(HO_CLIENT, AT(5), RECEIVED("ack"));
  put(HO_SERVER, AT(5), HEADER("ccddee"));
  put(HO_SERVER, AT(5), RECEIVED("ack"));
  sink.qlog(sink.user, HO_CLIENT, 2, 1, HEADER("ff"), strlen(HEADER("ff")), 0);
  ck_assert_int_eq(ho_qlog_close(qlog), 0);
#define GOT                                                                    \
  "\"name\":\"transport:packet_received\",\"data\":{\"frames\":[{"             \
  "\"frame_type\":\"ack\"}]}}\n"
  expect_file("client.sqlog",
              HEADER("aabb") SEP "{\"time\":4.000000," TUPLE_HOME /**/
                  SEP "{\"time\":4.000000,\"tuple\":\"0\"," GOT   /**/
                      SEP "{\"time\":5.000000," GOT);
  /* Both ends are of one group, as the client names it. */
  expect_file("server.sqlog", HEADER("aabb") SEP "{\"time\":5.000000," GOT);
  expect_file("client-2-1.sqlog", HEADER("ff"));
}
END_TEST

#define WHOLE(type, raw)                                                       \
  "\"name\":\"transport:packet_received\",\"data\":{\"header\":{"              \
  "\"packet_type\":\"" type "\",\"packet_number\":0},\"token\":{\"data\":"     \
  "\"00\"}" raw "}}\n"

/* A Retry and a stateless reset are as long as what has brought them; others
 * tell it themselves. */
START_TEST(whole_datagrams) {
  put(HO_CLIENT, 0, HEADER("aabb"));
  HO_EMIT(record_log, datagram_received, AT(4), 0, .endpoint = HO_CLIENT,
          .tuple = home, .bytes = 128);
  put(HO_CLIENT, AT(4), SEP "{\"time\":7.5," WHOLE("retry", ""));
  HO_EMIT(record_log, datagram_received, AT(5), 0, .endpoint = HO_CLIENT,
          .tuple = cell, .bytes = 128);
  put(HO_CLIENT, AT(5), SEP "{\"time\":7.5," WHOLE("stateless_reset", ""));
  put(HO_CLIENT, AT(5), SEP "{\"time\":7.5," WHOLE("1RTT", ""));
  ck_assert_int_eq(ho_qlog_close(qlog), 0);
  expect_file("client.sqlog",
              HEADER("aabb") SEP "{\"time\":4.000000," TUPLE_HOME /**/
                  SEP "{\"time\":4.000000,\"tuple\":\"0\"," WHOLE(
                      "retry", ",\"raw\":{\"length\":100}") /**/
              SEP "{\"time\":5.000000," TUPLE_CELL          /**/
                  SEP "{\"time\":5.000000,\"tuple\":\"1\"," WHOLE(
                      "stateless_reset", ",\"raw\":{\"length\":80}") /**/
              SEP "{\"time\":5.000000,\"tuple\":\"1\"," WHOLE("1RTT", ""));
}
END_TEST

START_TEST(moves_in_vain) {
  char text[8192];
  size_t len;
  FILE *in;

  put(HO_CLIENT, 0, SENT("crypto"));
  sent(0, &home, 1);
  put(HO_CLIENT, AT(1), SENT("stream"));
  sent(AT(1), &cell, 2);
  validated(AT(9), &cell, "failure");
  put(HO_CLIENT, AT(10), SENT("padding"));
  sent(AT(10), &home, 1);
  ck_assert_int_eq(ho_qlog_close(qlog), 0);
  in = fopen("client.sqlog", "r");
  ck_assert_ptr_nonnull(in);
  len = fread(text, 1, sizeof(text) - 1, in);
  text[len] = '\0';
  fclose(in);
  ck_assert_ptr_nonnull(strstr(text, "9.000000,\"tuple\":\"1\",\"name\":\"quic:"
                                     "migration_state_updated\",\"data\":{"
                                     "\"old\":\"probing_abandoned\",\"new\":"
                                     "\"migration_abandoned\""));
  ck_assert_ptr_null(strstr(text, "migration_complete"));
  /* Padding is no reason to say that the connection moves back. */
  ck_assert_ptr_null(
      strstr(text, "10.000000,\"tuple\":\"0\",\"name\":\"quic:"));
}
END_TEST

START_TEST(disk_full) {
  ck_assert_int_eq(symlink("/dev/full", "client.sqlog"), 0);
  put(HO_CLIENT, 0, HEADER("aabb"));
  put(HO_SERVER, 0, HEADER("aabb"));
  ck_assert_int_eq(ho_qlog_close(qlog), HO_ERR_IO);
  ck_assert_int_eq(errno, ENOSPC);
  expect_file("server.sqlog", HEADER("aabb"));
}
END_TEST

START_TEST(no_folder) {
  ho_qlog *none = ho_qlog_new(record_log, "no/such/folder");
  ho_sink s = ho_qlog_sink(none);

  s.qlog(s.user, HO_CLIENT, 0, 0, HEADER("aabb"), strlen(HEADER("aabb")), 0);
  ck_assert_int_eq(ho_qlog_close(none), HO_ERR_IO);
  ck_assert_int_eq(errno, ENOENT);
  ck_assert_int_eq(ho_qlog_close(qlog), 0);
  ck_assert_int_ne(access("client.sqlog", F_OK), 0);
}
END_TEST

static void add_tests(TCase *tc) {
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, probes_and_migrates);
  tcase_add_test(tc, never_sent);
  tcase_add_test(tc, padding_only);
  tcase_add_test(tc, received);
  tcase_add_test(tc, whole_datagrams);
  tcase_add_test(tc, moves_in_vain);
  tcase_add_test(tc, disk_full);
  tcase_add_test(tc, no_folder);
}

int main(void) {
  char dir[] = "qlog.XXXXXX";
  int rv;

  if (!mkdtemp(dir) || chdir(dir) != 0) {
    return 1;
  }
  rv = suite_run("qlog", add_tests);
  return chdir("..") != 0 || rmdir(dir) != 0 ? 1 : rv;
}
