/* Allocation that cannot fail: a simulator out of memory has no row to save. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_BASE_ALLOC_H
#define HO_BASE_ALLOC_H

#include <stddef.h>

/* ho_alloc returns |size| zeroed bytes; the caller frees them with free().
 * Prints what was asked for and aborts when memory is exhausted. */
void *ho_alloc(size_t size);

/* ho_alloc_array is ho_alloc for |count| elements of |size| bytes, with the
 * product checked. */
void *ho_alloc_array(size_t count, size_t size);

/* ho_resize makes |p|, an array or NULL, one of |count| elements of |size|
 * bytes.  Large ones keep their pages; what they have more is not set. */
void *ho_resize(void *p, size_t count, size_t size);

/* ho_grow makes room for one more element in the array |*items|, which holds
 * |count| of |*cap| elements of |size| bytes. */
void ho_grow(void *items, size_t count, size_t *cap, size_t size);

char *ho_strdup(const char *s);

/* ho_format returns a printf-formatted string that the caller frees. */
char *ho_format(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
