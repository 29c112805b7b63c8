/* Numbers as text. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/base/text.h"

#include <assert.h>

/* "00" to "99": two digits by one division. */
static const char pairs[] = "00010203040506070809"
                            "10111213141516171819"
                            "20212223242526272829"
                            "30313233343536373839"
                            "40414243444546474849"
                            "50515253545556575859"
                            "60616263646566676869"
                            "70717273747576777879"
                            "80818283848586878889"
                            "90919293949596979899";

char *ho_put_u64(char *p, uint64_t value) {
  char digits[20], *end = digits + sizeof(digits), *d = end;

  while (value >= 100) {
    d -= 2;
    memcpy(d, pairs + 2 * (value % 100), 2);
    value /= 100;
  }
  if (value >= 10) {
    d -= 2;
    memcpy(d, pairs + 2 * value, 2);
  } else {
    *--d = (char)('0' + value);
  }
  return ho_put_bytes(p, d, (size_t)(end - d));
}

char *ho_put_i64(char *p, int64_t value) {
  if (value >= 0) {
    return ho_put_u64(p, (uint64_t)value);
  }
  *p++ = '-';
  return ho_put_u64(p, UINT64_C(0) - (uint64_t)value);
}

char *ho_put_padded(char *p, uint64_t value, size_t digits) {
  for (size_t i = digits; i-- > 0;) {
    p[i] = (char)('0' + value % 10);
    value /= 10;
  }
  assert(value == 0);
  return p + digits;
}

char *ho_put_s(char *p, ho_time t) {
  p = ho_put_u64(p, t / HO_SEC);
  *p++ = '.';
  return ho_put_padded(p, t % HO_SEC, 9);
}

char *ho_put_hex(char *p, const uint8_t *bytes, size_t len) {
  static const char digits[] = "0123456789abcdef";

  for (size_t i = 0; i < len; i++) {
    *p++ = digits[bytes[i] >> 4];
    *p++ = digits[bytes[i] & 15];
  }
  return p;
}
