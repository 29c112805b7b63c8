/* SHA-256 by GnuTLS. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/base/hash.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>

void ho_sha256(const void *bytes, size_t len, char hex[65]) {
  unsigned char digest[32];

  if (gnutls_hash_fast(GNUTLS_DIG_SHA256, bytes, len, digest) != 0) {
    fputs("handoff: GnuTLS has no SHA-256\n", stderr);
    abort();
  }
  for (size_t i = 0; i < sizeof(digest); i++) {
    snprintf(hex + 2 * i, 3, "%02x", digest[i]);
  }
}
