/* Goal: places are measured with as many processes as there is room for, and
 * where there is none at all, they are said to be unknown. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/survey.h"

#include <check.h>
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure/calibration.h"
#include "stack/world.h"
#include "tests/room.h"
#include "tests/suite.h"

static char text[] = "name: radios\nstop: 20s\nnetworks:\n"
                     "  near: {type: wifi, distance: 5m}\n"
                     "  far: {type: wifi, distance: 30m}\n"
                     "workload: {type: download, bytes: 1KB}\narms: [quic]\n";

static ho_plan plan;
static ho_calibration calibration;
static size_t files; /* that are open */
static FILE *said;   /* on standard error */

static size_t open_files(void) {
  DIR *fds = opendir("/proc/self/fd");
  size_t count = 0;

  while (readdir(fds)) {
    count++;
  }
  closedir(fds);
  return count;
}

static void setup(void) {
  ho_diag diag = {0};

  plan = (ho_plan){
      .source = {(char *)"radios", text, strlen(text)}, .seed = 1, .repeat = 1};
  ck_assert_int_eq(
      ho_scenario_load(&plan.source, NULL, 0, 1, &plan.scenario, &diag), 0);
  ho_world_preload();
  ho_world_preload_for(plan.scenario);
  ho_calibration_list(&plan, &calibration);
  ck_assert_uint_eq(calibration.count, 2);
  said = tmpfile();
  dup2(fileno(said), STDERR_FILENO);
  files = open_files();
}

static void teardown(void) {
  ck_assert_uint_eq(open_files(), files);
  ho_calibration_free(&calibration);
  ho_scenario_del(plan.scenario);
  fclose(said);
}

static size_t lines_said(const char *line) {
  char *got = NULL;
  size_t cap = 0, count = 0;

  rewind(said);
  while (getline(&got, &cap, said) > 0) {
    count += strcmp(got, line) == 0;
  }
  free(got);
  return count;
}

/* Ends the survey as a batch does: starts what there are slots for, and waits
 * for a process to end.  Returns how many there were at once. */
static size_t carry_out(ho_survey *survey, ho_slots *slots) {
  size_t before = slots->taken, most = 0;

  while (!ho_survey_over(survey)) {
    while (slots->taken < slots->limit && ho_survey_more(survey)) {
      ho_survey_start(survey);
    }
    if (slots->taken - before > most) {
      most = slots->taken - before;
    }
    if (slots->taken > before) {
      siginfo_t info;
      ck_assert_int_eq(waitid(P_ALL, 0, &info, WEXITED | WNOWAIT), 0);
    }
    ho_survey_look(survey);
  }
  ck_assert_uint_eq(slots->taken, before);
  return most;
}

static void must_know_all(void) {
  for (size_t i = 0; i < calibration.count; i++) {
    ck_assert(calibration.places[i].known);
    ck_assert_uint_gt(calibration.places[i].place.down_bps, 0);
  }
}

/* Nobody gives back a slot, so that waiting for one would never end. */
START_TEST(no_room_at_all) {
  ho_slots slots = {.count = 2, .limit = 2};
  ho_survey *survey = ho_survey_begin(&plan, &calibration, &slots);

  room_limit = 0;
  ck_assert_uint_eq(carry_out(survey, &slots), 0);
  ck_assert_uint_eq(room_refused, 2);
  ho_survey_end(survey);
  ck_assert(!calibration.places[0].known && !calibration.places[1].known);
  ck_assert_uint_eq(lines_said("handoff: the capacity of 'near' could not be "
                               "measured\n"),
                    1);
  ck_assert_uint_eq(lines_said("handoff: the capacity of 'far' could not be "
                               "measured\n"),
                    1);
  ho_calibration_distribute(&calibration);
  ck_assert_uint_eq(calibration.points[0].count, 0);
}
END_TEST

/* Somebody else's process will end, and leave its room. */
START_TEST(no_room_beside_others) {
  ho_slots slots = {.count = 3, .limit = 3, .taken = 1};
  ho_survey *survey = ho_survey_begin(&plan, &calibration, &slots);

  room_limit = 0;
  ho_survey_start(survey);
  ck_assert_uint_eq(slots.taken, 1);
  ck_assert_uint_eq(slots.limit, 1);
  ck_assert(ho_survey_more(survey) && !ho_survey_over(survey));
  room_limit = SIZE_MAX;
  slots.limit = slots.count;
  ck_assert_uint_eq(carry_out(survey, &slots), 2);
  ho_survey_end(survey);
  must_know_all();
  rewind(said);
  ck_assert_int_eq(fgetc(said), EOF);
}
END_TEST

START_TEST(room_for_one) {
  ho_slots slots = {.count = 2, .limit = 2};
  ho_survey *survey = ho_survey_begin(&plan, &calibration, &slots);

  room_limit = 1;
  ck_assert_uint_eq(carry_out(survey, &slots), 1);
  ck_assert_uint_eq(room_refused, 1); /* it is not asked again and again */
  ck_assert_uint_eq(slots.limit, 1);
  ho_survey_end(survey);
  must_know_all();
}
END_TEST

static void add(TCase *tc) {
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, no_room_at_all);
  tcase_add_test(tc, no_room_beside_others);
  tcase_add_test(tc, room_for_one);
}

int main(void) {
  return suite_run("survey", add);
}
