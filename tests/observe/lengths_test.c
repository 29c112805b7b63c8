/* Goal: the connection IDs that an observer records are those that were sent:
 * of a length that long headers told, or that the packets of a flow suggest. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure/observe/guess.h"
#include "tapped.h"
#include "tests/suite.h"

enum { GUESSED = 3 };

/* The identifiers that a flow should have, in order. */
typedef struct {
  char text[4000];
} list;

static void put(list *l, const char *kind, const ho_cid *cid) {
  size_t n = strlen(l->text);

  n += (size_t)snprintf(l->text + n, sizeof(l->text) - n, "%s%s:", n ? " " : "",
                        kind);
  for (size_t i = 0; i < cid->len; i++) {
    n += (size_t)snprintf(l->text + n, sizeof(l->text) - n, "%02x",
                          cid->bytes[i]);
  }
}

static void shorts(tapped *w, bool up, const ho_cid *cid, int count) {
  w->up = up;
  for (int i = 0; i < count; i++) {
    tapped_short(w, 0x40, cid);
  }
}

/* The first flight of a connection: |client| and |server| are the SCIDs.
 * Handshake packets tell as much as Initial ones, and have no keys. */
static void greet(tapped *w, const ho_cid *client, const ho_cid *server) {
  w->up = true;
  tapped_long(w, HO_WIRE_HANDSHAKE, server, client);
  w->up = false;
  tapped_long(w, HO_WIRE_HANDSHAKE, client, server);
}

/* Lengths 0 to 20: one packet of each CID is enough. */
START_TEST(lengths_are_learned) {
  ho_cid client = tapped_cid(1, (size_t)_i),
         server = tapped_cid(2, (size_t)(20 - _i)),
         next = tapped_cid(3, (size_t)(20 - _i));
  list want = {""};
  tapped w;

  tapped_init(&w, NULL);
  greet(&w, &client, &server);
  shorts(&w, true, &next, 1);
  shorts(&w, false, &client, 1);
  ho_observer_finish(w.o);
  if (client.len > 0) {
    put(&want, "cid-down", &client);
  }
  if (server.len > 0) {
    put(&want, "cid-up", &server);
    put(&want, "cid-up", &next);
  }
  tapped_expect(&w, 0, want.text);
  tapped_free(&w);
}
END_TEST

/* Without a long header: 4 to 20 bytes, in both directions. */
START_TEST(lengths_are_guessed) {
  ho_cid up = tapped_cid(1, (size_t)_i), down = tapped_cid(2, (size_t)_i);
  list want = {""};
  tapped w;

  tapped_init(&w, NULL);
  for (int i = 0; i < 20; i++) {
    shorts(&w, true, &up, 1);
    shorts(&w, false, &down, 1);
  }
  tapped_expect(&w, 0, ""); /* not while the run goes on */
  ho_observer_finish(w.o);
  put(&want, "cid-down~", &down);
  put(&want, "cid-up~", &up);
  tapped_expect(&w, 0, want.text);
  tapped_free(&w);
}
END_TEST

/* Three packets make a guess, two do not. */
START_TEST(few_packets_are_no_guess) {
  ho_cid a = tapped_cid(1, 8), b = tapped_cid(2, 8), c = tapped_cid(3, 8);
  list want = {""};
  tapped w;

  tapped_init(&w, NULL);
  shorts(&w, true, &a, 2);
  shorts(&w, true, &b, 3);
  shorts(&w, true, &c, 1);
  ho_observer_finish(w.o);
  put(&want, "cid-up~", &b);
  tapped_expect(&w, 0, want.text);
  tapped_free(&w);
}
END_TEST

START_TEST(changing_cids_are_guessed) {
  list want = {""};
  tapped w;

  tapped_init(&w, NULL);
  for (unsigned n = 1; n <= 30; n++) {
    ho_cid cid = tapped_cid(n, 12);
    shorts(&w, true, &cid, 5);
    put(&want, "cid-up~", &cid);
  }
  for (unsigned n = 1; n <= 30; n++) { /* once more: nothing new */
    ho_cid cid = tapped_cid(n, 12);
    shorts(&w, true, &cid, 5);
  }
  ho_observer_finish(w.o);
  tapped_expect(&w, 0, want.text);
  tapped_free(&w);
}
END_TEST

/* One byte in common is none; two, and they are taken for one CID. */
START_TEST(alike_cids_are_told_apart) {
  ho_cid a = tapped_cid(1, 8), b = tapped_cid(2, 8), two = a;
  list want = {""};
  tapped w;

  b.bytes[0] = a.bytes[0];
  tapped_init(&w, NULL);
  shorts(&w, true, &a, 3);
  shorts(&w, true, &b, 3);
  w.tuple = tapped_tuple(2, 4);
  b.bytes[1] = a.bytes[1];
  shorts(&w, true, &a, 3);
  shorts(&w, true, &b, 3);
  ho_observer_finish(w.o);
  two.len = 2;
  put(&want, "cid-up~", &two);
  tapped_expect(&w, 1, want.text);
  want = (list){""};
  b.bytes[1] = tapped_cid(2, 8).bytes[1];
  put(&want, "cid-up~", memcmp(a.bytes, b.bytes, 8) < 0 ? &a : &b);
  put(&want, "cid-up~", memcmp(a.bytes, b.bytes, 8) < 0 ? &b : &a);
  tapped_expect(&w, 0, want.text);
  tapped_free(&w);
}
END_TEST

/* Where there is no CID, each packet begins with something else; after 64 runs
 * what was guessed before is dropped, too, but not in the other direction. */
START_TEST(no_cid_is_found_out) {
  ho_cid none = {0}, cid = tapped_cid(1, 8);
  list want = {""};
  tapped w;

  tapped_init(&w, NULL);
  shorts(&w, false, &cid, 4);
  shorts(&w, true, &cid, 4);
  shorts(&w, true, &none, 63); /* with the first run: 64 */
  ho_observer_finish(w.o);
  put(&want, "cid-down~", &cid);
  put(&want, "cid-up~", &cid);
  tapped_expect(&w, 0, want.text);
  tapped_free(&w);

  tapped_init(&w, NULL);
  shorts(&w, false, &cid, 4);
  shorts(&w, true, &cid, 4);
  shorts(&w, true, &none, 64);
  shorts(&w, true, &cid, 10);
  ho_observer_finish(w.o);
  want = (list){""};
  put(&want, "cid-down~", &cid);
  tapped_expect(&w, 0, want.text);
  tapped_free(&w);
}
END_TEST

/* A migrated client's tuple has no long headers.  Other tuples' tell the
 * server's length; the client's only as long as all clients have the same. */
START_TEST(other_flows_tell) {
  ho_cid client = tapped_cid(1, 6), server = tapped_cid(2, 10),
         moved_up = tapped_cid(3, 10), moved_down = tapped_cid(4, 6),
         other = tapped_cid(5, 7);
  list known = {""}, guessed = {""};
  tapped w;

  tapped_init(&w, NULL);
  greet(&w, &client, &server);
  w.tuple = tapped_tuple(2, 4);
  shorts(&w, true, &moved_up, 1);
  shorts(&w, false, &moved_down, 1);
  put(&known, "cid-down", &moved_down);
  put(&known, "cid-up", &moved_up);
  tapped_expect(&w, 1, known.text);
  w.tuple = tapped_tuple(3, 4);
  greet(&w, &other, &server);
  w.tuple = tapped_tuple(4, 4);
  shorts(&w, true, &moved_up, 1);
  shorts(&w, false, &moved_down, GUESSED);
  ho_observer_finish(w.o);
  put(&guessed, "cid-down~", &moved_down);
  put(&guessed, "cid-up", &moved_up);
  tapped_expect(&w, 3, guessed.text);
  /* On its own tuple a client's length is known whatever others have. */
  w.tuple = tapped_tuple(1, 4);
  shorts(&w, false, &moved_down, 1);
  known = (list){""};
  put(&known, "cid-down", &client);
  put(&known, "cid-down", &moved_down);
  put(&known, "cid-up", &server);
  tapped_expect(&w, 0, known.text);
  tapped_free(&w);
}
END_TEST

/* Another server address may have other CIDs. */
START_TEST(servers_differ) {
  ho_cid client = tapped_cid(1, 6), server = tapped_cid(2, 10),
         elsewhere = tapped_cid(3, 5);
  list want = {""};
  tapped w;

  tapped_init(&w, NULL);
  greet(&w, &client, &server);
  w.tuple.server.addr = ho_addr_add(w.tuple.server.addr, 1);
  shorts(&w, true, &elsewhere, GUESSED);
  ho_observer_finish(w.o);
  put(&want, "cid-up~", &elsewhere);
  tapped_expect(&w, 1, want.text);
  tapped_free(&w);
}
END_TEST

/* What long headers of a tuple have told outlives silence. */
START_TEST(a_cut_forgets_nothing) {
  ho_cid client = tapped_cid(1, 6), server = tapped_cid(2, 10),
         other = tapped_cid(3, 9);
  list want = {""};
  tapped w;

  tapped_init(&w, NULL);
  w.tuple = tapped_tuple(2, 4);
  greet(&w, &other, &server);
  w.tuple = tapped_tuple(1, 4);
  greet(&w, &client, &server);
  w.t = 10 * HO_SEC;
  shorts(&w, false, &client, 1);
  put(&want, "cid-down", &client);
  tapped_expect(&w, 2, want.text);
  tapped_free(&w);
}
END_TEST

/* A guess under way ends where the length gets known. */
START_TEST(a_guess_ends_by_knowing) {
  ho_cid client = tapped_cid(1, 6), server = tapped_cid(2, 10),
         early = tapped_cid(3, 10);
  list want = {""};
  tapped w;

  tapped_init(&w, NULL);
  shorts(&w, true, &early, GUESSED);
  w.tuple = tapped_tuple(2, 4);
  greet(&w, &client, &server);
  w.tuple = tapped_tuple(1, 4);
  shorts(&w, true, &early, 1);
  put(&want, "cid-up", &early);
  put(&want, "cid-up~", &early);
  tapped_expect(&w, 0, want.text);
  tapped_free(&w);
}
END_TEST

/* Retry's SCID is good for one Initial packet, not for short headers. */
START_TEST(retry_teaches_nothing) {
  ho_cid client = tapped_cid(1, 6), retry = tapped_cid(2, 18),
         server = tapped_cid(3, 8);
  list want = {""};
  tapped w;

  tapped_init(&w, NULL);
  w.up = false;
  tapped_long(&w, HO_WIRE_RETRY, &client, &retry);
  tapped_long(&w, HO_WIRE_VERSION, &client, &retry);
  tapped_long(&w, HO_WIRE_HANDSHAKE, &client, &server);
  shorts(&w, true, &server, 1);
  put(&want, "cid-down", &client);
  put(&want, "cid-up", &server);
  tapped_expect(&w, 0, want.text);
  tapped_free(&w);
}
END_TEST

/* QUIC-LB: the length is public, and so is a server ID that is not encrypted.
 * The DCID that a client makes up has none. */
START_TEST(load_balancers_format_is_public) {
  ho_observer_config config = {.server_cid_len = 8, .server_id_len = 2};
  ho_cid made_up = tapped_cid(1, 8), client = tapped_cid(2, 4),
         server = {8, {0x15, 0xab, 0xcd, 1, 2, 3, 4, 5}},
         next = {8, {0x06, 0xab, 0xcd, 9, 8, 7, 6, 5}},
         elsewhere = {8, {0x06, 0x12, 0x34, 9, 8, 7, 6, 5}};
  list want = {""};
  tapped w;

  tapped_init(&w, &config);
  shorts(&w, true, &elsewhere, 1); /* nothing was said of lengths */
  put(&want, "cid-up", &elsewhere);
  strcat(want.text, " lb:1234");
  tapped_expect(&w, 0, want.text);
  w.tuple = tapped_tuple(2, 4);
  tapped_long(&w, HO_WIRE_INITIAL, &made_up, &client);
  w.up = false;
  tapped_long(&w, HO_WIRE_INITIAL, &client, &server);
  shorts(&w, true, &next, 1);
  want = (list){""};
  put(&want, "cid-down", &client);
  put(&want, "cid-up", &made_up);
  put(&want, "cid-up", &next);
  strcat(want.text, " lb:abcd");
  tapped_expect(&w, 1, want.text);
  tapped_free(&w);
}
END_TEST

/* With encryption it is a number like any other. */
START_TEST(encrypted_server_ids_say_nothing) {
  ho_observer_config config = {.server_cid_len = 8};
  ho_cid cid = tapped_cid(1, 8);
  list want = {""};
  tapped w;

  tapped_init(&w, &config);
  shorts(&w, true, &cid, 1);
  put(&want, "cid-up", &cid);
  tapped_expect(&w, 0, want.text);
  tapped_free(&w);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_loop_test(tc, lengths_are_learned, 0, 21);
  tcase_add_loop_test(tc, lengths_are_guessed, 4, 21);
  tcase_add_test(tc, few_packets_are_no_guess);
  tcase_add_test(tc, changing_cids_are_guessed);
  tcase_add_test(tc, alike_cids_are_told_apart);
  tcase_add_test(tc, no_cid_is_found_out);
  tcase_add_test(tc, other_flows_tell);
  tcase_add_test(tc, servers_differ);
  tcase_add_test(tc, a_cut_forgets_nothing);
  tcase_add_test(tc, a_guess_ends_by_knowing);
  tcase_add_test(tc, retry_teaches_nothing);
  tcase_add_test(tc, load_balancers_format_is_public);
  tcase_add_test(tc, encrypted_server_ids_say_nothing);
}

int main(void) {
  return suite_run("lengths", add);
}
