/* What clients are there for: their workloads. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/meter_state.h"

static bool is_endless(const ho_workload_config *work) {
  switch (work->type) {
  case HO_WORK_DOWNLOAD:
  case HO_WORK_UPLOAD:
    return false;
  case HO_WORK_REQUEST:
    return work->count == 0;
  case HO_WORK_ECHO:
  case HO_WORK_IDLE:
  case HO_WORK_STREAM:
    break;
  }
  return true;
}

void ho_meter_work(const ho_meter *m, ho_meter_client *c) {
  const ho_workload_config *work =
      ho_scenario_work(m->config.scenario, (size_t)c->index);

  c->work = work;
  c->sender = work->type == HO_WORK_UPLOAD ? HO_CLIENT : HO_SERVER;
  c->receiver = c->sender == HO_SERVER ? HO_CLIENT : HO_SERVER;
  c->bulk = work->type == HO_WORK_DOWNLOAD || work->type == HO_WORK_UPLOAD;
  c->endless = is_endless(work);
  c->call = work->type == HO_WORK_STREAM;
}

static void add(ho_meter_works *works, const ho_workload_config *work) {
  works->finite |= !is_endless(work);
  works->endless |= is_endless(work);
  works->call |= work->type == HO_WORK_STREAM;
}

ho_meter_works ho_meter_all_work(const ho_meter *m) {
  ho_meter_works works = {0};

  if (m->clients_count == 0) {
    add(&works, ho_scenario_work(m->config.scenario, 0));
  }
  for (size_t i = 0; i < m->clients_count; i++) {
    add(&works, m->clients[i].work);
  }
  return works;
}
