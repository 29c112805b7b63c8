/* The client's application: it wants things, checks every byte it gets, and
 * asks again after a connection is lost. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_WORK_H
#define HO_STACK_WORK_H

#include "sim/scenario/scenario.h"
#include "stack/transport.h"

typedef struct ho_work ho_work;

typedef struct {
  ho_log *log;
  int client;
  const ho_workload_config *config;
  ho_redo redo;
  ho_time (*now)(void);
  /* The packet that brought what is being delivered; see events.def. */
  uint64_t (*packet)(void *user);
  /* A call was started, or more of its body is there: drain the transport. */
  void (*kick)(void *user);
  /* All is done; at most once. */
  void (*done)(void *user);
  void *user;
} ho_work_config;

ho_work *ho_work_new(const ho_work_config *config);
void ho_work_del(ho_work *work);

/* ho_work_start makes the first requests, at |now|; ho_work_tick those that are
 * due, and returns when the next one is (HO_NEVER: none). */
void ho_work_start(ho_work *work, ho_time now);
ho_time ho_work_tick(ho_work *work, ho_time now);

/* ho_work_attach puts everything unfinished on |transport|, which can take
 * requests; ho_work_detach takes it off again, before the transport is given
 * up. */
void ho_work_attach(ho_work *work, ho_transport *transport, uint64_t connection,
                    ho_time now);
void ho_work_detach(ho_work *work, ho_time now);

/* ho_work_settle goes on with what could not be done from within a call into
 * the transport; call it when none is under way. */
void ho_work_settle(ho_work *work);

/* ho_work_pause stops new requests, echoes, frames and upload bytes until
 * ho_work_resume.  What is asked for already still comes; a download is held
 * back where it comes from, and a call stopped at its other end, too
 * (ho_service_pause). */
void ho_work_pause(ho_work *work);
void ho_work_resume(ho_work *work, ho_time now);

/* ho_work_waiting says whether an answer is due. */
bool ho_work_waiting(const ho_work *work);

/* ho_work_finished says whether a bounded workload is complete. */
bool ho_work_finished(const ho_work *work);

#endif
