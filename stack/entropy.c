/* Entropy and wall clock of the process, replaced by the run's own. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/entropy.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "sim/base/rng.h"

typedef int (*clock_fn)(clockid_t, struct timespec *);

static bool seeded;
static ho_rng rng;
static ho_time (*virtual_now)(void);

void ho_entropy_seed(uint64_t seed, ho_time (*now)(void)) {
  ho_rng_init(&rng, seed, "entropy");
  virtual_now = now;
  seeded = true;
}

ssize_t getrandom(void *buf, size_t len, unsigned flags) {
  if (!seeded) {
    return syscall(SYS_getrandom, buf, len, flags);
  }
  ho_rng_bytes(&rng, buf, len);
  return (ssize_t)len;
}

int getentropy(void *buf, size_t len) {
  if (len > 256) {
    errno = EIO;
    return -1;
  }
  return getrandom(buf, len, 0) == (ssize_t)len ? 0 : -1;
}

static int real_clock(clockid_t id, struct timespec *ts) {
  static clock_fn libc;

  /* libc's own goes through the vDSO, a system call would cost ten times as
   * much; the call below is for the moment before dlsym works. */
  if (!libc) {
    libc = (clock_fn)(uintptr_t)dlsym(RTLD_NEXT, "clock_gettime");
  }
  return libc ? libc(id, ts) : (int)syscall(SYS_clock_gettime, id, ts);
}

int clock_gettime(clockid_t id, struct timespec *ts) {
  ho_time now;

  if (!seeded) {
    return real_clock(id, ts);
  }
  now = virtual_now();
  ts->tv_sec = (time_t)(HO_ENTROPY_DATE + now / HO_SEC);
  ts->tv_nsec = (long)(now % HO_SEC);
  return 0;
}

uint64_t ho_entropy_seconds(void) {
  struct timespec ts;

  clock_gettime(CLOCK_REALTIME, &ts);
  return (uint64_t)ts.tv_sec;
}

uint64_t ho_entropy_real_ns(void) {
  struct timespec ts;

  real_clock(CLOCK_MONOTONIC, &ts);
  return (uint64_t)ts.tv_sec * HO_SEC + (uint64_t)ts.tv_nsec;
}
