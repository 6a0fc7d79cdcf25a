/**
 * Tokens under load and over time: the number of token requests, and the effect of outages and key changes on queries.
 */
import { auth0 } from '../fakes/providers/auth0';
import { entra } from '../fakes/providers/entra';
import { generic } from '../fakes/providers/generic';
import { google } from '../fakes/providers/google';
import { keycloak } from '../fakes/providers/keycloak';
import { okta } from '../fakes/providers/okta';
import { type ProviderSimulator } from '../fakes/providers/simulator';
import { onlyFrame } from '../support/frames';
import { runQuery, type QueryOptions, type Source } from '../support/plugin';
import { expectNoSecretsAtEnd } from '../support/secret-watch';
import { useSignInLab } from '../support/sign-in-lab';

const lab = useSignInLab();

const ask = (source: Source, options: QueryOptions = {}) =>
  runQuery(lab.plugin, source, { query: 'SELECT 1 AS one', version: 2 }, options);

it('requests one token for 200 concurrent queries', async () => {
  const tested = await lab.provider(generic);
  const source = lab.oauth(tested);
  const responses = await Promise.all(Array.from({ length: 200 }, () => ask(source)));
  for (const response of responses) {
    expect(onlyFrame(response).rowCount).toBe(1);
  }
  expect(tested.provider.tokenRequests).toHaveLength(1);
});

it('shares a token only between data sources with the same credentials', async () => {
  const tested = await lab.provider(keycloak);
  await Promise.all([ask(lab.oauth(tested)), ask(lab.oauth(tested)), ask(lab.oauth(tested))]);
  expect(tested.provider.tokenRequests).toHaveLength(1);
  const wrong = { saved: { ...tested.saved, secrets: { oauthClientSecret: 'some-other-secret' } } };
  expect((await ask(lab.oauth(wrong))).error).toMatch(/rejected the client credentials/);
});

it('does not abort a shared token request if one query is cancelled', async () => {
  const tested = await lab.provider(generic);
  tested.provider.behaviour.fault = 'slow';
  const source = lab.oauth(tested);
  const waiting = tested.provider.nextWaiting();
  const controller = new AbortController();
  const cancelled = expect(ask(source, { signal: controller.signal })).rejects.toMatchObject({ code: 1 });
  const patient = ask(source);
  await waiting;
  controller.abort();
  await cancelled;
  tested.provider.release();
  expect(onlyFrame(await patient).rowCount).toBe(1);
  expect(tested.provider.tokenRequests).toHaveLength(1);
});

it('uses a valid cached token while the provider is down', async () => {
  const tested = await lab.provider(auth0);
  const source = lab.oauth(tested);
  onlyFrame(await ask(source));
  tested.provider.behaviour.fault = 'down';
  for (const response of await Promise.all(Array.from({ length: 50 }, () => ask(source)))) {
    onlyFrame(response);
  }
  expect(tested.provider.tokenRequests).toHaveLength(1);
});

it('waits before the next token request after the provider rejects the credentials', async () => {
  const tested = await lab.provider(okta);
  tested.saved.secrets.oauthClientSecret = 'a-secret-that-was-never-right';
  const source = lab.oauth(tested);
  for (const response of await Promise.all(Array.from({ length: 50 }, () => ask(source)))) {
    expect(response).toMatchObject({ status: 401, errorSource: 'downstream' });
  }
  for (let again = 0; again < 10; again++) {
    expect((await ask(source)).error).not.toBe('');
  }
  // One request for each of the two ways to send a secret.
  expect(tested.provider.tokenRequests.length).toBeLessThanOrEqual(2);
});

it('sends no token request before the end of Retry-After', async () => {
  const tested = await lab.provider(auth0);
  tested.provider.behaviour.rateLimitedTimes = 1;
  const source = lab.oauth(tested);
  expect(await ask(source)).toMatchObject({ status: 429, errorSource: 'downstream' });
  expect(await ask(source)).toMatchObject({ status: 429 });
  expect(tested.provider.tokenRequests).toHaveLength(1);
});

it('requests one new token if the server rejects the old token', async () => {
  const tested = await lab.provider(entra);
  const source = lab.oauth(tested);
  onlyFrame(await ask(source));
  lab.micromegas.revokeTokens();
  onlyFrame(await ask(source));
  expect(tested.provider.tokenRequests).toHaveLength(2);
});

it('if the server knows only the old keys, reports that the keys may have changed', async () => {
  const tested = await lab.provider(google);
  const source = lab.oauth(tested);
  expect((await lab.saveAndTest(source)).ok).toBe(true);
  tested.provider.behaviour.tokens.keyName = 'provider-2';
  // The server rejects the old token, and does not know the key of the new token.
  lab.micromegas.revokeTokens();
  const { ok, code, report } = await lab.saveAndTest(lab.oauth(tested));
  expect(ok).toBe(false);
  expect(code).toBe('token_refused');
  expect(report).toMatch(/keys/);
});

describe('Save & test right after a query', () => {
  const changes: Array<{ name: string; change: (provider: ProviderSimulator) => void; stage: string }> = [
    {
      name: 'another secret',
      change: ({ client }) => (client.secret = 'the-new-secret-at-the-provider'),
      stage: 'token',
    },
    { name: 'a disabled client', change: ({ client }) => (client.isGranted = false), stage: 'token' },
    { name: 'a renamed realm', change: ({ behaviour }) => (behaviour.discovery = 404), stage: 'discovery' },
    { name: 'broken discovery', change: ({ behaviour }) => (behaviour.discovery = 400), stage: 'discovery' },
  ];

  it.each(changes)('finds $name at the provider, and queries keep their token', async ({ change, stage }) => {
    const tested = await lab.provider(keycloak);
    const source = lab.oauth(tested);
    onlyFrame(await ask(source));
    change(tested.provider);
    const { ok, details } = await lab.saveAndTest(source);
    expect(ok).toBe(false);
    expect(details.stages.at(-1)).toMatchObject({ name: stage, status: 'failed' });
    onlyFrame(await ask(source));
  });

  it('signs in again, and says in the next 5 s that it did not ask again, also after the settings were saved', async () => {
    const tested = await lab.provider(keycloak);
    const source = lab.oauth(tested);
    onlyFrame(await ask(source));
    const [first, second] = await Promise.all([lab.saveAndTest(source), lab.saveAndTest(source)]);
    expect([first.ok, second.ok]).toEqual([true, true]);
    expect(tested.provider.tokenRequests).toHaveLength(2);
    const later = await lab.saveAndTest({ ...source, updatedMs: 1 });
    expect(later.ok).toBe(true);
    expect(later.report).toMatch(/Token of \d s ago, not asked again/);
    expect(later.report).not.toMatch(/GET http|POST http/);
    expect(tested.provider.tokenRequests).toHaveLength(2);
  });
});

expectNoSecretsAtEnd();
