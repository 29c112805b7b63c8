/* The child process of one run, and what is left when it dies. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/child.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure/cost.h"
#include "measure/failed.h"
#include "measure/grid_signals.h"
#include "measure/meter.h"
#include "measure/run.h"
#include "measure/tree.h"
#include "sim/base/alloc.h"
#include "stack/entropy.h"

enum { QUOTED_LINES = 5, STATUS_INPUT = 2, STATUS_IO = 4 };

/* All that the run and its libraries say goes to a file beside its rows, so
 * that several runs at once do not talk into each other. */
static int redirect(const char *dir) {
  char *path = ho_format("%s/stderr", dir);
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0666);

  free(path);
  if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0 || dup2(fd, STDERR_FILENO) < 0) {
    return HO_ERR_IO;
  }
  close(fd);
  return 0;
}

/* Never returns: the parent's buffers and atexit handlers are not ours. */
static void run_in_child(const ho_child *child, const ho_plan *plan) {
  int rv;

  /* A file size limit is to be an error like a full disk, not a signal. */
  signal(SIGXFSZ, SIG_IGN);
  rv = redirect(child->dir);
  if (rv == 0) {
    rv = ho_run_one(plan, child->index, child->dir);
  }
  if (rv == HO_ERR_IO) {
    *child->failure = errno;
    _exit(STATUS_IO);
  }
  fflush(NULL);
  _exit(rv == 0 ? 0 : STATUS_INPUT);
}

int ho_child_start(ho_child *child, const ho_plan *plan, size_t index,
                   const char *dir, int *failure) {
  int err;

  *child = (ho_child){.index = index,
                      .start_ns = ho_entropy_real_ns(),
                      .dir = ho_strdup(dir),
                      .failure = failure};
  *failure = 0;
  if (mkdir(dir, 0777) == 0) {
    child->pid = ho_grid_fork();
    if (child->pid == 0) {
      run_in_child(child, plan);
    }
    if (child->pid > 0) {
      return 0;
    }
    err = errno;
    rmdir(dir);
    errno = err;
  }
  err = errno;
  free(child->dir);
  *child = (ho_child){0};
  errno = err;
  return HO_ERR_IO;
}

/* Shows the first lines of what the run said, and drops the file. */
static void quote_stderr(const char *dir) {
  char *path = ho_format("%s/stderr", dir), *line = NULL;
  FILE *in = fopen(path, "r");
  size_t cap = 0, lines = 0;

  while (in && getline(&line, &cap, in) > 0) {
    if (lines++ < QUOTED_LINES) {
      line[strcspn(line, "\n")] = '\0';
      fprintf(stderr, "  | %s\n", line);
    }
  }
  if (lines > QUOTED_LINES) {
    fprintf(stderr, "  | (%zu more lines)\n", lines - QUOTED_LINES);
  }
  free(line);
  if (in) {
    fclose(in);
  }
  unlink(path);
  free(path);
}

static char *cause(const ho_child *child, const ho_plan *plan, int status) {
  if (child->overdue) {
    return ho_format("no end after %.9g s of wall clock",
                     (double)plan->timeout / (double)HO_SEC);
  }
  if (WIFSIGNALED(status)) {
    return ho_format("killed by signal %d (%s)", WTERMSIG(status),
                     strsignal(WTERMSIG(status)));
  }
  if (WEXITSTATUS(status) == 0) {
    return ho_strdup("ended without a result");
  }
  return ho_format("ended with exit status %d", WEXITSTATUS(status));
}

/* Its captures and logs, as far as they got, are what to look into. */
static int clear(const ho_child *child, const ho_plan *plan,
                 const char *outcome, const char *reason) {
  char *why;
  int rv;

  if (!plan->failed_only) {
    return ho_tree_remove(child->dir) != 0 ? HO_ERR_IO
                                           : mkdir(child->dir, 0777);
  }
  why = ho_format("%s: %s", outcome, reason);
  rv = ho_failed_lost(child->dir, why);
  free(why);
  return rv;
}

/* Replaces whatever the run wrote by the one row that says what became of it.
 */
static int write_lost(const ho_child *child, const ho_plan *plan,
                      const char *outcome, const char *reason,
                      const struct rusage *usage) {
  ho_scenario scenario = *plan->scenario; /* with the point's values */
  ho_meter_config config = {
      .scenario = &scenario, .events = plan->events, .series = plan->series};
  ho_run_cost cost = {.scenario = &scenario,
                      .usage = *usage,
                      .wall_ns = ho_entropy_real_ns() - child->start_ns};
  char *path;
  FILE *out;
  int rv = 0;

  ho_plan_run(plan, child->index, &config.arm, &config.seed);
  cost.arm = config.arm;
  cost.seed = config.seed;
  scenario.point = ho_plan_values(plan, ho_plan_point(plan, child->index));
  scenario.point_count = plan->vary_count;
  if (clear(child, plan, outcome, reason) != 0) {
    return HO_ERR_IO;
  }
  path = ho_format("%s/runs.csv", child->dir);
  out = fopen(path, "w");
  free(path);
  if (!out) {
    return HO_ERR_IO;
  }
  ho_meter_lost_row(out, &config, outcome, reason);
  if (fflush(out) != 0 || ferror(out)) {
    rv = HO_ERR_IO;
  }
  if (fclose(out) != 0 || rv != 0) {
    return HO_ERR_IO;
  }
  return ho_run_cost_write(&cost, child->dir);
}

static ho_child_end lose(const ho_child *child, const ho_plan *plan, int status,
                         const struct rusage *usage) {
  const char *outcome = child->overdue ? "timeout" : "crashed";
  char *why = cause(child, plan, status);
  char *again = ho_plan_command(plan, child->index);
  char *reason = ho_format("%s; repeat it with: %s", why, again);
  uint64_t seed;
  size_t arm;
  char *point = ho_plan_point_text(plan, ho_plan_point(plan, child->index));
  int rv;

  ho_plan_run(plan, child->index, &arm, &seed);
  fprintf(stderr, "handoff: %s, %s%sarm %s, seed %" PRIu64 ": %s: %s\n",
          plan->scenario->name, point, *point ? ", " : "",
          plan->scenario->arms[arm].name, seed, outcome, why);
  quote_stderr(child->dir);
  fprintf(stderr, "  repeat it with: %s\n", again);
  rv = write_lost(child, plan, outcome, reason, usage);
  free(why);
  free(point);
  free(again);
  free(reason);
  if (rv != 0) {
    return HO_CHILD_STOPPED;
  }
  return child->overdue ? HO_CHILD_TIMEOUT : HO_CHILD_CRASHED;
}

/* A library that calls exit(0) in mid-run leaves no row. */
static bool left_rows(const ho_child *child) {
  char *path = ho_format("%s/runs.csv", child->dir);
  struct stat st;
  bool there = stat(path, &st) == 0 && st.st_size > 0;

  free(path);
  return there;
}

ho_child_end ho_child_finish(ho_child *child, const ho_plan *plan, int status,
                             const struct rusage *usage) {
  ho_child_end end;
  int err = 0;

  if (!child->overdue && WIFEXITED(status) && WEXITSTATUS(status) == 0 &&
      left_rows(child)) {
    quote_stderr(child->dir);
    end = HO_CHILD_DONE;
  } else if (*child->failure != 0) {
    err = *child->failure;
    end = HO_CHILD_STOPPED;
  } else {
    end = lose(child, plan, status, usage);
    err = errno;
  }
  if (end == HO_CHILD_STOPPED) {
    ho_tree_remove(child->dir);
  }
  free(child->dir);
  *child = (ho_child){0};
  errno = err;
  return end;
}
