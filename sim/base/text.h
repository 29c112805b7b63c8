/* Numbers as text, for what is written by the million. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_BASE_TEXT_H
#define HO_BASE_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "sim/base/time.h"

/* Each of these writes at |p|, without a terminating zero, and returns where it
 * stopped.  They say what printf would, in a tenth of its time. */

/* ho_put_u64 writes at most 20 digits. */
char *ho_put_u64(char *p, uint64_t value);

/* ho_put_i64 writes at most 20 characters. */
char *ho_put_i64(char *p, int64_t value);

/* ho_put_padded writes |digits| digits, with leading zeros; |value| has no
 * more. */
char *ho_put_padded(char *p, uint64_t value, size_t digits);

/* ho_put_s writes seconds with nine decimals, at most 21 characters. */
char *ho_put_s(char *p, ho_time t);

/* ho_put_hex writes two digits for each byte. */
char *ho_put_hex(char *p, const uint8_t *bytes, size_t len);

static inline char *ho_put_bytes(char *p, const char *bytes, size_t len) {
  memcpy(p, bytes, len);
  return p + len;
}

static inline char *ho_put_str(char *p, const char *text) {
  return ho_put_bytes(p, text, strlen(text));
}

#endif
