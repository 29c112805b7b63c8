/* Tests that every scenario of the library loads, for several seeds, and says
 * what it is for: it is called as its file, and has `about` and `expect`. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "tests/scenario/load.h"
#include "tests/suite.h"

static void check_file(const char *path) {
  const char *base = strrchr(path, '/') + 1;
  ho_source source;
  ho_diag diag = {0};
  ho_scenario *sc;

  ck_assert_int_eq(ho_source_read(&source, path, &diag), 0);
  for (uint64_t seed = 0; seed <= 5; seed++) {
    if (ho_scenario_load(&source, NULL, 0, seed, &sc, &diag) != 0) {
      ho_diag_print(&diag, stderr);
      ck_abort_msg("%s does not load", base);
    }
    ck_assert_msg(strncmp(base, sc->name, strlen(sc->name)) == 0 &&
                      strcmp(base + strlen(sc->name), ".yaml") == 0,
                  "%s is called %s", base, sc->name);
    ck_assert_msg(sc->about && *sc->about, "%s has no 'about'", base);
    ck_assert_msg(sc->expects_count > 0, "%s expects nothing", base);
    ho_scenario_del(sc);
  }
  ho_source_free(&source);
}

START_TEST(the_library_loads) {
  glob_t found;

  ck_assert_int_eq(glob(SCENARIOS "/*.yaml", 0, NULL, &found), 0);
  for (size_t i = 0; i < found.gl_pathc; i++) {
    check_file(found.gl_pathv[i]);
  }
  globfree(&found);
}
END_TEST

/* Deletes every # that hides a part of the template: at the beginning of a
 * line, and not followed by a blank and a word. */
static char *uncomment(const char *text) {
  char *out = ho_alloc(strlen(text) + 1);
  size_t n = 0;

  for (const char *s = text; *s; s++) {
    if (*s == '#' && (s == text || s[-1] == '\n') &&
        !(s[1] == ' ' && s[2] != ' ')) {
      continue;
    }
    out[n++] = *s;
  }
  return out;
}

START_TEST(the_template_has_every_part) {
  ho_source source;
  ho_diag diag = {0};
  ho_scenario *sc;
  char *text;

  ck_assert_int_eq(ho_source_read(&source, SCENARIOS "/template.yaml", &diag),
                   0);
  text = source.text;
  source.text = uncomment(text);
  source.text_len = strlen(source.text);
  if (ho_scenario_load(&source, NULL, 0, 0, &sc, &diag) != 0) {
    ho_diag_print(&diag, stderr);
    ck_abort_msg("the template's parts do not load");
  }
  ck_assert_uint_eq(sc->nets_count, 6);
  ck_assert_uint_eq(sc->clients, 3);
  ck_assert_uint_eq(sc->groups_count, 2);
  ck_assert_uint_eq(sc->observers, 1u << HO_VANTAGE_BOTH);
  ck_assert(sc->swap_game);
  ck_assert_uint_eq(sc->arms_count, 4);
  ho_scenario_del(sc);
  free(text);
  ho_source_free(&source);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, the_template_has_every_part);
  tcase_add_test(tc, the_library_loads);
}

int main(void) {
  return suite_run("library", add);
}
