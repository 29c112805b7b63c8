/* Lengths of connection IDs, as long headers have told them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/observe/lengths.h"

#include <stdlib.h>

#include "sim/base/alloc.h"

enum { SERVERS = 64, LONGEST = 20 };

struct ho_server_lengths {
  ho_addr addr;
  ho_length_set set;
};

int ho_length_of(ho_length_set set) {
  int n = 0;

  if (set == 0 || (set & (set - 1)) != 0) {
    return HO_LENGTH_UNKNOWN;
  }
  while (n < LONGEST && !(set >> n & 1)) {
    n++;
  }
  return n;
}

static struct ho_server_lengths *find(const ho_lengths *lengths,
                                      const ho_addr *server) {
  for (size_t i = 0; i < lengths->count; i++) {
    if (ho_addr_eq(&lengths->servers[i].addr, server)) {
      return &lengths->servers[i];
    }
  }
  return NULL;
}

ho_length_set ho_lengths_server(const ho_lengths *lengths,
                                const ho_addr *server) {
  const struct ho_server_lengths *s = find(lengths, server);

  return s ? s->set : 0;
}

void ho_lengths_learn(ho_lengths *lengths, const ho_addr *server, uint8_t len) {
  struct ho_server_lengths *s = find(lengths, server);

  if (!s && lengths->count < SERVERS) {
    ho_grow(&lengths->servers, lengths->count, &lengths->cap,
            sizeof(*lengths->servers));
    s = &lengths->servers[lengths->count++];
    *s = (struct ho_server_lengths){*server, 0};
  }
  if (s) {
    s->set |= UINT32_C(1) << len;
  }
}

void ho_lengths_free(ho_lengths *lengths) {
  free(lengths->servers);
  *lengths = (ho_lengths){0};
}
