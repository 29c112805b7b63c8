/* The map `load_balancer` of the section `server`. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/scenario/load_balancer.h"

#include <stdlib.h>

#include "sim/base/alloc.h"
#include "sim/scenario/range.h"

#define AT(member) offsetof(ho_server_config, member)

/* draft-ietf-quic-load-balancers: bytes of server ID and nonce together. */
enum { LENGTHS_MAX = 19 };

static const char *const encryptions[] = {"none", "aes"};

static const ho_key keys[] = {
    {"servers", HO_KEY_COUNT32, AT(lb_servers),
     .required = "how many servers there are", .min = 1, .max = 65535,
     .bounds = "1 to 65535"},
    {"encryption", HO_KEY_BOOL, AT(lb_encrypted), .words = encryptions,
     .words_count = HO_COUNT(encryptions)},
    {"server_id_length", HO_KEY_COUNT32, AT(lb_server_id_length), .min = 1,
     .max = 15, .bounds = "1 to 15"},
    {"nonce_length", HO_KEY_COUNT32, AT(lb_nonce_length), .min = 4, .max = 18,
     .bounds = "4 to 18"},
};

enum { SERVER_ID_LENGTH = 2, NONCE_LENGTH = 5 }; /* unless given */

static ho_section section_of(const yaml_node_t *node) {
  return (ho_section){node, node, "server.load_balancer", "'load_balancer'"};
}

/* Bounds of a count that is known to be one; what could be wrong for one seed
 * is wrong.  |text| stays as it is where the key is not given. */
static ho_drawn bounds_of(ho_loader *l, const ho_section *section,
                          const char *name, uint64_t otherwise,
                          ho_slice *text) {
  ho_drawn drawn = {.lo = otherwise, .hi = otherwise};
  char *path;

  if (ho_section_text(l, section, name, text)) {
    path = ho_format("%s.%s", section->path, name);
    ho_range_read(l, *text, HO_UNITS_COUNT, path, &drawn);
    free(path);
  }
  return drawn;
}

static void check_lengths(ho_loader *l, const ho_section *section) {
  ho_slice text = {0}, servers = {0};
  ho_drawn id =
      bounds_of(l, section, "server_id_length", SERVER_ID_LENGTH, &text);
  ho_drawn nonce = bounds_of(l, section, "nonce_length", NONCE_LENGTH, &text);
  ho_drawn count = bounds_of(l, section, "servers", 1, &servers);

  if (id.hi + nonce.hi > LENGTHS_MAX) {
    ho_slice_error(&l->doc, text,
                   "'server_id_length' and 'nonce_length' are %u together "
                   "(expected 19 or less: a connection ID has at most 20)",
                   (unsigned)(id.hi + nonce.hi));
  }
  if (id.lo == 1 && count.hi > 256) {
    ho_slice_error(&l->doc, servers,
                   "'%.*s' servers do not fit a 'server_id_length' of 1 "
                   "(expected 256 or less)",
                   HO_SLICE(servers));
  }
}

void ho_load_balancer_read(ho_loader *l, const yaml_node_t *node,
                           ho_server_config *out) {
  ho_section section = section_of(node);
  size_t problems = l->doc.problems_count;

  if (!ho_section_is_map(l, node, section.what, "{servers: 16}")) {
    return;
  }
  out->lb = true;
  out->lb_server_id_length = SERVER_ID_LENGTH;
  out->lb_nonce_length = NONCE_LENGTH;
  ho_section_read(l, &section, keys, HO_COUNT(keys), out);
  if (l->doc.problems_count == problems) {
    check_lengths(l, &section);
  }
  out->cid_length = 1 + out->lb_server_id_length + out->lb_nonce_length;
}

void ho_load_balancer_check(ho_loader *l, const ho_section *server,
                            const yaml_node_t *node) {
  ho_section section = section_of(node);
  ho_slice text = {0}, unused;
  ho_drawn id =
      bounds_of(l, &section, "server_id_length", SERVER_ID_LENGTH, &unused);
  ho_drawn nonce =
      bounds_of(l, &section, "nonce_length", NONCE_LENGTH, &unused);
  ho_drawn given;

  if (ho_section_get(l, server, "cid_length")) {
    given = bounds_of(l, server, "cid_length", 0, &text);
    if (given.lo != 1 + id.hi + nonce.hi || given.hi != 1 + id.lo + nonce.lo) {
      ho_slice_error(&l->doc, text,
                     "'cid_length' follows from 'load_balancer' (1 + "
                     "server_id_length + nonce_length)");
    }
  }
}
