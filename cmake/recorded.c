/* In a build that records a profile (scripts/tune), a run's process leaves what
 * it has counted, too, though it ends without its parent's atexit handlers. */
/* SPDX-License-Identifier: GPL-2.0-or-later */

_Noreturn void __wrap__exit(int status);
void __gcov_dump(void);                  /* libgcc's */
_Noreturn void __real__exit(int status); /* the linker's: --wrap=_exit */

void __wrap__exit(int status) {
  __gcov_dump();
  __real__exit(status);
}
