import { nodeFailure, wantsClientCertificate } from './node-failure';

/** The error that OpenSSL reports for a TLS alert of the peer. */
function alert(code: string, reason: string): Error {
  const message = `80C8A4:error:0A000${reason.length}:SSL routines:ssl3_read_bytes:${reason}:../ssl/record/rec_layer_s3.c:907:SSL alert number 1\n`;
  return Object.assign(new Error(message), { code });
}

it.each([
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'tlsv13 alert certificate required', true, true],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'tlsv1 alert unknown ca', true, true],
  ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', 'sslv3 alert bad certificate', true, true],
  ['ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_EXPIRED', 'ssl/tls alert certificate expired', true, true],
  ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'sslv3 alert handshake failure', false, true],
  ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'tlsv1 alert protocol version', false, false],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'self-signed certificate in certificate chain', false, false],
  ['CERT_HAS_EXPIRED', 'certificate has expired', false, false],
])(
  'decides whether %s (%s) is about the client certificate: %s if the settings have one, %s if not',
  (code, reason, withOne, without) => {
    expect(wantsClientCertificate(alert(code, reason), true)).toBe(withOne);
    expect(wantsClientCertificate(alert(code, reason), false)).toBe(without);
  }
);

it('returns code and message of the first error of an AggregateError', () => {
  const rejected = Object.assign(new Error('connect ECONNREFUSED ::1:1'), { code: 'ECONNREFUSED' });
  expect(nodeFailure(new AggregateError([rejected, new Error('other')]))).toEqual({
    code: 'ECONNREFUSED',
    message: 'connect ECONNREFUSED ::1:1',
  });
});
