/* Goal: a command does with as many processes as there is room for, and says so
 * where there is room for none. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/room.h"

#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "measure/tree.h"
#include "sim/base/alloc.h"
#include "tests/suite.h"

static const ho_command run = {.name = "run",
                               .options = HO_TAKES_GRID | HO_TAKES_RUN};
static char dir[] = "/tmp/handoff-room.XXXXXX";

static void write_scenario(const char *name, const char *network) {
  char *path = ho_format("%s.yaml", name);
  FILE *out = fopen(path, "w");

  fprintf(out,
          "name: %s\nstop: 20s\nnetworks:\n  home: {%s}\n"
          "workload: {type: download, bytes: 1KB}\narms: [quic, tcp-notify]\n",
          name, network);
  ck_assert_int_eq(fclose(out), 0);
  free(path);
}

static void setup(void) {
  ck_assert_ptr_nonnull(mkdtemp(dir));
  ck_assert_int_eq(chdir(dir), 0);
  write_scenario("radio", "type: wifi, distance: 5m");
  write_scenario("first", "type: wired, down: 10Mbps, up: 5Mbps");
  write_scenario("second", "type: wired, down: 9Mbps, up: 5Mbps");
}

static void teardown(void) {
  ck_assert_int_eq(chdir("/"), 0);
  ck_assert_int_eq(ho_tree_remove(dir), 0);
}

/* Runs all three in |out|, with room for |room| processes. */
static int command(size_t room, const char *out) {
  char *argv[] = {"run",         "radio.yaml", "first.yaml", "second.yaml",
                  "--quiet",     "-j",         "3",          "--no-progress",
                  "--no-checks", "--out",      (char *)out,  NULL};
  ho_diag diag = {0};
  ho_options o;
  int status;

  ck_assert_int_eq(ho_options_parse(&o, &run, 11, argv, &diag), 0);
  room_limit = room;
  status = ho_cmd_run(&o);
  room_limit = SIZE_MAX;
  ho_options_free(&o);
  return status;
}

static char *contents(const char *out, const char *name, const char *file) {
  char *path = ho_format("%s/%s/%s", out, name, file), *text = NULL;
  FILE *in = fopen(path, "r");
  size_t cap = 0;

  ck_assert_msg(in != NULL, "no %s", path);
  ck_assert_int_gt(getdelim(&text, &cap, '\0', in), 0);
  fclose(in);
  free(path);
  return text;
}

static void must_be_same(const char *name, const char *file) {
  char *few = contents("few", name, file), *many = contents("many", name, file);

  ck_assert_str_eq(few, many);
  free(few);
  free(many);
}

/* One for a run, a place, what keeps rows and what makes files in turn. */
START_TEST(little_room) {
  static const char *const names[] = {"radio", "first", "second"};
  static const size_t rooms[] = {1, 2};

  ck_assert_int_eq(command(SIZE_MAX, "many"), HO_EXIT_OK);
  ck_assert_uint_eq(room_refused, 0);
  ck_assert_int_eq(command(rooms[_i], "few"), HO_EXIT_OK);
  ck_assert_uint_gt(room_refused, 0);
  for (size_t i = 0; i < 3; i++) {
    must_be_same(names[i], "runs.csv");
    must_be_same(names[i], "summary.csv");
    must_be_same(names[i], "requests.csv");
  }
}
END_TEST

START_TEST(no_room) {
  static char said[4096];
  FILE *to = tmpfile();

  dup2(fileno(to), STDERR_FILENO);
  ck_assert_int_eq(command(0, "none"), HO_EXIT_IO);
  rewind(to);
  said[fread(said, 1, sizeof(said) - 1, to)] = '\0';
  fclose(to);
  ck_assert_str_eq(
      said, "handoff: the capacity of 'home' could not be measured\n"
            "handoff: cannot write 'none/.radio.partial': Resource temporarily "
            "unavailable\n"
            "handoff: radio: no run had finished, nothing is kept\n");
  ck_assert_int_ne(access("none", F_OK), 0);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_loop_test(tc, little_room, 0, 2);
  tcase_add_test(tc, no_room);
}

int main(void) {
  return suite_run("room", add);
}
