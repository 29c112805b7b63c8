/* What a timeline keeps of a run's events. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_REPORT_TIMELINE_PRIVATE_H
#define HO_REPORT_TIMELINE_PRIVATE_H

#include <stdbool.h>

#include "measure/report/timeline.h"

/* How many of each are kept. */
enum { CLIENTS = 3, LANES = 32, HAPPENINGS = 2000, TURNS = 64, FRAMES = 200 };

/* The state of a path, as one end has it. */
typedef enum { PATH_UNKNOWN, PATH_PROBED, PATH_VALID, PATH_FAILED } path_state;

typedef struct {
  ho_time t;
  ho_side side;
  path_state state;
} turn;

typedef struct {
  ho_time t;
  ho_side side;
  bool challenge; /* else a response */
} frame;

/* A path: the client's tuple, and what the server sees of it. */
typedef struct {
  int client, net;
  bool tcp;
  ho_tuple inside;
  ho_endpoint outside; /* family 0: nothing got through the NAT */
  ho_time first, last; /* datagrams */
  path_state state[2];
  turn turns[TURNS];
  size_t turns_count;
  frame frames[FRAMES];
  size_t frames_count;
  bool busy[HO_TIMELINE_BINS]; /* brought data to an application */
} lane;

/* What happens to a network, or to all of the world (|net| -1). */
typedef struct {
  ho_event_kind kind;
  ho_time t;
  int client, net;
  char *text;
} happening;

/* Where packets went that may still be delivered. */
enum { SEEN = 1 << 16 };

typedef struct {
  uint64_t packet;
  size_t lane; /* from 1; 0: none */
} seen;

struct ho_timeline {
  const ho_meter_config *config;
  char *dir;
  lane *lanes[LANES];
  size_t lanes_count;
  happening happenings[HAPPENINGS];
  size_t happenings_count;
  bool cut; /* something was not kept */
  seen *packets;
  size_t heard[CLIENTS][2]; /* the lane of each end's last datagram, from 1 */
  ho_time bin;              /* the length of each */
  uint64_t delivered[HO_TIMELINE_BINS];
  ho_time now;
};

#endif
