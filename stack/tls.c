/* TLS 1.3 credentials and sessions, shared by QUIC and TCP. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/tls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/alloc.h"
#include "stack/certificate.h"
#include "stack/entropy.h"
#include "stack/http.h"

/* ngtcp2 supports just these; TCP uses the same so that arms compare. */
#define PRIORITIES                                                             \
  "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-GCM:-GROUP-ALL:"         \
  "+GROUP-X25519:%DISABLE_TLS13_COMPAT_MODE"

struct ho_tls {
  gnutls_priority_t priorities;
  gnutls_datum_t ticket_key;
  gnutls_anti_replay_t anti_replay;
};

static void must(int rv, const char *what) {
  if (rv < 0) {
    fprintf(stderr, "handoff: GnuTLS: %s: %s\n", what, gnutls_strerror(rv));
    abort();
  }
}

static time_t virtual_date(time_t *out) {
  time_t now = (time_t)ho_entropy_seconds();

  if (out) {
    *out = now;
  }
  return now;
}

/* In one process nothing is shared between servers, so a set of what has been
 * seen need not outlive a lookup: remember the entries themselves. */
typedef struct seen {
  struct seen *next;
  size_t len;
  unsigned char key[];
} seen;

static int remember(void *ptr, time_t expires, const gnutls_datum_t *key,
                    const gnutls_datum_t *data) {
  seen **head = ptr, *s;

  (void)expires, (void)data;
  for (s = *head; s; s = s->next) {
    if (s->len == key->size && memcmp(s->key, key->data, s->len) == 0) {
      return GNUTLS_E_DB_ENTRY_EXISTS;
    }
  }
  s = ho_alloc(sizeof(*s) + key->size);
  s->len = key->size;
  memcpy(s->key, key->data, key->size);
  s->next = *head;
  *head = s;
  return 0;
}

static seen *replays;

ho_tls *ho_tls_new(void) {
  ho_tls *tls = ho_alloc(sizeof(*tls));

  gnutls_global_set_time_function(virtual_date);
  ho_certificate_load();
  must(gnutls_priority_init(&tls->priorities, PRIORITIES, NULL), "priorities");
  must(gnutls_session_ticket_key_generate(&tls->ticket_key), "ticket key");
  /* Without it the server refuses 0-RTT; it must be older than any ticket. */
  must(gnutls_anti_replay_init(&tls->anti_replay), "anti-replay");
  gnutls_anti_replay_set_add_function(tls->anti_replay, remember);
  gnutls_anti_replay_set_ptr(tls->anti_replay, &replays);
  return tls;
}

void ho_tls_del(ho_tls *tls) {
  if (!tls) {
    return;
  }
  gnutls_anti_replay_deinit(tls->anti_replay);
  gnutls_free(tls->ticket_key.data);
  gnutls_priority_deinit(tls->priorities);
  free(tls);
  while (replays) {
    seen *s = replays;
    replays = s->next;
    free(s);
  }
}

static void set_client(gnutls_session_t session) {
  must(gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE,
                              ho_certificate_client()),
       "client credentials");
  must(gnutls_server_name_set(session, GNUTLS_NAME_DNS, HO_HTTP_AUTHORITY,
                              strlen(HO_HTTP_AUTHORITY)),
       "server name");
  gnutls_session_set_verify_function(session, ho_certificate_verify);
}

static void set_server(ho_tls *tls, gnutls_session_t session) {
  must(gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE,
                              ho_certificate_server()),
       "server credentials");
  must(gnutls_session_ticket_enable_server(session, &tls->ticket_key),
       "tickets");
  gnutls_anti_replay_enable(session, tls->anti_replay);
  /* A scenario may last simulated hours; a ticket lives a week. */
  gnutls_db_set_cache_expiration(session, 7 * 24 * 3600);
}

gnutls_session_t ho_tls_session(ho_tls *tls, unsigned flags, const char *alpn) {
  gnutls_datum_t protocol = {(unsigned char *)alpn, (unsigned)strlen(alpn)};
  gnutls_session_t session;

  must(gnutls_init(&session, flags), "session");
  must(gnutls_priority_set(session, tls->priorities), "priorities");
  must(gnutls_alpn_set_protocols(session, &protocol, 1, GNUTLS_ALPN_MANDATORY),
       "ALPN");
  if (flags & GNUTLS_SERVER) {
    set_server(tls, session);
  } else {
    set_client(session);
  }
  return session;
}
