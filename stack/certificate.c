/* The test certificate: parsed once, verified once. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack/certificate.h"

#include <gnutls/x509.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "stack/entropy.h"
#include "stack/http.h"
#include "stack/tls_cert.h"

static gnutls_certificate_credentials_t client, server;

/* The server's certificate as it is sent, and when the chain is valid. */
static gnutls_datum_t known;
static time_t valid_from, valid_to;

static const gnutls_datum_t ca_pem = {(unsigned char *)tls_ca_cert,
                                      sizeof(tls_ca_cert) - 1};
static const gnutls_datum_t cert_pem = {(unsigned char *)tls_server_cert,
                                        sizeof(tls_server_cert) - 1};
static const gnutls_datum_t key_pem = {(unsigned char *)tls_server_key,
                                       sizeof(tls_server_key) - 1};

static void must(int rv, const char *what) {
  if (rv < 0) {
    fprintf(stderr, "handoff: GnuTLS: %s: %s\n", what, gnutls_strerror(rv));
    abort();
  }
}

static gnutls_x509_crt_t parse(const gnutls_datum_t *pem) {
  gnutls_x509_crt_t crt;
  time_t from, to;

  must(gnutls_x509_crt_init(&crt), "certificate");
  must(gnutls_x509_crt_import(crt, pem, GNUTLS_X509_FMT_PEM), "certificate");
  from = gnutls_x509_crt_get_activation_time(crt);
  to = gnutls_x509_crt_get_expiration_time(crt);
  valid_from = from > valid_from ? from : valid_from;
  valid_to = valid_to == 0 || to < valid_to ? to : valid_to;
  return crt;
}

/* The date is looked at with each session: here there is no virtual time. */
static void verify(gnutls_x509_crt_t crt) {
  gnutls_typed_vdata_st host = {
      .type = GNUTLS_DT_DNS_HOSTNAME,
      .data = (unsigned char *)(uintptr_t)HO_HTTP_AUTHORITY};
  gnutls_x509_trust_list_t trusted;
  unsigned status;

  gnutls_certificate_get_trust_list(client, &trusted);
  must(gnutls_x509_trust_list_verify_crt2(trusted, &crt, 1, &host, 1,
                                          GNUTLS_VERIFY_DISABLE_TIME_CHECKS,
                                          &status, NULL),
       "verification");
  must(status == 0 ? 0 : GNUTLS_E_CERTIFICATE_ERROR, "server certificate");
}

void ho_certificate_load(void) {
  gnutls_x509_crt_t ca, crt;

  if (known.data) {
    return;
  }
  must(gnutls_certificate_allocate_credentials(&client), "credentials");
  must(gnutls_certificate_allocate_credentials(&server), "credentials");
  must(gnutls_certificate_set_x509_trust_mem(client, &ca_pem,
                                             GNUTLS_X509_FMT_PEM),
       "CA certificate");
  must(gnutls_certificate_set_x509_key_mem(server, &cert_pem, &key_pem,
                                           GNUTLS_X509_FMT_PEM),
       "server certificate");
  ca = parse(&ca_pem);
  crt = parse(&cert_pem);
  verify(crt);
  must(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &known),
       "certificate");
  gnutls_x509_crt_deinit(crt);
  gnutls_x509_crt_deinit(ca);
}

gnutls_certificate_credentials_t ho_certificate_client(void) {
  return client;
}

gnutls_certificate_credentials_t ho_certificate_server(void) {
  return server;
}

static bool is_known(gnutls_session_t session) {
  unsigned count;
  const gnutls_datum_t *peers = gnutls_certificate_get_peers(session, &count);
  time_t now = (time_t)ho_entropy_seconds();

  return peers && count == 1 && peers->size == known.size &&
         memcmp(peers->data, known.data, known.size) == 0 &&
         now >= valid_from && now <= valid_to;
}

int ho_certificate_verify(gnutls_session_t session) {
  gnutls_typed_vdata_st host = {
      .type = GNUTLS_DT_DNS_HOSTNAME,
      .data = (unsigned char *)(uintptr_t)HO_HTTP_AUTHORITY};
  unsigned status;

  if (is_known(session)) {
    return 0;
  }
  if (gnutls_certificate_verify_peers(session, &host, 1, &status) < 0 ||
      status != 0) {
    return GNUTLS_E_CERTIFICATE_ERROR;
  }
  return 0;
}
