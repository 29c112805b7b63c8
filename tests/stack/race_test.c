/* Goal: an arm that may use either transport gets its work done wherever one of
 * them gets through, and the price is what its timers say. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "story.h"
#include "tests/suite.h"

#define run_tale(t, transport) ck_assert_int_eq(tale_run(t, transport), 0)

static const tale races[] = {
    /* QUIC gets through: TCP is not tried. */
    {.stop = 3,
     .answered = 3,
     .expected = "0 open 0 quic home full; 22 ready 0; 22 use 0"},
    /* It does not: TCP after 300 ms, which needs a round trip more. */
    {.stop = 3,
     .steps = {AT(0, BLOCK_UDP, HOME)},
     .answered = 3,
     .expected = "0 open 0 quic home full; 300 open 1 tcp home full; 341 ready "
                 "1; 341 closed 0; 341 use 1"},
    /* Both begin, and QUIC is faster; TCP is through as well, or still waits
     * for its SYN's answer. */
    {.stop = 3,
     .head_start = 1 * HO_MSEC,
     .answered = 3,
     .expected = "0 open 0 quic home full; 1 open 1 tcp home full; 22 ready 0; "
                 "22 closed 1; 22 use 0"},
    {.stop = 3,
     .head_start = 15 * HO_MSEC,
     .answered = 3,
     .expected = "0 open 0 quic home full; 15 open 1 tcp home full; 22 ready "
                 "0; 22 closed 1; 22 use 0"},
    /* QUIC fails before its head start is over: TCP begins at once. */
    {.stop = 12,
     .head_start = 20 * HO_SEC,
     .steps = {AT(0, BLOCK_UDP, HOME)},
     .answered = 12,
     .expected = "0 open 0 quic home full; 10000 handshake timeout 0; 10000 "
                 "open 1 tcp home full; 10041 ready 1; 10041 use 1"},
    /* Neither gets through, until later. */
    {.stop = 8,
     .steps = {AT(0, BLOCK_ALL, HOME), AT(4500, UNBLOCK, HOME)},
     .answered = 8,
     .expected =
         "0 open 0 quic home full; 300 open 1 tcp home full; 3000 notice home "
         "timer; 3000 closed 1; 3000 closed 0; 3000 open 2 quic home full; "
         "3300 open 3 tcp home full; 6000 notice home timer; 6000 closed 3; "
         "6000 closed 2; 6000 open 4 quic home full; 6023 ready 4; 6023 use 4"},
    /* An answer within the patience is enough to go on waiting. */
    {.stop = 9,
     .delay = 1200,
     .steps = {AT(0, BLOCK_UDP, HOME)},
     .answered = 7,
     .expected = "0 open 0 quic home full; 300 open 1 tcp home full; 5101 "
                 "ready 1; 5101 closed 0; 5101 use 1"},
    /* 0-RTT would win before it runs: resumption instead. */
    {.stop = 3,
     .arm = ", on_change: reconnect, tls: 0rtt",
     .steps = {AT(1500, SWITCH, CELL)},
     .answered = 3,
     .expected =
         "0 open 0 quic home full; 22 ready 0; 22 use 0; 1500 default cell; "
         "1500 switch home>cell 1500/0; 1530 notice cell notice; 1530 closed "
         "0; 1530 open 1 quic cell resume; 1552 ready 1; 2000 use 1"},
    /* What is told while a race is on moves the race. */
    {.stop = 3,
     .steps = {AT(0, BLOCK_ALL, HOME), AT(500, SWITCH, CELL)},
     .answered = 3,
     .expected =
         "0 open 0 quic home full; 300 open 1 tcp home full; 500 default cell; "
         "500 switch home>cell 500/0; 530 notice cell notice; 530 closed 1; "
         "530 closed 0; 530 open 2 quic cell full; 552 ready 2; 552 use 2"},
};

static const tale moves[] = {
    /* From network to network QUIC migrates. */
    {.stop = 4,
     .steps = {AT(1500, LOSE, HOME)},
     .answered = 4,
     .expected = "0 open 0 quic home full; 22 ready 0; 22 use 0; 1500 default "
                 "cell; 1500 radio home>cell 1500/0; 1530 notice cell notice"},
    {.stop = 4,
     .steps = {AT(1500, MIGRATE, CELL)},
     .answered = 4,
     .expected = "0 open 0 quic home full; 22 ready 0; 22 use 0; 1500 migrate "
                 "home>cell 1500/0; 1500 notice cell app"},
    /* Where UDP is blocked, validation fails after three PTOs. */
    {.stop = 9,
     .steps = {AT(0, BLOCK_UDP, CELL), AT(1500, LOSE, HOME)},
     .answered = 9,
     .expected =
         "0 open 0 quic home full; 22 ready 0; 22 use 0; 1500 default cell; "
         "1500 radio home>cell 1500/0; 1530 notice cell notice; 4602 notice "
         "cell validation; 4602 closed 0; 4602 open 1 quic cell full; 4902 "
         "open 2 tcp cell full; 4943 ready 2; 4943 closed 1; 4943 use 2"},
    {.stop = 9,
     .steps = {AT(0, BLOCK_UDP, CELL), AT(1500, SWITCH, CELL)},
     .answered = 9,
     .expected =
         "0 open 0 quic home full; 22 ready 0; 22 use 0; 1500 default cell; "
         "1500 switch home>cell 1500/0; 1530 notice cell notice; 4602 notice "
         "cell validation; 4602 closed 0; 4602 open 1 quic cell full; 4902 "
         "open 2 tcp cell full; 4943 ready 2; 4943 closed 1; 4943 use 2"},
    {.stop = 9,
     .arm = ", on_change: probe",
     .steps = {AT(0, BLOCK_UDP, CELL), AT(1500, SWITCH, CELL)},
     .answered = 9,
     .expected =
         "0 open 0 quic home full; 22 ready 0; 22 use 0; 1500 default cell; "
         "1500 switch home>cell 1500/0; 1530 notice cell notice; 4602 notice "
         "cell validation; 4602 closed 0; 4602 open 1 quic cell full; 4902 "
         "open 2 tcp cell full; 4943 ready 2; 4943 closed 1; 5000 use 2"},
    /* On the way back TCP gives way to QUIC; to a network that is known to
     * block UDP, TCP goes at once, and comes by it alone. */
    {.stop = 5,
     .steps = {AT(0, BLOCK_UDP, HOME), AT(1500, SWITCH, CELL),
               AT(2500, SWITCH, HOME)},
     .answered = 5,
     .expected =
         "0 open 0 quic home full; 300 open 1 tcp home full; 341 ready 1; 341 "
         "closed 0; 341 use 1; 1500 default cell; 1500 switch home>cell "
         "1500/0; 1530 notice cell notice; 1530 closed 1; 1530 open 2 quic "
         "cell full; 1552 ready 2; 2000 use 2; 2500 default home; 2500 switch "
         "cell>home 2500/0; 2530 notice home notice; 2530 closed 2; 2530 open "
         "3 tcp home full; 2571 ready 3; 3000 use 3"},
    /* An OS that tells nobody: patience finds out, for either transport. */
    {.stop = 7,
     .arm = ", on_change: none",
     .steps = {AT(0, BLOCK_UDP, HOME), AT(1500, LOSE, HOME)},
     .answered = 7,
     .expected = "0 open 0 quic home full; 300 open 1 tcp home full; 341 ready "
                 "1; 341 closed 0; 341 use 1; 1500 default cell; 1500 radio "
                 "home>cell 1500/0; 5000 notice cell timer; 5000 closed 1; "
                 "5000 open 2 quic cell full; 5022 ready 2; 5022 use 2"},
    {.stop = 7,
     .arm = ", on_change: none",
     .steps = {AT(0, BLOCK_UDP, CELL), AT(1500, LOSE, HOME)},
     .answered = 7,
     .expected = "0 open 0 quic home full; 22 ready 0; 22 use 0; 1500 default "
                 "cell; 1500 radio home>cell 1500/0; 5000 notice cell timer; "
                 "5000 closed 0; 5000 open 1 quic cell full; 5300 open 2 tcp "
                 "cell full; 5341 ready 2; 5341 closed 1; 5341 use 2"},
    /* blocked where it worked */
    {.stop = 8,
     .steps = {AT(1500, BLOCK_UDP, HOME)},
     .answered = 8,
     .expected =
         "0 open 0 quic home full; 22 ready 0; 22 use 0; 5000 notice home "
         "timer; 5000 closed 0; 5000 open 1 quic home full; 5300 open 2 tcp "
         "home full; 5341 ready 2; 5341 closed 1; 5341 use 2"},
    /* What is asked for goes on from where it stopped. */
    {.stop = 9,
     .work = "type: download, bytes: 3MB",
     .steps = {AT(1500, BLOCK_UDP, HOME)},
     .answered = 1,
     .expected =
         "0 open 0 quic home full; 22 ready 0; 22 use 0; 4499 notice home "
         "timer; 4499 closed 0; 4499 open 1 quic home full; 4799 open 2 tcp "
         "home full; 4841 ready 2; 4841 closed 1; 4841 use 2 on; 6208 done"},
    {.stop = 9,
     .work = "type: upload, bytes: 3MB",
     .steps = {AT(0, BLOCK_UDP, CELL), AT(1500, LOSE, HOME)},
     .answered = 1,
     .expected = "0 open 0 quic home full; 22 ready 0; 22 use 0; 1500 default "
                 "cell; 1500 radio home>cell 1500/0; 1530 notice cell notice; "
                 "4530 notice cell timer; 4530 closed 0; 4530 open 1 quic cell "
                 "full; 4830 open 2 tcp cell full; 4871 ready 2; 4871 closed "
                 "1; 4891 use 2 on; 6238 done"},
    /* Where TCP is silent too, QUIC is tried again. */
    {.stop = 9,
     .steps = {AT(0, BLOCK_UDP, HOME), AT(1500, UNBLOCK, HOME),
               AT(1500, BLOCK_TCP, HOME)},
     .answered = 9,
     .expected =
         "0 open 0 quic home full; 300 open 1 tcp home full; 341 ready 1; 341 "
         "closed 0; 341 use 1; 5000 notice home timer; 5000 closed 1; 5000 "
         "open 2 tcp home full; 8000 notice home timer; 8000 closed 2; 8000 "
         "open 3 quic home full; 8022 ready 3; 8022 use 3"},
    /* and where TCP gives up by itself */
    {.stop = 140,
     .patience = 900 * HO_SEC,
     .steps = {AT(0, BLOCK_UDP, HOME), AT(1500, SWITCH, CELL),
               AT(1600, UNBLOCK, HOME), AT(1600, BLOCK_TCP, HOME),
               AT(2500, SWITCH, HOME)},
     .answered = 140,
     .expected =
         "0 open 0 quic home full; 300 open 1 tcp home full; 341 ready 1; 341 "
         "closed 0; 341 use 1; 1500 default cell; 1500 switch home>cell "
         "1500/0; 1530 notice cell notice; 1530 closed 1; 1530 open 2 quic "
         "cell full; 1552 ready 2; 2000 use 2; 2500 default home; 2500 switch "
         "cell>home 2500/0; 2530 notice home notice; 2530 closed 2; 2530 open "
         "3 tcp home full; 129530 timeout 3; 129530 notice home give-up; "
         "129530 open 4 quic home full; 129552 ready 4; 129552 use 4"},
    /* With no network left it waits for one. */
    {.stop = 7,
     .steps = {AT(100, LOSE, CAFE), AT(500, LOSE, HOME), AT(600, LOSE, CELL),
               AT(5000, GAIN, CELL)},
     .answered = 7,
     .expected =
         "0 open 0 quic home full; 22 ready 0; 22 use 0; 500 default cell; 500 "
         "radio home>cell 500/0; 530 notice cell notice; 600 default none; "
         "4000 notice none timer; 4000 closed 0; 5000 default cell; 5000 open "
         "1 quic cell full; 5022 ready 1; 5022 use 1"},
};

/* ---- one transport alone, where it is blocked ---- */

static const tale alone[] = {
    {.stop = 40,
     .steps = {AT(0, BLOCK_UDP, HOME)},
     .answered = 0,
     .expected = "0 open 0 quic home full; 10000 handshake timeout 0; 10000 "
                 "notice home give-up; 10000 open 1 quic home full; 20000 "
                 "handshake timeout 1; 20000 notice home give-up; 20000 open 2 "
                 "quic home full; 30000 handshake timeout 2; 30000 notice home "
                 "give-up; 30000 open 3 quic home full"},
    {.stop = 40,
     .steps = {AT(0, BLOCK_UDP, CELL), AT(1500, LOSE, HOME)},
     .answered = 2,
     .expected =
         "0 open 0 quic home full; 22 ready 0; 22 use 0; 1500 default cell; "
         "1500 radio home>cell 1500/0; 1530 notice cell notice; 4602 notice "
         "cell validation; 4602 closed 0; 4602 open 1 quic cell full; 14602 "
         "handshake timeout 1; 14602 notice cell give-up; 14602 open 2 quic "
         "cell full; 24602 handshake timeout 2; 24602 notice cell give-up; "
         "24602 open 3 quic cell full; 34602 handshake timeout 3; 34602 notice "
         "cell give-up; 34602 open 4 quic cell full"},
    {.stop = 40,
     .steps = {AT(0, BLOCK_UDP, CELL), AT(1500, SWITCH, CELL)},
     .answered = 40,
     .expected = "0 open 0 quic home full; 22 ready 0; 22 use 0; 1500 default "
                 "cell; 1500 switch home>cell 1500/0; 1530 notice cell notice; "
                 "4602 notice cell validation"},
    {.stop = 40,
     .arm = ", on_change: probe",
     .steps = {AT(0, BLOCK_UDP, CELL), AT(1500, SWITCH, CELL)},
     .answered = 40,
     .expected = "0 open 0 quic home full; 22 ready 0; 22 use 0; 1500 default "
                 "cell; 1500 switch home>cell 1500/0; 1530 notice cell notice"},
    {.stop = 40,
     .steps = {AT(1500, BLOCK_UDP, HOME)},
     .answered = 2,
     .expected =
         "0 open 0 quic home full; 22 ready 0; 22 use 0; 32000 idle timeout 0; "
         "32000 notice home give-up; 32000 open 1 quic home full"},
};

static const tale alone_tcp[] = {
    {.stop = 200,
     .steps = {AT(0, BLOCK_TCP, HOME)},
     .answered = 0,
     .expected = "0 open 0 tcp home full; 127000 timeout 0; 127000 notice home "
                 "give-up; 127000 open 1 tcp home full"},
    {.stop = 200,
     .steps = {AT(0, BLOCK_TCP, CELL), AT(1500, LOSE, HOME)},
     .answered = 2,
     .expected = "0 open 0 tcp home full; 41 ready 0; 41 use 0; 1500 default "
                 "cell; 1500 radio home>cell 1500/0; 1530 notice cell notice; "
                 "1530 closed 0; 1530 open 1 tcp cell full; 128530 timeout 1; "
                 "128530 notice cell give-up; 128530 open 2 tcp cell full"},
};

/* ---- a server that is restarted ---- */

static const tale restarts[] = {
    {.stop = 4,
     .steps = {AT(1500, RESTART, HOME)},
     .answered = 4,
     .expected = "0 open 0 quic home full; 22 ready 0; 22 use 0; 2020 "
                 "stateless reset 0; 2020 notice home rst; 2020 open 1 quic "
                 "home full; 2042 ready 1; 2042 use 1"},
    {.stop = 4,
     .steps = {AT(0, BLOCK_UDP, HOME), AT(1500, RESTART, HOME)},
     .answered = 4,
     .expected = "0 open 0 quic home full; 300 open 1 tcp home full; 341 ready "
                 "1; 341 closed 0; 341 use 1; 2020 rst 1; 2020 notice home "
                 "rst; 2020 open 2 tcp home full; 2061 ready 2; 2061 use 2"},
    /* Tickets still work, and 0-RTT with them. */
    {.stop = 4,
     .arm = ", tls: 0rtt",
     .steps = {AT(1500, RESTART, HOME)},
     .answered = 4,
     .expected = "0 open 0 quic home full; 22 ready 0; 22 use 0; 2020 "
                 "stateless reset 0; 2020 notice home rst; 2020 open 1 quic "
                 "home resume; 2042 ready 1; 2042 use 1"},
    /* again and again */
    {.stop = 6,
     .steps = {AT(1500, RESTART, HOME), AT(2500, RESTART, HOME),
               AT(3500, RESTART, HOME)},
     .answered = 6,
     .expected = "0 open 0 quic home full; 22 ready 0; 22 use 0; 2020 "
                 "stateless reset 0; 2020 notice home rst; 2020 open 1 quic "
                 "home full; 2042 ready 1; 2042 use 1; 3020 stateless reset 1; "
                 "3020 notice home rst; 3020 open 2 quic home full; 3042 ready "
                 "2; 3042 use 2; 4020 stateless reset 2; 4020 notice home rst; "
                 "4020 open 3 quic home full; 4042 ready 3; 4042 use 3"},
    {.stop = 9,
     .work = "type: upload, bytes: 3MB",
     .steps = {AT(1500, RESTART, HOME)},
     .answered = 1,
     .expected = "0 open 0 quic home full; 22 ready 0; 22 use 0; 1510 "
                 "stateless reset 0; 1510 notice home rst; 1510 open 1 quic "
                 "home full; 1545 ready 1; 1568 use 1 on; 2948 done"},
};

START_TEST(quic_and_tcp_race) {
  run_tale(&races[_i], HO_TRANSPORT_AUTO);
}
END_TEST

START_TEST(an_arm_of_two_transports_moves) {
  run_tale(&moves[_i], HO_TRANSPORT_AUTO);
}
END_TEST

START_TEST(quic_alone_is_blocked) {
  run_tale(&alone[_i], HO_TRANSPORT_QUIC);
}
END_TEST

START_TEST(tcp_alone_is_blocked) {
  run_tale(&alone_tcp[_i], HO_TRANSPORT_TCP);
}
END_TEST

START_TEST(a_server_is_restarted) {
  run_tale(&restarts[_i], HO_TRANSPORT_AUTO);
}
END_TEST

START_TEST(a_quic_server_is_restarted) {
  static const tale t = {
      .stop = 4,
      .arm = ", tls: 0rtt",
      .steps = {AT(1500, RESTART, HOME)},
      .answered = 4,
      .expected = "0 open 0 quic home full; 22 ready 0; 22 use 0; "
                  "2020 stateless reset 0; 2020 notice home rst; "
                  "2020 open 1 quic home 0rtt; 2020 use 1; 2042 ready 1"};

  run_tale(&t, HO_TRANSPORT_QUIC);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, an_arm_of_two_transports_moves, 0, (int)COUNT(moves));
  tcase_add_loop_test(tc, quic_alone_is_blocked, 0, (int)COUNT(alone));
  tcase_add_loop_test(tc, tcp_alone_is_blocked, 0, (int)COUNT(alone_tcp));
  tcase_add_loop_test(tc, a_server_is_restarted, 0, (int)COUNT(restarts));
  tcase_add_test(tc, a_quic_server_is_restarted);
  tcase_add_loop_test(tc, quic_and_tcp_race, 0, (int)COUNT(races));
}

int main(void) {
  return suite_run("race", add);
}
