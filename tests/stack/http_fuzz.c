/* Fuzzes the reading of header fields: input is a list of name\0value\n. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <string.h>

#include "stack/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* rewritten expects that what was understood is written and understood again
 * as the same. */
static void rewritten(const ho_http_request *req) {
  ho_http_field fields[HO_HTTP_FIELDS];
  size_t n = ho_http_request_fields(fields, req);
  ho_http_request again = {0};

  for (size_t i = 0; i < n; i++) {
    ho_http_request_field(
        &again, (const uint8_t *)fields[i].name, strlen(fields[i].name),
        (const uint8_t *)fields[i].value, strlen(fields[i].value));
  }
  assert(ho_http_request_ok(&again));
  assert(again.kind == req->kind && again.object == req->object &&
         again.total == req->total && again.from == req->from &&
         again.client == req->client);
  assert(memcmp(&again.stream, &req->stream, sizeof(again.stream)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  ho_http_request req = {0};
  ho_http_response resp = {0, UINT64_MAX, UINT64_MAX};

  while (size > 0) {
    const uint8_t *eol = memchr(data, '\n', size);
    size_t line = eol ? (size_t)(eol - data) : size;
    const uint8_t *zero = memchr(data, 0, line);
    size_t name = zero ? (size_t)(zero - data) : line;
    size_t skip = zero ? name + 1 : line;

    ho_http_request_field(&req, data, name, data + skip, line - skip);
    ho_http_response_field(&resp, data, name, data + skip, line - skip);
    line += eol ? 1 : 0;
    data += line;
    size -= line;
  }
  if (ho_http_request_ok(&req)) {
    rewritten(&req);
  }
  assert(resp.status < 1000);
  return 0;
}
