import { growth } from '../../tests/support/growth';
import { secretWarning } from './secret-shape';

it.each([
  ['"s3cret"', 'secret-in-quotes'],
  ["'s3cret'", 'secret-in-quotes'],
  ['`s3cret`', 'secret-in-quotes'],
  ['\u201cs3cret\u201d', 'secret-in-quotes'],
  ['"s3\ncret"', 'secret-in-quotes'],
  ['$CLIENT_SECRET', 'secret-not-replaced'],
  ['${CLIENT_SECRET}', 'secret-not-replaced'],
  ['$__file{/run/secrets/client}', 'secret-not-replaced'],
  ['$__env{CLIENT_SECRET}', 'secret-not-replaced'],
  ['s3\u200bcret', 'secret-has-invisible-character'],
  ['\u2060s3cret', 'secret-has-invisible-character'],
  ['********', 'secret-is-masked'],
  ['\u2022\u2022\u2022\u2022', 'secret-is-masked'],
  ['KEYCLOAK_CLIENT_SECRET=s3cret', 'secret-is-assignment'],
  ['export client_secret=s3cret', 'secret-is-assignment'],
  ['{"client_secret": "s3cret"}', 'secret-is-json'],
  ['s3$$cret', 'secret-with-double-dollar'],
  ['s3cret$$', 'secret-with-double-dollar'],
  ['s3cret', undefined],
  ['s3$cret$', undefined],
  ['s3*cret', undefined],
  ['bXktc2VjcmV0==', undefined],
  ['Zq8=kT4', undefined],
  ['{s3cret}', undefined],
  ['"', undefined],
  ['it"s', undefined],
  ['"s3cret', undefined],
  ['a$CLIENT', undefined],
  ['$1a', undefined],
  ['${A}${B}', undefined],
  ['$ecret~value', undefined],
  ['pässword', undefined],
])('for the secret %j, returns the warning %s', (secret, warning) => {
  expect(secretWarning(secret)).toBe(warning);
});

it.each([
  ['quotes', (length: number) => `"${'"'.repeat(length)}x`],
  ['JSON without an end', (length: number) => `{${' '.repeat(length)}"a`],
  ['a long name', (length: number) => `${'secret_'.repeat(length / 7)}`],
  ['a variable without an end', (length: number) => `\${${'a'.repeat(length)}`],
])('checks a long secret in linear time: %s', async (_name, secretOf) => {
  expect(secretWarning(secretOf(100_000))).toBeUndefined();
  expect(await growth(secretWarning, secretOf, 1_000_000)).toBeLessThan(8);
});
