/* The section `workload`. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/scenario/keys.h"

__extension__ typedef unsigned __int128 wide;

#define AT(member) offsetof(ho_workload_config, member)
#define SOME_BYTES .min = 1, .bounds = "more than 0B"
#define SOME_RATE  .min = 1, .bounds = "more than 0bps"
#define SOME_TIME  .min = 1, .bounds = "more than 0ns"

static const char *const types[] = {
    [HO_WORK_DOWNLOAD] = "download", [HO_WORK_UPLOAD] = "upload",
    [HO_WORK_REQUEST] = "request",   [HO_WORK_ECHO] = "echo",
    [HO_WORK_IDLE] = "idle",         [HO_WORK_STREAM] = "stream",
};

static const ho_key type_key = {"type",         HO_KEY_WORD,
                                AT(type),       "such as download",
                                .words = types, .words_count = HO_COUNT(types)};

static const ho_key bulk_keys[] = {
    {"type", HO_KEY_OTHER},
    {"bytes", HO_KEY_BYTES, AT(bytes), "of each object, such as 10MB",
     SOME_BYTES},
    {"objects", HO_KEY_COUNT, AT(objects), .min = 1, .max = 1000,
     .bounds = "1 to 1000"},
};
static const ho_key request_keys[] = {
    {"type", HO_KEY_OTHER},
    {"every", HO_KEY_TIME, AT(every), "between requests, such as 400ms",
     SOME_TIME},
    {"request", HO_KEY_BYTES, AT(request_bytes), "its size, such as 750B",
     SOME_BYTES},
    {"response", HO_KEY_BYTES, AT(response_bytes), "its size, such as 750B",
     SOME_BYTES},
    {"count", HO_KEY_COUNT, AT(count), .min = 1, .bounds = "1 or more"},
};
static const ho_key echo_keys[] = {
    {"type", HO_KEY_OTHER},
    {"every", HO_KEY_TIME, AT(every), "between messages, such as 200ms",
     SOME_TIME},
    {"bytes", HO_KEY_BYTES, AT(bytes), "of each message, such as 64B",
     SOME_BYTES},
};
static const ho_key stream_keys[] = {
    {"type", HO_KEY_OTHER},
    {"up", HO_KEY_RATE, AT(up_bps), SOME_RATE},
    {"down", HO_KEY_RATE, AT(down_bps), SOME_RATE},
    {"frame", HO_KEY_TIME, AT(frame), .min = HO_MSEC, .max = 10 * HO_SEC,
     .bounds = "1ms to 10s"},
    {"deadline", HO_KEY_TIME, AT(deadline), SOME_TIME},
};
static const ho_key idle_keys[] = {{"type", HO_KEY_OTHER}};

static const struct {
  const char *what;
  const ho_key *keys;
  size_t count;
} tables[] = {
    [HO_WORK_DOWNLOAD] = {"workload download", bulk_keys, HO_COUNT(bulk_keys)},
    [HO_WORK_UPLOAD] = {"workload upload", bulk_keys, HO_COUNT(bulk_keys)},
    [HO_WORK_REQUEST] = {"workload request", request_keys,
                         HO_COUNT(request_keys)},
    [HO_WORK_ECHO] = {"workload echo", echo_keys, HO_COUNT(echo_keys)},
    [HO_WORK_IDLE] = {"workload idle", idle_keys, HO_COUNT(idle_keys)},
    [HO_WORK_STREAM] = {"workload stream", stream_keys, HO_COUNT(stream_keys)},
};

const char *ho_work_name(ho_work_type type) {
  assert((size_t)type < HO_COUNT(types));
  return types[type];
}

/* A key of another type: it is right, but not here. */
static const char *elsewhere(const char *key) {
  static const struct {
    const char *key, *owner;
  } owners[] = {
      {"bytes", "it belongs to download, upload and echo"},
      {"objects", "it belongs to download and upload"},
      {"every", "it belongs to request and echo"},
      {"request", "it belongs to request"},
      {"response", "it belongs to request"},
      {"count", "it belongs to request"},
      {"up", "it belongs to stream"},
      {"down", "it belongs to stream"},
      {"frame", "it belongs to stream"},
      {"deadline", "it belongs to stream"},
  };

  for (size_t i = 0; i < HO_COUNT(owners); i++) {
    if (strcmp(key, owners[i].key) == 0) {
      return owners[i].owner;
    }
  }
  return NULL;
}

/* A frame is what its rate brings in its time, in whole bytes.  Of a range
 * hardly any value would do. */
static void check_rate(ho_loader *l, const ho_section *section,
                       const char *name, uint64_t bps, ho_time frame) {
  const yaml_node_t *at = ho_section_get(l, section, name);
  const yaml_node_t *time = ho_section_get(l, section, "frame");
  wide bits_ns = (wide)bps * frame;

  if (bits_ns % (8 * HO_SEC) == 0) {
    return;
  }
  ho_doc_error(&l->doc,
               at     ? at
               : time ? time
                      : section->at,
               "'%s' of %llubps brings %llu.%03llu bytes in a frame (expected "
               "a whole number)",
               name, (unsigned long long)bps,
               (unsigned long long)(bits_ns / (8 * HO_SEC)),
               (unsigned long long)(bits_ns / (8 * HO_MSEC) % 1000));
}

static void check_stream(ho_loader *l, const ho_section *section,
                         const ho_workload_config *work) {
  static const char *const fixed[] = {"up", "down", "frame"};
  ho_slice text;

  for (size_t i = 0; i < HO_COUNT(fixed); i++) {
    if (ho_section_text(l, section, fixed[i], &text) &&
        ho_loader_word(l, &text, NULL) && memmem(text.s, text.len, "..", 2)) {
      ho_slice_error(&l->doc, text,
                     "'%s' cannot be a range: a frame has whole bytes",
                     fixed[i]);
      return;
    }
  }
  check_rate(l, section, "up", work->up_bps, work->frame);
  check_rate(l, section, "down", work->down_bps, work->frame);
}

void ho_work_read(ho_loader *l, const yaml_node_t *node, const char *path,
                  ho_workload_config *work) {
  ho_section section = {node, node, path, "'workload'", elsewhere};
  size_t problems = l->doc.problems_count;
  const yaml_node_t *type;

  *work = (ho_workload_config){.objects = 1,
                               .up_bps = 1000000,
                               .down_bps = 1000000,
                               .frame = 20 * HO_MSEC,
                               .deadline = 150 * HO_MSEC};
  if (!node || !ho_section_is_map(l, node, "'workload'",
                                  "{type: download, bytes: 10MB}")) {
    return;
  }
  type = ho_section_get(l, &section, "type");
  if (!type || !ho_node_text(type)) {
    ho_doc_error(&l->doc, type ? type : node,
                 type ? "'type' must be a single value"
                      : "'workload' lacks 'type' (such as download)");
    return;
  }
  if (!ho_key_read(l, &type_key, ho_node_slice(type), "workload.type", work)) {
    return;
  }
  section.what = tables[work->type].what;
  ho_section_read(l, &section, tables[work->type].keys,
                  tables[work->type].count, work);
  if (work->type == HO_WORK_STREAM && l->doc.problems_count == problems) {
    check_stream(l, &section, work);
  }
}

void ho_workload_read(ho_loader *l, const yaml_node_t *root) {
  ho_work_read(l, ho_map_get(&l->doc, root, "workload"), "workload",
               &l->out->work);
}
