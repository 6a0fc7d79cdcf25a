import { APPLICATION } from '../../tests/support/certificates';
import { repairPem } from './pem';

const PEM = APPLICATION.key.trim();

it.each([
  { name: 'as it is', text: PEM },
  { name: 'with the line ends of Windows', text: PEM.replaceAll('\n', '\r\n') },
  { name: 'out of a JSON file', text: `"${PEM.replaceAll('\n', '\\n')}\\n",` },
  { name: 'on one line', text: PEM.replaceAll('\n', ' ') },
  { name: 'between other text', text: `Bag Attributes\n  friendlyName: x\n${PEM}\n# end` },
])('repairs a key: $name', ({ text }) => {
  expect(repairPem(text)).toBe(`${PEM}\n`);
});

it('keeps several blocks, and the lines of an encrypted one', () => {
  const locked = [
    '-----BEGIN RSA PRIVATE KEY-----',
    'Proc-Type: 4,ENCRYPTED',
    'DEK-Info: AES-256-CBC,00',
    '',
    'AAAA',
    '-----END RSA PRIVATE KEY-----',
  ].join('\n');
  expect(repairPem(`${PEM}\n\n${locked}`)).toBe(`${PEM}\n${locked}\n`);
});

it.each([
  { name: 'beginnings without an end', text: '-----BEGIN A-----'.repeat(20_000) },
  { name: 'white space without an end', text: `x${' '.repeat(200_000)}x` },
])('takes no long time for $name', ({ text }) => {
  const startedMs = performance.now();
  expect(repairPem(text)).toBe(text);
  expect(performance.now() - startedMs).toBeLessThan(1_000);
});
