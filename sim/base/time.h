/* Virtual time: integer nanoseconds since the start of the run. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_BASE_TIME_H
#define HO_BASE_TIME_H

#include <stdint.h>

typedef uint64_t ho_time;

/* HO_NEVER is later than every instant. */
#define HO_NEVER UINT64_MAX

#define HO_NSEC ((ho_time)1)
#define HO_USEC (1000 * HO_NSEC)
#define HO_MSEC (1000 * HO_USEC)
#define HO_SEC  (1000 * HO_MSEC)

#endif
