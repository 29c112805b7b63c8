/* Goal: keys are the seed's, time is virtual, and a client trusts nobody but
 * the server it means. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/tls.h"

#include <errno.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "runs.h"
#include "stack/entropy.h"
#include "stack/http.h"
#include "tests/suite.h"

/* ---- two sessions, joined in memory ---- */

typedef struct {
  uint8_t bytes[1 << 16];
  size_t written, read;
} pipe_end;

typedef struct {
  gnutls_session_t session;
  pipe_end *out, *in;
} peer;

typedef struct {
  pipe_end up, down;
  peer client, server;
} pair;

static ho_time virtual_now;

static ho_time now(void) {
  return virtual_now;
}

static ssize_t push(gnutls_transport_ptr_t ptr, const void *data, size_t len) {
  pipe_end *out = ((peer *)ptr)->out;

  ck_assert_uint_le(out->written + len, sizeof(out->bytes));
  memcpy(out->bytes + out->written, data, len);
  out->written += len;
  return (ssize_t)len;
}

static ssize_t pull(gnutls_transport_ptr_t ptr, void *data, size_t len) {
  peer *p = ptr;
  size_t left = p->in->written - p->in->read;

  if (left == 0) {
    gnutls_transport_set_errno(p->session, EAGAIN);
    return -1;
  }
  len = len < left ? len : left;
  memcpy(data, p->in->bytes + p->in->read, len);
  p->in->read += len;
  return (ssize_t)len;
}

static void join(pair *p, peer *end, ho_tls *tls, unsigned flags,
                 const char *alpn) {
  bool client = flags & GNUTLS_CLIENT;

  end->out = client ? &p->up : &p->down;
  end->in = client ? &p->down : &p->up;
  end->session = ho_tls_session(tls, flags | GNUTLS_NONBLOCK, alpn);
  gnutls_transport_set_ptr(end->session, end);
  gnutls_transport_set_push_function(end->session, push);
  gnutls_transport_set_pull_function(end->session, pull);
}

static pair *pair_new(ho_tls *client, ho_tls *server, const char *client_alpn) {
  pair *p = calloc(1, sizeof(*p));

  join(p, &p->client, client, GNUTLS_CLIENT, client_alpn);
  join(p, &p->server, server, GNUTLS_SERVER, "h2");
  return p;
}

static void pair_del(pair *p) {
  gnutls_deinit(p->client.session);
  gnutls_deinit(p->server.session);
  free(p);
}

/* Returns true if both ends completed. */
static bool handshake(pair *p) {
  int client = GNUTLS_E_AGAIN, server = GNUTLS_E_AGAIN;

  for (int i = 0; i < 20; i++) {
    if (client != 0 && !gnutls_error_is_fatal(client)) {
      client = gnutls_handshake(p->client.session);
    }
    if (server != 0 && !gnutls_error_is_fatal(server)) {
      server = gnutls_handshake(p->server.session);
    }
  }
  return client == 0 && server == 0;
}

/* ---- entropy ---- */

static void draw_twice(void *arg) {
  uint8_t bytes[4][32];
  uint64_t seeds[4] = {1, 2, 1, 1};

  (void)arg;
  for (int i = 0; i < 4; i++) {
    ho_entropy_seed(seeds[i], now);
    if (i < 3) {
      ck_assert_int_eq(getentropy(bytes[i], 32), 0);
    } else {
      ck_assert_int_eq(getrandom(bytes[i], 32, 0), 32);
    }
  }
  ck_assert(memcmp(bytes[0], bytes[1], 32) != 0);
  ck_assert(memcmp(bytes[0], bytes[2], 32) == 0);
  ck_assert(memcmp(bytes[0], bytes[3], 32) == 0);
  ck_assert_int_eq(getrandom(bytes[3], 32, 0), 32);
  ck_assert(memcmp(bytes[0], bytes[3], 32) != 0); /* it goes on */
}

START_TEST(entropy_is_the_seeds) {
  uint8_t big[257];

  ck_assert_int_eq(runs_alone(draw_twice, NULL), 0);
  errno = 0;
  ck_assert_int_eq(getentropy(big, sizeof(big)), -1);
  ck_assert_int_eq(errno, EIO);
}
END_TEST

/* Before there is a seed, both are the system's. */
START_TEST(without_a_seed_entropy_is_the_systems) {
  uint8_t a[32] = {0}, b[32] = {0};

  ck_assert_int_eq(getrandom(a, 32, 0), 32);
  ck_assert_int_eq(getrandom(b, 32, 0), 32);
  ck_assert(memcmp(a, b, 32) != 0);
  ck_assert_uint_gt(ho_entropy_seconds(), HO_ENTROPY_DATE);
}
END_TEST

static void look_at_clocks(void *arg) {
  struct timespec ts;
  uint64_t real;

  (void)arg;
  ho_entropy_seed(1, now);
  virtual_now = 3 * HO_SEC + 5;
  clock_gettime(CLOCK_REALTIME, &ts);
  ck_assert_int_eq(ts.tv_sec, (time_t)HO_ENTROPY_DATE + 3);
  ck_assert_int_eq(ts.tv_nsec, 5);
  ck_assert_uint_eq(ho_entropy_seconds(), HO_ENTROPY_DATE + 3);
  real = ho_entropy_real_ns();
  usleep(1000);
  ck_assert_uint_gt(ho_entropy_real_ns(), real);
  clock_gettime(CLOCK_MONOTONIC, &ts);
  ck_assert_int_eq(ts.tv_nsec, 5); /* stands still */
}

START_TEST(time_is_virtual) {
  ck_assert_int_eq(runs_alone(look_at_clocks, NULL), 0);
}
END_TEST

/* ---- keys ---- */

typedef struct {
  uint64_t seed;
  int fd;
} shake_arg;

static void shake(void *arg) {
  shake_arg *a = arg;
  ho_tls *tls;
  pair *p;

  ho_entropy_seed(a->seed, now);
  tls = ho_tls_new();
  p = pair_new(tls, tls, "h2");
  ck_assert(handshake(p));
  ck_assert_int_eq(write(a->fd, p, 2 * sizeof(pipe_end)), 2 * sizeof(pipe_end));
  pair_del(p);
  ho_tls_del(tls);
}

static pair *bytes_of(uint64_t seed) {
  pair *p = calloc(1, sizeof(*p));
  FILE *file = tmpfile();
  shake_arg arg = {seed, fileno(file)};

  ck_assert_int_eq(runs_alone(shake, &arg), 0);
  rewind(file);
  ck_assert_uint_eq(fread(p, 2 * sizeof(pipe_end), 1, file), 1);
  fclose(file);
  return p;
}

START_TEST(handshakes_are_the_seeds) {
  pair *a = bytes_of(1), *b = bytes_of(1), *c = bytes_of(2);

  ck_assert_uint_gt(a->up.written, 200);
  ck_assert_uint_gt(a->down.written, 500);
  ck_assert(memcmp(a, b, 2 * sizeof(pipe_end)) == 0);
  ck_assert(memcmp(&a->up, &c->up, sizeof(pipe_end)) != 0);
  ck_assert(memcmp(&a->down, &c->down, sizeof(pipe_end)) != 0);
  /* Sizes are no matter of chance, so that arms compare. */
  ck_assert_uint_eq(a->up.written, c->up.written);
  ck_assert_uint_eq(a->down.written, c->down.written);
  free(a);
  free(b);
  free(c);
}
END_TEST

/* ---- whom a client trusts ---- */

typedef struct {
  const char *name;
  bool trusted;  /* the CA that signed it */
  bool replaced; /* false: the server's own certificate */
  const char *alpn;
  ho_time at;
  bool accepted;
} trust;

#define YEARS (365 * 24 * 3600 * HO_SEC)

static const trust trusts[] = {
    {NULL, true, false, "h2", 0, true},
    {NULL, true, false, "h3", 0, false}, /* the server speaks h2 */
    {NULL, true, false, "h2", 20 * YEARS, true},
    {NULL, true, false, "h2", 26 * YEARS, false}, /* no longer valid */
    {HO_HTTP_AUTHORITY, true, true, "h2", 0, true},
    {HO_HTTP_AUTHORITY, false, true, "h2", 0, false},
    {"other.handoff.test", true, true, "h2", 0, false},
};

static gnutls_x509_crt_t make_cert(const char *name, gnutls_x509_privkey_t key,
                                   gnutls_x509_crt_t ca,
                                   gnutls_x509_privkey_t ca_key) {
  time_t date = (time_t)HO_ENTROPY_DATE;
  uint8_t serial = ca ? 2 : 1;
  gnutls_x509_crt_t crt;

  gnutls_x509_crt_init(&crt);
  gnutls_x509_crt_set_version(crt, 3);
  gnutls_x509_crt_set_serial(crt, &serial, 1);
  gnutls_x509_crt_set_activation_time(crt, date - 1000);
  gnutls_x509_crt_set_expiration_time(crt, date + 1000000);
  gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, name,
                                (unsigned)strlen(name));
  gnutls_x509_crt_set_key(crt, key);
  if (ca) {
    gnutls_x509_crt_set_subject_alt_name(
        crt, GNUTLS_SAN_DNSNAME, name, (unsigned)strlen(name), GNUTLS_FSAN_SET);
  } else {
    gnutls_x509_crt_set_ca_status(crt, 1);
  }
  ck_assert_int_eq(gnutls_x509_crt_sign2(crt, ca ? ca : crt, ca ? ca_key : key,
                                         GNUTLS_DIG_UNKNOWN, 0),
                   0);
  return crt;
}

/* Gives the server a certificate for |t->name| by a CA of our own. */
static void replace_cert(pair *p, const trust *t) {
  gnutls_certificate_credentials_t server, client;
  gnutls_x509_privkey_t ca_key, key;
  gnutls_x509_crt_t ca, crt;
  void *cred;

  gnutls_x509_privkey_init(&ca_key);
  gnutls_x509_privkey_init(&key);
  gnutls_x509_privkey_generate(ca_key, GNUTLS_PK_EDDSA_ED25519, 256, 0);
  gnutls_x509_privkey_generate(key, GNUTLS_PK_EDDSA_ED25519, 256, 0);
  ca = make_cert("another CA", ca_key, NULL, NULL);
  crt = make_cert(t->name, key, ca, ca_key);
  gnutls_certificate_allocate_credentials(&server); /* dies with the process */
  ck_assert_int_ge(gnutls_certificate_set_x509_key(server, &crt, 1, key), 0);
  gnutls_credentials_set(p->server.session, GNUTLS_CRD_CERTIFICATE, server);
  if (t->trusted) {
    gnutls_credentials_get(p->client.session, GNUTLS_CRD_CERTIFICATE, &cred);
    client = cred;
    ck_assert_int_ge(gnutls_certificate_set_x509_trust(client, &ca, 1), 1);
  }
  gnutls_x509_crt_deinit(ca);
  gnutls_x509_crt_deinit(crt);
  gnutls_x509_privkey_deinit(ca_key);
  gnutls_x509_privkey_deinit(key);
}

static void try_trust(void *arg) {
  const trust *t = arg;
  ho_tls *tls;
  pair *p;

  virtual_now = t->at;
  ho_entropy_seed(1, now);
  tls = ho_tls_new();
  p = pair_new(tls, tls, t->alpn);
  if (t->replaced) {
    replace_cert(p, t);
  }
  ck_assert_int_eq(handshake(p), t->accepted);
  pair_del(p);
  ho_tls_del(tls);
}

START_TEST(a_client_knows_its_server) {
  ck_assert_int_eq(runs_alone(try_trust, (void *)&trusts[_i]), 0);
}
END_TEST

/* ---- tickets ---- */

/* A ticket resumes where its key is known, and nowhere else. */
static void resume(void *arg) {
  bool same = *(bool *)arg;
  ho_tls *tls, *other;
  gnutls_datum_t data;
  uint8_t byte;
  pair *p;

  ho_entropy_seed(1, now);
  tls = ho_tls_new();
  other = same ? tls : ho_tls_new();
  p = pair_new(tls, tls, "h2");
  ck_assert(handshake(p));
  ck_assert(!gnutls_session_is_resumed(p->client.session));
  ck_assert_int_eq(gnutls_record_recv(p->client.session, &byte, 1),
                   GNUTLS_E_AGAIN); /* reads the ticket */
  ck_assert_int_eq(gnutls_session_get_data2(p->client.session, &data), 0);
  pair_del(p);

  p = pair_new(tls, other, "h2");
  gnutls_session_set_data(p->client.session, data.data, data.size);
  ck_assert(handshake(p));
  ck_assert_int_eq(gnutls_session_is_resumed(p->client.session) != 0, same);
  gnutls_free(data.data);
  pair_del(p);
  if (!same) {
    ho_tls_del(other);
  }
  ho_tls_del(tls);
}

START_TEST(tickets_are_the_servers) {
  bool same = _i;

  ck_assert_int_eq(runs_alone(resume, &same), 0);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, entropy_is_the_seeds);
  tcase_add_test(tc, without_a_seed_entropy_is_the_systems);
  tcase_add_test(tc, time_is_virtual);
  tcase_add_test(tc, handshakes_are_the_seeds);
  tcase_add_loop_test(tc, a_client_knows_its_server, 0, (int)COUNT(trusts));
  tcase_add_loop_test(tc, tickets_are_the_servers, 0, 2);
}

int main(void) {
  return suite_run("tls", add);
}
