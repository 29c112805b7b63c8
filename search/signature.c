/* Signatures: what equal failures have in common. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "search/signature.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "sim/base/alloc.h"

/* A part is short enough for four of them to fit. */
#define PART_MAX "27"

static void clean(char *s) {
  for (; *s; s++) {
    if (!isalnum((unsigned char)*s) && !strchr("_.:-", *s)) {
      *s = '-';
    }
  }
}

const ho_failure *ho_trial_find(const ho_trial *trial, const char *signature) {
  for (uint32_t i = 0; i < trial->failures_count; i++) {
    if (!strcmp(trial->failures[i].signature, signature)) {
      return &trial->failures[i];
    }
  }
  return NULL;
}

static void insert(ho_trial *v, const ho_failure *failure) {
  uint32_t i = v->failures_count++;

  for (; i > 0 && v->failures[i - 1].t > failure->t; i--) {
    v->failures[i] = v->failures[i - 1];
  }
  v->failures[i] = *failure;
}

void ho_trial_fail(ho_trial *trial, const char *oracle, const char *what,
                   const char *endpoint, const char *phase, ho_time t,
                   const char *detail) {
  ho_failure failure = {.t = t};
  char own[HO_SIGNATURE_MAX];

  snprintf(own, sizeof(own), "%s", what);
  for (char *c = own; *c; c++) {
    *c = *c == ':' ? '-' : *c;
  }
  snprintf(failure.signature, sizeof(failure.signature),
           "%." PART_MAX "s:%." PART_MAX "s:%." PART_MAX "s:%." PART_MAX "s",
           oracle, own, endpoint, phase);
  clean(failure.signature);
  snprintf(failure.detail, sizeof(failure.detail), "%s", detail);
  if (trial->failures_count < HO_FAILURES_MAX &&
      !ho_trial_find(trial, failure.signature)) {
    insert(trial, &failure);
  }
}

/* "file.c:12: function: Assertion `x' failed." names a function; a line that
 * moves with every version is no part of a signature. */
static void find_function(const char *said, char out[28]) {
  const char *end = strstr(said, ": Assertion "), *start;

  snprintf(out, 28, "%s", "");
  if (!end) {
    return;
  }
  for (start = end; start > said && start[-1] != ' ' && start[-1] != '\n';
       start--) {
  }
  snprintf(out, 28, "%.*s", (int)(end - start < 27 ? end - start : 27), start);
}

void ho_trial_died(ho_trial *trial, const char *said) {
  const char *phase = *trial->phase ? trial->phase : "-"; /* not yet begun */
  char function[28], what[28];

  find_function(said, function);
  if (trial->overtime) {
    ho_trial_fail(trial, "endless", "no-end", "-", phase, trial->end,
                  "the run did not end");
    return;
  }
  snprintf(what, sizeof(what), "signal-%d", trial->signal);
  snprintf(trial->error, sizeof(trial->error), "%s",
           *said ? said : "it said nothing");
  trial->error[strcspn(trial->error, "\n")] = '\0';
  ho_trial_fail(trial, "crash", *function ? function : what, "-", phase,
                trial->end, trial->error);
}

bool ho_signature_fits(const char *signature, const char *pattern) {
  while (*signature && *pattern) {
    size_t a = strcspn(signature, ":"), b = strcspn(pattern, ":");
    if (!(b == 1 && *pattern == '*') &&
        (a != b || memcmp(signature, pattern, a) != 0)) {
      return false;
    }
    signature += a + (signature[a] == ':');
    pattern += b + (pattern[b] == ':');
  }
  return !*signature && !*pattern;
}

char *ho_signature_part(const char *signature, int index, char *out) {
  while (index-- > 0) {
    signature += strcspn(signature, ":");
    signature += *signature == ':';
  }
  snprintf(out, HO_SIGNATURE_MAX, "%.*s", (int)strcspn(signature, ":"),
           signature);
  return out;
}

char *ho_signature_name(const char *signature) {
  char *name = ho_strdup(signature), *to = name;

  for (const char *c = signature; *c; c++) {
    char one = isalnum((unsigned char)*c) ? (char)tolower(*c) : '-';
    if (one != '-' || (to > name && to[-1] != '-')) {
      *to++ = one;
    }
  }
  while (to > name && to[-1] == '-') {
    to--;
  }
  *to = '\0';
  return name;
}
