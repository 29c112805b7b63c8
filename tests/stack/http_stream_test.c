/* Goal: both ends of a call agree which frame is due when, what it looks like
 * on the wire, and what a receiver may not take. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/http_stream.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "stack/content.h"
#include "tests/suite.h"

/* Frames at 1000, 1020, 1040, ...; late 50 after that. */
static ho_pauses pauses;
static const ho_frame_clock clock20 = {1000, 20, 50, &pauses};

static void teardown(void) {
  ho_pauses_free(&pauses);
}

/* ---- when ---- */

START_TEST(frames_have_their_times) {
  static const struct {
    ho_time now;
    uint64_t captured, next; /* next: the first that is not late */
  } rows[] = {
      {0, 0, 0},    {999, 0, 0},  {1000, 1, 0}, {1019, 1, 0},
      {1020, 2, 0}, {1050, 3, 0}, /* at its deadline it is not late */
      {1051, 3, 1}, {1070, 4, 1}, {1071, 4, 2}, {3000, 101, 98},
  };

  for (size_t i = 0; i < COUNT(rows); i++) {
    ck_assert_uint_eq(ho_frames_captured(&clock20, rows[i].now),
                      rows[i].captured);
    ck_assert_uint_eq(ho_frames_next(&clock20, 0, rows[i].now), rows[i].next);
    ck_assert_uint_eq(ho_frames_next(&clock20, 97, rows[i].now),
                      rows[i].next > 97 ? rows[i].next : 97);
  }
  ck_assert_uint_eq(ho_frame_time(&clock20, 98), 2960);
}
END_TEST

/* A pause from 1040 until before 1080 takes frames 2 and 3; one from 1081 to
 * 1085 takes none; one from 1090 on takes all from 5. */
START_TEST(pauses_take_frames) {
  static const uint64_t next[] = {0, 1, 4, 4, 4, UINT64_MAX, UINT64_MAX};

  ho_pauses_set(&pauses, false, 5); /* it is not quiet anyway */
  ho_pauses_set(&pauses, true, 1040);
  ho_pauses_set(&pauses, true, 1060); /* it is already */
  ck_assert_uint_eq(ho_frames_next(&clock20, 1, 1060), 1);
  ck_assert_uint_eq(ho_frames_next(&clock20, 2, 1060), UINT64_MAX);
  ho_pauses_set(&pauses, false, 1080);
  ho_pauses_set(&pauses, true, 1081);
  ho_pauses_set(&pauses, false, 1085);
  ho_pauses_set(&pauses, true, 1090);
  for (uint64_t k = 0; k < COUNT(next); k++) {
    ck_assert_uint_eq(ho_frames_next(&clock20, k, 0), next[k]);
  }
  ho_pauses_set(&pauses, false, 1100);
  ck_assert_uint_eq(ho_frames_next(&clock20, 5, 0), 5);
}
END_TEST

/* ---- on the wire ---- */

/* Reads |len| bytes of the sequence from |position|, |max| at a time. */
static void read_wire(uint8_t *out, uint64_t object, uint64_t size,
                      uint64_t position, size_t len, size_t max) {
  while (len > 0) {
    size_t n = len < max ? len : max, asked = n;
    const uint8_t *p = ho_frame_bytes(object, size, position, &n);

    ck_assert_uint_ge(n, 1);
    ck_assert_uint_le(n, asked);
    memcpy(out, p, n);
    out += n;
    position += n;
    len -= n;
  }
}

START_TEST(a_frame_has_its_number) {
  static const uint64_t numbers[] = {0, 1, 0x1234, 0x10203, 0x1020304050607};
  enum { SIZE = 100, WIRE = HO_FRAME_HEAD + SIZE };
  uint8_t got[WIRE];

  for (size_t i = 0; i < COUNT(numbers); i++) {
    for (size_t max = 1; max <= WIRE; max++) {
      uint64_t n = numbers[i], read = 0;

      read_wire(got, 3, SIZE, n * WIRE, WIRE, max);
      for (size_t b = 0; b < HO_FRAME_HEAD; b++) {
        read = read << 8 | got[b];
      }
      ck_assert_uint_eq(read, n);
      ck_assert_uint_eq(
          ho_content_check(3, n * SIZE, got + HO_FRAME_HEAD, SIZE), SIZE);
    }
  }
}
END_TEST

/* Within a frame a sender goes on; between two it leaves out what is late, up
 * to what has been captured. */
START_TEST(late_frames_are_skipped) {
  static const struct {
    uint64_t position, end;
    ho_time now;
    uint64_t at;
  } rows[] = {
      {0, 30, 1050, 0},   {0, 30, 1051, 10},  {10, 30, 1051, 10},
      {5, 30, 2000, 5}, /* cut frames are of no use to anybody */
      {0, 30, 2000, 30},  {30, 30, 1051, 30}, {9, 30, 2000, 9},
      {10, 60, 1111, 40},
  };

  for (size_t i = 0; i < COUNT(rows); i++) {
    ck_assert_uint_eq(
        ho_frames_skip(&clock20, 2, rows[i].position, rows[i].end, rows[i].now),
        rows[i].at);
  }
}
END_TEST

/* ---- at the receiver ---- */

/* What happened, one event a line. */
static char story[4096];

static void tell(void *user, const ho_event *e) {
  size_t at = strlen(story), room = sizeof(story) - at;
  const ho_ev_delivered *d = &e->u.delivered;
  const ho_ev_byte_wrong *w = &e->u.byte_wrong;

  (void)user;
  ck_assert_int_eq(e->client, 6);
  if (e->kind == HO_EV_delivered) {
    ck_assert_int_eq(d->endpoint, HO_CLIENT);
    ck_assert_uint_eq(d->packet, 77);
    snprintf(story + at, room, "%d: %d+%d again %d n%d\n", (int)d->request,
             (int)d->offset, (int)d->bytes, (int)d->again, (int)d->connection);
  } else if (e->kind == HO_EV_request_done) {
    snprintf(story + at, room, "%d: done n%d\n", (int)e->u.request_done.request,
             (int)e->u.request_done.connection);
  } else if (e->kind == HO_EV_byte_wrong) {
    ck_assert_int_eq(w->endpoint, HO_CLIENT);
    snprintf(story + at, room, "%d: %s at %d\n", (int)w->request, w->reason,
             (int)w->offset);
  } else {
    ck_abort_msg("unexpected event");
  }
}

enum { SIZE = 10, WIRE = HO_FRAME_HEAD + SIZE };

static ho_frames_in frames_in(uint64_t *have, uint64_t connection,
                              uint64_t expect) {
  ho_log *log = ho_log_new();

  story[0] = 0;
  ho_log_subscribe(log, tell, NULL);
  return (ho_frames_in){.log = log,
                        .client = 6,
                        .connection = connection,
                        .receiver = HO_CLIENT,
                        .clock = clock20,
                        .object = 9,
                        .size = SIZE,
                        .have = have,
                        .expect = expect};
}

/* Gives |len| bytes of frame |k| from its head on; byte |bad| is changed. */
static bool give(ho_frames_in *in, uint64_t k, size_t from, size_t len,
                 size_t bad, ho_time now) {
  uint8_t bytes[WIRE];

  read_wire(bytes, 9, SIZE, k * WIRE, WIRE, WIRE);
  if (bad < WIRE) {
    bytes[bad] ^= 1;
  }
  return ho_frames_take(in, bytes + from, len, 77, now);
}

START_TEST(frames_are_delivered_however_cut) {
  for (size_t cut = 1; cut < WIRE; cut++) {
    uint64_t have = 0;
    ho_frames_in in = frames_in(&have, 4, 0);
    const char *want =
        cut <= HO_FRAME_HEAD ? "0: 0+10 again 0 n4\n0: done n4\n" : NULL;

    ck_assert(give(&in, 0, 0, cut, WIRE, 1010));
    ck_assert(give(&in, 0, cut, WIRE - cut, WIRE, 1010));
    if (want) {
      ck_assert_str_eq(story, want);
    }
    ck_assert(give(&in, 1, 0, WIRE, WIRE, 1030));
    ck_assert_ptr_nonnull(strstr(story, "0: done n4\n2: 0+10 again 0 n4\n"
                                        "2: done n4\n"));
    ck_assert_uint_eq(have, 20);
    ck_assert_uint_eq(in.expect, 2);
    ho_log_del(in.log);
  }
}
END_TEST

/* What must not come, and where it is found. */
static const struct {
  uint64_t first, second;
  ho_time now; /* of the second */
  size_t bad;
  const char *story; /* after the first frame's */
} bad[] = {
    {0, 1, 1030, WIRE, "2: 0+10 again 0 n0\n2: done n0\n"},
    {0, 1, 1030, 8, "2: wrong at 0\n"},
    {0, 1, 1030, 11, "2: 0+3 again 0 n0\n2: wrong at 3\n"},
    {0, 0, 1030, WIRE, "0: repeated at 0\n"},
    {0, 1, 1019, WIRE, "2: wrong at 0\n"}, /* nobody has it yet */
    {0, 2, 1070, WIRE, "4: gap at 0\n"},   /* where is 1? */
    {0, 2, 1071, WIRE, "4: 0+10 again 0 n0\n4: done n0\n"}, /* late, it is */
    {0, 3, 1071, WIRE, "6: gap at 0\n"},
    {2, 1, 1071, WIRE, "2: repeated at 0\n"},
};

START_TEST(what_must_not_come_is_found) {
  uint64_t have = 0;
  ho_frames_in in = frames_in(&have, 0, bad[_i].first);
  bool good = strstr(bad[_i].story, "done") != NULL;

  ck_assert(give(&in, bad[_i].first, 0, WIRE, WIRE, 1069));
  story[0] = 0;
  ck_assert_int_eq(give(&in, bad[_i].second, 0, WIRE, bad[_i].bad, bad[_i].now),
                   good);
  ck_assert_str_eq(story, bad[_i].story);
  if (!good) { /* nothing is taken after that */
    ck_assert(!give(&in, 3, 0, WIRE, WIRE, 1071));
    ck_assert_str_eq(story, bad[_i].story);
  }
  ho_log_del(in.log);
}
END_TEST

/* On another connection what was there comes again, and counts once. */
START_TEST(what_comes_again_counts_once) {
  uint64_t have = 0;
  ho_frames_in in = frames_in(&have, 0, 0), next;

  give(&in, 0, 0, WIRE, WIRE, 1010);
  give(&in, 1, 0, HO_FRAME_HEAD + 4, WIRE, 1030);
  next = in;
  next.connection = 1;
  next.expect = 0;
  next.number = next.within = 0;
  story[0] = 0;
  ck_assert(give(&next, 0, 0, WIRE, WIRE, 1040));
  ck_assert(give(&next, 1, 0, WIRE, WIRE, 1040));
  ck_assert_str_eq(story, "0: 0+10 again 10 n1\n"
                          "2: 0+10 again 4 n1\n2: done n1\n");
  ck_assert_uint_eq(have, 20);
  ho_log_del(in.log);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_checked_fixture(tc, NULL, teardown);
  tcase_add_test(tc, frames_have_their_times);
  tcase_add_test(tc, pauses_take_frames);
  tcase_add_test(tc, a_frame_has_its_number);
  tcase_add_test(tc, late_frames_are_skipped);
  tcase_add_test(tc, frames_are_delivered_however_cut);
  tcase_add_loop_test(tc, what_must_not_come_is_found, 0, COUNT(bad));
  tcase_add_test(tc, what_comes_again_counts_once);
}

int main(void) {
  return suite_run("http_stream", add);
}
