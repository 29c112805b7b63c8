/* handoff search: draw schedules around a scenario until its stack breaks. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/execute.h"
#include "cli/output.h"
#include "cli/plans.h"
#include "measure/expect.h"
#include "measure/folder.h"
#include "measure/manifest.h"
#include "search/search.h"
#include "search/signature.h"
#include "sim/base/alloc.h"
#include "sim/wire/null_cipher.h"
#include "stack/world.h"

typedef struct {
  const ho_options *options;
  ho_plans plans;
  const ho_plan *plan;
  ho_search_options asked;
  ho_search_result result;
  char *library; /* "ngtcp2 1.11.0" */
  bool tty;
} hunt;

static void find_library(void *user, const char *name, const char *value) {
  hunt *h = user;

  if (!strcmp(name, "ngtcp2")) {
    free(h->library);
    h->library = ho_format("%s %s", name, value);
  }
}

static void show_progress(void *user, uint64_t runs, size_t found) {
  hunt *h = user;

  if (h->tty) {
    fprintf(stderr, "\r%" PRIu64 " schedules, %zu kinds of failure\033[K", runs,
            found);
  }
}

/* ---- files ---- */

/* The words of a scenario file: what was found, by what, in what. */
static char *about(const hunt *h, const ho_found *f) {
  return ho_format("Found by handoff search, seed %" PRIu64
                   ", schedule %" PRIu64 ", with %s: %s. %s",
                   h->asked.seed, f->schedule.number, h->library, f->signature,
                   f->detail);
}

static char *text_of(const hunt *h, const ho_found *f, const char *expect) {
  const char *arm = h->plan->scenario->arms[f->schedule.arm].name;
  ho_source base = {h->plan->source.file, h->result.base,
                    strlen(h->result.base)};
  char *name = ho_signature_name(f->signature), *own = about(h, f);
  ho_schedule_words words = {
      .name = name, .about = own, .expect = expect, .seed = h->asked.seed};
  ho_diag diag = {0};
  char *text = NULL;

  if (ho_schedule_write(&f->schedule, &base, arm, &words, &text, &diag) != 0) {
    text = NULL;
  }
  ho_diag_free(&diag);
  free(own);
  free(name);
  return text;
}

static void put_text(const void *user, FILE *out) {
  fputs(user, out);
}

static int write_file(const char *dir, const char *name, const char *text) {
  char *path = ho_format("%s/%s", dir, name);
  int rv = ho_output_write(path, put_text, text);

  if (rv != 0) {
    fprintf(stderr, "handoff: cannot write '%s': %s\n", path, strerror(errno));
  }
  free(path);
  return rv;
}

static int write_scenario(const hunt *h, const char *dir, ho_found *f,
                          size_t expect_index) {
  const char *arm = h->plan->scenario->arms[f->schedule.arm].name;
  char *expect = ho_findings_expect(f, arm, expect_index);
  char *text = expect ? text_of(h, f, expect) : NULL;
  int rv = 0;

  if (text) {
    if (!f->file) {
      char *name = ho_signature_name(f->signature);
      f->file = ho_format("%s.yaml", name);
      free(name);
    }
    rv = write_file(dir, f->file, text);
  }
  free(expect);
  free(text);
  return rv;
}

static int write_found(const hunt *h, const char *dir) {
  char *text = NULL;
  size_t len;
  FILE *out = open_memstream(&text, &len);
  int rv;

  ho_findings_write(&h->result.findings, h->asked.seed, h->library, out);
  fclose(out);
  rv = write_file(dir, "found.csv", text);
  free(text);
  return rv;
}

/* With --until-new, what came beside is counted alone. */
static bool has_file(const hunt *h, size_t i) {
  const ho_found *f = &h->result.findings.items[i];

  return !f->known && f->with == i &&
         (f->shrunk || !h->asked.until_new || h->result.signal);
}

static int write_all(hunt *h, const char *dir) {
  ho_findings *f = &h->result.findings;
  int rv = 0;

  for (size_t i = 0; i < f->count && rv == 0; i++) {
    if (has_file(h, i)) {
      rv = write_scenario(h, dir, &f->items[i], 0);
    }
  }
  rv = rv ? rv : write_found(h, dir);
  return rv ? rv : ho_manifest_write(h->plan, 0, true, dir);
}

/* ---- run again, from the file ---- */

static bool is_red(void *user, const ho_options *options,
                   const ho_finished *finished) {
  bool *red = user;
  ho_expect_rows rows = {&finished->handoffs, &finished->runs,
                         &finished->checks, &finished->linkability};
  char *text = NULL;
  size_t len;
  FILE *out = open_memstream(&text, &len);
  ho_expect_count count = ho_expect_evaluate(finished->plan, &rows, NULL, out);

  (void)options;
  fclose(out);
  free(text);
  *red = count.failed > 0 ||
         finished->result.crashed + finished->result.timeout > 0;
  return true;
}

static int run_file(const hunt *h, const ho_found *f, bool *red) {
  char *path = ho_format("%s/%s", h->plan->out, f->file);
  char *dir = ho_format("%s/%.*s", h->plan->out,
                        (int)(strlen(f->file) - strlen(".yaml")), f->file);
  ho_options own = {.argv = h->options->argv,
                    .argc = h->options->argc,
                    .out = dir,
                    .repeat = 1,
                    .events = h->options->events,
                    .pcap = h->options->pcap,
                    .qlog = h->options->qlog,
                    .no_crypto = h->options->no_crypto,
                    .timeout = 60 * HO_SEC,
                    .jobs = 1,
                    .quiet = true,
                    .no_progress = true};
  int status;

  *red = false;
  status = ho_execute(&own, &path, 1, false, is_red, red);
  free(path);
  free(dir);
  return status;
}

/* The first expectation that the run does not meet is the file's. */
static int confirm(hunt *h, ho_found *f) {
  const char *arm = h->plan->scenario->arms[f->schedule.arm].name;
  int status = HO_EXIT_OK;
  bool more = true;

  for (size_t i = 0; more && !f->red; i++) {
    char *expect = ho_findings_expect(f, arm, i);
    more = expect != NULL;
    free(expect);
    if (more && write_scenario(h, h->plan->out, f, i) != 0) {
      return HO_EXIT_IO;
    }
    if (more) {
      status = run_file(h, f, &f->red);
      more = status != HO_EXIT_IO && status != HO_EXIT_INTERRUPTED;
    }
  }
  f->run_again = status != HO_EXIT_IO && status != HO_EXIT_INTERRUPTED;
  return f->run_again ? HO_EXIT_OK : status;
}

static int confirm_all(hunt *h) {
  ho_findings *f = &h->result.findings;
  int status = HO_EXIT_OK;

  for (size_t i = 0; i < f->count && status == HO_EXIT_OK; i++) {
    if (has_file(h, i) && f->items[i].file) {
      status = confirm(h, &f->items[i]);
    }
  }
  return write_found(h, h->plan->out) ? HO_EXIT_IO : status;
}

/* ---- what is said of it ---- */

static void print_all(const hunt *h) {
  const ho_search_result *r = &h->result;

  printf("%s: %" PRIu64 " schedules, seed %" PRIu64 ", %s",
         h->plan->scenario->name, r->runs, h->asked.seed, h->library);
  if (h->asked.wall && !h->asked.runs) {
    printf(" (the same again: --runs %" PRIu64 ")", r->runs);
  }
  putchar('\n');
  if (r->refused > 0) {
    printf("%" PRIu64 " of them were no good scenario: %s\n", r->refused,
           r->refusal);
  }
  if (r->findings.count > 0) {
    fputs("\n  count  what failed\n", stdout);
    ho_findings_print(&r->findings, stdout);
  } else {
    puts("Nothing failed.");
  }
  putchar('\n');
  ho_cover_print(&r->cover, stdout);
  printf("The last new one was in schedule %" PRIu64 ".\nResults: %s\n",
         r->last_new, h->plan->out);
}

/* ---- all ---- */

static int status_of(const hunt *h) {
  if (h->result.signal) {
    fputs("handoff: interrupted\n", stderr);
    return HO_EXIT_INTERRUPTED;
  }
  return h->options->known && ho_findings_new(&h->result.findings) > 0
             ? HO_EXIT_FAILED
             : HO_EXIT_OK;
}

static int keep(hunt *h, ho_folder *folder) {
  if (write_all(h, folder->work) != 0 || ho_folder_commit(folder) != 0) {
    fprintf(stderr, "handoff: cannot write '%s': %s\n", h->plan->out,
            strerror(errno));
    return HO_EXIT_IO;
  }
  return HO_EXIT_OK;
}

static int search_in(hunt *h, ho_folder *folder, ho_diag *diag) {
  int rv = ho_search(&h->asked, &h->result, diag), status;

  if (h->tty) {
    fputs("\r\033[K", stderr);
  }
  if (rv != 0) {
    if (rv == HO_ERR_IO) {
      fprintf(stderr, "handoff: no process could be started: %s\n",
              strerror(errno));
    }
    ho_folder_discard(folder);
    return rv == HO_ERR_IO ? HO_EXIT_IO : HO_EXIT_INPUT;
  }
  status = keep(h, folder);
  ho_grid_signals_restore();
  if (status == HO_EXIT_OK && !h->result.signal) {
    status = confirm_all(h);
  }
  if (!h->options->quiet && status != HO_EXIT_IO) {
    print_all(h);
  }
  return status == HO_EXIT_OK ? status_of(h) : status;
}

static int search(hunt *h, ho_diag *diag) {
  const ho_options *o = h->options;
  ho_folder folder;
  int status;

  if (ho_folder_check(h->plan->out, diag) != 0) {
    return HO_EXIT_INPUT;
  }
  ho_world_versions(find_library, h);
  h->asked = (ho_search_options){.source = &h->plan->source,
                                 .overrides = h->plan->overrides,
                                 .overrides_count = h->plan->overrides_count,
                                 .scenario = h->plan->scenario,
                                 .seed = h->plan->seed,
                                 .runs = o->runs,
                                 .wall = o->lasts,
                                 .jobs = o->jobs ? o->jobs : ho_execute_cores(),
                                 .known = o->known,
                                 .library = h->library,
                                 .until_new = o->until_new,
                                 .only_arm = o->arms_count ? o->arms[0] : NULL,
                                 .progress = show_progress,
                                 .user = h};
  ho_null_use(o->no_crypto); /* the schedules' processes are as this one */
  ho_world_preload();
  ho_grid_signals_block();
  status = ho_folder_open(&folder, h->plan->out, false, diag) == 0
               ? search_in(h, &folder, diag)
               : HO_EXIT_INPUT;
  ho_grid_signals_restore();
  return status;
}

static bool check_usage(const ho_options *options) {
  if (options->args_count != 1) {
    fputs("handoff: search needs one scenario file (or - for standard input)\n",
          stderr);
    return false;
  }
  if (!options->runs && !options->lasts) {
    fputs("handoff: search needs --for DURATION or --runs N\n", stderr);
    return false;
  }
  if (options->arms_count > 1) {
    fprintf(stderr, "handoff: search takes one --arm, not '%s' and '%s'\n",
            options->arms[0], options->arms[1]);
    return false;
  }
  return true;
}

int ho_cmd_search(const ho_options *options) {
  hunt h = {.options = options,
            .tty = isatty(STDERR_FILENO) && !options->quiet &&
                   !options->no_progress};
  ho_diag diag = {0};
  int status = HO_EXIT_INPUT;

  if (!check_usage(options)) {
    return HO_EXIT_INPUT;
  }
  if (ho_plans_make(&h.plans, options, options->args, 1, &diag) == 0) {
    h.plan = &h.plans.items[0];
    status = search(&h, &diag);
  }
  ho_diag_print(&diag, stderr);
  ho_diag_free(&diag);
  ho_search_result_free(&h.result);
  ho_plans_free(&h.plans);
  free(h.library);
  return status;
}
