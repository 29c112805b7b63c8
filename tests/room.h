/* A machine that has room for few processes, for tests.  RLIMIT_NPROC does not
 * bind root; these replace fork itself, see little_room in
 * tests/CMakeLists.txt. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_TESTS_ROOM_H
#define HO_TESTS_ROOM_H

#include <stddef.h>
#include <sys/types.h>

/* This process may have so many children at once; at first, any number.  Where
 * it has them, fork fails with EAGAIN, as it would with RLIMIT_NPROC. */
extern size_t room_limit;
extern size_t room_refused; /* so often it did */

/* room_parent_of is the parent of the process |pid|, in decimal; 0: none. */
pid_t room_parent_of(const char *pid);

#endif
