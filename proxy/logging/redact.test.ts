import { redact, withoutSecrets } from './redact';
import { Secret } from './secret';

const KEY = 'mmk_k3y/with+odd chars&9';

it.each([
  ['in plain text', KEY],
  ['in a header', `authorization: Bearer ${KEY}`],
  ['in a URL-encoded form body', `token=${encodeURIComponent(KEY)}`],
  ['in JSON', JSON.stringify({ token: KEY })],
  ['in base64', Buffer.from(KEY).toString('base64')],
  ['in base64, after one byte', Buffer.from(`x${KEY}`).toString('base64')],
  ['in base64, between other text', Buffer.from(`id:${KEY}, and more`).toString('base64')],
  ['in base64url', Buffer.from(`Bearer ${KEY}`).toString('base64url')],
  ['in hexadecimal', Buffer.from(KEY).toString('hex')],
])('removes a secret %s', (_name, text) => {
  const clean = withoutSecrets(`invalid: ${text}!`, [new Secret(KEY)]);
  expect(clean).toMatch(/^invalid: .*\[removed\].*!$/);
  const rest = Buffer.from(clean.replace(/\[removed\]|invalid: |!/g, ''), 'base64').toString('latin1');
  expect(`${clean} ${rest}`).not.toMatch(/mmk|k3y|odd|chars/);
});

it('removes JWTs that are not listed as secrets', () => {
  expect(withoutSecrets('got eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.c2ln here', [])).toBe('got [removed] here');
});

it('removes long runs of letters only from text of an identity provider', () => {
  const name = 'blobs/0123456789abcdef0123456789abcdef0123456789abcdef';
  expect(withoutSecrets(`no file ${name}`, [])).toBe(`no file ${name}`);
  expect(redact(`no file ${name}`, [])).toBe('no file [removed]');
});
