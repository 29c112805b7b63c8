/* The SHA-256 of some bytes, in hexadecimal: what names a file's content. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_BASE_HASH_H
#define HO_BASE_HASH_H

#include <stddef.h>

/* ho_sha256 writes 64 lower-case digits and a zero to |hex|. */
void ho_sha256(const void *bytes, size_t len, char hex[65]);

#endif
