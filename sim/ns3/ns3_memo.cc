// Where ns-3's own functions are that ours stand in front of.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/ns3/ns3_memo.h"

#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>

void *ho::Original(const char *symbol) {
  void *found = dlsym(RTLD_NEXT, symbol);

  if (!found) {
    std::fprintf(stderr, "ns-3's libraries have no '%s'\n", symbol);
    std::abort();
  }
  return found;
}
