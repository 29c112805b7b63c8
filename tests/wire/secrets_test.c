/* Goal: a decoder goes over to a server that begins the connection again, and
 * stays with the one that the client has heard of. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/wire/decoder.h"

#include <stdlib.h>
#include <string.h>

#include "rfc9001.h"
#include "tests/suite.h"

enum { SERVERS = 3, SECRETS = 4, FIRST_PN = 1000 };

typedef struct {
  uint8_t data[1500];
  size_t len;
} dgram;

/* A server writes with a decoder of its own, which knows of no other. */
typedef struct {
  uint16_t suite;
  size_t secret_bytes;
  uint8_t cid_len, limit; /* active_connection_id_limit, that it declares */
} kind;

static const kind kinds[SERVERS] = {
    {0x1302, 48, 8, 4}, {0x1303, 32, 5, 6}, {0x1301, 32, 11, 8}};

static ho_decoder *reader, *servers[SERVERS];
static ho_wire_datagram out;
static const uint8_t ping[] = {HO_FRAME_PING, 0, 0, 0};

/* ---- secrets ---- */

static const char *const labels[SECRETS] = {
    "CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET",
    "CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"};

/* Whether |d| takes it to be of another server. */
static bool give(ho_decoder *d, ho_side of, int server, int secret) {
  uint8_t bytes[48];

  memset(bytes, 16 * (server + 1) + secret, sizeof(bytes));
  return ho_decoder_secret(d, of, labels[secret], bytes,
                           kinds[server].secret_bytes);
}

/* All that |server| has, told by |of|: the first alone may tell it apart. */
static bool give_all(ho_side of, int server) {
  bool other = give(reader, of, server, 0);

  for (int i = 1; i < SECRETS; i++) {
    ck_assert(!give(reader, of, server, i));
  }
  return other;
}

/* ---- packets ---- */

static dgram sealed(int server, ho_side from, ho_wire_type type, uint64_t pn,
                    bool phase, const uint8_t *plain, size_t len) {
  ho_header h = {.type = type, .version = 1, .pn_len = 1};
  ho_cid *cid = from == HO_SERVER ? &h.scid : &h.dcid;
  dgram g = {.len = 0};

  cid->len = kinds[server].cid_len;
  memset(cid->bytes, server, cid->len);
  g.len = ho_decoder_seal(servers[server], from, &h, pn, phase, plain, len,
                          g.data, sizeof(g.data));
  ck_assert_uint_gt(g.len, 0);
  return g;
}

/* The reader opens it, and learns from it. */
static void sent(int server, ho_side from, ho_wire_type type, uint64_t pn,
                 bool phase, const uint8_t *plain, size_t len) {
  dgram g = sealed(server, from, type, pn, phase, plain, len);

  ho_decoder_read(servers[server], from, g.data, g.len, &out);
  ck_assert(out.packets[0].opened);
  ho_decoder_read(reader, from, g.data, g.len, &out);
  ck_assert_msg(out.packets[0].opened, "%d: type %d: %s", server, type,
                out.packets[0].why);
  ck_assert_uint_eq(out.packets[0].pn, pn);
}

/* What the reader makes of a PING, with a number of one byte. */
static bool reads(int server, ho_side from, uint64_t pn, bool phase) {
  dgram g = sealed(server, from, HO_WIRE_1RTT, pn, phase, ping, sizeof(ping));

  ho_decoder_peek(reader, from, g.data, g.len, &out);
  return out.packets_count == 1 && out.packets[0].opened &&
         out.packets[0].pn == pn;
}

static void begin(ho_decoder *d) {
  dgram g;

  g.len = hex(g.data, client_initial);
  ho_decoder_read(d, HO_CLIENT, g.data, g.len, &out);
  ck_assert(out.packets[0].opened);
}

/* ServerHello and EncryptedExtensions of |server|, from its packets 0 on. */
static void greet(int server) {
  uint8_t hello[3 + 44] = {HO_FRAME_CRYPTO, 0, 44, 2, 0, 0, 40, 3, 3};
  uint8_t extensions[] = {
      HO_FRAME_CRYPTO, 0, 13, 8, 0, 0, 9, 0, 7, 0, 0x39, 0, 3, 0x0e, 1, 0};

  hello[3 + 4 + 2 + 32 + 1] = (uint8_t)(kinds[server].suite >> 8);
  hello[3 + 4 + 2 + 32 + 2] = (uint8_t)kinds[server].suite;
  extensions[sizeof(extensions) - 1] = kinds[server].limit;
  sent(server, HO_SERVER, HO_WIRE_INITIAL, 0, false, hello, sizeof(hello));
  sent(server, HO_SERVER, HO_WIRE_HANDSHAKE, 0, false, extensions,
       sizeof(extensions));
}

/* It is taken to be with |server|, from its first numbers on. */
static void check_with(int server) {
  const ho_wire_params *params = ho_decoder_params(reader, HO_SERVER);

  ck_assert(reads(server, HO_SERVER, 0, false));
  ck_assert(reads(server, HO_CLIENT, FIRST_PN + 1, false));
  ck_assert_ptr_nonnull(params);
  ck_assert_uint_eq(params->active_connection_id_limit, kinds[server].limit);
}

/* The same where it has got to FIRST_PN, in its second key phase. */
static void check_with_first(void) {
  const ho_wire_params *params = ho_decoder_params(reader, HO_SERVER);

  ck_assert(reads(0, HO_SERVER, FIRST_PN + 2, true));
  ck_assert(reads(0, HO_CLIENT, FIRST_PN + 1, false));
  ck_assert_ptr_nonnull(params);
  ck_assert_uint_eq(params->active_connection_id_limit, kinds[0].limit);
}

/* ---- tests ---- */

/* A connection with the first server.  Both ends have sent much; the client
 * might have with 0-RTT, which has the same numbers. */
static void setup(void) {

  reader = ho_decoder_new();
  begin(reader);
  for (int server = 0; server < SERVERS; server++) {
    servers[server] = ho_decoder_new();
    begin(servers[server]);
    for (int i = 0; i < SECRETS; i++) {
      give(servers[server], HO_SERVER, server, i);
    }
  }
  ck_assert(!give_all(HO_SERVER, 0));
  greet(0);
  for (uint64_t pn = 0; pn <= FIRST_PN; pn += 100) {
    sent(0, HO_SERVER, HO_WIRE_1RTT, pn, false, ping, sizeof(ping));
    sent(0, HO_CLIENT, HO_WIRE_1RTT, pn, false, ping, sizeof(ping));
  }
  sent(0, HO_SERVER, HO_WIRE_1RTT, FIRST_PN + 1, true, ping, sizeof(ping));
  check_with_first();
}

static void teardown(void) {
  for (int server = 0; server < SERVERS; server++) {
    ho_decoder_del(servers[server]);
  }
  ho_decoder_del(reader);
}

/* Keys, phases, packet numbers, CIDs and parameters begin anew; what the first
 * server sent still opens until the client says whom it has heard. */
START_TEST(the_next_server) {
  ck_assert(give_all(HO_SERVER, 1));
  ck_assert_ptr_null(ho_decoder_params(reader, HO_SERVER));
  sent(0, HO_SERVER, HO_WIRE_1RTT, FIRST_PN + 2, true, ping, sizeof(ping));
  greet(1);
  check_with(1);
  ck_assert(reads(0, HO_SERVER, FIRST_PN + 2, true));
  ck_assert(!give_all(HO_CLIENT, 1));
  check_with(1);
  ck_assert(!reads(0, HO_SERVER, FIRST_PN + 2, true));
}
END_TEST

static void check_client(const dgram *g) {
  ho_decoder_peek(reader, HO_CLIENT, g->data, g->len, &out);
  ck_assert(out.packets[0].opened);
  ck_assert_ptr_nonnull(ho_decoder_params(reader, HO_CLIENT));
}

/* What is the client's stays: its Initial keys and its parameters. */
START_TEST(the_same_client) {
  dgram g = sealed(0, HO_CLIENT, HO_WIRE_INITIAL, 3, false, ping, sizeof(ping));

  check_client(&g);
  ck_assert(give_all(HO_SERVER, 1));
  check_client(&g);
  ck_assert(give_all(HO_CLIENT, 0));
  check_client(&g);
}
END_TEST

/* A client that has heard the first server goes on with it, also if another
 * one has begun meanwhile, or begins later. */
START_TEST(the_client_keeps_to_the_first) {
  bool before = _i & 1, meanwhile = _i & 2;

  if (meanwhile) {
    ck_assert(give_all(HO_SERVER, 1));
    greet(1);
  }
  if (before) {
    ck_assert(give_all(HO_SERVER, 2));
  }
  ck_assert_int_eq(give_all(HO_CLIENT, 0), _i > 0);
  check_with_first();
  ck_assert(!give_all(HO_SERVER, 1));
  ck_assert(!give_all(HO_SERVER, 2));
  check_with_first();
  ck_assert(!reads(1, HO_SERVER, 0, false));
  ck_assert(!reads(2, HO_SERVER, 0, false));
}
END_TEST

/* One secret is enough for it, whichever it is. */
START_TEST(one_secret_tells) {
  for (int i = 0; i < SECRETS; i++) {
    ck_assert(!give(reader, HO_SERVER, 0, i));
  }
  ck_assert(!give(reader, HO_CLIENT, 0, _i));
  ck_assert(!give_all(HO_SERVER, 1));
  check_with_first();
}
END_TEST

/* Of three, the client has heard the second. */
START_TEST(the_client_keeps_to_the_second) {
  ck_assert(give_all(HO_SERVER, 1));
  greet(1);
  ck_assert(give_all(HO_SERVER, 2));
  greet(2);
  check_with(2);
  ck_assert(give_all(HO_CLIENT, 1));
  check_with(1);
  ck_assert(!reads(0, HO_SERVER, FIRST_PN + 2, true));
  ck_assert(!reads(2, HO_SERVER, 0, false));
}
END_TEST

/* The client's word counts where no server has told of it. */
START_TEST(a_server_that_is_silent) {
  ck_assert(give_all(HO_CLIENT, 1));
  greet(1);
  check_with(1);
  ck_assert(!reads(0, HO_SERVER, FIRST_PN + 2, true));
}
END_TEST

/* The secret of 0-RTT is the client's, of the connection before. */
START_TEST(early_secrets_tell_nothing) {
  uint8_t bytes[32] = {1};

  for (int i = 0; i < 4; i++) {
    bytes[1] = (uint8_t)i;
    ck_assert(!ho_decoder_secret(reader, i & 1 ? HO_SERVER : HO_CLIENT,
                                 "CLIENT_EARLY_TRAFFIC_SECRET", bytes, 32));
  }
  check_with_first();
  ck_assert(give_all(HO_SERVER, 1));
}
END_TEST

/* Who looks at one connection has no other's packets opened. */
START_TEST(one_that_keeps) {
  ho_decoder_keep(reader);
  ck_assert(!give_all(HO_SERVER, 1));
  check_with_first();
  ck_assert(!give_all(HO_CLIENT, 1));
  check_with_first();
  ck_assert(!reads(1, HO_SERVER, 0, false));
}
END_TEST

static void add(TCase *tc) {
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, the_next_server);
  tcase_add_test(tc, the_same_client);
  tcase_add_loop_test(tc, the_client_keeps_to_the_first, 0, 4);
  tcase_add_loop_test(tc, one_secret_tells, 0, SECRETS);
  tcase_add_test(tc, the_client_keeps_to_the_second);
  tcase_add_test(tc, a_server_that_is_silent);
  tcase_add_test(tc, early_secrets_tell_nothing);
  tcase_add_test(tc, one_that_keeps);
}

int main(void) {
  return suite_run("secrets", add);
}
