/* A scenario: what to do, as read from YAML and resolved for one seed. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_SCENARIO_SCENARIO_H
#define HO_SCENARIO_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/diag.h"
#include "sim/base/time.h"

/* Rates are in bits per second of IP bytes, sizes in bytes, probabilities in
 * parts per million, times in ns. */

typedef enum {
  HO_QUEUE_BDP,     /* amount/1000 x rate x round-trip delay, >= 10 packets */
  HO_QUEUE_BYTES,   /* amount bytes */
  HO_QUEUE_PACKETS, /* amount packets */
} ho_queue_unit;

typedef struct {
  ho_queue_unit unit;
  uint64_t amount; /* thousandths for HO_QUEUE_BDP */
} ho_queue_size;

/* ho_wired is a wired link, both directions. */
typedef struct {
  uint64_t down_bps, up_bps;
  ho_time delay;        /* one way */
  ho_time jitter;       /* uniform 0 to jitter added, order kept */
  uint32_t loss_ppm;    /* per packet, each direction */
  uint32_t reorder_ppm; /* per packet: held back, overtaken by later ones */
  ho_queue_size queue;  /* per direction */
} ho_wired;

typedef enum {
  HO_NAT_INDEPENDENT, /* endpoint-independent (RFC 4787, 4.1 and 5) */
  HO_NAT_ADDRESS,     /* address-dependent */
  HO_NAT_ADDRESS_PORT /* address-and-port-dependent */
} ho_nat_behaviour;

typedef enum { HO_NAT_PRESERVE, HO_NAT_SEQUENTIAL, HO_NAT_RANDOM } ho_nat_ports;

typedef struct {
  bool present; /* false: no NAT, all else is meaningless */
  ho_nat_behaviour mapping, filtering;
  ho_time udp_timeout, tcp_timeout;
  ho_nat_ports ports;
  uint32_t pool;        /* external addresses in use at a time, 1.. */
  bool unknown_tcp_rst; /* answer unknown TCP packets with RST, else drop */
} ho_nat_config;

typedef enum { HO_NET_WIRED } ho_net_type;

typedef struct {
  char *name;
  ho_net_type type;
  uint8_t family; /* 4 or 6 */
  bool connected; /* at time 0 */
  ho_wired wired;
  ho_nat_config nat;
  ho_place place;
} ho_net_config;

typedef struct {
  ho_time delay;       /* one way, between core and server; default 0 */
  uint32_t cid_length; /* 1..20 (0 too), default 8 */
  uint32_t active_connection_id_limit; /* 2..8, default 7 */
  bool disable_active_migration;
  bool stateless_reset; /* default true */
  ho_time idle_timeout; /* default 30 s */
  bool retry;
} ho_server_config;

typedef enum {
  HO_WORK_DOWNLOAD, /* bytes, objects */
  HO_WORK_UPLOAD,   /* bytes, objects */
  HO_WORK_REQUEST,  /* every, request, response, count (0: endless) */
  HO_WORK_ECHO,     /* every, bytes; endless */
  HO_WORK_IDLE
} ho_work_type;

typedef struct {
  ho_work_type type;
  uint64_t bytes;   /* of each object; of each echo */
  uint64_t objects; /* in parallel */
  ho_time every;
  uint64_t request_bytes, response_bytes, count;
} ho_workload_config;

typedef enum { HO_TRANSPORT_QUIC, HO_TRANSPORT_TCP } ho_transport_kind;
typedef enum {
  HO_CHANGE_MIGRATE,
  HO_CHANGE_PROBE,
  HO_CHANGE_NONE,
  HO_CHANGE_RECONNECT
} ho_on_change;
typedef enum {
  HO_DETECT_NOTICE, /* the OS tells, after client.notice */
  HO_DETECT_RST,    /* a RST or a send error */
  HO_DETECT_TIMER,  /* nothing received for detect_after while waiting */
  HO_DETECT_HANG    /* the transport's own give-up */
} ho_detect;
typedef enum { HO_TLS_FULL, HO_TLS_RESUME, HO_TLS_0RTT } ho_tls_mode;
typedef enum { HO_REDO_RANGE, HO_REDO_RESTART } ho_redo;
typedef enum { HO_CC_CUBIC, HO_CC_RENO, HO_CC_BBR } ho_cc;

/* ho_arm is one way for a client to live through the same scenario. */
typedef struct {
  char *name;
  ho_transport_kind transport;
  ho_on_change on_change;
  ho_detect detect;
  ho_time detect_after; /* HO_DETECT_TIMER */
  ho_time ping;         /* app's liveness request while it waits; HO_NEVER */
  ho_tls_mode tls;      /* of reconnections */
  ho_redo redo;
  ho_cc cc;
  uint32_t initial_window; /* packets, default 10 */
  bool pmtud;              /* default true */
  uint32_t cid_length;     /* client's, 0..20, default 8 */
  ho_time keepalive;       /* HO_NEVER: none */
  ho_time idle_timeout;    /* default 30 s */
  ho_place place;
} ho_arm;

typedef enum {
  HO_ACT_DISCONNECT,
  HO_ACT_CONNECT,
  HO_ACT_SWITCH,
  HO_ACT_REBIND,
  HO_ACT_FLUSH,
  HO_ACT_SET,
  HO_ACT_PAUSE,
  HO_ACT_RESUME,
  HO_ACT_MIGRATE,
  HO_ACT_ROTATE,
  HO_ACT_REKEY
} ho_action_kind;

typedef enum {
  HO_REBIND_PORT = 1,
  HO_REBIND_ADDRESS = 2,
  HO_REBIND_BOTH = 3
} ho_rebind;

/* Keys of `set NET KEY VALUE` for a wired network; the new value stands in
 * the member of the same name of ho_action.set. */
typedef enum {
  HO_SET_DOWN,
  HO_SET_UP,
  HO_SET_DELAY,
  HO_SET_JITTER,
  HO_SET_LOSS,
  HO_SET_REORDER,
  HO_SET_QUEUE
} ho_set_key;

typedef struct {
  ho_time at;
  ho_action_kind kind;
  int net;          /* -1: none */
  ho_rebind rebind; /* HO_ACT_REBIND */
  ho_set_key key;   /* HO_ACT_SET */
  ho_wired set;     /* HO_ACT_SET: the member that |key| names */
  ho_place place;
} ho_action;

typedef enum { HO_EQ, HO_NE, HO_LT, HO_LE, HO_GT, HO_GE } ho_compare;
typedef enum {
  HO_AGG_NONE, /* every row */
  HO_AGG_P50,
  HO_AGG_P95,
  HO_AGG_P99,
  HO_AGG_MIN,
  HO_AGG_MAX,
  HO_AGG_MEAN,
  HO_AGG_COUNT
} ho_aggregate;
/* What a number in an expectation counts in; HO_DIM_NONE is a bare number. */
typedef enum {
  HO_DIM_NONE,
  HO_DIM_TIME, /* ns */
  HO_DIM_RATE, /* bit/s */
  HO_DIM_BYTES,
  HO_DIM_RATIO, /* ppm, from "1%" */
} ho_dimension;

/* ho_expect is one line of `expect`.  Metric names are checked by whoever
 * knows the columns; |place| is for that error. */
typedef struct {
  char *text;         /* as written */
  char *arm, *metric; /* metric may begin with "run." */
  ho_aggregate aggregate;
  ho_compare op;
  char *other_arm, *other_metric; /* both set for ARM.METRIC OP ARM.METRIC */
  char *word;    /* the value is a word, such as migrated; or NULL */
  double number; /* else, in the base unit of |dimension| */
  ho_dimension dimension;
  ho_place place;
} ho_expect;

typedef struct {
  char *file; /* as the user named it; "-" is standard input */
  char *name, *about;
  char *text; /* the file's bytes, zero-terminated */
  size_t text_len;
  ho_time stop;
  uint64_t seed; /* the file's default seed */

  ho_net_config *nets;
  size_t nets_count;
  int client_start;      /* network in use at time 0 */
  ho_time client_notice; /* HO_NEVER: the OS tells nobody */
  ho_server_config server;
  ho_workload_config work;
  ho_arm *arms;
  size_t arms_count;
  ho_action *timeline; /* expanded and in order of time */
  size_t timeline_count;
  ho_expect *expects;
  size_t expects_count;
  bool random; /* something differs from seed to seed: a range, loss, jitter,
                  reordering, random NAT ports */
} ho_scenario;

/* ho_source is a scenario's text before it is parsed. */
typedef struct {
  char *file; /* name for messages */
  char *text;
  size_t text_len;
} ho_source;

/* ho_source_read reads |path|, or standard input for "-".
 *
 * Returns 0, or
 *
 * HO_ERR_INPUT
 *     It cannot be read; |diag| says why. */
int ho_source_read(ho_source *source, const char *path, ho_diag *diag);
void ho_source_free(ho_source *source);

/* ho_override is one --set KEY=VALUE: |key| is a dotted path into the
 * scenario, such as networks.cell.delay, or a name under vars. */
typedef struct {
  const char *key, *value;
} ho_override;

/* ho_scenario_load parses and checks |source| whole and resolves every range,
 * variable and repetition for |seed| (0 means the file's own).  Ranges are
 * drawn from streams named after their place in the document, so every arm of a
 * seed gets the same.
 *
 * Returns 0 and a scenario in |*out| that the caller frees, or
 *
 * HO_ERR_INPUT
 *     |diag| holds every error, each with file, line and column. */
int ho_scenario_load(const ho_source *source, const ho_override *overrides,
                     size_t overrides_count, uint64_t seed, ho_scenario **out,
                     ho_diag *diag);
void ho_scenario_del(ho_scenario *scenario);

/* What the program says of itself (handoff list): name and one line. */
typedef struct {
  const char *name, *about;
} ho_listed;

const ho_listed *ho_list_arms(size_t *count);
const ho_listed *ho_list_actions(size_t *count);
const ho_listed *ho_list_presets(size_t *count); /* NAT presets, for now */

const char *ho_work_name(ho_work_type type);     /* "download" */
const char *ho_action_name(ho_action_kind kind); /* "disconnect" */
const char *ho_cc_name(ho_cc cc);                /* "cubic" */
const char *ho_tls_mode_name(ho_tls_mode mode);  /* "full" */

#endif
