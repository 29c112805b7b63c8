/* A client and a server of the TCP baseline joined by a wire, for tests. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_TESTS_TCP_WIRE_H
#define HO_TESTS_TCP_WIRE_H

#include "stack/tcp/segment.h"
#include "stack/tcp/tcp.h"

/* The ends of the wire; a direction is named by who sends. */
typedef struct wire_end wire_end;
typedef struct wire wire;

struct wire_end {
  wire *wire;
  ho_transport *transport;
  ho_time free_at; /* when its side of the wire is free */
  uint64_t segments, bytes;
};

/* What a test saw, and what it wants. */
struct wire {
  ho_log *log;
  ho_tls *creds;
  ho_service *service;
  ho_arm arm;
  ho_server_config server_config;
  uint32_t mtu;
  uint8_t family;
  ho_tls_mode tls;
  uint8_t *ticket;
  size_t ticket_len;
  ho_time delay;     /* one way */
  uint64_t rate_bps; /* 0: infinite; counts IP bytes */
  /* Called for each segment; |lose| may change it, and true: it is lost. */
  void (*note)(wire *p, ho_side sender, const ho_datagram *dgram);
  bool (*lose)(wire *p, ho_side sender, const ho_datagram *dgram);
  void (*on_ready)(wire *p);

  wire_end ends[2]; /* by ho_side */
  uint64_t packets; /* numbers the packets */
  uint64_t connections;
  uint64_t digest; /* of every segment, its time and direction */
  /* upcalls of the client */
  bool ready;
  ho_time ready_at, closed_at;
  char *closed; /* the reason, or NULL */
  int64_t error;
};

/* wire_init makes a wire of 20 ms RTT without limits, IPv4, MTU 1500, an arm
 * with the defaults, and its server.  |seed| is for keys. */
void wire_init(wire *p, uint64_t seed);
/* wire_connect makes the next client connection and opens it; call it at
 * virtual time 0 or within a run.  An earlier one is deleted. */
void wire_connect(wire *p);
/* wire_drain sends what |side| has to send, as its host would. */
void wire_drain(wire *p, ho_side side);
/* wire_restart_server replaces the server by one that knows of nothing. */
void wire_restart_server(wire *p);
/* wire_inject sends, as |sender|, the RST that answers |seg|; wire_raw sends,
 * as the client, an empty segment from a port of its own.  |buf| has
 * HO_SEGMENT_MIN bytes. */
void wire_inject(wire *p, ho_side sender, const ho_segment *seg, uint8_t *buf);
void wire_raw(wire *p, uint16_t port, uint8_t flags);
/* wire_checksum fills in the checksum of a segment. */
void wire_checksum(const ho_datagram *dgram);
/* wire_send puts a segment on the wire as |sender| would. */
void wire_send(wire *p, ho_side sender, const ho_datagram *dgram);
void wire_free(wire *p);

/* run_alone runs |body| in a process of its own, since a process simulates but
 * once, and Check's clock is the simulation's.  Returns its exit status. */
int run_alone(void (*body)(void));

/* A request with its answer, checked byte by byte. */
typedef struct {
  ho_call call;
  wire *wire;
  uint64_t got; /* body bytes, right ones */
  uint64_t wrong;
  unsigned status;
  uint64_t content_length, upload_offset;
  bool first, done;
  ho_time first_at, done_at;
  int64_t error;
  uint64_t object; /* whose bytes the answer is */
} fetch;

void fetch_init(fetch *f, wire *p, ho_http_kind kind, uint64_t object,
                uint64_t total);
void fetch_start(fetch *f);

#endif
