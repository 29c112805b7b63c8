/* The few events of a run that tell its story. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/milestones.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "measure/csv.h"
#include "measure/row.h"
#include "sim/base/alloc.h"

struct ho_milestones {
  ho_meter_config config;
  const char **nets;
  FILE *out;
  size_t count;
};

bool ho_milestones_has(ho_event_kind kind) {
  static const ho_event_kind kinds[] = {
      HO_EV_run_ended,       HO_EV_action,
      HO_EV_network_up,      HO_EV_network_down,
      HO_EV_radio,           HO_EV_handover_refused,
      HO_EV_default_network, HO_EV_handoff,
      HO_EV_notice,          HO_EV_nat_mapped,
      HO_EV_nat_unmapped,    HO_EV_connection_started,
      HO_EV_handshake_done,  HO_EV_connection_closed,
      HO_EV_path_frame,      HO_EV_path_validation,
      HO_EV_cid_retired,     HO_EV_work_done,
      HO_EV_byte_wrong,
  };

  for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
    if (kinds[i] == kind) {
      return true;
    }
  }
  return false;
}

/* Whether |word|, "name=value", is of the story rather than of one packet. */
static bool is_kept(const char *word) {
  static const char *const left_out[] = {
      "packet=", "tuple=",  "data=",    "bytes=",  "cid=",
      "token=",  "inside=", "outside=", "t_loss=", "t_up="};

  for (size_t i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++) {
    if (strncmp(word, left_out[i], strlen(left_out[i])) == 0) {
      return false;
    }
  }
  return true;
}

/* Takes from |detail| what is not kept.  A word without "=" goes on the value
 * before it. */
static void condense(char *detail) {
  char *from = detail, *to = detail;
  bool keep = true;

  while (*from) {
    size_t len = strcspn(from, " ");
    if (memchr(from, '=', len)) {
      keep = is_kept(from);
    }
    if (keep && to != detail) {
      *to++ = ' ';
    }
    if (keep) {
      memmove(to, from, len);
      to += len;
    }
    from += len;
    from += strspn(from, " ");
  }
  *to = '\0';
}

static void write_row(ho_milestones *m, ho_time t, int client,
                      const char *event, const char *detail) {
  ho_csv csv;

  ho_csv_init(&csv, m->out);
  ho_row_begin(&csv, m->config.scenario, m->config.arm, m->config.seed);
  ho_csv_s(&csv, t);
  if (client < 0) {
    ho_csv_empty(&csv);
  } else {
    ho_csv_u64(&csv, (uint64_t)client);
  }
  ho_csv_text(&csv, event);
  ho_csv_text(&csv, detail);
  ho_csv_end(&csv);
}

static void left_out(ho_milestones *m, ho_time t) {
  char detail[64];

  snprintf(detail, sizeof(detail), "count=%zu", m->count - HO_MILESTONES_MAX);
  write_row(m, t, -1, "more", detail);
}

static void on_event(void *user, const ho_event *event) {
  ho_milestones *m = user;
  char detail[512];

  if (!ho_milestones_has(event->kind)) {
    return;
  }
  /* How it ended is always told. */
  if (event->kind == HO_EV_run_ended && m->count > HO_MILESTONES_MAX) {
    left_out(m, event->t);
  } else if (m->count++ >= HO_MILESTONES_MAX &&
             event->kind != HO_EV_run_ended) {
    return;
  }
  ho_event_detail(detail, sizeof(detail), event, m->nets,
                  m->config.scenario->nets_count);
  condense(detail);
  write_row(m, event->t, event->client, ho_event_name(event->kind), detail);
}

ho_milestones *ho_milestones_new(const ho_meter_config *config, ho_log *log,
                                 const char *dir) {
  char *path = ho_format("%s/milestones.csv", dir);
  FILE *out = fopen(path, "we");
  ho_milestones *m;

  free(path);
  if (!out) {
    return NULL;
  }
  m = ho_alloc(sizeof(*m));
  *m = (ho_milestones){.config = *config, .out = out};
  m->nets = ho_alloc_array(config->scenario->nets_count + 1, sizeof(char *));
  for (size_t i = 0; i < config->scenario->nets_count; i++) {
    m->nets[i] = config->scenario->nets[i].name;
  }
  ho_log_subscribe(log, on_event, m);
  return m;
}

int ho_milestones_finish(ho_milestones *milestones) {
  bool bad = fflush(milestones->out) != 0 || ferror(milestones->out);
  int err = errno;

  if (fclose(milestones->out) != 0 && !bad) {
    bad = true;
    err = errno;
  }
  free(milestones->nets);
  free(milestones);
  errno = err;
  return bad ? HO_ERR_IO : 0;
}
