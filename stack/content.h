/* The bytes of every object: known at both ends, checked on arrival. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_CONTENT_H
#define HO_STACK_CONTENT_H

#include <stddef.h>
#include <stdint.h>

/* Objects are numbered; each has its own endless sequence of bytes, with a
 * period above 1 MB so that a shifted, missing or repeated range shows. */

/* ho_content_preload makes what all runs read, before they are forked; it is
 * otherwise made when it is first wanted. */
void ho_content_preload(void);

/* ho_content_at returns the bytes of |object| from |offset| on, in static
 * memory, and sets |*len| to how many follow contiguously (at least 1, at most
 * the |*len| asked for). */
const uint8_t *ho_content_at(uint64_t object, uint64_t offset, size_t *len);

/* ho_content_check compares |data| with the bytes of |object| from |offset|.
 * Returns |len|, or the index of the first wrong byte. */
size_t ho_content_check(uint64_t object, uint64_t offset, const uint8_t *data,
                        size_t len);

#endif
