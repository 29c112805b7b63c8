/* Captures, read back block by block: their structure, which side's file has
 * which packet and secret, and what becomes of a full disk. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure/pcap.h"
#include "sim/base/alloc.h"
#include "sim/net/ip.h"
#include "tests/suite.h"

/* ASan catches what is no abort itself. */
#ifdef __SANITIZE_ADDRESS__
enum { HAS_OWN_HANDLERS = 1 };
#else
enum { HAS_OWN_HANDLERS = 0 };
#endif

static char home[] = "home", longest[300];
static ho_net_config nets[] = {{.name = home}, {.name = longest}};
static const ho_scenario scenario = {.nets = nets, .nets_count = 2};
static const ho_scenario observed = {
    .nets = nets, .nets_count = 2, .observers = 1u << HO_VANTAGE_BOTH};
static ho_pool pool;

typedef struct {
  uint8_t *bytes;
  size_t len, at; /* |at|: the next block */
} capture;

static uint32_t u32(const uint8_t *p) {
  return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
         (uint32_t)p[3] << 24;
}

static capture read_capture(const char *path) {
  FILE *in = fopen(path, "rb");
  capture c = {ho_alloc(65536), 0, 0};

  ck_assert_ptr_nonnull(in);
  c.len = fread(c.bytes, 1, 65536, in);
  fclose(in);
  unlink(path);
  return c;
}

/* The body of the next block, which must be of |type|; what every block must
 * be is checked on the way. */
static const uint8_t *next(capture *c, uint32_t type, size_t *len) {
  const uint8_t *block = c->bytes + c->at;
  uint32_t total;

  ck_assert_uint_le(c->at + 12, c->len);
  total = u32(block + 4);
  ck_assert_uint_eq(u32(block), type);
  ck_assert_uint_eq(total % 4, 0);
  ck_assert_uint_le(c->at + total, c->len);
  ck_assert_uint_eq(u32(block + total - 4), total);
  c->at += total;
  *len = total - 12;
  return block + 8;
}

/* The value of option |code| in the options |p|, which must end as they
 * should; NULL: it is not there. */
static const uint8_t *option(const uint8_t *p, size_t len, unsigned code,
                             size_t *value_len) {
  const uint8_t *found = NULL, *end = p + len;

  while (p < end && (p[0] | p[1]) != 0) {
    size_t n = p[2] | (size_t)p[3] << 8;
    if ((p[0] | (unsigned)p[1] << 8) == code) {
      found = p + 4;
      *value_len = n;
    }
    p += 4 + (n + 3) / 4 * 4;
  }
  ck_assert_ptr_eq(p + 4, end);
  ck_assert_uint_eq(u32(p), 0);
  return found;
}

static void check_head(capture *c) {
  size_t len, n = 0;
  const uint8_t *p = next(c, 0x0a0d0d0a, &len), *name;

  ck_assert_uint_eq(u32(p), 0x1a2b3c4d); /* little-endian */
  ck_assert_uint_eq(u32(p + 4), 1);      /* version 1.0 */
  ck_assert_uint_eq(u32(p + 8), UINT32_MAX);
  ck_assert_uint_eq(u32(p + 12), UINT32_MAX);
  ck_assert_int_eq(memcmp(option(p + 16, len - 16, 4, &n), "handoff ", 8), 0);
  for (size_t i = 0; i < 2; i++) {
    p = next(c, 1, &len);
    ck_assert_uint_eq(u32(p), 101); /* LINKTYPE_RAW */
    ck_assert_uint_eq(u32(p + 4), 0);
    name = option(p + 8, len - 8, 2, &n);
    ck_assert_uint_eq(n, i == 0 ? 4 : 256);
    ck_assert_int_eq(memcmp(name, nets[i].name, n), 0);
    ck_assert_uint_eq(*option(p + 8, len - 8, 9, &n), 9); /* nanoseconds */
  }
}

static void check_packet(capture *c, uint32_t net, uint64_t t,
                         const ho_packet *pkt, const char *comment) {
  size_t len, n = 0, padded = (pkt->len + 3) / 4 * 4;
  const uint8_t *p = next(c, 6, &len), *text;

  ck_assert_uint_eq(u32(p), net);
  ck_assert_uint_eq((uint64_t)u32(p + 4) << 32 | u32(p + 8), t);
  ck_assert_uint_eq(u32(p + 12), pkt->len);
  ck_assert_uint_eq(u32(p + 16), pkt->len);
  ck_assert_int_eq(memcmp(p + 20, pkt->data, pkt->len), 0);
  text = option(p + 20 + padded, len - 20 - padded, 1, &n);
  ck_assert_uint_eq(n, strlen(comment));
  ck_assert_int_eq(memcmp(text, comment, n), 0);
}

static void check_secret(capture *c, const char *line) {
  size_t len;
  const uint8_t *p = next(c, 10, &len);

  ck_assert_uint_eq(u32(p), 0x544c534b);
  ck_assert_uint_eq(u32(p + 4), strlen(line));
  ck_assert_uint_eq(len, 8 + (strlen(line) + 3) / 4 * 4);
  ck_assert_int_eq(memcmp(p + 8, line, strlen(line)), 0);
}

static ho_packet *packet(uint64_t id, size_t len) {
  ho_packet *pkt = ho_packet_new(&pool);

  pkt->id = id;
  pkt->len = len;
  for (size_t i = 0; i < len; i++) {
    pkt->data[i] = (uint8_t)(i * 7 + id);
  }
  return pkt;
}

#define RANDOM                                                                 \
  "0001020304050607080900010203040506070809000102030405060708090001"
#define T (5 * HO_SEC + 1) /* needs more than 32 bits */

static uint8_t random_bytes[32], secret[64];

static void give_secret(const ho_sink *s, ho_side of, const char *label,
                        size_t len) {
  s->secret(s->user, of, 0, 0, 17, label, random_bytes, secret, len, T);
}

static void fill(const ho_sink *s, const ho_packet *a, const ho_packet *b) {
  give_secret(s, HO_CLIENT, "CLIENT_EARLY_TRAFFIC_SECRET", 2);
  give_secret(s, HO_SERVER, "CLIENT_EARLY_TRAFFIC_SECRET", 2); /* once */
  s->packet(s->user, HO_SENT, HO_CLIENT, 0, a, T);
  s->packet(s->user, HO_ON_WIRE, HO_CLIENT, 0, a, T + 1);
  s->packet(s->user, HO_RECEIVED, HO_CLIENT, 0, a, T + 2);
  give_secret(s, HO_SERVER, "CLIENT_TRAFFIC_SECRET_0", 64);
  give_secret(s, HO_CLIENT, "CLIENT_TRAFFIC_SECRET_0", 64);
  s->packet(s->user, HO_SENT, HO_SERVER, 1, b, T + 3);
  s->packet(s->user, HO_RECEIVED, HO_SERVER, 1, b, T + 4);
  s->packet(s->user, HO_SENT, HO_SERVER, -1, b, T + 5); /* on no network */
}

static void check_file(const char *path, ho_side side, const ho_packet *a,
                       const ho_packet *b) {
  bool server = side == HO_SERVER;
  capture c = read_capture(path);
  char hex[129] = "";
  char *line;

  for (size_t i = 0; i < 64; i++) {
    sprintf(hex + 2 * i, "%02x", secret[i]);
  }
  check_head(&c);
  check_secret(&c, "CLIENT_EARLY_TRAFFIC_SECRET " RANDOM " f0f1\n");
  check_packet(&c, 0, server ? T + 2 : T, a, "packet 3");
  line = ho_format("CLIENT_TRAFFIC_SECRET_0 " RANDOM " %s\n", hex);
  check_secret(&c, line);
  check_packet(&c, 1, server ? T + 3 : T + 4, b, "packet 4, forged");
  ck_assert_uint_eq(c.at, c.len);
  free(line);
  free(c.bytes);
}

START_TEST(read_back) {
  ho_packet *a = packet(3, 41), *b = packet(4, HO_PACKET_CAP);
  ho_pcap *pcap = ho_pcap_new(&scenario, ".");
  ho_sink sink;

  b->forged = true;
  ck_assert_ptr_nonnull(pcap);
  sink = ho_pcap_sink(pcap);
  fill(&sink, a, b);
  ck_assert_int_eq(ho_pcap_close(pcap), 0);
  check_file("client.pcapng", HO_CLIENT, a, b);
  check_file("server.pcapng", HO_SERVER, a, b);
  ho_packet_del(&pool, a);
  ho_packet_del(&pool, b);
}
END_TEST

/* The wire's file has what passes the access networks' outer ends, both ways,
 * and nothing that a tap there does not know. */
START_TEST(wire) {
  ho_packet *a = packet(3, 41), *b = packet(4, HO_PACKET_CAP);
  ho_pcap *pcap = ho_pcap_new(&observed, ".");
  const uint8_t *p;
  ho_sink sink;
  capture c;
  size_t len;

  b->forged = true;
  ck_assert_ptr_nonnull(pcap);
  sink = ho_pcap_sink(pcap);
  fill(&sink, a, b);
  sink.packet(sink.user, HO_ON_WIRE, HO_SERVER, 1, b, T + 6);
  ck_assert_int_eq(ho_pcap_close(pcap), 0);
  check_file("client.pcapng", HO_CLIENT, a, b);
  check_file("server.pcapng", HO_SERVER, a, b);
  c = read_capture("wire.pcapng");
  check_head(&c);
  for (int i = 0; i < 2; i++) {
    const ho_packet *pkt = i ? b : a;
    p = next(&c, 6, &len);
    ck_assert_uint_eq(u32(p), i);
    ck_assert_uint_eq((uint64_t)u32(p + 4) << 32 | u32(p + 8), T + (i ? 6 : 1));
    ck_assert_uint_eq(u32(p + 16), pkt->len);
    ck_assert_int_eq(memcmp(p + 20, pkt->data, pkt->len), 0);
    ck_assert_uint_eq(len, 20 + (pkt->len + 3) / 4 * 4); /* no option */
  }
  ck_assert_uint_eq(c.at, c.len);
  free(c.bytes);
  ho_packet_del(&pool, a);
  ho_packet_del(&pool, b);
}
END_TEST

/* A file has the checksum that a packet lacks on its way. */
START_TEST(checksums) {
  ho_pcap *pcap = ho_pcap_new(&scenario, ".");
  ho_packet *pkt = packet(1, 100);
  ho_endpoint src = {.port = 1}, dst = {.port = 443};
  ho_sink sink;
  capture c;
  size_t len;

  ck_assert_ptr_nonnull(pcap);
  ck_assert_int_eq(ho_addr_parse(&src.addr, "192.0.2.1"), 0);
  ck_assert_int_eq(ho_addr_parse(&dst.addr, "192.0.2.2"), 0);
  ho_ip_write_udp(pkt, &src, &dst, 0, 33);
  sink = ho_pcap_sink(pcap);
  sink.packet(sink.user, HO_SENT, HO_CLIENT, 0, pkt, T);
  ck_assert_int_eq(ho_pcap_close(pcap), 0);
  c = read_capture("client.pcapng");
  check_head(&c);
  memcpy(pkt->data, next(&c, 6, &len) + 20, pkt->len);
  ck_assert(pkt->data[26] || pkt->data[27]);
  ck_assert(ho_ip_checksums_ok(pkt->data, pkt->len));
  unlink("server.pcapng");
  free(c.bytes);
  ho_packet_del(&pool, pkt);
}
END_TEST

/* What a run has told of until it dies is there. */
START_TEST(a_run_that_dies) {
  static const int signals[] = {SIGABRT, SIGSEGV};
  ho_packet *pkt = packet(3, 41);
  int status;
  capture c;
  pid_t pid = fork();

  ck_assert_int_ge(pid, 0);
  if (pid == 0) {
    ho_sink sink = ho_pcap_sink(ho_pcap_new(&scenario, "."));
    sink.packet(sink.user, HO_SENT, HO_CLIENT, 0, pkt, T);
    raise(signals[_i]);
    _exit(0);
  }
  ck_assert_int_eq(waitpid(pid, &status, 0), pid);
  ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == signals[_i]);
  c = read_capture("client.pcapng");
  check_head(&c);
  check_packet(&c, 0, T, pkt, "packet 3");
  ck_assert_uint_eq(c.at, c.len);
  unlink("server.pcapng");
  free(c.bytes);
  ho_packet_del(&pool, pkt);
}
END_TEST

/* Nobody looks on: there is no such file. */
START_TEST(no_wire) {
  ck_assert_int_eq(ho_pcap_close(ho_pcap_new(&scenario, ".")), 0);
  ck_assert_int_eq(unlink("client.pcapng"), 0);
  ck_assert_int_eq(unlink("server.pcapng"), 0);
  ck_assert_int_eq(access("wire.pcapng", F_OK), -1);
}
END_TEST

START_TEST(no_folder) {
  errno = 0;
  ck_assert_ptr_null(ho_pcap_new(&scenario, "no/such/folder"));
  ck_assert_int_eq(errno, ENOENT);
}
END_TEST

/* One of both files cannot be made. */
START_TEST(no_file) {
  ck_assert_int_eq(mkdir("server.pcapng", 0777), 0);
  ck_assert_ptr_null(ho_pcap_new(&scenario, "."));
  ck_assert_int_eq(errno, EISDIR);
  rmdir("server.pcapng");
  unlink("client.pcapng");
}
END_TEST

/* What did not fit is an error at the end, and says which. */
START_TEST(full_disk) {
  ho_packet *pkt = packet(1, 1200);
  ho_pcap *pcap;
  ho_sink sink;

  ck_assert_int_eq(symlink("/dev/full", "client.pcapng"), 0);
  pcap = ho_pcap_new(&scenario, ".");
  ck_assert_ptr_nonnull(pcap);
  sink = ho_pcap_sink(pcap);
  for (int i = 0; i < _i * 20; i++) {
    sink.packet(sink.user, HO_SENT, HO_CLIENT, 0, pkt, T);
  }
  errno = 0; /* long after the writing that failed */
  ck_assert_int_eq(ho_pcap_close(pcap), HO_ERR_IO);
  ck_assert(errno == ENOSPC);
  unlink("client.pcapng");
  unlink("server.pcapng");
  ho_packet_del(&pool, pkt);
}
END_TEST

static void add_tests(TCase *tc) {
  tcase_add_test(tc, read_back);
  tcase_add_test(tc, wire);
  tcase_add_test(tc, checksums);
  tcase_add_loop_test(tc, a_run_that_dies, 0, HAS_OWN_HANDLERS ? 1 : 2);
  tcase_add_test(tc, no_wire);
  tcase_add_test(tc, no_folder);
  tcase_add_test(tc, no_file);
  tcase_add_loop_test(tc, full_disk, 0, 8); /* inside and outside of a buffer */
}

int main(void) {
  char dir[] = "pcap.XXXXXX";
  int rv;

  memset(longest, 'n', sizeof(longest) - 1);
  for (size_t i = 0; i < sizeof(random_bytes); i++) {
    random_bytes[i] = (uint8_t)(i % 10);
  }
  for (size_t i = 0; i < sizeof(secret); i++) {
    secret[i] = (uint8_t)(0xf0 + i);
  }
  if (!mkdtemp(dir) || chdir(dir) != 0) {
    return 1;
  }
  rv = suite_run("pcap", add_tests);
  return chdir("..") != 0 || rmdir(dir) != 0 ? 1 : rv;
}
