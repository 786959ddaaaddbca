/**
 * A certificate authority for the sandbox whose key nobody has: flows that ask for a client certificate start, and let nobody in.
 *
 * @module
 */

/** Self-signed, made once; the key was never kept. */
export const UNUSABLE_AUTHORITY = `-----BEGIN CERTIFICATE-----
MIIB3zCCAYWgAwIBAgIUMw+ueX7F+js9lC/b3cDxjjD5DdwwCgYIKoZIzj0EAwIw
RDFCMEAGA1UEAww5YXV0aGZsb3cgc2FuZGJveCwgYW4gYXV0aG9yaXR5IHRoYXQg
bm9ib2R5IGhhcyB0aGUga2V5IG9mMCAXDTI2MTEyNTE0MzkzMFoYDzIxMjYxMTAx
MTQzOTMwWjBEMUIwQAYDVQQDDDlhdXRoZmxvdyBzYW5kYm94LCBhbiBhdXRob3Jp
dHkgdGhhdCBub2JvZHkgaGFzIHRoZSBrZXkgb2YwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATPWPZ1089uSiVOf3Pgnqj0VYMvxyyPvg/M58AOlkyYvBF8fUyH8lDD
ODGhCpDaemGTpNcRxOSAM1RRG8dXMeQqo1MwUTAdBgNVHQ4EFgQUdqPPVb5GAxvc
HJ0CJq53/+tsaCEwHwYDVR0jBBgwFoAUdqPPVb5GAxvcHJ0CJq53/+tsaCEwDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEA7Lr3KOs+i7OV1AAQattk
TURFm44XuM4RN1Nh8WHcfsECIHTVbXFUDbrtBvx9VcgAMp1IrS2bYC42wfdTSMH2
GRxm
-----END CERTIFICATE-----
`
