/* The Internet checksum (RFC 1071). */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_NET_CHECKSUM_H
#define HO_NET_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/* Sums are of 16-bit words in memory order, whatever the machine's: the one's
 * complement sum does not care as long as the result is stored the same way
 * (RFC 1071, 2(B)).  They are not yet folded to 16 bits, so several can be
 * added; each part but the last must have an even length. */

/* ho_sum_small is for headers. */
uint64_t ho_sum_small(const uint8_t *p, size_t len);

/* ho_sum_bytes adds 64 bits at a time (RFC 1071, 2(C)).  Halves are kept apart,
 * so no carry is lost below 16 GiB. */
uint64_t ho_sum_bytes(const uint8_t *p, size_t len);

uint16_t ho_sum_fold(uint64_t sum);

/* ho_sum_store writes the complement of |sum| at |p|. */
void ho_sum_store(uint8_t *p, uint64_t sum);

/* ho_sum_store_udp is ho_sum_store, but never writes 0, which would mean "no
 * checksum" (RFC 768). */
void ho_sum_store_udp(uint8_t *p, uint64_t sum);

#endif
