/* Goal: each oracle trips on what it is for and on nothing legitimate: whole
 * runs with a scripted fault, and runs that look wrong and are not. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base.h"
#include "search/oracle.h"
#include "search/signature.h"
#include "stack/world.h"

#define NETS                                                                   \
  "name: t\nstop: 15s\nseed: 3\nnetworks:\n"                                   \
  "  home: {type: wired, down: 4Mbps, up: 2Mbps, delay: 10ms, "                \
  "nat: home-router}\n"                                                        \
  "  cell: {type: wired, down: 3Mbps, up: 2Mbps, delay: 25ms, nat: cgn}\n"
#define TOLD  NETS "client: {notice: 20ms}\n"
#define NEVER NETS "client: {notice: never}\n"
#define GET(bytes, arm)                                                        \
  "workload: {type: download, bytes: " bytes "}\narms: [{" arm                 \
  ": {keepalive: 500ms}}]\ntimeline:\n"

static ho_trial *trial; /* shared with the process that runs */

static void setup(void) {
  trial = mmap(NULL, sizeof(*trial), PROT_READ | PROT_WRITE,
               MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ck_assert_ptr_ne(trial, MAP_FAILED);
}

static void teardown(void) {
  munmap(trial, sizeof(*trial));
}

/* A process runs once. */
static void judge(const char *text, bool should) {
  ho_oracle_config config = {.gap = 4 * HO_SEC, .should = should};
  ho_source source = source_of(text);
  int status;
  pid_t pid;

  ho_world_preload();
  pid = fork();
  if (pid == 0) {
    ho_oracle_run(&source, &config, trial);
    _exit(0);
  }
  ck_assert_int_eq(waitpid(pid, &status, 0), pid);
  ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %d",
                status);
  ck_assert(trial->whole);
  ck_assert_msg(!trial->refused, "%s", trial->error);
}

/* The first failure that is like |pattern|. */
static const ho_failure *find(const char *pattern) {
  for (uint32_t i = 0; i < trial->failures_count; i++) {
    if (ho_signature_fits(trial->failures[i].signature, pattern)) {
      return &trial->failures[i];
    }
  }
  return NULL;
}

static const char *said(void) {
  static char text[4000];

  *text = '\0';
  for (uint32_t i = 0; i < trial->failures_count; i++) {
    strncat(text, trial->failures[i].signature,
            sizeof(text) - strlen(text) - 1);
    strncat(text, " ", sizeof(text) - strlen(text) - 1);
  }
  return text;
}

/* ---- what trips ---- */

typedef struct {
  const char *text, *signature, *detail;
} wrong_case;

static const wrong_case wrongs[] = {
    /* a MUST, by either end, in its phase */
    {TOLD GET("300KB", "quic") "- 0s: fault client repeat-challenge\n"
                               "- 300ms: migrate cell\n",
     "check:C2:client:*", "PATH_CHALLENGE"},
    {TOLD GET("300KB", "quic-passive") "- 0s: fault server no-challenge\n"
                                       "- 300ms: rebind home port\n",
     "check:C1:server:validating", "no PATH_CHALLENGE"},
    /* the 3x limit */
    {TOLD GET("2MB", "quic-passive") "- 0s: fault server amplify\n"
                                     "- 300ms: rebind home port\n",
     "check:D1:server:*", "not validated"},
    /* a CID at two addresses */
    {TOLD GET("1MB", "quic") "- 0s: fault client keep-cid\n"
                             "- 300ms: migrate cell\n",
     "check:B1:client:*", "CID 0 is sent from"},
    /* a library's error ends the connection */
    {TOLD GET("300KB", "quic") "- 0s: fault server too-many-cids\n",
     "closed:ERR_CONNECTION_ID_LIMIT:client:*", "the client ended"},
    /* silence on a path that works: keep-alives arrive, data does not */
    {TOLD GET("1MB", "quic-passive") "- 300ms: fault server stay\n"
                                     "- 400ms: rebind home port\n",
     "stall:elsewhere:server:*", "though a path worked"},
};

START_TEST(what_is_wrong) {
  const wrong_case *c = &wrongs[_i];
  const ho_failure *f;

  judge(c->text, false);
  f = find(c->signature);
  ck_assert_msg(f != NULL, "%d: no %s, but %s", _i, c->signature, said());
  ck_assert_msg(strstr(f->detail, c->detail) != NULL, "%s", f->detail);
  ck_assert_uint_le(f->t, trial->end);
}
END_TEST

/* ---- what does not ---- */

typedef struct {
  const char *text, *not ; /* a signature that would be a false alarm */
} right_case;

static const right_case rights[] = {
    /* A client that has no network and will have none. */
    {TOLD GET("1KB", "quic-probe") "- 0s: disconnect home\n"
                                   "- 0s: disconnect cell\n",
     "stuck:*:*:*"},
    {TOLD GET("300KB", "quic"), "*:*:*:*"},
    /* an application that ends, an idle timeout without a path */
    {TOLD GET("300KB", "quic") "- 100ms: block home udp\n"
                               "- 100ms: block cell udp\n",
     "*:*:*:*"},
    /* a server that has lost its state may send a reset */
    {TOLD GET("300KB", "quic") "- 300ms: restart server\n", "reset:*:*:*"},
    /* the handshake's end, and where its packets came from before (E7, C1) */
    {TOLD "server: {retry: true}\n" GET(
         "500KB", "quic-passive") "- 50ms: switch cell\n- 100ms: switch home\n",
     "check:E7:*:*"},
    {TOLD GET("500KB", "quic-passive") "- 20ms: disconnect home\n"
                                       "- 1s: connect home\n"
                                       "- 2s: switch home\n",
     "check:*:*:first-path"},
    /* a client that has no network to answer by */
    {TOLD GET("500KB", "quic-passive") "- 1050ms: migrate cell\n"
                                       "- 1100ms: disconnect cell\n",
     "check:C6:*:*"},
    {TOLD GET("50KB", "quic-passive") "- 50ms: migrate cell\n"
                                      "- 120ms: disconnect cell\n"
                                      "- 1s: connect cell\n",
     "check:A4:*:*"},
    /* a packet so late that its number cannot be told, or its keys are gone */
    {TOLD GET("1MB", "quic-probe") "- 100ms: switch cell\n"
                                   "- 100ms: delay server 2..8 PATH_CHALLENGE "
                                   "by 690ms\n",
     "check:C6:*:*"},
    /* a limit that is one of the path */
    {TOLD "server: {preferred_address: ipv4}\n" GET(
         "50KB", "quic-passive") "- 50ms: switch cell\n",
     "check:C4:*:*"},
    /* what a server may discard is nothing that it has heard (I6) */
    {TOLD "server: {idle_timeout: 5800ms}\n" GET(
         "1KB", "quic-passive") "- 20ms: disconnect home\n",
     "check:I6:*:*"},
    {TOLD "server: {idle_timeout: 940ms, disable_active_migration: true}\n" GET(
         "500KB", "quic-passive") "- 500ms: switch cell\n",
     "check:I6:*:*"},
    /* an Initial of a server that has discarded its keys is not in flight */
    {TOLD GET("1KB", "quic-passive") "- 0s: switch cell\n- 3s: switch home\n",
     "check:D3:*:*"},
    /* a server that knows a connection by where it was alone (5.2) */
    {TOLD "server: {delay: 20ms, cid_length: 0, idle_timeout: 5800ms}\n" GET(
         "1MB", "quic-passive") "- 2100ms: rebind home both\n",
     "check:*:server:validating"},
    {TOLD "server: {cid_length: 0}\n" GET(
         "1KB", "quic-probe") "- 50ms: rebind home port\n"
                              "- 2s: disconnect home\n",
     "check:*:server:*"},
    /* a timer that runs from the first packet of all (10.1) */
    {TOLD "workload: {type: download, bytes: 1KB}\n"
          "arms: [{quic-passive: {keepalive: 500ms, idle_timeout: 1300ms}}]\n"
          "timeline:\n- 0s: rebind home both\n",
     "check:I6:*:*"},
    /* acknowledgements that come before the handshake's end */
    {TOLD GET("1KB", "quic-passive") "- 0s: block home udp\n"
                                     "- 2s: unblock home udp\n"
                                     "- 2s: drop client 1st 1-RTT\n"
                                     "- 2s: drop client 1..2 Handshake\n",
     "check:A11:*:*"},
    /* a server that has ended a connection for silence, or forgotten one of
     * which it has nothing but the tuple */
    {TOLD "server: {idle_timeout: 300ms, stateless_reset: false}\n" GET(
         "1MB", "quic-passive") "- 300ms: drop server 1..20 ACK\n"
                                "- 400ms: drop client 1..4 datagrams\n",
     "stall:*:*:*"},
    {TOLD
     "server: {cid_length: 0}\n" GET("1MB", "quic") "- 1s: restart server\n",
     "stall:*:*:*"},
    /* a server that is restarted within a handshake, which it does again */
    {TOLD GET("1MB", "quic") "- 0s: drop server 1st datagram\n"
                             "- 200ms: restart server\n"
                             "- 1500ms: switch cell\n",
     "check:E1:*:*"},
    /* clients that were never told where they are */
    {NEVER GET("50KB", "quic-probe") "- 120ms: switch cell\n"
                                     "- 120ms: migrate home\n",
     "check:*:client:*"},
    {TOLD GET("1KB", "quic-passive") "- 0s: switch cell\n- 0s: rotate\n",
     "check:E1:*:*"},
    {TOLD "server: {disable_active_migration: true}\n" GET(
         "1KB", "quic-passive") "- 0s: switch cell\n- 2s: rotate\n",
     "check:E2:*:*"},
    {TOLD GET("1KB", "quic-passive") "- 0s: switch cell\n- 1s: switch home\n"
                                     "- 1s: migrate cell\n",
     "check:B1:*:*"},
};

START_TEST(what_is_legitimate) {
  const right_case *c = &rights[_i];

  judge(c->text, false);
  ck_assert_msg(find(c->not ) == NULL, "%d: %s", _i, said());
}
END_TEST

/* ---- the rest ---- */

/* E10 is a SHOULD. */
START_TEST(should_counts_where_it_is_asked_for) {
  const char *text = TOLD GET("1MB", "quic") "- 0s: fault server no-new-token\n"
                                             "- 300ms: migrate cell\n";

  judge(text, _i == 1);
  ck_assert_msg((find("check:E10:server:*") != NULL) == (_i == 1), "%s",
                said());
}
END_TEST

START_TEST(a_bad_scenario_is_refused) {
  ho_oracle_config config = {.gap = HO_SEC};
  ho_source source =
      source_of(TOLD GET("1KB", "quic") "- 0s: rekey\nnonsense: 1\n");

  ho_oracle_run(&source, &config, trial);
  ck_assert(trial->refused && trial->whole);
  ck_assert_msg(strstr(trial->error, "nonsense") != NULL, "%s", trial->error);
  ck_assert_uint_eq(trial->failures_count, 0);
}
END_TEST

/* An end that no rule forbids, and one that has an error. */
START_TEST(ends) {
  ck_assert(ho_oracle_forgives("closed", 0));
  ck_assert(ho_oracle_forgives("closed by peer", 9));
  ck_assert(ho_oracle_forgives("idle timeout", -3));
  ck_assert(ho_oracle_forgives("handshake timeout", -3));
  ck_assert(ho_oracle_forgives("whatever", 0));
  ck_assert(!ho_oracle_forgives("ERR_CONNECTION_ID_LIMIT", -3));
  ck_assert(!ho_oracle_forgives("ERR_PROTO", -3));
}
END_TEST

/* Of a check, each endpoint and phase counts, whichever was first. */
START_TEST(one_check_twice) {
  judge(TOLD GET("1MB", "quic") "- 0s: fault client repeat-challenge\n"
                                "- 300ms: migrate cell\n"
                                "- 1s: migrate home\n",
        false);
  ck_assert_msg(find("check:C2:client:first-path") != NULL, "%s", said());
  ck_assert_msg(find("check:C2:client:moved") != NULL, "%s", said());
}
END_TEST

static void add(TCase *tc) {
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_loop_test(tc, what_is_wrong, 0, COUNT(wrongs));
  tcase_add_loop_test(tc, what_is_legitimate, 0, COUNT(rights));
  tcase_add_loop_test(tc, should_counts_where_it_is_asked_for, 0, 2);
  tcase_add_test(tc, one_check_twice);
  tcase_add_test(tc, a_bad_scenario_is_refused);
  tcase_add_test(tc, ends);
}

int main(void) {
  return suite_run("search_oracle", add);
}
