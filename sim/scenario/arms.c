/* The section `arms`: presets, and arms of one's own. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "sim/scenario/policy.h"
#include "sim/scenario/presets.h"

#define ARMS_MAX 1000

/* What is the same for every arm, so that arms differ only where their name
 * says. */
#define SAME                                                                   \
  .redo = HO_REDO_RANGE, .cc = HO_CC_CUBIC, .initial_window = 10,              \
  .pmtud = true, .cid_length = 8, .keepalive = HO_NEVER,                       \
  .idle_timeout = 30 * HO_SEC, .active_connection_id_limit = 7,                \
  .preferred_address = true, .policy = HO_POLICY_DEFAULT
#define QUIC(change, mode)                                                     \
  {                                                                            \
    .transport = HO_TRANSPORT_QUIC, .on_change = (change),                     \
    .detect = HO_DETECT_NOTICE, .ping = HO_NEVER, .tls = (mode), SAME          \
  }
#define TCP(how, after, liveness, mode)                                        \
  {                                                                            \
    .transport = HO_TRANSPORT_TCP, .on_change = HO_CHANGE_RECONNECT,           \
    .detect = (how), .detect_after = (after), .ping = (liveness),              \
    .tls = (mode), SAME                                                        \
  }

#define AUTO                                                                   \
  {                                                                            \
    .transport = HO_TRANSPORT_AUTO, .on_change = HO_CHANGE_MIGRATE,            \
    .detect = HO_DETECT_NOTICE, .ping = HO_NEVER, .tls = HO_TLS_FULL, SAME,    \
    .head_start = 300 * HO_MSEC, .patience = 3 * HO_SEC,                       \
    .quic_again = 300 * HO_SEC                                                 \
  }

static const ho_arm_preset presets[] = {
    {"quic",
     "QUIC + HTTP/3; told of a change, the client migrates at once with a "
     "fresh CID",
     QUIC(HO_CHANGE_MIGRATE, HO_TLS_FULL)},
    {"quic-probe",
     "validates the new path first, then moves (make before break)",
     QUIC(HO_CHANGE_PROBE, HO_TLS_FULL)},
    {"quic-passive",
     "the client is never told; the source address changes under it",
     QUIC(HO_CHANGE_NONE, HO_TLS_FULL)},
    {"quic-reconnect", "a new QUIC connection, full 1-RTT handshake",
     QUIC(HO_CHANGE_RECONNECT, HO_TLS_FULL)},
    {"quic-0rtt", "a new QUIC connection with resumption and 0-RTT data",
     QUIC(HO_CHANGE_RECONNECT, HO_TLS_0RTT)},
    {"tcp-notify",
     "TCP + TLS 1.3 + HTTP/2; told of a change, the app reconnects at once and "
     "resumes by byte range",
     TCP(HO_DETECT_NOTICE, 0, HO_NEVER, HO_TLS_FULL)},
    {"tcp-resume", "as tcp-notify, with TLS session resumption",
     TCP(HO_DETECT_NOTICE, 0, HO_NEVER, HO_TLS_RESUME)},
    {"tcp-rst", "learns from a RST or a send error",
     TCP(HO_DETECT_RST, 0, HO_SEC, HO_TLS_FULL)},
    {"tcp-timer", "learns from 5 s of silence",
     TCP(HO_DETECT_TIMER, 5 * HO_SEC, HO_SEC, HO_TLS_FULL)},
    {"tcp-hang", "learns only from TCP's own give-up",
     TCP(HO_DETECT_HANG, 0, HO_SEC, HO_TLS_FULL)},
    {"h3-h2", "tries QUIC, falls back to TCP where UDP does not get through",
     AUTO},
};

static const char *const transports[] = {[HO_TRANSPORT_QUIC] = "quic",
                                         [HO_TRANSPORT_TCP] = "tcp",
                                         [HO_TRANSPORT_AUTO] = "auto"};
static const char *const changes[] = {[HO_CHANGE_MIGRATE] = "migrate",
                                      [HO_CHANGE_PROBE] = "probe",
                                      [HO_CHANGE_NONE] = "none",
                                      [HO_CHANGE_RECONNECT] = "reconnect"};
static const char *const tls_modes[] = {
    [HO_TLS_FULL] = "full", [HO_TLS_RESUME] = "resume", [HO_TLS_0RTT] = "0rtt"};
static const char *const redos[] = {
    [HO_REDO_RANGE] = "range", [HO_REDO_RESTART] = "restart"};
static const char *const ccs[] = {
    [HO_CC_CUBIC] = "cubic", [HO_CC_RENO] = "reno", [HO_CC_BBR] = "bbr"};
static const char *const detects[] = {[HO_DETECT_NOTICE] = "notify",
                                      [HO_DETECT_RST] = "rst",
                                      [HO_DETECT_TIMER] = "a duration",
                                      [HO_DETECT_HANG] = "hang"};

#define AT(member)   offsetof(ho_arm, member)
#define WORDS(table) .words = table, .words_count = HO_COUNT(table)
#define POSITIVE     .min = 1, .bounds = "more than 0ns"

static const ho_key transport_key = {"transport", HO_KEY_WORD, AT(transport),
                                     "quic, tcp or auto", WORDS(transports)};
/* Less than a few ms of silence is what every path has. */
static const ho_key detect_key = {"detect", HO_KEY_TIME, AT(detect_after),
                                  .min = 10 * HO_MSEC,
                                  .bounds = "10ms or more"};

static const ho_key keys[] = {
    {"transport", HO_KEY_OTHER},
    {"on_change", HO_KEY_WORD, AT(on_change), WORDS(changes)},
    {"detect", HO_KEY_OTHER},
    {"ping", HO_KEY_TIME_OR_NEVER, AT(ping), POSITIVE},
    {"tls", HO_KEY_WORD, AT(tls), WORDS(tls_modes)},
    {"redo", HO_KEY_WORD, AT(redo), WORDS(redos)},
    {"cc", HO_KEY_WORD, AT(cc), WORDS(ccs)},
    {"initial_window", HO_KEY_COUNT32, AT(initial_window), .min = 1,
     .max = 1000, .bounds = "1 to 1000 packets"},
    {"pmtud", HO_KEY_BOOL, AT(pmtud)},
    /* RFC 9000, 17.2: a connection ID has at most 20 bytes. */
    {"cid_length", HO_KEY_COUNT32, AT(cid_length), .max = 20,
     .bounds = "0 to 20"},
    {"keepalive", HO_KEY_TIME_OR_NEVER, AT(keepalive), .min = HO_MSEC,
     .bounds = "1ms or more"},
    {"idle_timeout", HO_KEY_TIME, AT(idle_timeout), POSITIVE},
    /* RFC 9000, 18.2 wants 2 or more; ngtcp2 stores no more than 8. */
    {"active_connection_id_limit", HO_KEY_COUNT32,
     AT(active_connection_id_limit), .min = 2, .max = 8, .bounds = "2 to 8"},
    {"preferred_address", HO_KEY_BOOL, AT(preferred_address)},
    {"policy", HO_KEY_OTHER},
    {"head_start", HO_KEY_TIME, AT(head_start)},
    {"patience", HO_KEY_TIME, AT(patience), POSITIVE},
    {"quic_again", HO_KEY_TIME, AT(quic_again)},
};

const ho_arm_preset *ho_arm_presets(size_t *count) {
  *count = HO_COUNT(presets);
  return presets;
}

const char *ho_cc_name(ho_cc cc) {
  assert((size_t)cc < HO_COUNT(ccs));
  return ccs[cc];
}

const char *ho_tls_mode_name(ho_tls_mode mode) {
  assert((size_t)mode < HO_COUNT(tls_modes));
  return tls_modes[mode];
}

static const ho_arm_preset *find_preset(ho_slice name) {
  for (size_t i = 0; i < HO_COUNT(presets); i++) {
    if (ho_slice_is(name, presets[i].name)) {
      return &presets[i];
    }
  }
  return NULL;
}

static const ho_arm *find_arm(const ho_scenario *sc, ho_slice name) {
  for (size_t i = 0; i < sc->arms_count; i++) {
    if (ho_slice_is(name, sc->arms[i].name)) {
      return &sc->arms[i];
    }
  }
  return NULL;
}

/* Returns room for an arm, or NULL when its name is taken or not allowed. */
static ho_arm *new_arm(ho_loader *l, ho_slice name, const ho_arm *base) {
  ho_scenario *sc = l->out;
  const ho_arm *same = find_arm(sc, name);
  ho_arm *arm;

  if (same) {
    ho_slice_error(&l->doc, name,
                   "arm '%.*s' is defined twice (first in line "
                   "%d)",
                   HO_SLICE(name), same->place.line);
    return NULL;
  }
  /* "ARM: run.METRIC" means runs.csv, so an arm of that name is ambiguous. */
  if (!ho_loader_is_name(name) || ho_slice_is(name, "run")) {
    ho_slice_error(
        &l->doc, name,
        "'%.*s' cannot name an arm (expected a letter, then letters, "
        "digits, - and _, at most 64, and not 'run')",
        HO_SLICE(name));
    return NULL;
  }
  arm = &sc->arms[sc->arms_count++];
  *arm = *base;
  arm->name = ho_slice_dup(name);
  arm->place = ho_loader_place(l, name.node);
  return arm;
}

static void note_unknown(ho_loader *l, ho_slice name) {
  const char *names[HO_COUNT(presets)];
  char *hint;

  for (size_t i = 0; i < HO_COUNT(presets); i++) {
    names[i] = presets[i].name;
  }
  hint = ho_loader_suggest(name, names, HO_COUNT(presets));
  ho_slice_error(&l->doc, name, "no arm preset '%.*s'%s", HO_SLICE(name), hint);
  free(hint);
}

static void add_preset(ho_loader *l, ho_slice name) {
  const ho_arm_preset *preset;

  if (!ho_loader_word(l, &name, NULL)) {
    return;
  }
  preset = find_preset(name);
  if (!preset) {
    note_unknown(l, name);
  } else {
    new_arm(l, name, &preset->arm);
  }
}

/* `detect` is one of three words, or a duration of silence. */
static void read_detect(ho_loader *l, const yaml_node_t *node, const char *path,
                        ho_arm *arm) {
  char *timer_path;
  ho_slice text;

  if (!ho_node_text(node)) {
    ho_doc_error(&l->doc, node, "'detect' must be a single value");
    return;
  }
  text = ho_node_slice(node);
  if (!ho_loader_word(l, &text, NULL)) {
    return;
  }
  for (int i = 0; i < (int)HO_COUNT(detects); i++) {
    if (i != HO_DETECT_TIMER && ho_slice_is(text, detects[i])) {
      arm->detect = (ho_detect)i;
      return;
    }
  }
  arm->detect = HO_DETECT_TIMER;
  if (text.len > 0 && text.s[0] >= 'a' && text.s[0] <= 'z') {
    ho_slice_error(&l->doc, text,
                   "'%.*s' is no value of 'detect' (expected "
                   "notify, rst, hang or a duration such as 5s)",
                   HO_SLICE(text));
    return;
  }
  timer_path = ho_format("%s.detect", path);
  /* Not |text|: a range in a variable is drawn once for all its uses. */
  ho_key_read(l, &detect_key, ho_node_slice(node), timer_path, arm);
  free(timer_path);
}

/* Notes keys of |names| that the arm's transport does not have. */
static void check_keys(ho_loader *l, const ho_section *section,
                       const char *const *names, size_t count,
                       const char *needs) {
  const yaml_node_t *value;

  for (size_t i = 0; i < count; i++) {
    value = ho_section_get(l, section, names[i]);
    if (value) {
      ho_doc_error(&l->doc, value, "'%s' needs 'transport: %s'", names[i],
                   needs);
    }
  }
}

/* What a stack of QUIC cannot do; that of `auto` has one. */
static void check_quic(ho_loader *l, const ho_section *section,
                       const ho_arm *arm) {
  const yaml_node_t *window = ho_section_get(l, section, "initial_window");
  const yaml_node_t *detect = ho_section_get(l, section, "detect");

  if (arm->transport == HO_TRANSPORT_AUTO && arm->detect != HO_DETECT_NOTICE) {
    ho_doc_error(&l->doc, detect ? detect : section->at,
                 "'transport: auto' needs 'detect: notify' ('patience' is how "
                 "it learns of silence)");
  } else if (detect && arm->detect == HO_DETECT_RST) {
    ho_doc_error(&l->doc, detect, "'detect: rst' needs 'transport: tcp'");
  }
  /* RFC 9002, 7.2; ngtcp2 has no setting for it. */
  if (window && arm->initial_window != 10) {
    ho_doc_error(&l->doc, window,
                 "'initial_window: %u' is not supported with 'transport: %s' "
                 "(ngtcp2 always starts with 10)",
                 arm->initial_window, transports[arm->transport]);
  }
}

/* A client that does not migrate has nothing to decide. */
static void check_policy(ho_loader *l, const ho_section *section,
                         const ho_arm *arm) {
  const yaml_node_t *policy = ho_section_get(l, section, "policy");

  if (policy && arm->on_change != HO_CHANGE_MIGRATE &&
      arm->on_change != HO_CHANGE_PROBE) {
    ho_doc_error(&l->doc, policy,
                 "'policy' needs 'on_change: migrate' or 'on_change: probe'");
  }
}

/* Combinations that no stack could honour. */
static void check_arm(ho_loader *l, const ho_section *section,
                      const ho_arm *arm) {
  /* ns-3's TCP has neither a keep-alive nor an idle timeout. */
  static const char *const quic_only[] = {"pmtud",
                                          "cid_length",
                                          "keepalive",
                                          "idle_timeout",
                                          "active_connection_id_limit",
                                          "preferred_address",
                                          "policy"};
  static const char *const auto_only[] = {"head_start", "patience",
                                          "quic_again"};
  const yaml_node_t *change = ho_section_get(l, section, "on_change");

  if (arm->transport != HO_TRANSPORT_AUTO) {
    check_keys(l, section, auto_only, HO_COUNT(auto_only), "auto");
  }
  if (arm->transport != HO_TRANSPORT_TCP) {
    check_quic(l, section, arm);
    check_policy(l, section, arm);
    return;
  }
  if (change && (arm->on_change == HO_CHANGE_MIGRATE ||
                 arm->on_change == HO_CHANGE_PROBE)) {
    ho_doc_error(&l->doc, change,
                 "TCP cannot '%s' (expected reconnect or "
                 "none)",
                 changes[arm->on_change]);
  }
  check_keys(l, section, quic_only, HO_COUNT(quic_only), "quic");
}

/* The arm that one's own starts from: the preset of its name, or what its
 * transport has; NULL when neither is known. */
static const ho_arm *find_base(ho_loader *l, const ho_section *section,
                               ho_slice name) {
  const ho_arm_preset *preset = find_preset(name);
  const yaml_node_t *node = ho_section_get(l, section, "transport");
  ho_arm chosen = {0};

  if (!node) {
    if (!preset) {
      ho_doc_error(&l->doc, section->at,
                   "%s lacks 'transport' (quic, tcp or auto)", section->what);
    }
    return preset ? &preset->arm : NULL;
  }
  if (!ho_node_text(node)) {
    ho_doc_error(&l->doc, node, "'transport' must be a single value");
    return NULL;
  }
  if (!ho_key_read(l, &transport_key, ho_node_slice(node), "", &chosen)) {
    return NULL;
  }
  if (preset && preset->arm.transport == chosen.transport) {
    return &preset->arm;
  }
  for (size_t i = 0; i < HO_COUNT(presets); i++) {
    /* The first of each kind is its plainest. */
    if (presets[i].arm.transport == chosen.transport) {
      return &presets[i].arm;
    }
  }
  return NULL;
}

static void read_custom(ho_loader *l, const ho_section *section,
                        const char *path, ho_arm *arm) {
  const yaml_node_t *detect = ho_section_get(l, section, "detect");

  if (detect) {
    read_detect(l, detect, path, arm);
    /* Without a question of its own a waiting TCP client sends nothing, so
     * neither a RST nor a give-up would ever come. */
    arm->ping =
        arm->transport == HO_TRANSPORT_TCP && arm->detect != HO_DETECT_NOTICE
            ? HO_SEC
            : HO_NEVER;
  }
  ho_section_read(l, section, keys, HO_COUNT(keys), arm);
  ho_policy_read(l, section, &arm->policy);
  check_arm(l, section, arm);
}

static void add_custom(ho_loader *l, const yaml_node_t *key,
                       const yaml_node_t *node) {
  ho_section section = {node, key};
  char *path, *what;
  const ho_arm *base;
  ho_slice name;
  ho_arm *arm;

  if (!ho_node_text(key)) {
    ho_doc_error(&l->doc, key, "an arm's name must be a single word");
    return;
  }
  name = ho_node_slice(key);
  path = ho_format("arms.%.*s", HO_SLICE(name));
  what = ho_format("arm '%.*s'", HO_SLICE(name));
  section.path = path;
  section.what = what;
  if (ho_section_is_map(l, node, what, "{transport: quic}")) {
    base = find_base(l, &section, name);
    /* The name counts as defined even when nothing else is right. */
    arm = new_arm(l, name, base ? base : &presets[0].arm);
    if (base && arm) {
      read_custom(l, &section, path, arm);
    }
  }
  free(path);
  free(what);
}

static void add_map(ho_loader *l, const yaml_node_t *map) {
  const yaml_node_t *key, *value;

  for (size_t i = 0; i < ho_map_count(map); i++) {
    ho_map_pair(&l->doc, map, i, &key, &value);
    add_custom(l, key, value);
  }
}

static void add_item(ho_loader *l, const yaml_node_t *item) {
  if (ho_node_text(item)) {
    add_preset(l, ho_node_slice(item));
  } else if (ho_node_is_map(item) && ho_map_count(item) == 1) {
    add_map(l, item);
  } else {
    ho_doc_error(&l->doc, item,
                 "an arm is a preset's name or NAME: {transport: ...}");
  }
}

int ho_loader_arm(ho_loader *l, ho_slice word) {
  const ho_scenario *sc = l->out;
  const ho_arm *arm;
  const char **names;
  char *hint;

  if (!ho_loader_word(l, &word, NULL)) {
    return -1;
  }
  arm = find_arm(sc, word);
  if (arm || l->arms_bad) {
    return arm ? (int)(arm - sc->arms) : -1;
  }
  names = ho_alloc_array(sc->arms_count, sizeof(*names));
  for (size_t i = 0; i < sc->arms_count; i++) {
    names[i] = sc->arms[i].name;
  }
  hint = ho_loader_suggest(word, names, sc->arms_count);
  ho_slice_error(&l->doc, word, "no arm '%.*s' in this scenario%s",
                 HO_SLICE(word), hint);
  free(hint);
  free(names);
  return -1;
}

static void add_defaults(ho_loader *l) {
  static const int defaults[] = {0, 3, 5};

  l->out->arms = ho_alloc_array(HO_COUNT(defaults), sizeof(ho_arm));
  for (size_t i = 0; i < HO_COUNT(defaults); i++) {
    const ho_arm_preset *preset = &presets[defaults[i]];
    ho_arm *arm = &l->out->arms[l->out->arms_count++];
    *arm = preset->arm;
    arm->name = ho_strdup(preset->name);
    arm->place = (ho_place){l->out->file, 0, 0};
  }
}

void ho_arms_read(ho_loader *l, const yaml_node_t *root) {
  const yaml_node_t *node = ho_map_get(&l->doc, root, "arms");
  size_t count;

  if (!node) {
    add_defaults(l);
    return;
  }
  if (!ho_node_is_list(node) && !ho_node_is_map(node)) {
    ho_doc_error(&l->doc, node,
                 "'arms' must be a list such as [quic, "
                 "tcp-notify] or a map NAME: {transport: ...}");
    return;
  }
  count = ho_node_is_list(node) ? ho_list_count(node) : ho_map_count(node);
  if (count == 0 || count > ARMS_MAX) {
    ho_doc_error(&l->doc, node, "'arms' must name 1 to %d arms", ARMS_MAX);
    return;
  }
  l->out->arms = ho_alloc_array(count, sizeof(ho_arm));
  if (ho_node_is_map(node)) {
    add_map(l, node);
    return;
  }
  for (size_t i = 0; i < count; i++) {
    add_item(l, ho_list_item(&l->doc, node, i));
  }
}
