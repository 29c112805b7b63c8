/* Captures of a run's packets (pcapng: draft-ietf-opsawg-pcapng). */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/pcap.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/base/alloc.h"
#include "sim/net/ip.h"

enum {
  BLOCK_SECTION = 0x0a0d0d0a,
  BLOCK_INTERFACE = 1,
  BLOCK_PACKET = 6,
  BLOCK_SECRETS = 10,
  OPTION_END = 0,
  OPTION_COMMENT = 1,
  OPTION_APPLICATION = 4, /* of a section */
  OPTION_NAME = 2,        /* of an interface */
  OPTION_RESOLUTION = 9,
  LINKTYPE_RAW = 101, /* IPv4 or IPv6 */
  SECRETS_TLS_KEY_LOG = 0x544c534b,
  BLOCK_MAX = 4096,
  BUFFERED = 65536, /* the kernel's work for 4 KB, many times, is a third of a
                       capture's cost */
};

typedef struct {
  FILE *out;
  int err; /* errno of the first write that failed, or 0 */
  char buffer[BUFFERED];
} capture;

enum { WIRE = 2, FILES }; /* behind those of the sides */

struct ho_pcap {
  capture files[FILES]; /* by ho_side, then the wire's, if it is asked for */
};

/* A block as it is put together.  All numbers are in little-endian order,
 * which the section header's magic tells. */
typedef struct {
  uint8_t bytes[BLOCK_MAX];
  size_t len;
} block;

static void put(block *b, const void *data, size_t len) {
  assert(b->len + len <= BLOCK_MAX);
  memcpy(b->bytes + b->len, data, len);
  b->len += len;
}

static void put_number(block *b, uint64_t n, size_t len) {
  for (size_t i = 0; i < len; i++) {
    b->bytes[b->len++] = (uint8_t)(n >> (8 * i));
  }
}

static void pad(block *b) {
  while (b->len % 4 != 0) {
    b->bytes[b->len++] = 0;
  }
}

static void put_option(block *b, uint16_t code, const void *data, size_t len) {
  put_number(b, code, 2);
  put_number(b, len, 2);
  put(b, data, len);
  pad(b);
}

static void begin(block *b, uint32_t type) {
  b->len = 0;
  put_number(b, type, 4);
  put_number(b, 0, 4); /* its length, see end */
}

static void end(block *b, capture *to) {
  size_t len = b->len + 4;

  put_number(b, len, 4);
  for (size_t i = 0; i < 4; i++) {
    b->bytes[4 + i] = (uint8_t)(len >> (8 * i));
  }
  if (fwrite(b->bytes, 1, b->len, to->out) != b->len && to->err == 0) {
    to->err = errno;
  }
}

static void write_section(capture *to) {
  static const char application[] = "handoff " HO_VERSION;
  block b;

  begin(&b, BLOCK_SECTION);
  put_number(&b, 0x1a2b3c4d, 4);
  put_number(&b, 1, 2);
  put_number(&b, 0, 2);
  put_number(&b, UINT64_MAX, 8); /* the section's length is not told */
  put_option(&b, OPTION_APPLICATION, application, sizeof(application) - 1);
  put_option(&b, OPTION_END, "", 0);
  end(&b, to);
}

static void write_interface(capture *to, const char *name) {
  static const uint8_t nanoseconds = 9;
  size_t len = strlen(name);
  block b;

  begin(&b, BLOCK_INTERFACE);
  put_number(&b, LINKTYPE_RAW, 2);
  put_number(&b, 0, 2);
  put_number(&b, 0, 4); /* packets are not cut */
  put_option(&b, OPTION_NAME, name, len < 256 ? len : 256);
  put_option(&b, OPTION_RESOLUTION, &nanoseconds, 1);
  put_option(&b, OPTION_END, "", 0);
  end(&b, to);
}

/* On the wire nobody numbers packets, or knows which are forged. */
static void put_comment(block *b, const ho_packet *pkt) {
  char comment[48];
  int len = snprintf(comment, sizeof(comment), "packet %" PRIu64 "%s", pkt->id,
                     pkt->forged ? ", forged" : "");

  put_option(b, OPTION_COMMENT, comment, (size_t)len);
  put_option(b, OPTION_END, "", 0);
}

static void write_packet(capture *to, int net, const ho_packet *pkt,
                         ho_time now, bool comment) {
  block b;

  begin(&b, BLOCK_PACKET);
  put_number(&b, (uint64_t)net, 4);
  put_number(&b, now >> 32, 4);
  put_number(&b, now, 4);
  put_number(&b, pkt->len, 4);
  put_number(&b, pkt->len, 4);
  put(&b, pkt->data, pkt->len);
  ho_ip_fill(b.bytes + b.len - pkt->len, pkt->len);
  pad(&b);
  if (comment) {
    put_comment(&b, pkt);
  }
  end(&b, to);
}

static void put_hex(block *b, const uint8_t *data, size_t len) {
  static const char digits[] = "0123456789abcdef";

  for (size_t i = 0; i < len; i++) {
    b->bytes[b->len++] = (uint8_t)digits[data[i] >> 4];
    b->bytes[b->len++] = (uint8_t)digits[data[i] & 15];
  }
}

/* One line of NSS's key log. */
static void write_secret(capture *to, const char *label, const uint8_t *random,
                         const uint8_t *secret, size_t len) {
  size_t line = strlen(label) + 1 + 64 + 1 + 2 * len + 1;
  block b;

  begin(&b, BLOCK_SECRETS);
  put_number(&b, SECRETS_TLS_KEY_LOG, 4);
  put_number(&b, line, 4);
  put(&b, label, strlen(label));
  put(&b, " ", 1);
  put_hex(&b, random, 32);
  put(&b, " ", 1);
  put_hex(&b, secret, len);
  put(&b, "\n", 1);
  pad(&b);
  end(&b, to);
}

/* ---- the sink ---- */

static void on_packet(void *user, ho_seen_at at, ho_side from, int net,
                      const ho_packet *pkt, ho_time now) {
  ho_pcap *pcap = user;
  ho_side where = at == HO_SENT       ? from
                  : from == HO_CLIENT ? HO_SERVER
                                      : HO_CLIENT;

  if (net < 0) {
    return;
  }
  if (at != HO_ON_WIRE) {
    write_packet(&pcap->files[where], net, pkt, now, true);
  } else if (pcap->files[WIRE].out) {
    write_packet(&pcap->files[WIRE], net, pkt, now, false);
  }
}

/* A file needs a secret before the first packet that it opens.  The server has
 * all but that of early data first, so what it tells goes into both files, and
 * of the client's only the other. */
static void on_secret(void *user, ho_side of, int client, uint64_t connection,
                      uint8_t proto, const char *label, const uint8_t *random,
                      const uint8_t *secret, size_t len, ho_time now) {
  ho_pcap *pcap = user;
  bool early = strncmp(label, "CLIENT_EARLY", 12) == 0;

  (void)client, (void)connection, (void)proto, (void)now;
  if (len > 64 || strlen(label) >= 64 || (of == HO_CLIENT) != early) {
    return;
  }
  write_secret(&pcap->files[HO_CLIENT], label, random, secret, len);
  write_secret(&pcap->files[HO_SERVER], label, random, secret, len);
}

/* ---- a run that dies ---- */

static const int deadly[] = {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV};

static ho_pcap *open_ones; /* a process has one run */

/* What is still in a buffer is what one wants to see. */
static void rescue(int sig) {
  for (int i = 0; open_ones && i < FILES; i++) {
    capture *c = &open_ones->files[i];
    ssize_t n =
        c->out ? write(fileno(c->out), c->buffer, __fpending(c->out)) : 0;
    (void)n;
  }
  signal(sig, SIG_DFL);
  raise(sig);
}

/* A sanitizer's own are left alone. */
static void catch_death(ho_pcap *pcap) {
  open_ones = pcap;
  for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++) {
    void (*before)(int) = signal(deadly[i], rescue);
    if (before != SIG_DFL) {
      signal(deadly[i], before);
    }
  }
}

/* ---- the files ---- */

static bool create(capture *c, const char *dir, const char *name,
                   const ho_scenario *scenario) {
  char *path = ho_format("%s/%s", dir, name);

  c->out = fopen(path, "w");
  free(path);
  if (c->out) {
    setvbuf(c->out, c->buffer, _IOFBF, sizeof(c->buffer));
    write_section(c);
    for (size_t i = 0; i < scenario->nets_count; i++) {
      write_interface(c, scenario->nets[i].name);
    }
  }
  return c->out != NULL;
}

/* Returns 0, or errno of the first write that failed. */
static int finish(capture *c) {
  if (fflush(c->out) != 0 && c->err == 0) {
    c->err = errno;
  }
  if (fclose(c->out) != 0 && c->err == 0) {
    c->err = errno;
  }
  return c->err;
}

ho_pcap *ho_pcap_new(const ho_scenario *scenario, const char *dir) {
  bool wire = scenario->observers != 0;
  ho_pcap *pcap = ho_alloc(sizeof(*pcap));
  int err;

  if (create(&pcap->files[HO_CLIENT], dir, "client.pcapng", scenario) &&
      create(&pcap->files[HO_SERVER], dir, "server.pcapng", scenario) &&
      (!wire || create(&pcap->files[WIRE], dir, "wire.pcapng", scenario))) {
    catch_death(pcap);
    return pcap;
  }
  err = errno;
  ho_pcap_close(pcap);
  errno = err;
  return NULL;
}

ho_sink ho_pcap_sink(ho_pcap *pcap) {
  return (ho_sink){.packet = on_packet, .secret = on_secret, .user = pcap};
}

int ho_pcap_close(ho_pcap *pcap) {
  int err = 0;

  open_ones = NULL;
  for (int i = 0; i < FILES; i++) {
    int failed = pcap->files[i].out ? finish(&pcap->files[i]) : 0;
    err = err ? err : failed;
  }
  free(pcap);
  errno = err;
  return err ? HO_ERR_IO : 0;
}
