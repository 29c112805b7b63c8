/* A scenario: what to do, as read from YAML and resolved for one seed. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_SCENARIO_SCENARIO_H
#define HO_SCENARIO_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/diag.h"
#include "sim/base/event.h"
#include "sim/base/time.h"
#include "sim/wire/header.h"

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

/* ho_trace is one direction of a recorded link, repeated for ever: mahimahi's
 * packet-delivery opportunities, or rates over time from a CSV file. */
typedef struct {
  ho_time at;        /* since the beginning of the trace, ascending */
  uint64_t bps;      /* CSV: the rate from |at| on; may be 0 */
  ho_time delay;     /* CSV: one way, of what departs from |at| on */
  uint32_t loss_ppm; /* CSV: likewise */
} ho_trace_row;

typedef struct {
  char *file;         /* as written; NULL: not a trace */
  char sha256[65];    /* of its bytes, for the manifest */
  bool opportunities; /* each row lets up to 1500 IP bytes depart */
  ho_trace_row *rows; /* at least one */
  size_t count;
  ho_time period;    /* after which the rows repeat; more than the last |at| */
  uint64_t mean_bps; /* over a period; more than 0 */
} ho_trace;

/* ho_position is a place in the plane, in millimetres.  Clients start at 0,0.
 */
typedef struct {
  int64_t x_mm, y_mm;
} ho_position;

typedef enum { HO_WIFI_N, HO_WIFI_AC, HO_WIFI_AX } ho_wifi_standard;

typedef struct {
  ho_wifi_standard standard;
  uint32_t channel_width_mhz; /* n: 20 or 40; ac, ax: 20, 40, 80 or 160 */
  int32_t tx_power_mdbm;      /* thousandths of a dBm, both ways */
  ho_position ap;
  uint32_t stations;        /* other active stations, around the AP */
  ho_queue_size queue;      /* of each device; packets or bytes */
  ho_time scan_every;       /* HO_NEVER: the station does not scan in use */
  ho_time scan_lo, scan_hi; /* how long a scan keeps it off the channel */
} ho_wifi_config;

typedef enum { HO_LTE_PF, HO_LTE_RR } ho_lte_scheduler;

typedef struct {
  uint32_t resource_blocks; /* 6, 15, 25, 50, 75 or 100 */
  ho_position enb;          /* of the first cell */
  uint32_t cells;           /* in a row along x, X2 between neighbours */
  uint64_t cell_spacing_mm;
  ho_lte_scheduler scheduler;
  uint32_t ues;        /* other active devices, around the first cell */
  ho_queue_size queue; /* RLC buffer of each bearer; bytes */
} ho_lte_config;

typedef enum {
  HO_NET_WIRED,
  HO_NET_TRACE,
  HO_NET_WIFI,
  HO_NET_LTE
} ho_net_type;

typedef struct {
  char *name;
  ho_net_type type;
  char *preset;   /* it was made from, or NULL */
  uint8_t family; /* 4 or 6 */
  bool connected; /* at time 0 */
  ho_wired wired; /* the link; a trace's delay, queue, jitter, loss, reorder,
                     with its mean rates; a radio's backhaul */
  ho_trace trace_down, trace_up;                   /* HO_NET_TRACE */
  ho_wifi_config wifi;                             /* HO_NET_WIFI */
  ho_lte_config lte;                               /* HO_NET_LTE */
  uint64_t background_down_bps, background_up_bps; /* competing load */
  uint32_t mtu;                                    /* IP bytes, default 1500 */
  bool bleaches;   /* it clears the ECN bits of what passes (`ecn: bleach`) */
  ho_time address; /* from an association, or from plugging in, to a usable
                      address (DHCP); not at time 0 */
  ho_nat_config nat;
  ho_place place;
} ho_net_config;

static inline bool ho_net_is_radio(const ho_net_config *net) {
  return net->type == HO_NET_WIFI || net->type == HO_NET_LTE;
}

/* ho_preferred is the address that a server asks its clients to move to
 * (RFC 9000, 9.6). */
typedef struct {
  bool v4, v6; /* neither: none is offered */
  bool dead;   /* nothing that is sent there arrives */
} ho_preferred;

typedef struct {
  ho_time delay;       /* one way, between core and server; default 0 */
  uint32_t cid_length; /* 1..20 (0 too), default 8 */
  uint32_t active_connection_id_limit; /* 2..8, default 7 */
  bool disable_active_migration;
  bool stateless_reset; /* default true */
  ho_time idle_timeout; /* default 30 s */
  bool retry;
  ho_preferred preferred;
  /* QUIC-LB; then |cid_length| is 1 + both lengths. */
  bool lb;
  bool lb_encrypted;
  uint32_t lb_servers;          /* 1..65535, numbered from 0 */
  uint32_t lb_server_id_length; /* 1..15 */
  uint32_t lb_nonce_length;     /* 4..18; at most 19 with the server ID */
} ho_server_config;

typedef enum {
  HO_WORK_DOWNLOAD, /* bytes, objects */
  HO_WORK_UPLOAD,   /* bytes, objects */
  HO_WORK_REQUEST,  /* every, request, response, count (0: endless) */
  HO_WORK_ECHO,     /* every, bytes; endless */
  HO_WORK_IDLE,
  HO_WORK_STREAM /* up, down, frame, deadline; endless */
} ho_work_type;

typedef struct {
  ho_work_type type;
  uint64_t bytes;   /* of each object; of each echo */
  uint64_t objects; /* in parallel */
  ho_time every;
  uint64_t request_bytes, response_bytes, count;
  uint64_t up_bps, down_bps; /* HO_WORK_STREAM: of application bytes */
  ho_time frame, deadline;   /* a frame is sent every |frame|; it is late when
                                it is not whole |deadline| after that */
} ho_workload_config;

typedef enum {
  HO_TRANSPORT_QUIC,
  HO_TRANSPORT_TCP,
  HO_TRANSPORT_AUTO /* QUIC raced against TCP (RFC 8305 in spirit) */
} ho_transport_kind;
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

/* What may make a client leave a path, in the words of deployed clients
 * (Chromium's QuicConnectionMigrationManager).  Bits of ho_policy.causes. */
enum {
  HO_CAUSE_DISCONNECTED = 1, /* the network in use is gone */
  HO_CAUSE_WRITE_ERROR = 2,  /* sending failed: the address is gone */
  HO_CAUSE_DEFAULT = 4,      /* another network was made the default */
  HO_CAUSE_DEGRADING = 8,    /* no progress for |degrading_after| */
};

/* ho_policy is a client's reaction to what happens to its networks.  The
 * default is causes disconnected and default, no limits: what `quic` does. */
typedef struct {
  unsigned causes;
  ho_time degrading_after; /* HO_CAUSE_DEGRADING: silence while an answer is
                              due; default 3 s */
  ho_time wait; /* for another network, when the one in use is gone and there
                   is none; then the connection is given up.  HO_NEVER: as
                   long as the transport lives */
  ho_time away; /* most time on a network that is not the default; then it
                   goes back if it can.  HO_NEVER: no limit */
  uint32_t attempts;   /* migrations of a connection to networks that are not
                          the default, at most; UINT32_MAX: no limit */
  bool port_migration; /* a degrading path without another network: a fresh
                          local port on the same one */
} ho_policy;

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
  uint32_t initial_window;             /* packets, default 10 */
  bool pmtud;                          /* default true */
  uint32_t cid_length;                 /* client's, 0..20, default 8 */
  ho_time keepalive;                   /* HO_NEVER: none */
  ho_time idle_timeout;                /* default 30 s */
  uint32_t active_connection_id_limit; /* client's, 2..8, default 7 */
  bool preferred_address; /* it moves to the server's; default true */
  ho_policy policy;
  /* HO_TRANSPORT_AUTO: */
  ho_time head_start; /* of QUIC before TCP is tried too; default 300 ms */
  ho_time patience;   /* of silence while an answer is due, after which the
                         race is run anew; default 3 s */
  ho_time quic_again; /* how long a network on which TCP won the race is used
                         without trying QUIC; default 5 min */
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
  HO_ACT_REKEY,
  HO_ACT_MOVE,
  HO_ACT_HANDOVER,
  HO_ACT_BLOCK,
  HO_ACT_THROTTLE,
  HO_ACT_UNBLOCK,
  HO_ACT_RESTART,
  HO_ACT_DROP, /* these four are packet rules */
  HO_ACT_DELAY,
  HO_ACT_DUPLICATE,
  HO_ACT_CORRUPT,
  HO_ACT_ATTACK,
  HO_ACT_FAULT
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

/* Faults that an endpoint can be given, to break one rule of the protocol each
 * (sim/scenario/faults.def). */
typedef enum {
#define FAULT(id, name, about) HO_FAULT_##id,
#include "sim/scenario/faults.def"
#undef FAULT
  HO_FAULT_COUNT
} ho_fault_id;

/* What a middlebox is told to stop, or to slow down. */
typedef enum { HO_BLOCK_UDP = 1, HO_BLOCK_TCP = 2, HO_BLOCK_ALL = 3 } ho_block;

/* What a packet rule counts. */
typedef enum {
  HO_MATCH_DATAGRAM, /* every UDP datagram of the connection */
  HO_MATCH_FRAME,    /* datagrams with a frame of a type */
  HO_MATCH_PACKET,   /* datagrams with a packet of a type */
} ho_match;

/* ho_rule does something to QUIC datagrams as they leave |from|'s interface:
 * those of the |first| to the |last| that match, counted from 1 for each client
 * since the rule came into force. */
typedef struct {
  ho_side from;
  ho_match match;
  uint64_t frame;       /* HO_MATCH_FRAME: sim/wire/frame.h */
  ho_wire_type packet;  /* HO_MATCH_PACKET */
  uint64_t first, last; /* last UINT64_MAX: for ever */
  int net;              /* -1: any */
  ho_time by;           /* HO_ACT_DELAY */
} ho_rule;

/* Attackers on a network's wire, between its NAT and the server.  None of them
 * has keys. */
typedef enum {
  HO_ATTACK_FORWARD,      /* off-path: a copy of each client packet overtakes it
                             from the attacker's address (RFC 9000, 9.3.3) */
  HO_ATTACK_FORWARD_BOTH, /* and what is answered there is brought back */
  HO_ATTACK_SPOOF,        /* client packets are sent again with a victim's
                             address as their source (21.5, 9.3.1) */
  HO_ATTACK_REPLAY,       /* old client packets from made-up ports of its */
  HO_ATTACK_INJECT,       /* old client packets again, addresses as they were */
  HO_ATTACK_STORM,        /* on-path: each client packet gets another source
                             port; answers find back */
  HO_ATTACK_DROP_PATH,    /* on-path: what has PATH_CHALLENGE or PATH_RESPONSE
                             is lost, both ways */
  HO_ATTACK_RESET_CLIENT, /* forged stateless resets to the client */
  HO_ATTACK_RESET_SERVER, /* or to the server, as if from the client */
} ho_attack_kind;

typedef struct {
  ho_attack_kind kind;
  uint64_t count; /* packets it treats or makes; UINT64_MAX: any number */
  ho_time lasts;  /* HO_NEVER: until |count| is reached */
} ho_attack;

typedef struct {
  ho_time at;
  ho_action_kind kind;
  int client;         /* whom it concerns; -1: every client */
  int net;            /* -1: none */
  ho_rebind rebind;   /* HO_ACT_REBIND */
  ho_set_key key;     /* HO_ACT_SET */
  ho_wired set;       /* HO_ACT_SET: the member that |key| names */
  ho_position to;     /* HO_ACT_MOVE */
  uint64_t mm_per_s;  /* HO_ACT_MOVE: speed, more than 0 */
  uint32_t cell;      /* HO_ACT_HANDOVER: from 1 */
  ho_block block;     /* HO_ACT_BLOCK, THROTTLE, UNBLOCK */
  uint64_t limit_bps; /* HO_ACT_THROTTLE */
  ho_rule rule;       /* HO_ACT_DROP, DELAY, DUPLICATE, CORRUPT */
  ho_attack attack;   /* HO_ACT_ATTACK; |net| is where */
  ho_side faulty;     /* HO_ACT_FAULT: whose fault */
  ho_fault_id fault;
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

/* ho_override is one --set KEY=VALUE: |key| is a dotted path into the
 * scenario, such as networks.cell.delay, or a name under vars.  |origin| is
 * where it was said, for messages; NULL: "--set KEY". */
typedef struct {
  const char *key, *value, *origin;
} ho_override;

/* ho_vary is a key that takes each of its values in turn; it owns all. */
typedef struct {
  char *key;
  char **values;
  char **origins; /* where each value was said, for messages */
  size_t count, values_cap, origins_cap;
} ho_vary;

/* ho_vary_add appends copies of |value| and |origin|. */
void ho_vary_add(ho_vary *vary, const char *value, const char *origin);
bool ho_vary_has(const ho_vary *vary, const char *value);
void ho_vary_free(ho_vary *vary);

/* ho_search_config is what `handoff search` may draw, and what it minds. */
typedef struct {
  ho_time span;     /* actions are drawn from 0 to here, at most |stop|; default
                       4 s, or |stop| */
  uint64_t most;    /* actions of a schedule, default 6 */
  ho_time gap;      /* silence on a path that works, at most; default 4 s */
  unsigned actions; /* bits, 1 shifted by ho_action_kind; 0: the default */
  bool should;      /* a check of level SHOULD counts as one of level MUST */
  ho_vary *values;  /* what may be set to which values or ranges; none: the
                       default */
  size_t values_count, values_cap;
} ho_search_config;

enum { HO_CLIENTS_MAX = 1000 };

/* ho_group is a number of clients that are alike; the groups' clients are
 * numbered in the order of the groups. */
typedef struct {
  char *name;
  size_t clients, clients_max; /* 1 or more; over all seeds at most */
  bool moves; /* what the timeline does to networks and applications is
                 done to them, too */
  int start;  /* network in use at time 0 */
  ho_workload_config work;
  ho_place place;
} ho_group;

/* Where somebody looks on who has no part in it.  Bits, 1 shifted by one of
 * these, of ho_scenario.observers. */
typedef enum {
  HO_VANTAGE_OLD,    /* the networks in which clients that move start */
  HO_VANTAGE_NEW,    /* all others */
  HO_VANTAGE_BOTH,   /* old and new */
  HO_VANTAGE_SERVER, /* the server's interface */
  HO_VANTAGE_ALL,    /* both and server */
  HO_VANTAGE_COUNT
} ho_vantage;

typedef struct {
  char *file; /* as the user named it; "-" is standard input */
  char *name, *about;
  char *text; /* the file's bytes, zero-terminated */
  size_t text_len;
  ho_time stop;
  uint64_t seed; /* the file's default seed */

  ho_net_config *nets;
  size_t nets_count;
  size_t clients;        /* 1 to 1000 */
  ho_time *client_begin; /* when each one's application starts */
  ho_group *groups;      /* NULL: all clients are alike */
  size_t groups_count;
  int client_start;      /* network in use at time 0, without groups */
  ho_time client_notice; /* HO_NEVER: the OS tells nobody */
  ho_time client_return; /* how long a network must have been usable again until
                            the OS goes back to it, where it stands before the
                            one in use; HO_NEVER: it does not */
  ho_server_config server;
  ho_workload_config work; /* of every client, without groups */
  unsigned observers;      /* bits of ho_vantage; 0: nobody looks on */
  bool swap_game;          /* of the clients that move, counted in their order,
                              2i and 2i + 1 live through the same times */
  ho_arm *arms;
  size_t arms_count;
  ho_action *timeline; /* expanded and in order of time */
  size_t timeline_count;
  ho_expect *expects;
  size_t expects_count;
  ho_vary *vary; /* as the file has it; not applied to anything here */
  size_t vary_count, vary_cap;
  ho_search_config search;
  const ho_override *point; /* the varied values that were applied, for the
                               rows; not owned */
  size_t point_count;
  bool random; /* something differs from seed to seed: a range, loss, jitter,
                  reordering, random NAT ports, a radio, a background load */
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

/* What |client| has by its group, or as every client has it. */
const ho_workload_config *ho_scenario_work(const ho_scenario *scenario,
                                           size_t client);
int ho_scenario_start(const ho_scenario *scenario, size_t client);
bool ho_scenario_moves(const ho_scenario *scenario, size_t client);

/* ho_scenario_concerns tells if |action| is done to |client|, or may have an
 * effect on it where it changes what all have in common. */
bool ho_scenario_concerns(const ho_scenario *scenario, const ho_action *action,
                          size_t client);

/* What the program says of itself (handoff list): name and one line; of a
 * network also what it stands for and where its numbers are from, else NULL. */
typedef struct {
  const char *name, *about;
  const char *text, *source;
} ho_listed;

const ho_listed *ho_list_arms(size_t *count);
const ho_listed *ho_list_actions(size_t *count);
const ho_listed *ho_list_presets(size_t *count); /* networks, then NATs */
/* In the order of their enums. */
const ho_listed *ho_list_attacks(size_t *count);
const ho_listed *ho_list_faults(size_t *count);

const char *ho_work_name(ho_work_type type);     /* "download" */
const char *ho_action_name(ho_action_kind kind); /* "disconnect" */
const char *ho_vantage_name(ho_vantage vantage); /* "both" */
const char *ho_attack_name(ho_attack_kind kind); /* "forward" */
const char *ho_fault_name(ho_fault_id fault);    /* "repeat-challenge" */
const char *ho_cc_name(ho_cc cc);                /* "cubic" */
const char *ho_tls_mode_name(ho_tls_mode mode);  /* "full" */

#endif
