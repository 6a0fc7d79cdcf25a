import { APPLICATION } from '../../../tests/support/certificates';
import { repairPem } from './pem';

const PEM = APPLICATION.key.trim();

it.each([
  { name: 'unchanged', text: PEM },
  { name: 'with Windows line breaks', text: PEM.replaceAll('\n', '\r\n') },
  { name: 'from a JSON file', text: `"${PEM.replaceAll('\n', '\\n')}\\n",` },
  { name: 'on one line', text: PEM.replaceAll('\n', ' ') },
  { name: 'between other text', text: `Bag Attributes\n  friendlyName: x\n${PEM}\n# end` },
])('repairs a key: $name', ({ text }) => {
  expect(repairPem(text)).toBe(`${PEM}\n`);
});

it('keeps several blocks, and the line breaks of an encrypted block', () => {
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
  { name: 'BEGIN lines without END', text: '-----BEGIN A-----'.repeat(20_000) },
  { name: 'long white space', text: `x${' '.repeat(200_000)}x` },
])('takes linear time for $name', ({ text }) => {
  const startedMs = performance.now();
  expect(repairPem(text)).toBe(text);
  expect(performance.now() - startedMs).toBeLessThan(10_000);
});
