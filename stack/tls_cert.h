/* A test CA and a server certificate made with it (Ed25519, since the length of
 * an ECDSA signature varies).  The keys are public: they protect nothing.
 * Made with GnuTLS certtool; valid 2024 to 2049 for server.handoff.test. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_STACK_TLS_CERT_H
#define HO_STACK_TLS_CERT_H

static const char tls_ca_cert[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBJDCB16ADAgECAgEBMAUGAytlcDAaMRgwFgYDVQQDEw9oYW5kb2ZmIHRlc3Qg\n"
    "Q0EwHhcNMjQwMTAxMDAwMDAwWhcNNDkxMjMxMDAwMDAwWjAaMRgwFgYDVQQDEw9o\n"
    "YW5kb2ZmIHRlc3QgQ0EwKjAFBgMrZXADIQC9c7Z//s65iHbTES7+OfHvcLsoMeGV\n"
    "whrUn2+FvfQXdqNCMEAwDwYDVR0TAQH/BAUwAwEB/zAOBgNVHQ8BAf8EBAMCAgQw\n"
    "HQYDVR0OBBYEFLyNR09Nfy7SeYwcAraFj5qh7T7UMAUGAytlcANBADaKLHxYrl3a\n"
    "255UlCN9gljkr/YcMUS5IitjpUqMMubgWFNprC2xMZ4D1KADCBz5hY3i2VZmpVAh\n"
    "r/FJaDPN3gY=\n"
    "-----END CERTIFICATE-----\n";

static const char tls_server_cert[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBfjCCATCgAwIBAgIBAjAFBgMrZXAwGjEYMBYGA1UEAxMPaGFuZG9mZiB0ZXN0\n"
    "IENBMB4XDTI0MDEwMTAwMDAwMFoXDTQ5MTIzMTAwMDAwMFowHjEcMBoGA1UEAxMT\n"
    "c2VydmVyLmhhbmRvZmYudGVzdDAqMAUGAytlcAMhAKHpczga+bRF7J/VZV/V0WOp\n"
    "zjmhtpBBqZ9c0J7TuM41o4GWMIGTMAwGA1UdEwEB/wQCMAAwHgYDVR0RBBcwFYIT\n"
    "c2VydmVyLmhhbmRvZmYudGVzdDATBgNVHSUEDDAKBggrBgEFBQcDATAOBgNVHQ8B\n"
    "Af8EBAMCB4AwHQYDVR0OBBYEFH/zCShVcjxy0x6PTpIgXHRbkDnmMB8GA1UdIwQY\n"
    "MBaAFLyNR09Nfy7SeYwcAraFj5qh7T7UMAUGAytlcANBAORWrfPOuE93x4EW5MUg\n"
    "iYw0AJybHciQMKAF1QUHa4toUilO+7NX/S5rlOuRhzcBliq4vP6B2G77rTyxmBQG\n"
    "vQ0=\n"
    "-----END CERTIFICATE-----\n";

static const char tls_server_key[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIJbbtsq+89Qwc/g5mIIjPA2bZzFElr7IzIE2p6PFgmEn\n"
    "-----END PRIVATE KEY-----\n";

#endif
