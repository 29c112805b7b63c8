/* qlog records as text, gathered until they are written.  Private to
 * measure/qlog*.c. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_MEASURE_QLOG_TEXT_H
#define HO_MEASURE_QLOG_TEXT_H

#include <stddef.h>

#include "sim/base/addr.h"
#include "sim/base/cid.h"
#include "sim/base/time.h"

enum {
  HO_QLOG_GROUP = 41,   /* 20 bytes in hexadecimal digits, and a zero */
  HO_QLOG_NO_TUPLE = -1 /* of a record that is of none, or of one unknown */
};

typedef struct {
  char *bytes;
  size_t len, cap;
} ho_qlog_text;

void ho_qlog_text_put(ho_qlog_text *text, const char *bytes, size_t len);

/* ho_qlog_text_putf adds at most 511 bytes. */
void ho_qlog_text_putf(ho_qlog_text *text, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* ho_qlog_text_begin opens a record with its time and tuple; what follows
 * begins with a comma. */
void ho_qlog_text_begin(ho_qlog_text *text, ho_time now, int tuple);

/* ho_qlog_text_record adds a record that the library wrote, with |now| for its
 * time, or the file's header, with |group| for its group_id, or the other way
 * round where |group| is "" (it has room for HO_QLOG_GROUP). */
void ho_qlog_text_record(ho_qlog_text *text, const char *record, size_t len,
                         ho_time now, int tuple, char *group);

/* |key| and an IPAddress and port, and |key| and a ConnectionID, of
 * draft-ietf-quic-qlog-quic-events-14, with a comma before them. */
void ho_qlog_text_endpoint(ho_qlog_text *text, const char *key,
                           const ho_endpoint *endpoint);
void ho_qlog_text_cid(ho_qlog_text *text, const char *key, const ho_cid *cid);

/* ho_qlog_text_flush appends what there is to the file |path|, and empties
 * |text|.
 *
 * Returns 0, or errno of what failed. */
int ho_qlog_text_flush(ho_qlog_text *text, const char *path);
void ho_qlog_text_free(ho_qlog_text *text);

#endif
