/* flows.csv, read in: what fields mean, and what is refused. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "measure/link/flows_file.h"
#include "sim/base/alloc.h"
#include "sim/base/diag.h"
#include "tests/link/sheet.h"
#include "tests/suite.h"

/* Goal: every field, exactly.  The flow lasts 2 s up (1 byte above 2000 bytes/s
 * is not lost) and 0 s down, for which 1 ms is taken. */
START_TEST(fields) {
  sheet s;
  ho_link_flows flows;
  const ho_link_flow *f;

  sheet_open(&s);
  sheet_add(&s, (row){.seed = 7,
                      .client = 3,
                      .old_of = "1 2",
                      .new_of = "0",
                      .vantage = "server",
                      .begin_ms = 1000.000001,
                      .end_ms = 3000.000001,
                      .begin_down_ms = 900,
                      .end_down_ms = 900,
                      .packets_up = 4,
                      .bytes_up = 4002,
                      .packets_down = 1,
                      .bytes_down = 50,
                      .max_up = 1200,
                      .max_down = 50,
                      .spin_up = "0.250000",
                      .ids = "cid-down:aa cid-up~:0102 token:ff"});
  sheet_add(&s, (row){.no_up = true, .begin_ms = 5, .end_ms = 6});
  fclose(s.out);
  fclose(s.windows);
  ck_assert_int_eq(ho_link_flows_read(&flows, s.flows, "quic"), 0);
  ck_assert_uint_eq(flows.count, 2);
  f = &flows.flows[0];
  ck_assert_uint_eq(f->seed, 7);
  ck_assert_uint_eq(f->client, 3);
  ck_assert(f->moves && f->vantage == HO_VANTAGE_SERVER);
  ck_assert_uint_eq(f->old_count, 2);
  ck_assert_uint_eq(f->old_of[1], 2);
  ck_assert_uint_eq(f->new_count, 1);
  ck_assert_uint_eq(f->seen.begin, HO_SEC + 1);
  ck_assert_uint_eq(f->seen.end, 3 * HO_SEC + 1);
  ck_assert_uint_eq(f->seen.first, 900 * HO_MSEC);
  ck_assert_uint_eq(f->seen.bytes, 4052);
  ck_assert_double_eq_tol(f->seen.shape[HO_LINK_RATE_UP], log(2002), 1e-12);
  ck_assert_double_eq_tol(f->seen.shape[HO_LINK_RATE_DOWN], log(50001), 1e-12);
  ck_assert_double_eq(f->seen.shape[HO_LINK_MEAN_UP], 1000.5);
  ck_assert_double_eq(f->seen.shape[HO_LINK_MEAN_DOWN], 50);
  ck_assert_double_eq(f->seen.shape[HO_LINK_MAX_UP], 1200);
  ck_assert_double_eq(f->seen.shape[HO_LINK_MAX_DOWN], 50);
  ck_assert_double_eq(f->seen.shape[HO_LINK_SPIN_UP], 0.25);
  ck_assert_double_eq(f->seen.shape[HO_LINK_SPIN_DOWN], 0);
  ck_assert_uint_eq(f->seen.ids_count, 3);
  ck_assert(f->seen.ids[0].kind == HO_LINK_CID_DOWN && !f->seen.ids[0].guess);
  ck_assert(f->seen.ids[1].kind == HO_LINK_CID_UP && f->seen.ids[1].guess);
  ck_assert_str_eq(f->seen.ids[1].hex, "0102");
  ck_assert(f->seen.ids[2].kind == HO_LINK_TOKEN);
  /* Without packets up, those down tell the time. */
  ck_assert_uint_eq(flows.flows[1].seen.begin, 5 * HO_MSEC);
  ck_assert_uint_eq(flows.flows[1].seen.end, 6 * HO_MSEC);
  ck_assert_double_eq(flows.flows[1].seen.shape[HO_LINK_RATE_UP], 0);
  ho_link_flows_free(&flows);
  sheet_close(&s);
}
END_TEST

#define HEADER                                                                 \
  "arm,seed,vantage,t_first_up_s,t_last_up_s,t_first_down_s,t_last_down_s,"    \
  "packets_up,packets_down,bytes_up,bytes_down,max_up_bytes,max_down_bytes,"   \
  "spin_up,spin_down,identifiers,client,moves,old_of,new_of"

/* Goal: a file that is not one of these is refused, not half read. */
static const struct {
  const char *text;
  int rv;
} files[] = {
    {HEADER "\n", 0},
    {HEADER "\nquic,1,both,1.000000000,2.000000000,,,1,0,9,0,9,0,,,,0,1,0,\n",
     0},
    /* Nobody's, and without sizes of a direction that has none. */
    {HEADER "\nquic,1,both,1.000000000,2.000000000,,,1,0,9,0,9,,,,,,0,,\n", 0},
    /* Another arm's rows are not looked at. */
    {HEADER "\ntcp,x,y,1,2,,,1,0,9,0,9,0,,,,0,1,0,\n", 0},
    {"", HO_ERR_INPUT},
    {"arm,seed\n", HO_ERR_INPUT},
    {HEADER "\nquic,1\n", HO_ERR_INPUT},
    {HEADER "\nquic,-1,both,1.000000000,2.000000000,,,1,0,9,0,9,0,,,,0,1,0,\n",
     HO_ERR_INPUT},
    {HEADER "\nquic,1,up,1.000000000,2.000000000,,,1,0,9,0,9,0,,,,0,1,0,\n",
     HO_ERR_INPUT},
    {HEADER "\nquic,1,both,1.0,2.000000000,,,1,0,9,0,9,0,,,,0,1,0,\n",
     HO_ERR_INPUT},
    {HEADER "\nquic,1,both,3.000000000,2.000000000,,,1,0,9,0,9,0,,,,0,1,0,\n",
     HO_ERR_INPUT},
    {HEADER "\nquic,1,both,,,,,1,0,9,0,9,0,,,,0,1,0,\n", HO_ERR_INPUT},
    {HEADER "\nquic,1,both,,,,,0,0,0,0,0,0,,,,0,1,0,\n", HO_ERR_INPUT},
    {HEADER
     "\nquic,1,both,1.000000000,2.000000000,,,1,0,9,0,9,0,1.5,,,0,1,0,\n",
     HO_ERR_INPUT},
    {HEADER
     "\nquic,1,both,1.000000000,2.000000000,,,1,0,9,0,9,0,,,cookie:1,0,1,0,\n",
     HO_ERR_INPUT},
    {HEADER
     "\nquic,1,both,1.000000000,2.000000000,,,1,0,9,0,9,0,,,cid-up,0,1,0,\n",
     HO_ERR_INPUT},
    {HEADER "\nquic,1,both,1.000000000,2.000000000,,,1,0,9,0,9,0,,,,0,1,x,\n",
     HO_ERR_INPUT},
};

START_TEST(refused) {
  char path[] = "/tmp/handoff-flows-XXXXXX";
  int fd = mkstemp(path);
  ho_link_flows flows;

  ck_assert_int_ge(fd, 0);
  ck_assert_int_eq(write(fd, files[_i].text, strlen(files[_i].text)),
                   (int)strlen(files[_i].text));
  close(fd);
  ck_assert_int_eq(ho_link_flows_read(&flows, path, "quic"), files[_i].rv);
  ho_link_flows_free(&flows);
  unlink(path);
  ck_assert_int_eq(ho_link_flows_read(&flows, path, "quic"), HO_ERR_IO);
  ho_link_flows_free(&flows);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, fields);
  tcase_add_loop_test(tc, refused, 0, COUNT(files));
}

int main(void) {
  return suite_run("flows_file", add);
}
