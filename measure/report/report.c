/* A result folder for people: one page, and figures for a paper. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/report/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "measure/report/axes.h"
#include "measure/report/choice.h"
#include "measure/report/figures.h"
#include "measure/report/made.h"
#include "measure/report/page.h"
#include "measure/report/phases.h"
#include "sim/base/alloc.h"

static void write_title(FILE *out, const ho_found *found) {
  const json_t *scenario = json_object_get(found->manifest, "scenario");
  const char *name = json_string_value(json_object_get(scenario, "name"));
  const char *about = json_string_value(json_object_get(scenario, "about"));

  ho_page_begin(out, name ? name : "");
  fputs("<h1>", out);
  ho_page_text(out, name ? name : "");
  fputs("</h1>\n<p>", out);
  ho_page_text(out, about ? about : "");
  fputs("</p>\n", out);
}

/* |lead| may be NULL. */
static void section(FILE *out, const ho_figures *figures, const char *title,
                    const char *lead, const char *prefix, const char *without) {
  fprintf(out, "<h2>%s</h2>\n", title);
  if (lead) {
    fputs("<p>", out);
    ho_page_text(out, lead);
    fputs("</p>\n", out);
  }
  if (ho_page_figures(out, figures, prefix) == 0) {
    fprintf(out, "<p>%s</p>\n", without);
  }
}

static void write_varied(FILE *out, const ho_found *found,
                         const ho_figures *figures) {
  char *lead = ho_axes_lead(found);

  section(out, figures, "Over the varied values", lead, "varied-",
          "No metric has a value to show.");
  ho_page_figures(out, figures, "heat-");
  free(lead);
}

/* What the colours behind the course mean. */
static void write_phases(FILE *out) {
  fputs("<dl>\n", out);
  for (size_t i = 0; i < HO_PHASES; i++) {
    fprintf(out, "<dt>%s</dt><dd>%s</dd>\n", ho_phases[i].name,
            ho_phases[i].about);
  }
  fputs("</dl>\n", out);
}

static void write_handoff(FILE *out, const ho_found *found,
                          const ho_figures *figures) {
  char *lead = ho_choice_lead(found);

  section(out, figures, "One handoff over time", lead, "course-",
          found->has_series ? "No run that is shown has a handoff."
                            : "There is no series.csv: run it again with "
                              "<code>--series</code> for this figure.");
  if (found->has_series && found->moments_count > 0) {
    write_phases(out);
  }
  section(out, figures, "One handoff, packet by packet",
          "The same handoff. An arrow is a datagram, from where it is sent "
          "down to where it arrives; a dot, something that happens at one "
          "end. DCID: the connection ID that it is sent to.",
          "sequence-",
          found->has_events ? "No run that is shown has a handoff."
                            : "There is no events.csv: run it again with "
                              "<code>--events</code> for this figure.");
  free(lead);
}

static void write_body(FILE *out, const ho_found *found,
                       const ho_figures *figures) {
  char *lead;

  write_title(out, found);
  ho_page_asked(out, found);
  ho_page_summary(out, found);
  if (found->runs.vary_count > 0) {
    write_varied(out, found, figures);
  }
  lead = ho_ecdf_lead(found);
  section(out, figures, "Distributions", lead, "ecdf-",
          "No handoff has a value to show.");
  write_handoff(out, found, figures);
  ho_page_linkability(out, found);
  ho_page_all(out, found);
  ho_page_end(out);
  free(lead);
}

static int write_page(const ho_found *found, const ho_figures *figures,
                      ho_diag *diag) {
  char *path = ho_format("%s/report.html", found->dir);
  char *part = ho_format("%s/.report.html.part", found->dir);
  FILE *out = fopen(part, "we");
  bool bad = !out;

  if (out) {
    write_body(out, found, figures);
    bad = ferror(out) != 0;
    bad = fclose(out) != 0 || bad;
  }
  if (bad || rename(part, path) != 0) {
    ho_diag_add(diag, NULL, "cannot write '%s': %s", path, strerror(errno));
    bad = true;
  }
  free(path);
  free(part);
  return bad ? HO_ERR_IO : 0;
}

static void draw(const ho_found *found, ho_figures *figures) {
  static const struct {
    const char *metric, *what;
  } SHOWN[] = {{"interruption_ms", "Interruption, ms"},
               {"migration_latency_ms", "Migration latency, ms"}};

  for (size_t i = 0; i < sizeof(SHOWN) / sizeof(SHOWN[0]); i++) {
    ho_ecdf_draw(found, figures, SHOWN[i].metric, SHOWN[i].what);
    ho_varied_draw(found, figures, SHOWN[i].metric, SHOWN[i].what);
    ho_heat_draw(found, figures, SHOWN[i].metric, SHOWN[i].what);
  }
  ho_course_draw(found, figures);
  ho_sequence_draw(found, figures);
}

/* Found out before anything is drawn. */
static int make_room(const ho_found *found, const char *figures,
                     ho_diag *diag) {
  const char *const dirs[] = {found->dir, figures};

  if (mkdir(figures, 0777) != 0 && errno != EEXIST) {
    ho_diag_add(diag, NULL, "cannot make '%s': %s", figures, strerror(errno));
    return HO_ERR_IO;
  }
  for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
    char *inside = ho_format("%s/.", dirs[i]);
    int rv = access(inside, W_OK | X_OK);
    if (rv != 0) {
      ho_diag_add(diag, NULL, "cannot write into '%s': %s", dirs[i],
                  strerror(errno));
    }
    free(inside);
    if (rv != 0) {
      return HO_ERR_IO;
    }
  }
  return 0;
}

static int write_all(const ho_found *found, ho_diag *diag) {
  ho_figures figures = {.dir = ho_format("%s/figures", found->dir),
                        .diag = diag};
  int rv = make_room(found, figures.dir, diag);

  if (rv == 0) {
    draw(found, &figures);
    rv = ho_made_settle(&figures, diag->count == 0);
    rv = diag->count > 0 ? HO_ERR_IO : rv;
    rv = rv != 0 ? rv : write_page(found, &figures, diag);
  }
  ho_figures_free(&figures);
  return rv;
}

int ho_report_write(const char *dir, uint64_t seed, ho_diag *diag) {
  ho_found found;
  int rv = ho_found_read(&found, dir, seed, diag);

  if (rv == 0 && !ho_plot_possible()) {
    ho_diag_add(diag, NULL,
                "gnuplot, which draws the figures, is not installed; on "
                "Debian: apt-get install gnuplot-nox");
    rv = HO_ERR_INPUT;
  }
  if (rv == 0) {
    rv = write_all(&found, diag);
  }
  ho_found_free(&found);
  return rv;
}
