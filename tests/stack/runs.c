/* Whole runs for tests. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runs.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stack/world.h"

ho_scenario *runs_load(const char *text, uint64_t seed) {
  ho_source source = {"test.yaml", (char *)text, strlen(text)};
  ho_scenario *s = NULL;
  ho_diag diag = {0};

  if (ho_scenario_load(&source, NULL, 0, seed, &s, &diag) != 0) {
    ho_diag_print(&diag, stderr);
    abort();
  }
  ho_diag_free(&diag);
  return s;
}

static void run_arm(const ho_scenario *s, size_t arm, uint64_t seed,
                    ho_log_fn fn, void *user) {
  ho_log *log = ho_log_new();

  ho_log_subscribe(log, fn, user);
  ho_world_run(s, arm, seed, log, NULL);
  fn(user, NULL);
  ho_log_del(log);
}

int runs_each(const char *text, uint64_t seed, ho_log_fn fn, void *user) {
  ho_scenario *s = runs_load(text, seed);
  int failed = 0;

  ho_world_preload();
  for (size_t i = 0; i < s->arms_count; i++) {
    int status;
    pid_t pid = fork();

    assert(pid >= 0);
    if (pid == 0) {
      run_arm(s, i, seed, fn, user);
      ho_scenario_del(s);
      _Exit(0);
    }
    assert(waitpid(pid, &status, 0) == pid);
    if (status != 0) {
      fprintf(stderr, "arm %s: status %d\n", s->arms[i].name, status);
      failed++;
    }
  }
  ho_scenario_del(s);
  return failed;
}

void runs_digest(const char *text, uint64_t seed, char hex[65]) {
  ho_scenario *s = runs_load(text, seed);
  int pipes[2], status;
  pid_t pid;

  assert(pipe(pipes) == 0);
  pid = fork();
  assert(pid >= 0);
  if (pid == 0) {
    ho_log *log = ho_log_new();
    ho_world_run(s, 0, seed, log, NULL);
    ho_log_digest(log, hex);
    _Exit(write(pipes[1], hex, 65) == 65 ? 0 : 1);
  }
  assert(read(pipes[0], hex, 65) == 65);
  assert(waitpid(pid, &status, 0) == pid && status == 0);
  close(pipes[0]);
  close(pipes[1]);
  ho_scenario_del(s);
}

int runs_alone(void (*body)(void *arg), void *arg) {
  int status = -1;
  pid_t pid;

  fflush(NULL);
  pid = fork();
  assert(pid >= 0);
  if (pid == 0) {
    body(arg);
    _Exit(0);
  }
  assert(waitpid(pid, &status, 0) == pid);
  return status;
}

static void find_library(void *user, const char *name, const char *value) {
  if (!strcmp(name, "ngtcp2")) {
    *(bool *)user = !strcmp(value, "1.11.0");
  }
}

bool runs_reference(void) {
  bool is = false;

  ho_world_versions(find_library, &is);
  return is;
}

static bool is_time(const char *text, const char *at) {
  return isdigit((unsigned char)*at) &&
         (at == text || (at - text >= 2 && !strncmp(at - 2, "; ", 2)) ||
          (at - text >= 4 && !strncmp(at - 4, " at ", 4)));
}

bool runs_as_told(const char *told, const char *expected) {
  long most = runs_reference() ? 0 : 50;
  const char *a = told, *b = expected;

  while (*a && *b) {
    if (is_time(told, a) && is_time(expected, b)) {
      if (labs(strtol(a, (char **)&a, 10) - strtol(b, (char **)&b, 10)) >
          most) {
        return false;
      }
    } else if (*a++ != *b++) {
      return false;
    }
  }
  return *a == *b;
}
