/* timeline.svg of hand-written events: what is drawn where, and what of a run
 * that is too long, too busy or not readable. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "measure/report/timeline.h"
#include "sim/base/alloc.h"
#include "tests/suite.h"

#define S(n) ((ho_time)((n)*1e9))

/* As the picture has them. */
#define UP      "#cfe0ee"
#define DEFAULT "#0072B2"
#define PROBED  "#E69F00"
#define VALID   "#6fc3a5"
#define FAILED  "#D55E00"
#define DATA    "#1a1a1a"

static char home[] = "home", cell[] = "<cell&>", quic[] = "quic", name[] = "n";

static ho_net_config nets[2];
static ho_arm arm;
static ho_scenario scenario;
static ho_meter_config config;
static char dir[] = "/tmp/timeline_test.XXXXXX";
static ho_log *events;
static ho_timeline *timeline;
static uint64_t packets;
static char *svg;

/* One client, two networks that are up. */
static void setup(void) {
  nets[0] = (ho_net_config){.name = home, .connected = true};
  nets[1] = (ho_net_config){.name = cell, .connected = true};
  arm = (ho_arm){.name = quic};
  scenario = (ho_scenario){.name = name,
                           .nets = nets,
                           .nets_count = 2,
                           .clients = 1,
                           .arms = &arm,
                           .arms_count = 1};
  config = (ho_meter_config){.scenario = &scenario, .seed = 7};
  strcpy(dir + strlen(dir) - 6, "XXXXXX");
  ck_assert_ptr_nonnull(mkdtemp(dir));
  events = ho_log_new();
  timeline = ho_timeline_new(&config, events, dir);
  packets = 0;
  svg = NULL;
}

static char *path_of(const char *file) {
  return ho_format("%s/%s", dir, file);
}

static void teardown(void) {
  char *rows = path_of("handoffs.csv"), *picture = path_of("timeline.svg");

  unlink(rows);
  unlink(picture);
  rmdir(dir);
  free(rows);
  free(picture);
  free(svg);
  ho_timeline_del(timeline);
  ho_log_del(events);
}

/* ---- what happens ---- */

static ho_tuple tuple(int net, unsigned port, bool outside) {
  ho_tuple t = {.client = {ho_addr_v4((outside ? 0xc6336400u : 0xc0a80000u) +
                                      (unsigned)net),
                           (uint16_t)port},
                .server = {ho_addr_v4(0xc0000201u), 443}};

  return t;
}

/* A datagram of the client's from |inside|, which the NAT makes |outside| and
 * the server receives at once; returns its number. */
static uint64_t up(ho_time t, int net, unsigned inside, unsigned outside) {
  uint64_t packet = ++packets;

  HO_EMIT(events, datagram_sent, t, 0, .packet = packet, .endpoint = HO_CLIENT,
          .net = net, .proto = HO_PROTO_UDP,
          .tuple = tuple(net, inside, false));
  HO_EMIT(events, wire, t, 0, .packet = packet, .net = net,
          .tuple = tuple(net, outside, true));
  HO_EMIT(events, datagram_received, t, 0, .packet = packet,
          .endpoint = HO_SERVER, .net = net,
          .tuple = tuple(net, outside, true));
  return packet;
}

static uint64_t down(ho_time t, int net, unsigned outside) {
  uint64_t packet = ++packets;

  HO_EMIT(events, datagram_sent, t, 0, .packet = packet, .endpoint = HO_SERVER,
          .net = net, .proto = HO_PROTO_UDP,
          .tuple = tuple(net, outside, true));
  HO_EMIT(events, datagram_received, t, 0, .packet = packet,
          .endpoint = HO_CLIENT, .net = net);
  return packet;
}

static void path_frame(ho_time t, ho_side side, const char *what,
                       ho_tuple tuple) {
  HO_EMIT(events, path_frame, t, 0, .endpoint = side, .way = "sent",
          .frame = what, .tuple = tuple);
}

static void validated(ho_time t, ho_side side, const char *result,
                      ho_tuple tuple) {
  HO_EMIT(events, path_validation, t, 0, .endpoint = side, .tuple = tuple,
          .result = result);
}

static void delivered(ho_time t, uint64_t packet, uint64_t bytes,
                      uint64_t again) {
  HO_EMIT(events, delivered, t, 0, .endpoint = HO_CLIENT, .bytes = bytes,
          .again = again, .packet = packet);
}

/* ---- what is drawn ---- */

/* |rows| is handoffs.csv, which has no header. */
static void draw(ho_time end, const char *rows) {
  char *path = path_of("handoffs.csv");
  FILE *file = fopen(path, "w");
  size_t size;

  fputs(rows, file);
  fclose(file);
  free(path);
  HO_EMIT(events, run_ended, end, -1, .reason = "done");
  ck_assert_int_eq(ho_timeline_draw(timeline), 0);
  path = path_of("timeline.svg");
  file = fopen(path, "r");
  free(path);
  free(svg);
  svg = ho_alloc(1 << 22);
  size = fread(svg, 1, (1 << 22) - 1, file);
  fclose(file);
  svg[size] = '\0';
}

/* A row of handoffs.csv with its columns |names| set to |values|. */
static char *row(const char *const *names, const char *const *values) {
  const ho_table *table = ho_table_find("handoffs.csv");
  char *text = ho_strdup("");

  for (size_t i = 0; i < table->count; i++) {
    const char *value = "";
    char *longer;
    for (size_t k = 0; names[k]; k++) {
      value = strcmp(names[k], table->columns[i].name) ? value : values[k];
    }
    longer = ho_format("%s%s%s", text, i > 0 ? "," : "", value);
    free(text);
    text = longer;
  }
  return text;
}

/* How many rectangles there are from |t0| to |t1| of a picture that ends at
 * 10 s, |height| high and of |fill|. */
static int bars(double t0, double t1, double height, const char *fill) {
  char *shape = ho_format("<rect x=\"%.2f\" ", 210 + 77 * t0);
  char *rest = ho_format("width=\"%.2f\" height=\"%.2f\" fill=\"%s\"",
                         77 * (t1 - t0), height, fill);
  int count = 0;

  for (const char *at = svg; (at = strstr(at, shape)); at++) {
    const char *size = strstr(at, "width");
    count += !strncmp(size, rest, strlen(rest));
  }
  free(shape);
  free(rest);
  return count;
}

static int times(const char *text) {
  int count = 0;

  for (const char *at = svg; (at = strstr(at, text)); at++) {
    count++;
  }
  return count;
}

static bool shows(const char *text) {
  return times(text) > 0;
}

START_TEST(a_network_is_up_until_it_is_gone) {
  nets[1].connected = false;
  HO_EMIT(events, network_down, S(4), 0, .net = 0, .in_use = 1);
  HO_EMIT(events, network_up, S(5), 0, .net = 1);
  HO_EMIT(events, default_network, S(5), 0, .from = 0, .to = 1);
  HO_EMIT(events, network_up, S(8), 0, .net = 0);
  draw(S(10), "");
  ck_assert_int_eq(bars(0, 4, 14, UP), 1);
  ck_assert_int_eq(bars(8, 10, 14, UP), 1);
  ck_assert_int_eq(bars(5, 10, 14, UP), 1);
  ck_assert_int_eq(bars(0, 5, 4, DEFAULT), 1);
  ck_assert_int_eq(bars(5, 10, 4, DEFAULT), 1);
  ck_assert_int_eq(times(UP), 3 + 1); /* and in the key */
  ck_assert(shows("n, arm quic, seed 7"));
  ck_assert(shows(">&lt;cell&amp;&gt;<"));
}
END_TEST

/* Both ends validate the handshake's path by it, and each another one at its
 * own time. */
START_TEST(each_end_has_its_own_state_of_a_path) {
  up(S(0), 0, 1000, 2000);
  down(S(1), 0, 2000);
  HO_EMIT(events, handshake_done, S(1), 0, .endpoint = HO_CLIENT);
  up(S(2), 0, 1000, 2000);
  HO_EMIT(events, handshake_done, S(2), 0, .endpoint = HO_SERVER);
  path_frame(S(5), HO_CLIENT, "PATH_CHALLENGE", tuple(1, 1001, false));
  up(S(5), 1, 1001, 2001);
  path_frame(S(6), HO_SERVER, "PATH_CHALLENGE", tuple(1, 2001, true));
  path_frame(S(6), HO_SERVER, "PATH_RESPONSE", tuple(1, 2001, true));
  validated(S(7), HO_CLIENT, "success", tuple(1, 1001, false));
  path_frame(S(7), HO_CLIENT, "PATH_RESPONSE", tuple(1, 1001, false));
  validated(S(9), HO_SERVER, "failure", tuple(1, 2001, true));
  up(S(10), 1, 1001, 2001);
  draw(S(10), "");
  ck_assert_int_eq(bars(1, 2, 7, VALID), 1);
  ck_assert_int_eq(bars(5, 7, 7, PROBED), 1);
  ck_assert_int_eq(bars(6, 9, 7, PROBED), 1);
  ck_assert_int_eq(bars(7, 10, 7, VALID), 1);
  ck_assert_int_eq(bars(9, 10, 7, FAILED), 1);
  ck_assert_int_eq(times(">UDP path over home<"), 1);
  ck_assert_int_eq(times(">UDP path over &lt;cell&amp;&gt;<"), 1);
  ck_assert(shows("5.000000 s: the client sends PATH_CHALLENGE"));
  ck_assert(shows("6.000000 s: the server sends PATH_CHALLENGE"));
  ck_assert(shows("6.000000 s: the server sends PATH_RESPONSE"));
  ck_assert(shows("7.000000 s: the client sends PATH_RESPONSE"));
}
END_TEST

/* A challenge on a path that is validated changes nothing; an aborted one was
 * for nothing. */
START_TEST(only_what_is_not_validated_is_being_validated) {
  up(S(0), 0, 1000, 2000);
  HO_EMIT(events, handshake_done, S(0), 0, .endpoint = HO_SERVER);
  path_frame(S(1), HO_SERVER, "PATH_CHALLENGE", tuple(0, 2000, true));
  up(S(4), 0, 1000, 2001);
  path_frame(S(5), HO_SERVER, "PATH_CHALLENGE", tuple(0, 2001, true));
  validated(S(6), HO_SERVER, "aborted", tuple(0, 2001, true));
  up(S(10), 0, 1000, 2000);
  up(S(10), 0, 1000, 2001);
  draw(S(10), "");
  ck_assert_int_eq(bars(0, 10, 7, VALID), 1);
  ck_assert_int_eq(times(PROBED "\""), 1 + 1 + 1); /* key: state and notice */
  ck_assert_int_eq(bars(5, 6, 7, PROBED), 1);
}
END_TEST

/* The client knows of one tuple, the server sees two. */
START_TEST(another_face_of_a_nat_is_another_path) {
  uint64_t old = up(S(0), 0, 1000, 2000), rebound = up(S(5), 0, 1000, 2001);

  HO_EMIT(events, nat_unmapped, S(5), 0, .net = 0, .reason = "rebind",
          .inside = tuple(0, 1000, false).client,
          .outside = tuple(0, 2000, true).client);
  delivered(S(5), old, 1000, 0);
  delivered(S(8), rebound, 1000, 0);
  up(S(9), 0, 1000, 2000); /* back: the first again */
  draw(S(10), "");
  ck_assert_int_eq(times("198.51.100.0:2000<"), 1);
  ck_assert_int_eq(times("198.51.100.0:2001<"), 1);
  ck_assert(
      shows("NAT: rebind, 192.168.0.0:1000 is 198.51.100.0:2000 outside"));
  ck_assert_int_eq(times(">UDP path over home<"), 2);
}
END_TEST

/* However long it takes: bins grow, no byte is lost, and what was delivered
 * again is none. */
START_TEST(bytes_are_counted_however_long_a_run_is) {
  uint64_t packet = up(S(0), 0, 1000, 2000);

  for (int i = 0; i < 1000; i++) {
    delivered(S(i), packet, 3000, 1000);
  }
  draw(S(1000), "");
  ck_assert(shows(">2 MB in this time<"));
  ck_assert(!shows("there was more than is drawn"));
}
END_TEST

START_TEST(a_path_brings_data_when_it_does) {
  uint64_t one = up(S(0), 0, 1000, 2000), two;

  /* The last of the first bins, which is the second of two at each folding. */
  delivered(S(0.20475), one, 1000000, 0);
  two = up(S(5), 1, 1001, 2001);
  delivered(S(5), two, 1000000, 0);
  draw(S(10), "");
  ck_assert_int_eq(times("height=\"4.00\" fill=\"" DATA "\""), 2 + 1);
  ck_assert_int_eq(times("y=\"177.00\" width="), 1);
  ck_assert_int_eq(times("y=\"207.00\" width="), 1);
  ck_assert(shows(">2 MB in this time<"));
}
END_TEST

/* What cannot be told apart is not kept, and the picture says so. */
START_TEST(a_busy_run_has_a_picture_of_bounded_size) {
  up(S(0), 0, 1000, 2000);
  for (unsigned i = 0; i < 5000; i++) {
    path_frame(S(0) + i, HO_CLIENT, "PATH_CHALLENGE", tuple(0, 1000, false));
    HO_EMIT(events, network_up, S(0) + i, 0, .net = 0);
    up(S(1) + i, 0, 3000 + i, 9000 + i);
  }
  draw(S(10), "");
  ck_assert(shows("The whole run (there was more than is drawn)"));
  ck_assert_uint_lt(strlen(svg), 200000);
  ck_assert_int_eq(times(">UDP path over home<"), 32);
}
END_TEST

START_TEST(more_clients_than_fit_are_counted_and_not_drawn) {
  scenario.clients = 5;
  for (int i = 0; i < 5; i++) {
    HO_EMIT(events, datagram_sent, S(1), i, .packet = ++packets,
            .endpoint = HO_CLIENT, .net = 0, .tuple = tuple(0, 1000, false));
    HO_EMIT(events, datagram_received, S(1), i, .packet = packets,
            .endpoint = HO_SERVER);
    HO_EMIT(events, handshake_done, S(1), i, .endpoint = HO_SERVER);
    HO_EMIT(events, delivered, S(1), i, .packet = packets, .bytes = 1000000);
  }
  draw(S(10), "");
  ck_assert(shows(">client 2<"));
  ck_assert(!shows(">client 3<"));
  ck_assert(shows(">5 MB in this time<"));
  ck_assert(shows("there was more than is drawn"));
}
END_TEST

static const char *const COLUMNS[] = {
    "client",        "kind",      "from",        "to",
    "t_loss_s",      "notice_ms", "reaction_ms", "validation_ms",
    "first_byte_ms", NULL};

/* What has not ended goes on until the next one, or the end. */
START_TEST(phases_follow_each_other) {
  static const char *const one[] = {"0",    "disconnect", "home", "cell", "1.0",
                                    "1000", "",           "2000", "-500", NULL};
  static const char *const two[] = {"0",    "disconnect", "cell", "home", "6.0",
                                    "1000", "0",          "NA",   "NA",   NULL};
  static const char *const three[] = {
      "0", "disconnect", "home", "cell", "8.0", "500", "0", "NA", "NA", NULL};
  char *first = row(COLUMNS, one), *second = row(COLUMNS, two);
  char *third = row(COLUMNS, three);
  char *all = ho_format("%s\n%s\n%s\n", first, second, third);

  draw(S(10), all);
  ck_assert_int_eq(bars(1, 2, 14, "#E69F00"), 1); /* notice */
  ck_assert_int_eq(bars(2, 4, 14, "#0072B2"), 1); /* validation */
  ck_assert_int_eq(bars(6, 7, 14, "#E69F00"), 1);
  ck_assert_int_eq(bars(7, 8, 14, "#0072B2"), 1);
  ck_assert_int_eq(bars(8, 8.5, 14, "#E69F00"), 1);
  ck_assert_int_eq(bars(8.5, 10, 14, "#0072B2"), 1);
  ck_assert(shows("disconnect: home to cell: notice, 1000.000 ms<"));
  ck_assert(shows("validation, 1000.000 ms and not ended<"));
  ck_assert(shows("validation, 1500.000 ms and not ended<"));
  ck_assert(!shows(": first byte, "));
  free(first);
  free(second);
  free(third);
  free(all);
}
END_TEST

/* What takes long is not shown twice, what is short is. */
START_TEST(a_short_handoff_is_shown_once_more) {
  static const char *const brief[] = {
      "0", "disconnect", "home", "cell", "5.0", "100", "0", "100", "200", NULL};
  static const char *const lengthy[] = {"0",    "disconnect", "home", "cell",
                                        "1.0",  "1000",       "0",    "1000",
                                        "4000", NULL};
  char *text = row(COLUMNS, brief);

  up(S(5), 0, 1000, 2000);
  draw(S(10), text);
  ck_assert_int_eq(times(">The first handoff<"), 1);
  /* 400 ms of 640, from 30 % before to 30 % behind. */
  ck_assert(shows("<rect x=\"354.38\""));
  ck_assert_int_eq(times(": validation, 100.000 ms<"), 2);
  free(text);
  text = row(COLUMNS, lengthy);
  draw(S(10), text);
  ck_assert(!shows(">The first handoff<"));
  free(text);
}
END_TEST

START_TEST(the_same_events_make_the_same_bytes) {
  char *first;

  up(S(1), 0, 1000, 2000);
  delivered(S(3), 1, 12345, 0);
  draw(S(10), "");
  first = svg;
  svg = NULL;
  draw(S(10), "");
  ck_assert_str_eq(first, svg);
  free(first);
}
END_TEST

START_TEST(what_cannot_be_read_or_written_is_an_error) {
  char *picture = path_of("timeline.svg"), *rows = path_of("handoffs.csv");

  errno = 0;
  ck_assert_int_eq(ho_timeline_draw(timeline), HO_ERR_IO); /* no rows */
  ck_assert_int_eq(errno, ENOENT);
  ck_assert_int_ne(access(picture, F_OK), 0);
  ck_assert_int_eq(symlink("/dev/full", picture), 0);
  fclose(fopen(rows, "w"));
  ck_assert_int_eq(ho_timeline_draw(timeline), HO_ERR_IO);
  ck_assert_int_eq(errno, ENOSPC);
  free(picture);
  free(rows);
}
END_TEST

static void add_tests(TCase *tc) {
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, a_network_is_up_until_it_is_gone);
  tcase_add_test(tc, each_end_has_its_own_state_of_a_path);
  tcase_add_test(tc, only_what_is_not_validated_is_being_validated);
  tcase_add_test(tc, another_face_of_a_nat_is_another_path);
  tcase_add_test(tc, bytes_are_counted_however_long_a_run_is);
  tcase_add_test(tc, a_path_brings_data_when_it_does);
  tcase_add_test(tc, a_busy_run_has_a_picture_of_bounded_size);
  tcase_add_test(tc, more_clients_than_fit_are_counted_and_not_drawn);
  tcase_add_test(tc, phases_follow_each_other);
  tcase_add_test(tc, a_short_handoff_is_shown_once_more);
  tcase_add_test(tc, the_same_events_make_the_same_bytes);
  tcase_add_test(tc, what_cannot_be_read_or_written_is_an_error);
}

int main(void) {
  return suite_run("timeline", add_tests);
}
