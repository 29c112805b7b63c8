/* The packets of one direction at one encryption level. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/wire/lane.h"

#include <assert.h>
#include <string.h>

/* Bits of the first byte of a packet (RFC 9000, 17.2 and 17.3.1). */
enum { LONG = 0x80, PHASE = 0x04 };

static void free_other(ho_wire_lane *lane) {
  ho_keys_free(&lane->other);
  ho_mask_free(&lane->other_mask);
}

void ho_wire_lane_free(ho_wire_lane *lane) {
  free_other(lane);
  ho_keys_free(&lane->now);
  ho_keys_free(&lane->last);
  ho_keys_free(&lane->next);
  ho_mask_free(&lane->mask);
}

static void use(ho_wire_lane *lane, const ho_suite *suite) {
  ho_keys_free(&lane->now);
  ho_mask_free(&lane->mask);
  ho_keys_init(&lane->now, suite, lane->secret);
  ho_mask_init(&lane->mask, suite, lane->secret);
}

void ho_wire_lane_secret(ho_wire_lane *lane, const ho_suite *suite,
                         const uint8_t *secret, size_t len) {
  if (lane->secret_bytes > 0 || !ho_suite_guess(len, 0)) {
    return;
  }
  lane->secret_bytes = len;
  memcpy(lane->secret, secret, len);
  use(lane, ho_suite_guess(len, 0));
  ho_wire_lane_suite(lane, suite);
}

void ho_wire_lane_suite(ho_wire_lane *lane, const ho_suite *suite) {
  if (!suite || lane->suite || suite->secret_bytes != lane->secret_bytes) {
    return;
  }
  lane->suite = suite;
  if (lane->now.suite != suite) {
    use(lane, suite);
  }
  free_other(lane);
}

/* RFC 9000, A.3. */
static uint64_t expand(uint64_t expected, uint64_t low, unsigned len) {
  uint64_t window = UINT64_C(1) << (8 * len), half = window / 2;
  uint64_t pn = (expected & ~(window - 1)) | low;

  if (pn + half <= expected && pn < (UINT64_C(1) << 62) - window) {
    return pn + window;
  }
  return pn > expected + half && pn >= window ? pn - window : pn;
}

/* RFC 9001, 5.4.1: writes the header without its protection. */
static void unmask(ho_opening *o, ho_mask *by) {
  uint8_t mask[HO_MASK_BYTES], *first = o->dest, *at = o->dest + o->pn_offset;
  uint64_t low = 0;

  ho_mask_make(by, o->data + o->pn_offset + 4, mask);
  memcpy(o->dest, o->data, o->pn_offset + 4);
  *first ^= mask[0] & (*first & LONG ? 0x0f : 0x1f);
  o->pn_len = (*first & 3u) + 1;
  for (unsigned i = 0; i < o->pn_len; i++) {
    at[i] ^= mask[1 + i];
    low = low << 8 | at[i];
  }
  o->pn = expand(o->expected, low, o->pn_len);
}

static bool decrypt(ho_opening *o, ho_keys *keys) {
  size_t header = o->pn_offset + o->pn_len;

  o->plain_len = o->len - header - HO_TAG_BYTES;
  return ho_keys_open(keys, o->pn, o->dest, header, o->data + header,
                      o->len - header, o->dest + header);
}

static ho_keys *next_keys(ho_wire_lane *lane) {
  if (!lane->next.suite) {
    ho_keys_next(&lane->next, &lane->now);
  }
  return &lane->next;
}

static void step(ho_wire_lane *lane, uint64_t pn) {
  ho_keys_free(&lane->last);
  lane->last = lane->now;
  lane->now = lane->next;
  lane->next = (ho_keys){0};
  lane->phase = !lane->phase;
  lane->phase_from_pn = pn;
}

/* RFC 9001, 6.3 and 6.5: with the other bit, numbers below this phase's are of
 * the one before, others of the next.  Old keys after new ones are forbidden
 * (6.4), and so worth seeing. */
static bool open_other_phase(ho_wire_lane *lane, ho_opening *o, bool learn) {
  bool has_last = lane->last.suite;

  if (has_last && o->pn < lane->phase_from_pn) {
    return decrypt(o, &lane->last);
  }
  if (decrypt(o, next_keys(lane))) {
    if (learn) {
      step(lane, o->pn);
    }
    return true;
  }
  return has_last && decrypt(o, &lane->last);
}

static bool open_now(ho_wire_lane *lane, ho_opening *o, bool learn) {
  bool is_short = !(o->dest[0] & LONG);

  if (is_short && !(o->dest[0] & PHASE) != !lane->phase) {
    return open_other_phase(lane, o, learn);
  }
  return decrypt(o, &lane->now);
}

/* Nobody has told which suite it is, and the first guess was wrong. */
static bool open_with_other(ho_wire_lane *lane, ho_opening *o) {
  const ho_suite *suite = ho_suite_guess(lane->secret_bytes, 1);

  if (!suite) {
    return false;
  }
  if (!lane->other.suite) {
    ho_keys_init(&lane->other, suite, lane->secret);
    ho_mask_init(&lane->other_mask, suite, lane->secret);
  }
  unmask(o, &lane->other_mask);
  return decrypt(o, &lane->other);
}

bool ho_wire_lane_open(ho_wire_lane *lane, ho_opening *o, bool learn) {
  if (lane->secret_bytes == 0 || o->pn_offset + 4 + 16 > o->len) {
    return false;
  }
  unmask(o, &lane->mask);
  if (open_now(lane, o, learn)) {
    ho_wire_lane_suite(lane, lane->now.suite);
    return true;
  }
  if (lane->suite || !open_with_other(lane, o)) {
    return false;
  }
  ho_wire_lane_suite(lane, lane->other.suite);
  return true;
}

static ho_keys *keys_for(ho_wire_lane *lane, uint8_t first, uint64_t pn) {
  if (first & LONG || !(first & PHASE) == !lane->phase) {
    return &lane->now;
  }
  return lane->last.suite && pn < lane->phase_from_pn ? &lane->last
                                                      : next_keys(lane);
}

bool ho_wire_lane_seal(ho_wire_lane *lane, uint8_t *packet, size_t header_len,
                       size_t pn_len, size_t plain_len, uint64_t pn) {
  uint8_t mask[HO_MASK_BYTES], *payload = packet + header_len;

  if (lane->secret_bytes == 0) {
    return false;
  }
  ho_keys_seal(keys_for(lane, packet[0], pn), pn, packet, header_len, payload,
               plain_len, payload);
  ho_mask_make(&lane->mask, payload - pn_len + 4, mask);
  packet[0] ^= mask[0] & (packet[0] & LONG ? 0x0f : 0x1f);
  for (size_t i = 0; i < pn_len; i++) {
    packet[header_len - pn_len + i] ^= mask[1 + i];
  }
  return true;
}
