/* manifest.json: what was asked, of which program, with which libraries. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/manifest.h"

#include <assert.h>
#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <csv.h>
#include <yaml.h>

#include "measure/adversary/learned.h"
#include "measure/stats/proportion.h"
#include "sim/base/alloc.h"

#define FORMAT "handoff results"

void ho_manifest_versions(ho_setting_fn fn, void *user) {
  char *csv = ho_format("%d.%d.%d", CSV_MAJOR, CSV_MINOR, CSV_RELEASE);
  char *linear =
      ho_format("%d.%02d", ho_link_library() / 100, ho_link_library() % 100);

  ho_world_versions(fn, user);
  fn(user, "libyaml", yaml_get_version_string());
  fn(user, "libcsv", csv);
  fn(user, "jansson", jansson_version_str());
  fn(user, "r-mathlib", ho_stats_library());
  fn(user, "liblinear", linear);
  free(csv);
  free(linear);
}

/* A JSON string must be UTF-8, a file name or argument need not be. */
static json_t *text_value(const char *text) {
  json_t *value = json_string(text);
  char *plain;

  if (value) {
    return value;
  }
  plain = ho_strdup(text);
  for (char *c = plain; *c; c++) {
    *c = (unsigned char)*c < 0x80 ? *c : '?';
  }
  value = json_string(plain);
  free(plain);
  return value;
}

static void add_setting(void *user, const char *name, const char *value) {
  json_object_set_new(user, name, text_value(value));
}

/* The program's own version stands above those of the libraries. */
static void add_library(void *user, const char *name, const char *value) {
  if (strcmp(name, "handoff") != 0) {
    add_setting(user, name, value);
  }
}

static json_t *sha256_value(const char *bytes, size_t len) {
  uint8_t digest[32];
  char hex[2 * sizeof(digest) + 1];

  gnutls_hash_fast(GNUTLS_DIG_SHA256, bytes, len, digest);
  for (size_t i = 0; i < sizeof(digest); i++) {
    snprintf(hex + 2 * i, 3, "%02x", digest[i]);
  }
  return json_string(hex);
}

static json_t *scenario_value(const ho_plan *plan) {
  json_t *object = json_object();

  json_object_set_new(object, "name", text_value(plan->scenario->name));
  json_object_set_new(object, "file", text_value(plan->source.file));
  json_object_set_new(object, "sha256",
                      sha256_value(plan->source.text, plan->source.text_len));
  json_object_set_new(object, "text", text_value(plan->source.text));
  return object;
}

static json_t *asked_value(const ho_plan *plan) {
  json_t *object = json_object(), *set = json_array(), *arms = json_array();

  for (size_t i = 0; i < plan->overrides_count; i++) {
    json_t *pair = json_object();
    json_object_set_new(pair, "key", text_value(plan->overrides[i].key));
    json_object_set_new(pair, "value", text_value(plan->overrides[i].value));
    json_array_append_new(set, pair);
  }
  for (size_t i = 0; i < plan->arms_count; i++) {
    json_array_append_new(arms,
                          text_value(plan->scenario->arms[plan->arms[i]].name));
  }
  json_object_set_new(object, "arms", arms);
  json_object_set_new(object, "seed", json_integer((json_int_t)plan->seed));
  json_object_set_new(object, "repeat", json_integer((json_int_t)plan->repeat));
  json_object_set_new(object, "set", set);
  json_object_set_new(object, "timeout_ms",
                      plan->timeout
                          ? json_integer((json_int_t)(plan->timeout / HO_MSEC))
                          : json_null());
  json_object_set_new(object, "events", json_boolean(plan->events));
  json_object_set_new(object, "series", json_boolean(plan->series));
  json_object_set_new(object, "pcap", json_boolean(plan->pcap));
  json_object_set_new(object, "checks", json_boolean(!plan->no_checks));
  return object;
}

static json_t *metres(int64_t mm) {
  return json_real((double)mm / 1e3);
}

/* What the radios were measured to carry. */
static json_t *calibration_value(const ho_plan *plan) {
  json_t *array = json_array();

  for (size_t i = 0; i < plan->capacity->count; i++) {
    const ho_capacity_place *place = &plan->capacity->places[i];
    json_t *object = json_object();

    json_object_set_new(object, "network",
                        text_value(plan->scenario->nets[place->net].name));
    json_object_set_new(object, "x_m", metres(place->at.x_mm));
    json_object_set_new(object, "y_m", metres(place->at.y_mm));
    json_object_set_new(object, "down_mbps",
                        json_real((double)place->down_bps / 1e6));
    json_object_set_new(object, "up_mbps",
                        json_real((double)place->up_bps / 1e6));
    json_array_append_new(array, object);
  }
  return array;
}

static void add_trace(json_t *array, const ho_net_config *net,
                      const char *direction, const ho_trace *trace) {
  json_t *object;

  if (!trace->file) {
    return;
  }
  object = json_object();
  json_object_set_new(object, "network", text_value(net->name));
  json_object_set_new(object, "direction", json_string(direction));
  json_object_set_new(object, "file", text_value(trace->file));
  json_object_set_new(object, "sha256", text_value(trace->sha256));
  json_array_append_new(array, object);
}

static json_t *traces_value(const ho_scenario *scenario) {
  json_t *array = json_array();

  for (size_t i = 0; i < scenario->nets_count; i++) {
    add_trace(array, &scenario->nets[i], "down", &scenario->nets[i].trace_down);
    add_trace(array, &scenario->nets[i], "up", &scenario->nets[i].trace_up);
  }
  return array;
}

/* What lies outside the scenario's text, where there is such a thing. */
static void add_outside(json_t *root, const ho_plan *plan) {
  json_t *traces = traces_value(plan->scenario);

  if (json_array_size(traces) > 0) {
    json_object_set(root, "traces", traces);
  }
  json_decref(traces);
  if (plan->capacity && plan->capacity->count > 0) {
    json_object_set_new(root, "calibration", calibration_value(plan));
  }
}

static json_t *manifest_value(const ho_plan *plan, size_t finished,
                              bool complete) {
  json_t *root = json_object(), *libraries = json_object();
  json_t *settings = json_object();
  size_t runs = ho_plan_runs(plan);

  ho_manifest_versions(add_library, libraries);
  ho_world_settings(plan->scenario, add_setting, settings);
  json_object_set_new(root, "format", json_string(FORMAT));
  json_object_set_new(root, "format_version", json_integer(1));
  json_object_set_new(root, "handoff", json_string(HO_VERSION));
  json_object_set_new(root, "status",
                      json_string(complete ? "complete" : "incomplete"));
  json_object_set_new(root, "runs", json_integer((json_int_t)runs));
  json_object_set_new(root, "finished", json_integer((json_int_t)finished));
  json_object_set_new(root, "scenario", scenario_value(plan));
  json_object_set_new(root, "asked", asked_value(plan));
  json_object_set_new(root, "libraries", libraries);
  json_object_set_new(root, "settings", settings);
  add_outside(root, plan);
  return root;
}

int ho_manifest_write(const ho_plan *plan, size_t finished, bool complete,
                      const char *dir) {
  json_t *root = manifest_value(plan, finished, complete);
  char *path = ho_format("%s/manifest.json", dir);
  char *fresh = ho_format("%s.new", path);
  FILE *out = fopen(fresh, "w");
  int rv = 0, err;

  if (!out) {
    rv = HO_ERR_IO;
  } else {
    if (json_dumpf(root, out, JSON_INDENT(2) | JSON_REAL_PRECISION(12)) != 0 ||
        fputc('\n', out) == EOF || fflush(out) != 0) {
      rv = HO_ERR_IO;
    }
    err = errno;
    if (fclose(out) != 0 || rv != 0 || rename(fresh, path) != 0) {
      err = rv != 0 ? err : errno;
      unlink(fresh);
      errno = err;
      rv = HO_ERR_IO;
    }
  }
  err = errno;
  json_decref(root);
  free(path);
  free(fresh);
  errno = err;
  return rv;
}

bool ho_manifest_is_ours(const char *path) {
  json_t *root = json_load_file(path, 0, NULL);
  const char *format = json_string_value(json_object_get(root, "format"));
  bool ours = format && !strcmp(format, FORMAT);

  json_decref(root);
  return ours;
}
