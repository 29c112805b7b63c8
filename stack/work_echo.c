/* The client's application: a terminal session whose every key is echoed. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/content.h"
#include "stack/work_private.h"

/* The session's own number as an object, apart from its keystrokes'. */
#define ECHO_OBJECT UINT64_C(0)

static void on_response(ho_call *call, const ho_http_response *resp) {
  ho_work *w = call->user;

  if (resp->status != 200) {
    ho_work_wrong(w, w->echo.echoed / w->config.config->bytes, w->echo.echoed,
                  "refused");
  }
}

/* Hands out |len| bytes from |w->echo.echoed| on, split where keystrokes
 * end. */
static void deliver(ho_work *w, uint64_t len) {
  uint64_t size = w->config.config->bytes;

  while (len > 0) {
    uint64_t key = w->echo.echoed / size, within = w->echo.echoed % size;
    uint64_t n = size - within < len ? size - within : len;

    HO_EMIT(w->config.log, delivered, w->config.now(), w->config.client,
            .request = key, .connection = w->connection, .endpoint = HO_CLIENT,
            .offset = within, .bytes = n,
            .packet = w->config.packet(w->config.user));
    w->echo.echoed += n;
    len -= n;
    if (within + n == size) {
      w->open--;
      HO_EMIT(w->config.log, request_done, w->config.now(), w->config.client,
              .request = key, .connection = w->connection);
    }
  }
}

static void on_data(ho_call *call, const uint8_t *data, size_t len) {
  ho_work *w = call->user;
  uint64_t size = w->config.config->bytes;
  uint64_t sent = w->echo.typed * size;
  size_t good = ho_content_check(ECHO_OBJECT + HO_HTTP_BODY_OBJECT,
                                 w->echo.echoed, data, len);

  if (good < len) {
    ho_work_wrong(w, (w->echo.echoed + good) / size, w->echo.echoed + good,
                  "wrong");
  }
  if (w->echo.echoed + len > sent) {
    ho_work_wrong(w, w->echo.typed, sent, "repeated");
    return;
  }
  deliver(w, len);
}

static void on_end(ho_call *call, int64_t error) {
  ho_work *w = call->user;

  (void)error;
  w->echo.active = false;
}

/* Keystrokes that were not echoed on an earlier connection are sent again. */
void ho_work_echo_open(ho_work *work) {
  work_echo *e = &work->echo;
  uint64_t size = work->config.config->bytes;

  if (e->active) {
    return;
  }
  e->call = (ho_call){.request = {.kind = HO_HTTP_ECHO,
                                  .object = ECHO_OBJECT,
                                  .from = e->echoed,
                                  .client = work->config.client},
                      .has_body = true,
                      .body_open = true,
                      .body_object = ECHO_OBJECT + HO_HTTP_BODY_OBJECT,
                      .body_from = e->echoed,
                      .body_to = e->typed * size,
                      .on_response = on_response,
                      .on_data = on_data,
                      .on_end = on_end,
                      .user = work};
  if (work->transport->v->request(work->transport, &e->call,
                                  work->config.now()) != 0) {
    return;
  }
  e->active = true;
  for (uint64_t key = e->echoed / size; key < e->typed; key++) {
    HO_EMIT(work->config.log, request_attempt, work->config.now(),
            work->config.client, .request = key, .connection = work->connection,
            .from = key == e->echoed / size ? e->echoed % size : 0);
  }
  work->config.kick(work->config.user);
}

void ho_work_echo_close(ho_work *work, ho_time now) {
  if (work->echo.active) {
    work->transport->v->cancel(work->transport, &work->echo.call, now);
    work->echo.active = false;
  }
}

void ho_work_echo_type(ho_work *work) {
  work_echo *e = &work->echo;
  uint64_t key = e->typed++;

  work->made++;
  work->open++;
  HO_EMIT(work->config.log, request_issued, work->config.now(),
          work->config.client, .request = key, .what = "echo",
          .bytes = work->config.config->bytes);
  if (!e->active) {
    return; /* it goes out with the next connection */
  }
  HO_EMIT(work->config.log, request_attempt, work->config.now(),
          work->config.client, .request = key, .connection = work->connection,
          .from = 0);
  e->call.body_to = e->typed * work->config.config->bytes;
  work->transport->v->resume(work->transport, &e->call, work->config.now());
  work->config.kick(work->config.user);
}
