import { APPLICATION } from '../../../tests/support/certificates';
import { growth } from '../../../tests/support/growth';
import { repairPem } from './pem';

const PEM = APPLICATION.key.trim();

it.each([
  { name: 'unchanged', pem: PEM },
  { name: 'with Windows line breaks', pem: PEM.replaceAll('\n', '\r\n') },
  { name: 'from a JSON file', pem: `"${PEM.replaceAll('\n', '\\n')}\\n",` },
  { name: 'on one line', pem: PEM.replaceAll('\n', ' ') },
  { name: 'between other text', pem: `Bag Attributes\n  friendlyName: x\n${PEM}\n# end` },
])('repairs a key: $name', ({ pem }) => {
  expect(repairPem(pem)).toBe(`${PEM}\n`);
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
  { name: 'BEGIN lines without END', pemOf: (length: number) => '-----BEGIN A-----'.repeat(length / 17) },
  { name: 'long white space', pemOf: (length: number) => `x${' '.repeat(length)}x` },
])('takes linear time for $name', async ({ pemOf }) => {
  expect(repairPem(pemOf(1_000_000))).toBe(pemOf(1_000_000));
  expect(await growth(repairPem, pemOf, 1_000_000)).toBeLessThan(10);
});
