/**
 * Save & test ranks the causes of a rejected token by what the backend observed. The tests use the plugin protocol,
 * simulated providers, and a server with the rules of Micromegas, which returns the same message for all causes.
 */
import { type Message } from '../../contract/messages/message';
import { endLoopback } from '../../proxy/lakehouse/network/testing/loopback';
import { startGateway } from '../fakes/gateway';
import { startMicromegas } from '../fakes/micromegas';
import { generic } from '../fakes/providers/generic';
import { AUTHORITY, LOCALHOST } from '../support/certificates';
import { expectNoSecretsAtEnd } from '../support/secret-watch';
import { API_KEY, type HealthOutcome, type TestedProvider, useSignInLab } from '../support/sign-in-lab';

const lab = useSignInLab();

afterEach(endLoopback);

/** The codes of the causes in the order of the result, the most likely first. */
function causes({ details }: HealthOutcome): string[] {
  const stage = details.stages.find(({ status }) => status === 'failed');
  return [...(stage?.text ?? []), ...(stage?.more ?? [])].flatMap(({ values }: Message) => {
    const cause = values?.cause;
    return typeof cause === 'object' && 'code' in cause ? [cause.code] : [];
  });
}

/** A provider whose token the server has accepted, and the next token of which it rejects after `change`. */
async function afterAcceptance(change: (tested: TestedProvider) => void): Promise<HealthOutcome> {
  const tested = await lab.provider(generic);
  expect((await lab.saveAndTest(lab.oauth(tested))).ok).toBe(true);
  change(tested);
  // Another data source may sign in anew at once.
  return lab.saveAndTest(lab.oauth(tested));
}

it('names a new key of the provider first if the server accepted a token of another key', async () => {
  const outcome = await afterAcceptance(({ provider }) => {
    provider.behaviour.tokens.keyName = 'provider-2';
  });
  expect(outcome.code).toBe('token_refused');
  expect(causes(outcome)[0]).toBe('cause-key-new');
  expect(causes(outcome).at(-1)).toBe('cause-configuration-changed');
  expect(outcome.report).toMatch(/signs with another key than \d+ s ago.*: wait, or restart the server/);
});

it('names the audience first if the server accepted a token of the issuer for another audience', async () => {
  const outcome = await afterAcceptance(({ provider }) => {
    provider.behaviour.tokens.claims.aud = 'another-api';
  });
  expect(causes(outcome)[0]).toBe('cause-audience-other');
  expect(outcome.report).toMatch(/its audience was .*, and now it is another-api/);
});

it('does not say that the entry is missing if the server accepted a token of the same kind', async () => {
  const outcome = await afterAcceptance(() => lab.micromegas.issuers.splice(0));
  expect(outcome.code).toBe('token_refused');
  expect(causes(outcome).at(-1)).toBe('cause-configuration-changed');
  expect(outcome.report).not.toMatch(/must contain this entry/);
});

it('says that the server needs the authority that the settings contain', async () => {
  // The server rejects the certificate of the provider.
  const tested = await lab.provider(generic, { tls: { cert: LOCALHOST.certificate, key: LOCALHOST.key } });
  const from = lab.oauth(tested, { oauthTlsAuthWithCACert: true });
  const source = { ...from, secureJsonData: { ...from.secureJsonData, oauthTlsCACert: AUTHORITY } };
  const outcome = await lab.saveAndTest(source);
  expect(outcome.code).toBe('token_refused');
  expect(causes(outcome).slice(0, 2)).toEqual(['cause-configuration', 'cause-issuer-access-authority']);
});

describe('a gateway in front of the server', () => {
  it.each([
    { name: 'removes the header Authorization', authorization: undefined },
    { name: 'replaces the header Authorization', authorization: 'Basic Z2F0ZXdheQ==' },
  ])('$name: the result names the gateway and the line in the log', async ({ authorization }) => {
    const host = await startGateway(lab.micromegas.address, (headers) => ({ ...headers, authorization }));
    const outcome = await lab.saveAndTest(lab.oauth(await lab.provider(generic), { host }));
    expect(outcome.code).toBe('token_refused');
    expect(causes(outcome).slice(0, 2)).toEqual(['cause-configuration', 'cause-authorization-sender']);
    expect(outcome.report).toMatch(/in front of the server \(Via: 1\.1 edge\).*"missing bearer token"/);
    const key = lab.source({ host, selectedAuthType: 'token' }, { token: API_KEY.key });
    const withKey = await lab.saveAndTest(key);
    expect(withKey.code).toBe('api_key_refused');
    expect(withKey.report).toMatch(/in front of the server \(Via: 1\.1 edge\).*"missing bearer token"/);
  });

  it('passes calls on otherwise', async () => {
    const host = await startGateway(lab.micromegas.address, (headers) => headers);
    const outcome = await lab.saveAndTest(lab.oauth(await lab.provider(generic), { host }));
    expect(outcome.ok ? '' : outcome.report).toBe('');
  });
});

it('says that the server waits for the issuer if only calls with a token hang', async () => {
  const tested = await lab.provider(generic);
  const { issuer } = tested.provider;
  const issuers = [{ issuer, audience: tested.saved.serverAudience }];
  const held = Promise.withResolvers<never>();
  const waiting = await startMicromegas({ issuers, fetchJson: () => held.promise });
  try {
    const outcome = await lab.saveAndTest(lab.oauth(tested, { host: waiting.address, queryTimeoutSeconds: 1 }));
    expect(outcome.code).toBe('query_timeout');
    expect(outcome.report).toContain(`probably for ${issuer}/.well-known/openid-configuration, which it reads`);
    expect(outcome.report).not.toMatch(/Check the load/);
  } finally {
    held.reject(new Error('The test has ended.'));
    await waiting.close();
  }
});

expectNoSecretsAtEnd();
