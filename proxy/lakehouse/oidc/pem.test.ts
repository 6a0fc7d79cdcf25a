import { APPLICATION } from '../../../tests/support/certificates';
import { growth } from '../../../tests/support/growth';
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
  { name: 'BEGIN lines without END', textOf: (length: number) => '-----BEGIN A-----'.repeat(length / 17) },
  { name: 'long white space', textOf: (length: number) => `x${' '.repeat(length)}x` },
])('takes linear time for $name', ({ textOf }) => {
  expect(repairPem(textOf(1_000_000))).toBe(textOf(1_000_000));
  expect(growth(repairPem, textOf, 1_000_000)).toBeLessThan(10);
});
