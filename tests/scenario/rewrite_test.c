/* Goal: a rewritten document is the same scenario but for what was changed. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <glob.h>

#include "load.h"
#include "sim/scenario/rewrite.h"

#define FULL                                                                   \
  "about: x # a comment\nvars: {d: 5ms}\nseed: 3\nname: t\nstop: 60s\n"        \
  "networks:\n"                                                                \
  "  home: {type: wired, down: 100Mbps, up: 20Mbps, delay: $d,\n"              \
  "    nat: home-router}\n"                                                    \
  "  cell: {type: wired, down: 50Mbps, up: 25Mbps}\n"                          \
  "workload: {type: download, bytes: 1MB}\n"                                   \
  "arms:\n  - quic\n  - mine: {transport: quic, cid_length: 4}\n"              \
  "timeline:\n  - 1s: switch cell\n  - 1500ms: rotate\n"                       \
  "search: {most: 3}\nvary: {d: [1ms, 2ms]}\n"                                 \
  "expect:\n  - quic: outcome == migrated\n"

static ho_source source_of(const char *text) {
  return (ho_source){(char *)"x", (char *)text, strlen(text)};
}

/* Returns the rewritten text, or the first message. */
static char *rewrite(const char *text, const ho_rewrite *change) {
  ho_source source = source_of(text);
  ho_diag diag = {0};
  char *out = NULL;
  int rv = ho_scenario_rewrite(&source, change, &out, &diag);

  ck_assert_int_eq(rv, diag.count > 0 ? HO_ERR_INPUT : 0);
  ck_assert(rv == 0 || out == NULL);
  if (rv != 0) {
    out = ho_strdup(diag.messages[0]);
  }
  ho_diag_free(&diag);
  return out;
}

/* What is between fields may differ. */
static void check_same_wired(const ho_wired *a, const ho_wired *b) {
  ck_assert_uint_eq(a->down_bps, b->down_bps);
  ck_assert_uint_eq(a->up_bps, b->up_bps);
  ck_assert_uint_eq(a->delay, b->delay);
  ck_assert_uint_eq(a->jitter, b->jitter);
  ck_assert_uint_eq(a->loss_ppm, b->loss_ppm);
  ck_assert_uint_eq(a->reorder_ppm, b->reorder_ppm);
  ck_assert_int_eq(a->queue.unit, b->queue.unit);
  ck_assert_uint_eq(a->queue.amount, b->queue.amount);
}

static void check_same(const ho_scenario *a, const ho_scenario *b) {
  ck_assert_str_eq(a->name, b->name);
  ck_assert_uint_eq(a->stop, b->stop);
  ck_assert_uint_eq(a->seed, b->seed);
  ck_assert_uint_eq(a->nets_count, b->nets_count);
  ck_assert_uint_eq(a->arms_count, b->arms_count);
  ck_assert_uint_eq(a->expects_count, b->expects_count);
  ck_assert_uint_eq(a->clients, b->clients);
  ck_assert_uint_eq(a->observers, b->observers);
  ck_assert_uint_eq(a->timeline_count, b->timeline_count);
  ck_assert_mem_eq(&a->server, &b->server, sizeof(a->server));
  ck_assert_mem_eq(&a->work, &b->work, sizeof(a->work));
  for (size_t i = 0; i < a->nets_count; i++) {
    ck_assert_str_eq(a->nets[i].name, b->nets[i].name);
    check_same_wired(&a->nets[i].wired, &b->nets[i].wired);
    ck_assert_mem_eq(&a->nets[i].nat, &b->nets[i].nat, sizeof(ho_nat_config));
  }
  for (size_t i = 0; i < a->timeline_count; i++) {
    ck_assert_uint_eq(a->timeline[i].at, b->timeline[i].at);
    ck_assert_int_eq(a->timeline[i].kind, b->timeline[i].kind);
    ck_assert_int_eq(a->timeline[i].net, b->timeline[i].net);
  }
  for (size_t i = 0; i < a->expects_count; i++) {
    ck_assert_str_eq(a->expects[i].text, b->expects[i].text);
  }
}

/* Every scenario of the library, with nothing changed. */
START_TEST(library) {
  ho_rewrite nothing = {0};
  ho_diag diag = {0};
  glob_t found;

  ck_assert_int_eq(glob(SCENARIOS "/*.yaml", 0, NULL, &found), 0);
  ck_assert_uint_gt(found.gl_pathc, 50);
  for (size_t i = 0; i < found.gl_pathc; i++) {
    ho_source source;
    ho_scenario *a, *b;
    ck_assert_int_eq(ho_source_read(&source, found.gl_pathv[i], &diag), 0);
    char *text = rewrite(source.text, &nothing);
    ho_source again = {source.file, text, strlen(text)};
    ck_assert_int_eq(ho_scenario_load(&source, NULL, 0, 0, &a, &diag), 0);
    if (a->vary_count > 0) {
      a->vary_count = 0; /* left out */
    }
    ck_assert_msg(ho_scenario_load(&again, NULL, 0, 0, &b, &diag) == 0,
                  "%s: %s", source.file, diag.count ? diag.messages[0] : "");
    check_same(a, b);
    ho_scenario_del(a);
    ho_scenario_del(b);
    ho_source_free(&source);
    free(text);
  }
  globfree(&found);
}
END_TEST

START_TEST(all_parts) {
  static const ho_rewrite_entry own[] = {{0, (char *)"rotate"},
                                         {1234567, (char *)"rebind home port"}};
  static const ho_override settings[] = {
      {"networks.cell.delay", "7ms", NULL},
      {"workload.bytes", "5KB", NULL},
      {"workload", "{type: upload, bytes: 3MB}", NULL},
      {"server", "{retry: true}", NULL}};
  ho_rewrite change = {.name = "other",
                       .about = "Words: with a colon.",
                       .seed = 9,
                       .arm = "mine",
                       .expect = "mine: run.handshakes == 1",
                       .settings = settings,
                       .settings_count = 4,
                       .timeline = own,
                       .timeline_count = 2};
  char *text = rewrite(FULL, &change);
  ho_scenario *sc = must_load(text, 0);

  ck_assert_str_eq(sc->name, "other");
  ck_assert_str_eq(sc->about, "Words: with a colon.");
  ck_assert_uint_eq(sc->seed, 9);
  ck_assert_uint_eq(sc->arms_count, 1);
  ck_assert_str_eq(sc->arms[0].name, "mine");
  ck_assert_uint_eq(sc->arms[0].cid_length, 4);
  ck_assert_uint_eq(sc->nets[1].wired.delay, 7 * HO_MSEC);
  ck_assert_uint_eq(sc->nets[0].wired.delay, 5 * HO_MSEC);
  ck_assert_int_eq(sc->work.type, HO_WORK_UPLOAD);
  ck_assert_uint_eq(sc->work.bytes, 5000); /* of the new map */
  ck_assert(sc->server.retry);
  ck_assert_uint_eq(sc->timeline_count, 2);
  ck_assert_uint_eq(sc->timeline[1].at, 1234567);
  ck_assert_uint_eq(sc->vary_count, 0);
  ck_assert_uint_eq(sc->search.most, 6);
  ck_assert_uint_eq(sc->expects_count, 1);
  ck_assert_str_eq(sc->expects[0].metric, "run.handshakes");
  ck_assert_ptr_null(strstr(text, "comment"));
  ho_scenario_del(sc);
  free(text);
}
END_TEST

START_TEST(preset_arm_and_none) {
  ho_rewrite_entry none = {0};
  ho_rewrite change = {.arm = "quic", .expect = "", .timeline = &none};
  char *text = rewrite(FULL, &change);
  ho_scenario *sc = must_load(text, 0);

  ck_assert_str_eq(sc->arms[0].name, "quic");
  ck_assert_uint_eq(sc->arms_count, 1);
  ck_assert_uint_eq(sc->timeline_count, 0);
  ck_assert_uint_eq(sc->expects_count, 0);
  ho_scenario_del(sc);
  free(text);
}
END_TEST

START_TEST(bad) {
  static const ho_override settings[][1] = {
      {{"networks.sell.delay", "7ms", NULL}},
      {{"workload", "{type: ", NULL}},
      {{"workload", "{a: b}\n---\nc", NULL}}};
  ho_rewrite nothing = {0};

  for (size_t i = 0; i < COUNT(settings); i++) {
    ho_rewrite change = {.settings = settings[i], .settings_count = 1};
    char *message = rewrite(FULL, &change);
    ck_assert_ptr_null(strstr(message, "name: t"));
    free(message);
  }
  free(rewrite("- a list\n", &nothing));
  free(rewrite("a: [\n", &nothing));
}
END_TEST

START_TEST(fixed_times) {
  ho_source source = source_of(FULL);
  ho_rewrite_entry *entries;
  ho_diag diag = {0};
  size_t count;

  ck_assert_int_eq(ho_scenario_entries(&source, &entries, &count, &diag), 0);
  ck_assert_uint_eq(count, 2);
  ck_assert_uint_eq(entries[1].at, 1500 * HO_MSEC);
  ck_assert_str_eq(entries[1].action, "rotate");
  ho_rewrite_entries_free(entries, count);
}
END_TEST

START_TEST(bad_entries) {
  static const char *const times[] = {"+1s", "1s..2s", "$t",
                                      "1s every 2s until 5s"};

  for (size_t i = 0; i < COUNT(times); i++) {
    char *text = ho_format(
        "name: t\ntimeline:\n  - 0s: rotate\n  - %s: rekey\n", times[i]);
    ho_source source = source_of(text);
    ho_rewrite_entry *list;
    ho_diag diag = {0};
    size_t count;
    ck_assert_int_eq(ho_scenario_entries(&source, &list, &count, &diag),
                     HO_ERR_INPUT);
    ck_assert_uint_eq(diag.count, 1);
    ck_assert_ptr_nonnull(strstr(diag.messages[0], "x:4:5: "));
    ck_assert_ptr_null(list);
    ho_diag_free(&diag);
    free(text);
  }
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, library);
  tcase_add_test(tc, all_parts);
  tcase_add_test(tc, preset_arm_and_none);
  tcase_add_test(tc, bad);
  tcase_add_test(tc, fixed_times);
  tcase_add_test(tc, bad_entries);
}

int main(void) {
  return suite_run("rewrite", add);
}
