import { bundlePaths } from './trusted-roots';

it('lists the file of SSL_CERT_FILE before the files of the system', () => {
  const [first, second] = bundlePaths('/own.pem', 'linux');
  expect([first, second]).toEqual(['/own.pem', '/etc/ssl/certs/ca-certificates.crt']);
  expect(bundlePaths(undefined, 'darwin')).toContain('/etc/ssl/cert.pem');
});

it('on Windows, lists no path that every user of the machine may create', () => {
  expect(bundlePaths(undefined, 'win32')).toEqual([]);
  expect(bundlePaths('C:\\own.pem', 'win32')).toEqual(['C:\\own.pem']);
});
