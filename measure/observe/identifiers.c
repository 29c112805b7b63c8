/* What an observer can recognise a flow by. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/observe/identifiers.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"

const char *ho_id_name(ho_id_kind kind) {
  static const char *const names[HO_ID_KINDS] = {
      [HO_ID_CID_DOWN] = "cid-down", [HO_ID_CID_DOWN_ISH] = "cid-down~",
      [HO_ID_CID_UP] = "cid-up",     [HO_ID_CID_UP_ISH] = "cid-up~",
      [HO_ID_LABEL] = "label",       [HO_ID_LB] = "lb",
      [HO_ID_PORT] = "port",         [HO_ID_TICKET] = "ticket",
      [HO_ID_TOKEN] = "token",       [HO_ID_TUPLE] = "tuple"};

  return names[kind];
}

static bool is(const ho_id *id, ho_id_kind kind, const uint8_t *bytes,
               size_t len) {
  return id->kind == kind && id->len == len &&
         memcmp(id->bytes, bytes, len) == 0;
}

static bool has(ho_ids *ids, ho_id_kind kind, const uint8_t *bytes,
                size_t len) {
  uint32_t last = ids->last[kind];

  if (last > 0 && is(&ids->list[last - 1], kind, bytes, len)) {
    return true; /* nearly always */
  }
  for (size_t i = ids->count; i-- > 0;) {
    if (is(&ids->list[i], kind, bytes, len)) {
      ids->last[kind] = (uint32_t)i + 1;
      return true;
    }
  }
  return false;
}

void ho_ids_add(ho_ids *ids, ho_id_kind kind, const uint8_t *bytes,
                size_t len) {
  ho_id *id;

  if (len == 0 || len > UINT16_MAX || has(ids, kind, bytes, len) ||
      ids->count >= HO_IDS_MAX) {
    return;
  }
  ho_grow(&ids->list, ids->count, &ids->cap, sizeof(*ids->list));
  id = &ids->list[ids->count++];
  *id = (ho_id){.kind = kind, .len = (uint16_t)len, .bytes = ho_alloc(len)};
  memcpy(id->bytes, bytes, len);
  ids->last[kind] = (uint32_t)ids->count;
}

void ho_ids_drop(ho_ids *ids, ho_id_kind kind) {
  size_t kept = 0;

  for (size_t i = 0; i < ids->count; i++) {
    if (ids->list[i].kind == kind) {
      free(ids->list[i].bytes);
    } else {
      ids->list[kept++] = ids->list[i];
    }
  }
  ids->count = kept;
  memset(ids->last, 0, sizeof(ids->last));
}

/* As their names and hexadecimal digits compare. */
static int compare(const void *a, const void *b) {
  const ho_id *x = *(const ho_id *const *)a, *y = *(const ho_id *const *)b;
  size_t least = x->len < y->len ? x->len : y->len;
  int order;

  if (x->kind != y->kind) {
    return x->kind < y->kind ? -1 : 1;
  }
  order = memcmp(x->bytes, y->bytes, least);
  return order ? order : (int)x->len - (int)y->len;
}

static char *put(char *at, const ho_id *id) {
  static const char digits[] = "0123456789abcdef";
  const char *name = ho_id_name(id->kind);
  size_t n = strlen(name);

  memcpy(at, name, n);
  at += n;
  *at++ = ':';
  for (size_t i = 0; i < id->len; i++) {
    *at++ = digits[id->bytes[i] >> 4];
    *at++ = digits[id->bytes[i] & 15];
  }
  return at;
}

char *ho_ids_text(const ho_ids *ids) {
  const ho_id **order = ho_alloc_array(ids->count + 1, sizeof(*order));
  size_t room = 1;
  char *text, *at;

  for (size_t i = 0; i < ids->count; i++) {
    order[i] = &ids->list[i];
    room += strlen(ho_id_name(ids->list[i].kind)) + 2 +
            2 * (size_t)ids->list[i].len;
  }
  qsort(order, ids->count, sizeof(*order), compare);
  text = at = ho_alloc(room);
  for (size_t i = 0; i < ids->count; i++) {
    if (i > 0) {
      *at++ = ' ';
    }
    at = put(at, order[i]);
  }
  free(order);
  return text;
}

void ho_ids_free(ho_ids *ids) {
  for (size_t i = 0; i < ids->count; i++) {
    free(ids->list[i].bytes);
  }
  free(ids->list);
  *ids = (ho_ids){0};
}
