/* What was said in one handoff: datagrams, and what came of them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/report/sequence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"

/* Datagrams that are shown, and how far apart those are that count as one. */
enum { SHOWN = 36 };
#define TOGETHER 0.002

typedef struct {
  ho_sequence *s;
  const char *from, *to; /* networks */
  const char *detail;    /* of the event at hand */
  double t, end;
  bool told; /* that the server sees a new tuple */
} reading;

/* ---- fields of an event ---- */

/* The value of |name| in "name=value name=value", which the caller frees; "" if
 * there is none. */
static char *field(const reading *r, const char *name) {
  size_t length = strlen(name);

  for (const char *at = r->detail; at && *at; at = strchr(at, ' ')) {
    at += *at == ' ' ? 1 : 0;
    if (!strncmp(at, name, length) && at[length] == '=') {
      at += length + 1;
      return ho_format("%.*s", (int)strcspn(at, " "), at);
    }
  }
  return ho_strdup("");
}

static bool is_field(const reading *r, const char *name, const char *value) {
  char *text = field(r, name);
  bool same = !strcmp(text, value);

  free(text);
  return same;
}

/* ---- notes ---- */

/* In the order of time, of the same time in the order of calls.  Takes |text|.
 */
static void note(reading *r, bool client, char *text) {
  ho_sequence *s = r->s;
  size_t i = s->notes_count++;

  ho_grow(&s->notes, i, &s->notes_cap, sizeof(ho_note));
  for (; i > 0 && s->notes[i - 1].t > r->t; i--) {
    s->notes[i] = s->notes[i - 1];
  }
  s->notes[i] = (ho_note){r->t, client, text};
}

/* "FORMAT" with one or two fields of the event in it. */
#define NOTE1(r, client, format, a)                                            \
  do {                                                                         \
    char *first = field(r, a);                                                 \
    note(r, client, ho_format(format, first));                                 \
    free(first);                                                               \
  } while (0)

static void note_connection(reading *r) {
  char *transport = field(r, "transport"), *handshake = field(r, "handshake");

  note(r, true, ho_format("new connection: %s, %s", transport, handshake));
  free(transport);
  free(handshake);
}

static void note_nat(reading *r) {
  char *inside = field(r, "inside"), *outside = field(r, "outside");

  note(r, true, ho_format("NAT: %s is %s outside", inside, outside));
  free(inside);
  free(outside);
}

static void note_retired(reading *r) {
  char *sequence = field(r, "sequence");
  bool of_client = is_field(r, "endpoint", "client");

  note(r, !of_client,
       ho_format("retires the %s's connection ID %s",
                 of_client ? "client" : "server", sequence));
  free(sequence);
}

static void on_note(reading *r, const char *event) {
  bool client = !is_field(r, "endpoint", "server");

  if (!strcmp(event, "network_down")) {
    NOTE1(r, true, "%s is gone", "net");
  } else if (!strcmp(event, "notice")) {
    NOTE1(r, true, "the transport is told of %s", "net");
  } else if (!strcmp(event, "nat_mapped")) {
    note_nat(r);
  } else if (!strcmp(event, "connection_started")) {
    note_connection(r);
  } else if (!strcmp(event, "handshake_done")) {
    note(r, client, ho_strdup("TLS is done"));
  } else if (!strcmp(event, "path_validation")) {
    NOTE1(r, client, "path validation: %s", "result");
  } else if (!strcmp(event, "cid_retired")) {
    note_retired(r);
  } else if (!strcmp(event, "connection_closed")) {
    note(r, client, ho_strdup("connection closed"));
  }
}

/* ---- datagrams ---- */

static ho_message *message_of(reading *r) {
  ho_sequence *s = r->s;
  char *packet = field(r, "packet");
  size_t i = s->count;

  while (i > 0 && strcmp(s->messages[i - 1].packet, packet) != 0) {
    i--;
  }
  if (i > 0) {
    free(packet);
    return &s->messages[i - 1];
  }
  ho_grow(&s->messages, s->count, &s->cap, sizeof(ho_message));
  s->messages[s->count] = (ho_message){.packet = packet,
                                       .label = ho_strdup(""),
                                       .dcid = ho_strdup(""),
                                       .tuple = ho_strdup(""),
                                       .sent = r->t,
                                       .last = r->t,
                                       .received = NAN,
                                       .times = 1};
  s->messages[s->count].from_client = is_field(r, "endpoint", "client");
  return &s->messages[s->count++];
}

static void set_text(char **text, char *value) {
  free(*text);
  *text = value;
}

static void add_label(ho_message *m, const char *more) {
  if (!strstr(m->label, more)) {
    set_text(&m->label,
             ho_format("%s%s%s", m->label, *m->label ? " + " : "", more));
  }
}

static const char *type_name(const char *type) {
  static const char *const NAMES[][2] = {{"1rtt", "1-RTT"},
                                         {"0rtt", "0-RTT"},
                                         {"initial", "Initial"},
                                         {"handshake", "Handshake"},
                                         {"retry", "Retry"}};

  for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
    if (!strcmp(NAMES[i][0], type)) {
      return NAMES[i][1];
    }
  }
  return type;
}

static void on_quic_sent(reading *r) {
  ho_message *m = message_of(r);
  char *type = field(r, "type"), *dcid = field(r, "dcid");

  if (!m->path) {
    add_label(m, type_name(type));
  }
  set_text(&m->dcid, ho_format("%.8s", dcid));
  free(type);
  free(dcid);
}

static void on_path_frame(reading *r) {
  ho_message *m;
  char *frame, *bytes;

  if (!is_field(r, "way", "sent")) {
    return;
  }
  m = message_of(r);
  if (!m->path) {
    set_text(&m->label, ho_strdup(""));
  }
  frame = field(r, "frame");
  bytes = field(r, "bytes");
  add_label(m, frame);
  if (strcmp(bytes, "1200") != 0 && !strstr(m->label, " B")) {
    char *longer = ho_format("%s, %s B", m->label, bytes);
    set_text(&m->label, longer);
  }
  m->path = true;
  free(frame);
  free(bytes);
}

/* Where the network is the same, only the server's view of the tuple tells. */
static void judge_path(const reading *r, ho_message *m, bool at_server) {
  if (strcmp(r->from, r->to) != 0) {
    m->to_new = is_field(r, "net", r->to);
  } else if (at_server && r->s->old_tuple) {
    m->to_new = !is_field(r, "tuple", r->s->old_tuple);
  }
}

static void on_sent(reading *r) {
  ho_message *m = message_of(r);

  judge_path(r, m, !m->from_client);
  if (is_field(r, "proto", "6")) {
    char *bytes = field(r, "bytes");
    set_text(&m->label, ho_format("TCP, %s B", bytes));
    free(bytes);
  }
}

static void on_received(reading *r) {
  bool at_server = is_field(r, "endpoint", "server");
  ho_message *m;

  if (r->t <= 0) {
    if (at_server) {
      set_text(&r->s->old_tuple, field(r, "tuple"));
    }
    return;
  }
  m = message_of(r);
  judge_path(r, m, at_server);
  m->received = r->t;
  if (at_server && m->to_new && !r->told) {
    char *tuple = field(r, "tuple");
    note(r, false, ho_format("sees %.*s", (int)strcspn(tuple, ">"), tuple));
    r->told = true;
    free(tuple);
  }
}

static void on_event(reading *r, const char *event) {
  if (!strcmp(event, "datagram_received")) {
    on_received(r);
  } else if (r->t < 0 || r->t > r->end) {
    return;
  } else if (!strcmp(event, "datagram_sent")) {
    on_sent(r);
  } else if (!strcmp(event, "quic_sent")) {
    on_quic_sent(r);
  } else if (!strcmp(event, "path_frame")) {
    on_path_frame(r);
  } else {
    on_note(r, event);
  }
}

/* ---- what of it is shown ---- */

static void message_free(ho_message *m) {
  free(m->packet);
  free(m->label);
  free(m->dcid);
  free(m->tuple);
}

static bool is_same(const ho_message *a, const ho_message *b) {
  return a->from_client == b->from_client && a->to_new == b->to_new &&
         !strcmp(a->label, b->label) && !strcmp(a->dcid, b->dcid) &&
         isnan(a->received) == isnan(b->received) &&
         b->sent - a->last <= TOGETHER;
}

/* The last of the same sender among the first |count|, or NULL. */
static ho_message *last_of(ho_sequence *s, size_t count, bool from_client) {
  while (count > 0 && s->messages[count - 1].from_client != from_client) {
    count--;
  }
  return count > 0 ? &s->messages[count - 1] : NULL;
}

static void condense(reading *r) {
  ho_sequence *s = r->s;
  size_t kept = 0, lost = 0;
  double first = 0;

  for (size_t i = 0; i < s->count; i++) {
    ho_message m = s->messages[i];
    ho_message *last = last_of(s, kept, m.from_client);
    bool wanted = m.sent >= 0 && *m.label && (m.to_new || m.path);
    if (!wanted && !m.from_client && isnan(m.received) && m.sent > 0) {
      first = lost++ == 0 ? m.sent : first;
    }
    if (wanted && last && is_same(last, &m)) {
      last->times++;
      last->last = m.sent;
    } else if (wanted && kept < SHOWN) {
      s->messages[kept++] = m;
      continue;
    }
    s->cut = s->cut || (wanted && kept == SHOWN);
    message_free(&m);
  }
  s->count = kept;
  if (lost > 0) {
    r->t = first;
    note(r, false,
         ho_format("%zu datagram%s to the old path, lost", lost,
                   lost > 1 ? "s" : ""));
  }
}

/* ---- all of it ---- */

static double instant(const ho_found *found, const ho_moment *moment,
                      const char *name) {
  const char *text = ho_found_cell(&found->handoffs_csv, moment->row, name);

  return *text && strcmp(text, "NA") != 0 ? strtod(text, NULL) : NAN;
}

void ho_sequence_read(ho_sequence *sequence, const ho_found *found,
                      const ho_moment *moment) {
  const ho_csv_file *file = &found->events;
  double loss = instant(found, moment, "t_loss_s");
  double byte = instant(found, moment, "t_first_byte_s") - loss;
  double valid = instant(found, moment, "t_validated_s") - loss;
  double again = instant(found, moment, "t_mtu_validated_s") - loss;
  reading r = {.s = sequence, .end = fmax(fmax(byte, valid), again) + 1e-6};

  *sequence = (ho_sequence){0};
  r.from = ho_found_cell(&found->handoffs_csv, moment->row, "from");
  r.to = ho_found_cell(&found->handoffs_csv, moment->row, "to");
  r.end = isnan(r.end) ? INFINITY : r.end;
  for (size_t i = 1; i < file->count; i++) {
    const ho_csv_row *row = &file->rows[i];
    const char *client = ho_found_cell(file, row, "client");
    if (!strcmp(ho_found_cell(file, row, "arm"), moment->arm) &&
        (!*client || !strcmp(client, moment->client))) {
      r.t = strtod(ho_found_cell(file, row, "t_s"), NULL) - loss;
      r.detail = ho_found_cell(file, row, "detail");
      on_event(&r, ho_found_cell(file, row, "event"));
    }
  }
  condense(&r);
  if (!isnan(byte)) {
    r.t = byte;
    note(&r, true, ho_strdup("first byte to the application"));
  }
}

void ho_sequence_free(ho_sequence *sequence) {
  for (size_t i = 0; i < sequence->count; i++) {
    message_free(&sequence->messages[i]);
  }
  for (size_t i = 0; i < sequence->notes_count; i++) {
    free(sequence->notes[i].text);
  }
  free(sequence->messages);
  free(sequence->notes);
  free(sequence->old_tuple);
  *sequence = (ho_sequence){0};
}
