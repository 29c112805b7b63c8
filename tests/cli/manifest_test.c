/* manifest.json: the same bytes for the same request, whole or not at all. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "measure/manifest.h"
#include "measure/tree.h"
#include "sim/base/alloc.h"
#include "tests/suite.h"

static char root[] = "/tmp/handoff-manifest-XXXXXX";
static ho_arm arms[] = {{.name = "quic"}, {.name = "quic-0rtt"}, {.name = "t"}};
static ho_scenario scenario = {.name = "s", .arms = arms, .arms_count = 3};
static size_t chosen[] = {0, 2};
static ho_override set = {.key = "networks.cell.delay", .value = "30ms"};
static ho_plan plan = {
    .source = {.file = "s.yaml", .text = "abc", .text_len = 3},
    .scenario = &scenario,
    .overrides = &set,
    .overrides_count = 1,
    .arms = chosen,
    .arms_count = 2,
    .seed = INT64_MAX - 1,
    .repeat = 1,
    .out = "somewhere"};

static void enter(void) {
  strcpy(root + sizeof(root) - 7, "XXXXXX");
  ck_assert_ptr_nonnull(mkdtemp(root));
  ck_assert_int_eq(chdir(root), 0);
}

static void leave(void) {
  ck_assert_int_eq(chdir("/"), 0);
  ck_assert_int_eq(ho_tree_remove(root), 0);
}

static char *text_of(json_t *value, const char *outer, const char *inner) {
  json_t *object = json_object_get(value, outer);

  return json_dumps(inner ? json_object_get(object, inner) : object,
                    JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(12));
}

/* Goal: what was asked stands there, and what cannot change a result (where it
 * goes, how many at once) does not. */
START_TEST(content) {
  static const struct {
    const char *outer, *inner, *expected;
  } values[] = {
      {"handoff", NULL, "\"" HO_VERSION "\""},
      {"status", NULL, "\"incomplete\""},
      {"runs", NULL, "2"},
      {"finished", NULL, "1"},
      {"scenario", "name", "\"s\""},
      {"scenario", "file", "\"s.yaml\""},
      {"scenario", "text", "\"abc\""},
      /* FIPS 180-2, B.1 */
      {"scenario", "sha256",
       "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\""},
      {"asked", "arms", "[\"quic\",\"t\"]"},
      {"asked", "seed", "9223372036854775806"},
      {"asked", "set",
       "[{\"key\":\"networks.cell.delay\",\"value\":\"30ms\"}]"},
      {"asked", "timeout_ms", "null"},
      {"asked", "events", "false"},
      {"asked", "crypto", "\"real\""},
  };
  json_t *json;

  ck_assert_int_eq(ho_manifest_write(&plan, 1, false, "."), 0);
  json = json_load_file("manifest.json", 0, NULL);
  ck_assert_ptr_nonnull(json);
  for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
    char *text = text_of(json, values[i].outer, values[i].inner);
    ck_assert_ptr_nonnull(text);
    ck_assert_str_eq(text, values[i].expected);
    free(text);
  }
  ck_assert_uint_gt(json_object_size(json_object_get(json, "libraries")), 5);
  ck_assert_ptr_null(
      json_object_get(json_object_get(json, "libraries"), "handoff"));
  json_decref(json);
}
END_TEST

/* Goal: what lies outside the scenario's text is named where it plays a part:
 * recordings by their hash, radios by what they were measured to carry. */
START_TEST(outside) {
  ho_net_config nets[] = {{.name = "home"}, {.name = "train"}};
  size_t points[] = {0, 2};
  ho_calibrated places[] = {
      {.place = {0, {1500, -250}, 52400000, 18000000},
       .network = (char *)"home",
       .points = points,
       .points_count = 2,
       .known = true},
      {.network = (char *)"lost"},
  };
  ho_calibration calibration = {.places = places, .count = 2};
  ho_scenario radios = scenario;
  ho_plan asked = plan;
  json_t *json;
  char *text;

  ck_assert_int_eq(ho_manifest_write(&plan, 1, false, "."), 0);
  json = json_load_file("manifest.json", 0, NULL);
  ck_assert_ptr_null(json_object_get(json, "traces"));
  ck_assert_ptr_null(json_object_get(json, "calibration"));
  json_decref(json);
  nets[1].trace_up.file = "up.csv";
  strcpy(nets[1].trace_up.sha256, "00ff");
  radios.nets = nets;
  radios.nets_count = 2;
  asked.scenario = &radios;
  asked.calibration = &calibration;
  ck_assert_int_eq(ho_manifest_write(&asked, 1, false, "."), 0);
  json = json_load_file("manifest.json", 0, NULL);
  text = text_of(json, "traces", NULL);
  ck_assert_str_eq(text, "[{\"network\":\"train\",\"direction\":\"up\","
                         "\"file\":\"up.csv\",\"sha256\":\"00ff\"}]");
  free(text);
  text = text_of(json, "calibration", NULL);
  ck_assert_str_eq(text, "[{\"network\":\"home\",\"x_m\":1.5,\"y_m\":-0.25,"
                         "\"down_mbps\":52.4,"
                         "\"up_mbps\":18.0}]");
  free(text);
  json_decref(json);
}
END_TEST

static char *slurp(const char *path) {
  char buf[65536];
  FILE *in = fopen(path, "r");
  size_t n;

  ck_assert_ptr_nonnull(in);
  n = fread(buf, 1, sizeof(buf) - 1, in);
  fclose(in);
  buf[n] = '\0';
  ck_assert(strstr(buf, "somewhere") == NULL);
  return ho_strdup(buf);
}

/* Goal: written twice, the same bytes; a file name that is not UTF-8 is no
 * reason to fail. */
START_TEST(repeats) {
  ho_plan odd = plan;
  char *first, *second;

  odd.source.file = "caf\xe9.yaml";
  ck_assert_int_eq(ho_manifest_write(&odd, 2, true, "."), 0);
  first = slurp("manifest.json");
  ck_assert_int_eq(ho_manifest_write(&odd, 2, true, "."), 0);
  second = slurp("manifest.json");
  ck_assert_str_eq(first, second);
  ck_assert(strstr(first, "\"caf?.yaml\"") != NULL);
  ck_assert(strstr(first, "\"complete\"") != NULL);
  ck_assert(access("manifest.json.new", F_OK) != 0);
  free(first);
  free(second);
}
END_TEST

/* Goal: ours is known again; another program's, or half a one, is not. */
START_TEST(ours) {
  static const struct {
    const char *text;
    bool ours;
  } cases[] = {
      {"{\"format\": \"handoff results\"}", true},
      {"{\"format\": \"handoff results\"", false},
      {"{\"format\": \"other\"}", false},
      {"{\"format\": 3}", false},
      {"[\"handoff results\"]", false},
      {"", false},
  };

  ck_assert(!ho_manifest_is_ours("absent.json"));
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    FILE *out = fopen("m.json", "w");
    fputs(cases[i].text, out);
    fclose(out);
    ck_assert_msg(ho_manifest_is_ours("m.json") == cases[i].ours, "%s",
                  cases[i].text);
  }
  ck_assert_int_eq(ho_manifest_write(&plan, 0, false, "."), 0);
  ck_assert(ho_manifest_is_ours("manifest.json"));
  ck_assert_int_eq(ho_manifest_write(&plan, 0, false, "absent"), HO_ERR_IO);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_checked_fixture(tc, enter, leave);
  tcase_add_test(tc, content);
  tcase_add_test(tc, outside);
  tcase_add_test(tc, repeats);
  tcase_add_test(tc, ours);
}

int main(void) {
  return suite_run("manifest", add);
}
