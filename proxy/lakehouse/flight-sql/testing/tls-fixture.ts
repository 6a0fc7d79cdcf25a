/**
 * TEST ONLY. A self-signed certificate for `localhost` and its key. No shipped file uses or trusts the certificate. It
 * is valid for a hundred years, so that it does not expire in the tests. Made with `openssl req -x509 -newkey ec
 * -pkeyopt ec_paramgen_curve:prime256v1 -addext subjectAltName=DNS:localhost`.
 */
export const TEST_CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBvjCCAWOgAwIBAgIUUU2COztSPc1pLWF2V+b+Ym3cIVgwCgYIKoZIzj0EAwIw
KDESMBAGA1UEAwwJbG9jYWxob3N0MRIwEAYDVQQKDAlUZXN0IG9ubHkwIBcNMjYx
MTI0MTcxNzE2WhgPMjEyNjEwMzExNzE3MTZaMCgxEjAQBgNVBAMMCWxvY2FsaG9z
dDESMBAGA1UECgwJVGVzdCBvbmx5MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
BaQo/vn8g58mafW0Bh1Kxq5PhbeNm2KlJilqB3mH/MsoS951hB6DZ2gf+acGuqKp
o2NCqV3WX6mxWA0wePZ7K6NpMGcwHQYDVR0OBBYEFFUTnJP7oLKCtuKnVIwACBC9
EyECMB8GA1UdIwQYMBaAFFUTnJP7oLKCtuKnVIwACBC9EyECMBQGA1UdEQQNMAuC
CWxvY2FsaG9zdDAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0kAMEYCIQDz
ZANnHiBO83nrcRDoOzSPcRlcn0vn0gv1x16PL0fX4QIhAIuzy6N5NYJpBSXN3GiN
1qFg7EB7B2KPhneLTixuxkQN
-----END CERTIFICATE-----
`;

export const TEST_KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgRNNOeFsObJO4iw75
XLJ/bNXsHlRCeUi+569QkA5SbpKhRANCAAQFpCj++fyDnyZp9bQGHUrGrk+Ft42b
YqUmKWoHeYf8yyhL3nWEHoNnaB/5pwa6oqmjY0KpXdZfqbFYDTB49nsr
-----END PRIVATE KEY-----
`;
