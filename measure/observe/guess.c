/* Connection IDs of unknown length. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/observe/guess.h"

#include <string.h>

static size_t common(const ho_guess *guess, const uint8_t *bytes, size_t len) {
  size_t n = 0;

  while (n < guess->len && n < len && guess->bytes[n] == bytes[n]) {
    n++;
  }
  return n;
}

void ho_guess_end(ho_guess *guess, ho_ids *ids, ho_id_kind kind) {
  if (guess->packets >= HO_GUESS_PACKETS) {
    ho_ids_add(ids, kind, guess->bytes, guess->len);
  }
  guess->packets = 0;
}

static void begin(ho_guess *guess, ho_ids *ids, ho_id_kind kind,
                  const uint8_t *bytes, size_t len) {
  ho_guess_end(guess, ids, kind);
  if (++guess->runs > HO_GUESS_RUNS) {
    ho_ids_drop(ids, kind);
    return;
  }
  guess->len =
      (uint8_t)(len < sizeof(guess->bytes) ? len : sizeof(guess->bytes));
  memcpy(guess->bytes, bytes, guess->len);
  guess->packets = 1;
}

void ho_guess_add(ho_guess *guess, ho_ids *ids, ho_id_kind kind,
                  const uint8_t *bytes, size_t len) {
  size_t same = common(guess, bytes, len);

  if (guess->runs > HO_GUESS_RUNS) {
    return;
  }
  if (guess->packets == 0 || same < HO_GUESS_SAME) {
    begin(guess, ids, kind, bytes, len);
    return;
  }
  guess->len = (uint8_t)same;
  guess->packets++;
}
