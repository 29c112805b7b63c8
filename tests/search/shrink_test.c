/* Goal: what is left is what the failure needs, whatever was drawn with it, and
 * however many candidates run at once. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>
#include <stdlib.h>

#include "base.h"
#include "search/shrink.h"

/* rule fails where a switch is followed by a rebind within |window|, with
 * |needs| set (if not NULL) and at least |bytes| to transfer; if |balanced|,
 * with as many ends as beginnings; of settings that begin with |family|, with
 * none or two. */
typedef struct {
  bool balanced;
  const char *family;
  ho_time window;
  const char *needs;
  uint64_t bytes;
  size_t asked, most; /* candidates, and at a time */
  size_t stop_after;  /* calls; 0: never */
} rule;

static uint64_t bytes_of(const ho_schedule *s) {
  const char *text = ho_schedule_value(s, "workload.bytes");
  uint64_t n = text ? strtoull(text, NULL, 10) : 2000;

  return text && strstr(text, "MB") ? 1000 * n : n;
}

static size_t count(const ho_schedule *s, const char *action) {
  size_t n = 0;

  for (size_t i = 0; i < s->actions_count; i++) {
    n += !strcmp(s->actions[i].action, action);
  }
  return n;
}

static size_t count_settings(const ho_schedule *s, const char *family) {
  size_t n = 0;

  for (size_t i = 0; i < s->settings_count; i++) {
    n += !strncmp(s->settings[i].key, family, strlen(family));
  }
  return n;
}

static bool fails(const rule *r, const ho_schedule *s) {
  bool found = false;

  for (size_t i = 0; i < s->actions_count; i++) {
    for (size_t k = i + 1; k < s->actions_count; k++) {
      found |= !strcmp(s->actions[i].action, "switch cell") &&
               !strcmp(s->actions[k].action, "rebind cell port") &&
               s->actions[k].at > s->actions[i].at &&
               s->actions[k].at - s->actions[i].at <= r->window;
    }
  }
  if (r->balanced &&
      count(s, "block home udp") != count(s, "unblock home udp")) {
    return false;
  }
  if (r->family && count_settings(s, r->family) == 1) {
    return false;
  }
  return found && (!r->needs || ho_schedule_value(s, r->needs)) &&
         bytes_of(s) * 1000 >= r->bytes;
}

static size_t try(void *user, const ho_schedule *candidates, size_t n) {
  rule *r = user;

  r->asked += n;
  r->most = n > r->most ? n : r->most;
  if (r->stop_after > 0 && r->asked >= r->stop_after) {
    return SIZE_MAX;
  }
  for (size_t i = 0; i < n; i++) {
    if (fails(r, &candidates[i])) {
      return i;
    }
  }
  return n;
}

static ho_schedule drawn(void) {
  static const char *const noise[] = {"rekey", "rotate", "switch home",
                                      "rebind home port", "pause"};
  ho_schedule s = {0};

  for (size_t i = 0; i < 15; i++) {
    ho_schedule_act(&s, i * 137731 * HO_USEC, noise[i % 5]);
  }
  ho_schedule_act(&s, 1234567891, "switch cell");
  ho_schedule_act(&s, 1291234567, "rebind cell port");
  ho_schedule_set(&s, "networks.home.delay", "31ms");
  ho_schedule_set(&s, "server.retry", "true");
  ho_schedule_set(&s, "arms.quic.cid_length", "4");
  return s;
}

static ho_shrink_config config_of(rule *r, size_t batch) {
  return (ho_shrink_config){
      .try = try, .user = r, .batch = batch, .runs = 2000, .bytes = 2000000};
}

START_TEST(two_actions) {
  rule r = {.window = 80 * HO_MSEC, .bytes = 40000};
  ho_shrink_config config = config_of(&r, 8);
  ho_schedule s = drawn();

  ck_assert(fails(&r, &s));
  ck_assert_uint_eq(ho_shrink(&s, &config), r.asked);
  ck_assert(fails(&r, &s));
  ck_assert_uint_eq(s.actions_count, 2);
  ck_assert_str_eq(s.actions[0].action, "switch cell");
  /* As round as the window allows. */
  ck_assert_uint_eq(s.actions[0].at % (50 * HO_MSEC), 0);
  ck_assert_uint_eq(s.actions[1].at % (50 * HO_MSEC), 0);
  ck_assert_uint_eq(s.settings_count, 1);
  ck_assert_str_eq(ho_schedule_value(&s, "workload.bytes"), "50KB");
  ho_schedule_free(&s);
}
END_TEST

START_TEST(what_it_needs) {
  rule r = {.window = 80 * HO_MSEC, .needs = "server.retry"};
  ho_shrink_config config = config_of(&r, 3);
  ho_schedule s = drawn();

  config.bytes = 0;
  ho_shrink(&s, &config);
  ck_assert_uint_eq(s.actions_count, 2);
  ck_assert_uint_eq(s.settings_count, 1);
  ck_assert_str_eq(ho_schedule_value(&s, "server.retry"), "true");
  ho_schedule_free(&s);
}
END_TEST

/* What begins and ends goes together, though something stands between. */
START_TEST(pairs) {
  rule r = {.window = HO_SEC, .balanced = true};
  ho_shrink_config config = config_of(&r, 8);
  ho_schedule s = {0};

  ho_schedule_act(&s, 0, "block home udp");
  ho_schedule_act(&s, 100 * HO_MSEC, "switch cell");
  ho_schedule_act(&s, 200 * HO_MSEC, "unblock home udp");
  ho_schedule_act(&s, 300 * HO_MSEC, "rebind cell port");
  ho_shrink(&s, &config);
  ck_assert_uint_eq(s.actions_count, 2);
  ck_assert_str_eq(s.actions[0].action, "switch cell");
  ho_schedule_free(&s);
}
END_TEST

/* Two settings that mean nothing without each other, though a third is needed.
 */
START_TEST(families) {
  rule r = {.window = HO_SEC,
            .needs = "server.retry",
            .family = "server.load_balancer."};
  ho_shrink_config config = config_of(&r, 8);
  ho_schedule s = drawn();

  config.bytes = 0;
  ho_schedule_set(&s, "server.load_balancer.servers", "16");
  ho_schedule_set(&s, "server.load_balancer.encryption", "aes");
  ho_shrink(&s, &config);
  ck_assert_uint_eq(s.settings_count, 1);
  ck_assert_ptr_nonnull(ho_schedule_value(&s, "server.retry"));
  ho_schedule_free(&s);
}
END_TEST

START_TEST(any_batch) {
  rule r = {.window = 80 * HO_MSEC, .needs = "server.retry", .bytes = 150000};
  ho_schedule first = drawn();
  ho_shrink_config config = config_of(&r, 1);

  ho_shrink(&first, &config);
  for (size_t batch = 2; batch < 40; batch += 5) {
    ho_schedule s = drawn();
    r.most = 0;
    config = config_of(&r, batch);
    ho_shrink(&s, &config);
    ck_assert(ho_schedule_eq(&first, &s));
    ck_assert_uint_le(r.most, batch);
    ho_schedule_free(&s);
  }
  ho_schedule_free(&first);
}
END_TEST

/* A budget that ends, or an interrupt, leaves something that fails. */
START_TEST(cut_short) {
  for (size_t runs = 0; runs < 60; runs++) {
    rule r = {.window = 80 * HO_MSEC};
    ho_shrink_config config = config_of(&r, 4);
    ho_schedule s = drawn();
    config.runs = runs;
    ck_assert_uint_le(ho_shrink(&s, &config), runs);
    ck_assert_uint_le(r.asked, runs);
    ck_assert(fails(&r, &s));
    ho_schedule_free(&s);
  }
  for (size_t stop = 1; stop < 60; stop += 7) {
    rule r = {.window = 80 * HO_MSEC, .stop_after = stop};
    ho_shrink_config config = config_of(&r, 4);
    ho_schedule s = drawn();
    ho_shrink(&s, &config);
    ck_assert_uint_lt(r.asked, stop + 4);
    ck_assert(fails(&r, &s));
    ho_schedule_free(&s);
  }
}
END_TEST

/* Nothing to take away is no reason to go on for ever. */
START_TEST(least) {
  rule r = {.window = HO_SEC};
  ho_shrink_config config = config_of(&r, 4);
  ho_schedule s = {0};

  ho_schedule_act(&s, 0, "switch cell");
  ho_schedule_act(&s, HO_SEC, "rebind cell port");
  ho_schedule_set(&s, "workload.bytes", "1KB");
  ho_shrink(&s, &config);
  ck_assert_uint_lt(r.asked, 20);
  ck_assert_uint_eq(s.actions_count, 2);
  ho_schedule_free(&s);
}
END_TEST

static void add(TCase *tc) {
  tcase_add_test(tc, two_actions);
  tcase_add_test(tc, what_it_needs);
  tcase_add_test(tc, pairs);
  tcase_add_test(tc, families);
  tcase_add_test(tc, any_batch);
  tcase_add_test(tc, cut_short);
  tcase_add_test(tc, least);
}

int main(void) {
  return suite_run("shrink", add);
}
