/**
 * Tests of the simulators: they reject the requests that the real providers reject. If they accepted everything, the
 * tests that use them would prove nothing.
 */
import { randomUUID, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { verifyAssertion, type AssertionFault, type AssertionRules } from '../fakes/providers/client-assertion';
import { generic } from '../fakes/providers/generic';
import { registeredClient } from '../fakes/providers/registered-client';
import { startSimulator } from '../fakes/providers/simulator';
import { signingKey } from '../fakes/providers/signing-keys';

const NOW = 1_795_000_000;
const AUDIENCE = 'https://idp.example.com/token';

interface Made {
  claims?: Record<string, unknown>;
  header?: Record<string, unknown>;
  key?: string;
}

async function assertion({ claims, header, key = 'client-rsa' }: Made): Promise<string> {
  const { privateKey, kid } = await signingKey(key);
  const all = { iss: 'me', sub: 'me', aud: AUDIENCE, jti: randomUUID(), iat: NOW, exp: NOW + 60, ...claims };
  return new SignJWT(all).setProtectedHeader({ alg: 'RS256', kid, ...header }).sign(privateKey);
}

function rules(publicKey: KeyObject): AssertionRules {
  return {
    publicKey,
    algorithms: ['RS256'],
    keyId: 'client-rsa',
    party: 'me',
    audience: AUDIENCE,
    maxLifeSeconds: 300,
    skewSeconds: 10,
    maxLength: 2048,
    seen: new Set(['used']),
    nowSeconds: NOW,
  };
}

describe('assertions', () => {
  const cases: Array<{ name: string; made: Made; fault: AssertionFault | undefined }> = [
    { name: 'a valid assertion', made: {}, fault: undefined },
    { name: 'an issue time within the clock skew', made: { claims: { iat: NOW + 9 } }, fault: undefined },
    { name: 'another issuer', made: { claims: { iss: 'you' } }, fault: 'party' },
    { name: 'another subject', made: { claims: { sub: 'you' } }, fault: 'party' },
    { name: 'another audience', made: { claims: { aud: 'https://idp.example.com/' } }, fault: 'audience' },
    { name: 'a list of audiences', made: { claims: { aud: [AUDIENCE] } }, fault: 'audience' },
    { name: 'an expired assertion', made: { claims: { exp: NOW } }, fault: 'time' },
    { name: 'a missing expiry', made: { claims: { exp: undefined } }, fault: 'time' },
    { name: 'an issue time in the future', made: { claims: { iat: NOW + 60, exp: NOW + 120 } }, fault: 'time' },
    { name: 'a lifetime that is too long', made: { claims: { exp: NOW + 3600 } }, fault: 'lifetime' },
    { name: 'an id that was used', made: { claims: { jti: 'used' } }, fault: 'jti' },
    { name: 'a missing id', made: { claims: { jti: undefined } }, fault: 'jti' },
    { name: 'an id that is too long', made: { claims: { jti: 'x'.repeat(65) } }, fault: 'jti' },
    { name: 'an assertion that is too long', made: { claims: { more: 'x'.repeat(2000) } }, fault: 'format' },
    { name: 'another key id', made: { header: { kid: 'another' } }, fault: 'key' },
    { name: 'another key', made: { key: 'other-client-key', header: { kid: 'client-rsa' } }, fault: 'signature' },
  ];

  it.each(cases)('are verified: $name, fault: $fault', async ({ made, fault }) => {
    const { publicKey } = await signingKey('client-rsa');
    expect((await verifyAssertion(await assertion(made), rules(publicKey))).fault).toBe(fault);
  });

  it('are rejected with the fault "key" if the thumbprint of the certificate is missing', async () => {
    const { publicKey } = await signingKey('client-rsa');
    const verdict = await verifyAssertion(await assertion({}), { ...rules(publicKey), thumbprintSha256: 'abc' });
    expect(verdict.fault).toBe('key');
  });

  it('are rejected with the fault "algorithm" for another algorithm', async () => {
    const { publicKey } = await signingKey('client-rsa');
    const verdict = await verifyAssertion(await assertion({}), { ...rules(publicKey), algorithms: ['PS256'] });
    expect(verdict.fault).toBe('algorithm');
  });
});

describe('a token request', () => {
  const post = async (change: (form: URLSearchParams) => void, headers: Record<string, string> = {}) => {
    const client = await registeredClient();
    const simulator = await startSimulator(generic, client);
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: client.id,
      client_secret: client.secret,
      audience: 'micromegas',
    });
    change(form);
    const response = await fetch(simulator.tokenEndpoint, {
      method: 'POST',
      body: headers['content-type'] === undefined ? form : form.toString(),
      headers,
    });
    const body: Record<string, unknown> = await response.json();
    await simulator.close();
    return { status: response.status, body };
  };

  it('succeeds with the right credentials', async () => {
    const { status, body } = await post(() => undefined);
    expect({ status, type: body.token_type, life: body.expires_in }).toEqual({
      status: 200,
      type: 'Bearer',
      life: 3600,
    });
  });

  it.each([
    ['no secret', (form: URLSearchParams) => form.delete('client_secret'), 401],
    ['a wrong secret', (form: URLSearchParams) => form.set('client_secret', 'x'), 401],
    ['another client', (form: URLSearchParams) => form.set('client_id', 'x'), 401],
    ['another grant', (form: URLSearchParams) => form.set('grant_type', 'password'), 400],
    ['another audience', (form: URLSearchParams) => form.set('audience', 'x'), 400],
  ])('fails with %s', async (_name, change, expected) => {
    const { status, body } = await post(change);
    expect(status).toBe(expected);
    expect(body.access_token).toBeUndefined();
  });

  it('fails if its body is not form-encoded', async () => {
    expect((await post(() => undefined, { 'content-type': 'application/json' })).status).toBe(400);
  });
});
