/* qlog records as text, gathered until they are written. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/qlog_text.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* RFC 7464, 2.2: every text begins with a record separator. */
static const char time_key[] = "\x1e{\"time\":";

void ho_qlog_text_put(ho_qlog_text *text, const char *bytes, size_t len) {
  if (text->len + len > text->cap) {
    text->cap = 2 * (text->len + len);
    text->bytes = realloc(text->bytes, text->cap);
    assert(text->bytes);
  }
  memcpy(text->bytes + text->len, bytes, len);
  text->len += len;
}

void ho_qlog_text_putf(ho_qlog_text *text, const char *fmt, ...) {
  char bytes[512];
  va_list args;
  int len;

  va_start(args, fmt);
  len = vsnprintf(bytes, sizeof(bytes), fmt, args);
  va_end(args);
  assert(len >= 0 && (size_t)len < sizeof(bytes));
  ho_qlog_text_put(text, bytes, (size_t)len);
}

/* qlog counts in milliseconds. */
void ho_qlog_text_begin(ho_qlog_text *text, ho_time now, int tuple) {
  ho_qlog_text_putf(text, "%s%" PRIu64 ".%06" PRIu64, time_key, now / HO_MSEC,
                    now % HO_MSEC);
  if (tuple != HO_QLOG_NO_TUPLE) {
    ho_qlog_text_putf(text, ",\"tuple\":\"%d\"", tuple);
  }
}

/* RFC 9000, 7.3: only the first DCID of a connection tells both ends of it; a
 * server that has sent Retry names it by another one. */
static void put_header(ho_qlog_text *text, const char *record, size_t len,
                       char *group) {
  static const char key[] = "\"group_id\":\"";
  const char *at = memmem(record, len, key, sizeof(key) - 1), *end;

  at = at ? at + sizeof(key) - 1 : NULL;
  end = at ? memchr(at, '"', len - (size_t)(at - record)) : NULL;
  if (!end || end - at >= HO_QLOG_GROUP) {
    ho_qlog_text_put(text, record, len);
    return;
  }
  if (!*group) {
    memcpy(group, at, (size_t)(end - at));
    group[end - at] = '\0';
  }
  ho_qlog_text_put(text, record, (size_t)(at - record));
  ho_qlog_text_put(text, group, strlen(group));
  ho_qlog_text_put(text, end, len - (size_t)(end - record));
}

/* The library's times count from the connection's start, in which no two
 * connections agree. */
void ho_qlog_text_record(ho_qlog_text *text, const char *record, size_t len,
                         ho_time now, int tuple, char *group) {
  size_t key = sizeof(time_key) - 1;
  const char *comma;

  if (len > key && memcmp(record, time_key, key) == 0 &&
      (comma = memchr(record, ',', len)) != NULL) {
    ho_qlog_text_begin(text, now, tuple);
    ho_qlog_text_put(text, comma, len - (size_t)(comma - record));
  } else {
    put_header(text, record, len, group);
  }
}

void ho_qlog_text_endpoint(ho_qlog_text *text, const char *key,
                           const ho_endpoint *endpoint) {
  char printed[HO_ENDPOINT_TEXT], *address = printed, *colon;
  int family = endpoint->addr.family;

  colon = strrchr(ho_endpoint_text(printed, endpoint), ':');
  assert(colon);
  *colon = '\0';
  if (*address == '[') {
    address++;
    colon[-1] = '\0';
  }
  ho_qlog_text_putf(text, ",\"%s\":{\"ip_v%d\":\"%s\",\"port_v%d\":%u}", key,
                    family, address, family, (unsigned)endpoint->port);
}

void ho_qlog_text_cid(ho_qlog_text *text, const char *key, const ho_cid *cid) {
  ho_qlog_text_putf(text, ",\"%s\":\"", key);
  for (size_t i = 0; i < cid->len; i++) {
    ho_qlog_text_putf(text, "%02x", cid->bytes[i]);
  }
  ho_qlog_text_put(text, "\"", 1);
}

int ho_qlog_text_flush(ho_qlog_text *text, const char *path) {
  FILE *out = text->len > 0 ? fopen(path, "ae") : NULL;
  int err = 0;

  if (text->len == 0) {
    return 0;
  }
  if (!out) {
    return errno;
  }
  if (fwrite(text->bytes, 1, text->len, out) != text->len) {
    err = errno;
  }
  if (fclose(out) != 0 && err == 0) {
    err = errno;
  }
  text->len = 0;
  return err;
}

void ho_qlog_text_free(ho_qlog_text *text) {
  free(text->bytes);
  *text = (ho_qlog_text){0};
}
