import { formEncoded, isTooShortToRemove, presentable, presentableUrl, redact, withoutSecrets } from './redact';
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
])('removes a secret %s', (_name, message) => {
  const clean = withoutSecrets(`invalid: ${message}!`, [new Secret(KEY)]);
  expect(clean).toMatch(/^invalid: .*\[removed\].*!$/);
  const rest = Buffer.from(clean.replace(/\[removed\]|invalid: |!/g, ''), 'base64').toString('latin1');
  expect(`${clean} ${rest}`).not.toMatch(/mmk|k3y|odd|chars/);
});

it('removes JWTs that are not listed as secrets', () => {
  expect(withoutSecrets('got eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.c2ln here', [])).toBe('got [removed] here');
});

it('removes long runs of letters and digits with redact, but not with withoutSecrets', () => {
  const name = 'blobs/0123456789abcdef0123456789abcdef0123456789abcdef';
  expect(withoutSecrets(`no file ${name}`, [])).toBe(`no file ${name}`);
  expect(redact(`no file ${name}`, [])).toBe('no file [removed]');
});

it('keeps the path of an address, without parts that look like a token and without secrets', () => {
  const url = 'http://idp.example:8443/realms/lakehouse/protocol/openid-connect/token';
  const token = '0123456789abcdef0123456789abcdef0123456789abcdef';
  expect(presentableUrl(url, [])).toBe(url);
  expect(presentableUrl(`${url}/${token}`, [])).toBe(`${url}/[removed]`);
  expect(presentableUrl(`${url}/MMK-K3Y-0815/x`, [new Secret('mmk_k3y_0815')])).toBe(`${url}/[removed]/x`);
});

const PIN = 'swordfish-7731';

it.each([['[removed]1'], ['REMOVED-'], ['devomer1']])(
  'inserts whole markers if a marker is like a secret: %s',
  (secret) => {
    const message = `got ${PIN}, ${secret} and ${PIN.toUpperCase()}`;
    for (const secrets of [
      [new Secret(PIN), new Secret(secret)],
      [new Secret(secret), new Secret(PIN)],
    ]) {
      expect(presentable(message, secrets)).toBe('got [removed], [removed] and [removed]');
      expect(withoutSecrets(message, secrets)).toBe(`got [removed], [removed] and ${PIN.toUpperCase()}`);
    }
  }
);

describe('a message of an identity provider', () => {
  const LONG = 'Zq8~kT4vXw-2LpR9sYb6NcJ3';
  const SHORT = 'hunter2pw';
  const reversed = (string: string) => [...string].reverse().join('');

  const BASIC = Buffer.from(`grafana:${LONG}`).toString('base64');

  it.each([
    { name: 'in upper case', echo: LONG.toUpperCase() },
    { name: 'reversed', echo: reversed(LONG) },
    { name: 'reversed in lower case', echo: reversed(LONG).toLowerCase() },
    { name: 'with spaces', echo: [...LONG].join(' ') },
    { name: 'with other separators', echo: [...LONG].join('-') },
    { name: 'with invisible separators', echo: [...LONG].join('\u200b') },
    { name: 'in base64 with the client ID', echo: BASIC },
    { name: 'in base64 with the client ID, in lower case', echo: BASIC.toLowerCase() },
    { name: 'in base64 with the client ID, reversed', echo: reversed(BASIC) },
    { name: 'in base64 after form encoding', echo: Buffer.from(`g:${formEncoded(LONG)}`).toString('base64') },
    { name: 'in hexadecimal with colons', echo: Buffer.from(LONG).toString('hex').replace(/../g, '$&:') },
  ])('does not reveal a secret that is echoed $name', ({ echo }) => {
    const shown = presentable(`The secret ${echo} of the client grafana is wrong.`, [new Secret(LONG)]);
    const letters = shown.replace(/\W/g, '').toLowerCase();
    expect(shown).toMatch(/^The secret .*\[removed\].* of the client grafana is wrong\.$/);
    for (const part of [LONG, reversed(LONG), BASIC.slice(12), reversed(BASIC.slice(12))].map((each) =>
      each.replace(/\W/g, '').toLowerCase()
    )) {
      for (let at = 0; at + 8 <= part.length; at++) {
        expect(letters).not.toContain(part.slice(at, at + 8));
      }
    }
  });

  it('contains no part of two secrets that overlap', () => {
    const secrets = [new Secret('alpha-bravo-charlie'), new Secret('charlie-delta-echo')];
    expect(presentable('got ALPHA-BRAVO-CHARLIE-DELTA-ECHO.', secrets)).toBe('got [removed].');
  });

  it.each(['service-account-grafana', 'client-credentials-2', 'invalid-client-77'])(
    'does not confirm that a part of the message is a part of the secret %s',
    (secret) => {
      const message = 'Invalid client or Invalid client credentials: service-account';
      expect(presentable(message, [new Secret(secret)])).toBe(message);
    }
  );

  it.each([
    ['signed', true],
    ['a1-b2-!!', true],
    ['', false],
    ['a1b2c3d4', false],
  ])('must not be shown if the secret is too short to be removed: "%s"', (secret, isTooShort) => {
    expect(isTooShortToRemove([new Secret(LONG), new Secret(secret)])).toBe(isTooShort);
  });

  it('keeps the description of an error', () => {
    const message = "AADSTS7000215: Invalid client secret provided. Ensure the secret is not the ID of app '2f3c'.";
    expect(presentable(message, [new Secret(LONG), new Secret(SHORT)])).toBe(message);
  });

  it('is truncated to about 500 characters', () => {
    const shown = presentable(`${'a b '.repeat(250_000)}${LONG}`, [new Secret(LONG)]);
    expect([...shown].length).toBeLessThanOrEqual(501);
  });
});
