/* Tests of trace files: both formats to the last digit, and what is said of
 * files that are none. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/scenario/trace.h"

#include <sys/stat.h>
#include <unistd.h>

#include "tests/scenario/load.h"

#define MS 1000000ull
#define S  1000000000ull

static char dir[] = "/tmp/handoff-trace-XXXXXX";

static char *write_file(const char *name, const char *text) {
  char *path = ho_format("%s/%s", dir, name);
  FILE *out = fopen(path, "wb");

  ck_assert_ptr_nonnull(out);
  fputs(text, out);
  fclose(out);
  return path;
}

static ho_trace parse(const char *text) {
  ho_diag diag = {0};
  ho_trace trace;

  if (ho_trace_parse(&trace, "t", text, strlen(text), &diag) != 0) {
    ck_abort_msg("%s", diag.messages[0]);
  }
  return trace;
}

static void check_row(const ho_trace *t, size_t i, ho_time at, uint64_t bps,
                      ho_time delay, uint32_t loss_ppm) {
  ck_assert_uint_lt(i, t->count);
  ck_assert_uint_eq(t->rows[i].at, at);
  ck_assert_uint_eq(t->rows[i].bps, bps);
  ck_assert_uint_eq(t->rows[i].delay, delay);
  ck_assert_uint_eq(t->rows[i].loss_ppm, loss_ppm);
}

START_TEST(reads_csv) {
  ho_trace t = parse("# a drive\n"
                     "t_s,rate_mbps,delay_ms,loss\n"
                     "0,12.5,20,0\n"
                     "\n"
                     "# a tunnel\n"
                     "1.5,0,20.000001,1\n"
                     "2.000000001 , 3.000001 , 30.5 , 0.000001\n");

  ck_assert(!t.opportunities);
  ck_assert_uint_eq(t.count, 3);
  check_row(&t, 0, 0, 12500000, 20 * MS, 0);
  check_row(&t, 1, 1500 * MS, 0, 20 * MS + 1, 1000000);
  check_row(&t, 2, 2 * S + 1, 3000001, 30500000, 1);
  /* The last row lasts as long as the one before it. */
  ck_assert_uint_eq(t.period, 2500 * MS + 2);
  /* 12.5 x 1.5 + 3.000001 x 0.500000001, over 2.500000002. */
  ck_assert_uint_eq(t.mean_bps, 8100000);
  ho_trace_free(&t);
}
END_TEST

/* Columns may be left out or stand in another order; lines may end as on
 * another system, the last one not at all. */
START_TEST(reads_other_csv) {
  ho_trace t = parse("t_s,rate_mbps\r\n0,1\r\n0.25,3");

  ck_assert_uint_eq(t.count, 2);
  check_row(&t, 1, 250 * MS, 3000000, 0, 0);
  ck_assert_uint_eq(t.period, 500 * MS);
  ck_assert_uint_eq(t.mean_bps, 2000000);
  ho_trace_free(&t);
  t = parse("loss,t_s,rate_mbps\n0.5,0,7\n");
  check_row(&t, 0, 0, 7000000, 0, 500000);
  ck_assert_uint_gt(t.period, 0); /* alone it lasts for ever */
  ck_assert_uint_eq(t.mean_bps, 7000000);
  ho_trace_free(&t);
}
END_TEST

/* A number a line, and the last is the period: what departs then departs at the
 * beginning of the next lap. */
START_TEST(reads_mahimahi) {
  static const ho_time at[] = {0, 0, 1 * MS, 1 * MS, 4 * MS};
  ho_trace t = parse("# up\n1\n1\n4\n10\n10\n");

  ck_assert(t.opportunities);
  ck_assert_uint_eq(t.count, COUNT(at));
  for (size_t i = 0; i < COUNT(at); i++) {
    ck_assert_uint_eq(t.rows[i].at, at[i]);
  }
  ck_assert_uint_eq(t.period, 10 * MS);
  ck_assert_uint_eq(t.mean_bps, 5 * 1500 * 8 * 100);
  ho_trace_free(&t);
  t = parse("3");
  ck_assert_uint_eq(t.count, 1);
  ck_assert_uint_eq(t.rows[0].at, 0);
  ck_assert_uint_eq(t.period, 3 * MS);
  ho_trace_free(&t);
}
END_TEST

static const struct {
  const char *text;
  const char *errors; /* each on a line */
} bad[] = {
    {"", "t: no rows (expected a mahimahi or a CSV trace)\n"},
    {"# only\n\n  # comments\n",
     "t: no rows (expected a mahimahi or a CSV trace)\n"},
    {"t_s,rate_mbps\n", "t: no rows (expected a mahimahi or a CSV trace)\n"},
    {"0\n0\n", "t: its last line is 0, so it lasts no time\n"},
    {"t_s,rate_mbps\n0,0\n1,0\n",
     "t: all its rates are 0, so nothing would arrive\n"},
    {"1\n3\n2\n", "t:3:1: '2' comes after 3 (the milliseconds of a mahimahi "
                  "trace do not descend)\n"},
    {"1\n 1.5\nx\n-1\n5\n",
     "t:2:2: '1.5' is finer than 1\n"
     "t:3:1: 'x' is not a number of milliseconds (expected whole milliseconds "
     "such as 12)\n"
     "t:4:1: '-1' is negative (expected whole milliseconds such as 12)\n"},
    /* No more than a few of them. */
    {"1\na\nb\nc\nd\n",
     "t:2:1: 'a' is not a number of milliseconds (expected whole milliseconds "
     "such as 12)\n"
     "t:3:1: 'b' is not a number of milliseconds (expected whole milliseconds "
     "such as 12)\n"
     "t:4:1: 'c' is not a number of milliseconds (expected whole milliseconds "
     "such as 12)\n"},
    {"hello\n", "t:1:1: 'hello' is neither a millisecond of a mahimahi trace "
                "nor a column of a CSV trace (expected the header "
                "t_s,rate_mbps,delay_ms,loss; the last two may be missing)\n"},
    {"t_s,rate\n0,1\n",
     "t:1:5: 'rate' is neither a millisecond of a mahimahi trace nor a column "
     "of a CSV trace (expected the header t_s,rate_mbps,delay_ms,loss; the "
     "last two may be missing)\n"},
    {"t_s,delay_ms\n0,1\n", "t:1:1: no column 'rate_mbps'\n"},
    {"t_s,rate_mbps,t_s\n0,1,0\n", "t:1:15: column 't_s' is there twice\n"},
    {"0,1\n1,2\n",
     "t:1:1: '0' is neither a millisecond of a mahimahi trace nor a column of "
     "a CSV trace (expected the header t_s,rate_mbps,delay_ms,loss; the last "
     "two may be missing)\n"},
    {"t_s,rate_mbps\n1,2\n", "t:2:1: '1' is not 0, at which a trace begins\n"},
    /* The row after one that is no good is not blamed for it. */
    {"t_s,rate_mbps\n0,-1\n1,2\n2,3\n",
     "t:2:3: '-1' is negative (expected Mbit/s such as 12.5)\n"},
    {"t_s,rate_mbps\n1,2\n2,3\n",
     "t:2:1: '1' is not 0, at which a trace begins\n"},
    {"t_s,rate_mbps\n0,2\n0,3\n",
     "t:3:1: '0' does not come after the time before it (t_s must ascend)\n"},
    {"rate_mbps,t_s\n1,0\n1,2\n1,1\n",
     "t:4:3: '1' does not come after the time before it (t_s must ascend)\n"},
    {"t_s,rate_mbps,delay_ms,loss\n0,1,2\n",
     "t:2:1: 3 values, where the header has 4 columns\n"},
    {"t_s,rate_mbps\n0\n", "t:2:1: 1 value, where the header has 2 columns\n"},
    {"t_s,rate_mbps,loss\n0,-1,0\n0,1Mbps,0\n0,1,1.5\n",
     "t:2:3: '-1' is negative (expected Mbit/s such as 12.5)\n"
     "t:3:3: '1Mbps' is a rate (expected Mbit/s such as 12.5)\n"
     "t:4:5: '1.5' is too large (at most 1)\n"},
    {"t_s,rate_mbps\n0,\n", "t:2:3: no value (expected Mbit/s such as 12.5)\n"},
    {"t_s,rate_mbps\n0,0.0000001\n",
     "t:2:3: '0.0000001' is finer than 0.000001\n"},
    {"t_s,rate_mbps\n0,11111111112222222222333333333344444444445\n",
     "t:2:3: '1111111111222222222233333333334444444444...' is too long "
     "(expected Mbit/s such as 12.5)\n"},
    {"\177ELF\n", "t:1:1: byte 0x7f: not a text file\n"},
    {"1\n2\001\n", "t:2:2: byte 0x01: not a text file\n"},
};

static char *parse_bad(const char *text, size_t len) {
  ho_diag diag = {0};
  ho_trace trace;
  size_t size;
  char *errors;
  FILE *out = open_memstream(&errors, &size);

  ck_assert_int_eq(ho_trace_parse(&trace, "t", text, len, &diag), HO_ERR_INPUT);
  ck_assert_ptr_null(trace.rows);
  ho_diag_print(&diag, out);
  fclose(out);
  ho_diag_free(&diag);
  return errors;
}

START_TEST(refuses_in_words) {
  char *errors = parse_bad(bad[_i].text, strlen(bad[_i].text));

  ck_assert_str_eq(errors, bad[_i].errors);
  free(errors);
}
END_TEST

START_TEST(refuses_what_is_too_long) {
  enum { LINES = 1000001 };
  char *text = ho_alloc(2 * LINES + 1), *errors;

  for (size_t i = 0; i < LINES; i++) {
    memcpy(text + 2 * i, "1\n", 2);
  }
  errors = parse_bad(text, 2 * (size_t)LINES);
  ck_assert_str_eq(errors, "t:1000001:1: more than 1000000 rows\n");
  free(errors);
  errors = parse_bad("1\n\0", 3);
  ck_assert_str_eq(errors, "t:2:1: byte 0x00: not a text file\n");
  free(errors);
  free(text);
}
END_TEST

#define TRACE(keys) NAME "networks: {a: {type: trace, " keys "}}\n" WORK

/* The file stands beside the scenario. */
START_TEST(loads_networks) {
  char *down = write_file("down.csv", "t_s,rate_mbps\n0,10\n1,30\n");
  char *up = write_file("up.trace", "1\n2\n");
  char *file = ho_format("%s/x.yaml", dir);
  char *text =
      ho_format(TRACE("down: down.csv, up: %s, delay: 5ms, queue: "
                      "10p, jitter: 1ms, loss: 1%%, reorder: 2%%, nat: "
                      "cgn"),
                up);
  ho_source source = {file, text, strlen(text)};
  ho_diag diag = {0};
  ho_scenario *sc;

  ck_assert_int_eq(ho_scenario_load(&source, NULL, 0, 0, &sc, &diag), 0);
  ck_assert_int_eq(sc->nets[0].type, HO_NET_TRACE);
  ck_assert_str_eq(sc->nets[0].trace_down.file, "down.csv");
  ck_assert_str_eq(sc->nets[0].trace_up.file, up);
  ck_assert_str_eq(
      sc->nets[0].trace_up.sha256,
      "a6e2b7a040683432de03a18fd8a1939a2fdf82585b364bfc874bdd4095c4cae1");
  ck_assert_uint_eq(sc->nets[0].wired.down_bps, 20000000);
  ck_assert_uint_eq(sc->nets[0].wired.up_bps, 12000000);
  ck_assert_uint_eq(sc->nets[0].wired.delay, 5 * MS);
  ck_assert_uint_eq(sc->nets[0].wired.jitter, 1 * MS);
  ck_assert_uint_eq(sc->nets[0].wired.loss_ppm, 10000);
  ck_assert_uint_eq(sc->nets[0].wired.reorder_ppm, 20000);
  ck_assert_uint_eq(sc->nets[0].wired.queue.amount, 10);
  ck_assert_uint_eq(sc->nets[0].nat.pool, 4);
  ho_scenario_del(sc);
  unlink(down);
  unlink(up);
  free(down);
  free(up);
  free(file);
  free(text);
}
END_TEST

static void check_errors(const char *text, const char *want) {
  char *errors;

  ck_assert_ptr_null(load(text, NULL, 0, 0, &errors));
  ck_assert_str_eq(errors, want);
  free(errors);
}

/* Every message names the trace's line and that of the scenario. */
START_TEST(says_where) {
  char *good = write_file("good", "1\n2\n"), *wrong = write_file("bad", "1\nx");
  char *pipe = ho_format("%s/pipe", dir);
  char *text = ho_format(TRACE("down: %s, up: %s"), wrong, good);
  char *want = ho_format("x:3:35: trace %s:2:1: 'x' is not a number of "
                         "milliseconds (expected whole milliseconds such as "
                         "12)\n",
                         wrong);

  check_errors(text, want);
  free(text);
  free(want);
  ck_assert_int_eq(mkfifo(pipe, 0600), 0);
  text = ho_format(TRACE("down: %s, up: %s"), pipe, dir);
  want = ho_format("x:3:35: trace %s: not a file (expected a trace)\n"
                   "x:3:%zu: trace %s: a folder (expected a trace)\n",
                   pipe, 35 + strlen(pipe) + strlen(", up: "), dir);
  check_errors(text, want);
  free(text);
  free(want);
  check_errors(TRACE("down: none, up: $u, delay: 5"),
               "x:3:35: trace none: cannot open: No such file or directory\n"
               "x:3:45: '$u' is not defined under 'vars'\n"
               "x:3:56: '5' has no unit (expected a duration such as 20ms)\n");
  check_errors(TRACE("down: '', up: [a]"),
               "x:3:36: no value (expected the name of a trace)\n"
               "x:3:43: 'up' must be a single value\n");
  check_errors(TRACE("distance: 5m"),
               "x:3:12: network 'a' lacks 'down' (a trace of what goes towards "
               "the client)\n"
               "x:3:12: network 'a' lacks 'up' (a trace of what comes from the "
               "client)\n"
               "x:3:29: 'distance' is not a key of network 'a': it belongs to "
               "wifi and lte\n");
  unlink(good);
  unlink(wrong);
  unlink(pipe);
  free(good);
  free(wrong);
  free(pipe);
}
END_TEST

/* What `set` can change of a trace is what is not the file's. */
START_TEST(sets_what_is_not_the_files) {
  char *good = write_file("good", "1\n2\n");
  char *text = ho_format(TRACE("down: %s, up: %s") "timeline:\n"
                                                   "  - 1s: set a delay 9ms\n"
                                                   "  - 2s: set a down 1Mbps\n",
                         good, good);

  check_errors(text, "x:7:15: 'down' cannot be set (expected delay, jitter, "
                     "loss, reorder or queue)\n");
  unlink(good);
  free(text);
  free(good);
}
END_TEST

static void make_dir(void) {
  ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void remove_dir(void) {
  rmdir(dir);
}

static void add(TCase *tc) {
  tcase_add_unchecked_fixture(tc, make_dir, remove_dir);
  tcase_add_test(tc, reads_csv);
  tcase_add_test(tc, reads_other_csv);
  tcase_add_test(tc, reads_mahimahi);
  tcase_add_loop_test(tc, refuses_in_words, 0, COUNT(bad));
  tcase_add_test(tc, refuses_what_is_too_long);
  tcase_add_test(tc, loads_networks);
  tcase_add_test(tc, says_where);
  tcase_add_test(tc, sets_what_is_not_the_files);
}

int main(void) {
  return suite_run("trace", add);
}
