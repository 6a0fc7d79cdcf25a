/**
 * Save & test names the cause and the remedy of mistakes that occur with real providers, in at most four sentences.
 * Each row states the code of the failure and the codes of the sentences after the summary. The tests use the
 * plugin protocol, simulated providers that respond as the real ones do, and a server with the rules of Micromegas.
 */
import { type HealthStage } from '../../contract/resources/health';
import { type Message, type MessageCode } from '../../contract/messages/message';
import { MAX_SENTENCES, sentenceCount } from '../../contract/messages/sentences';
import { type MicromegasSettings } from '../../contract/settings/settings';
import { type ErrorCode } from '../../proxy/base/errors/catalogue';
import { generic } from '../fakes/providers/generic';
import { hydra } from '../fakes/providers/hydra';
import { keycloak } from '../fakes/providers/keycloak';
import { resourceIndicators } from '../fakes/providers/resource-indicators';
import { type ProviderRules } from '../fakes/providers/rules';
import { LOCALHOST } from '../support/certificates';
import { expectNoSecretsAtEnd } from '../support/secret-watch';
import { type HealthOutcome, type TestedProvider, useSignInLab } from '../support/sign-in-lab';

const lab = useSignInLab();

type Prepare = (tested: TestedProvider) => MicromegasSettings | void;

interface Row {
  name: string;
  rules: ProviderRules;
  prepare: Prepare;
  code: ErrorCode;
  shown: MessageCode[];
  /** Codes that must be among the details. */
  more?: MessageCode[];
  isHttps?: boolean;
}

const withKey =
  (settings: MicromegasSettings = {}): Prepare =>
  ({ provider, saved }) => {
    provider.client.method = 'private_key_jwt';
    saved.secrets = { oauthPrivateKey: provider.client.rsa.privatePem };
    return { oauthClientProof: 'private_key', ...settings };
  };
const wrongSecret: Prepare = ({ saved }) => {
  saved.secrets.oauthClientSecret = 'another-secret-0815';
};
const withClient =
  (client: Partial<TestedProvider['provider']['client']>, prepare: Prepare = () => undefined): Prepare =>
  (tested) => {
    const settings = prepare(tested);
    Object.assign(tested.provider.client, client);
    return settings;
  };
const withClaims =
  (claims: Record<string, unknown>): Prepare =>
  ({ provider }) => {
    Object.assign(provider.behaviour.tokens.claims, claims);
  };
const withDiscovery =
  (discovery: TestedProvider['provider']['behaviour']['discovery']): Prepare =>
  ({ provider }) => {
    provider.behaviour.discovery = discovery;
    return { oauthTlsSkipVerify: true };
  };
const rejectedByServer: Prepare = () => {
  lab.micromegas.issuers.splice(0);
};

const SAID: MessageCode = 'provider-said';

const ROWS: Row[] = [
  // Hydra's default client accepts the secret in the header only.
  { name: 'a wrong secret', rules: hydra, prepare: withClient({ onlyBy: 'basic' }, wrongSecret), code: 'provider_refused', shown: [SAID, 'check-secret', 'compare-method'], more: ['allow-client-credentials', 'double-dollars', 'methods-tried'] },
  { name: 'the secret in the wrong place', rules: hydra, prepare: withClient({ onlyBy: 'basic' }, () => ({ oauthSecretStyle: 'post' })), code: 'provider_client_method', shown: [SAID, 'hydra-secret-place'], more: [SAID] },
  { name: 'an unknown key ID', rules: hydra, prepare: withKey({ oauthKeyId: 'zz' }), code: 'provider_refused', shown: [SAID, 'hydra-key-unknown'], more: [SAID] },
  { name: 'a missing key ID', rules: hydra, prepare: withKey(), code: 'provider_refused', shown: [SAID, 'key-id-required'] },
  { name: 'a grant that is not allowed', rules: hydra, prepare: withClient({ isGranted: false }), code: 'provider_not_granted', shown: [SAID, 'grant-not-allowed'] },

  { name: 'a wrong secret', rules: keycloak, prepare: wrongSecret, code: 'provider_refused', shown: [SAID, 'keycloak-secret-wrong'], more: [SAID, 'double-dollars'] },
  { name: 'an unknown client', rules: keycloak, prepare: () => ({ oauthClientId: 'somebody-else' }), code: 'provider_refused', shown: [SAID, 'keycloak-client-unknown'], more: ['keycloak-secret-too'] },
  { name: 'a JWT signed with the secret for a client with a certificate', rules: keycloak, prepare: withClient({ method: 'private_key_jwt', hasCertificate: true }, () => ({ oauthClientProof: 'secret_jwt' })), code: 'provider_client_method', shown: [SAID, 'use-private-key'] },
  { name: 'a client without keys', rules: keycloak, prepare: withClient({ isKeyless: true }, withKey()), code: 'provider_refused', shown: [SAID, 'keycloak-no-keys'] },
  { name: 'an unknown key ID', rules: keycloak, prepare: withClient({ isKeyless: true }, withKey({ oauthKeyId: 'k1' })), code: 'provider_refused', shown: [SAID, 'keycloak-key-unknown'] },
  { name: 'tokens that are bound to a certificate', rules: keycloak, prepare: withClient({ isBoundToCertificate: true }), code: 'provider_rejected_request', shown: [SAID, 'switch-off-mtls-binding'] },
  { name: 'a disabled service account', rules: keycloak, prepare: withClient({ isUserDisabled: true }), code: 'provider_not_granted', shown: [SAID, 'keycloak-user-disabled'] },
  { name: 'a disabled realm', rules: keycloak, prepare: withClient({ isRealmDisabled: true }), code: 'provider_not_granted', shown: [SAID, 'keycloak-realm-disabled'] },
  { name: 'a request over HTTP', rules: keycloak, prepare: withDiscovery('httpsRequired'), code: 'provider_not_oidc', shown: [SAID, 'keycloak-https-required'] },
  { name: 'a path that is not a realm', rules: keycloak, prepare: ({ provider }) => { provider.behaviour.discovery = 'noSuchPath'; }, code: 'provider_not_oidc', shown: [SAID, 'keycloak-other-path'] },
  { name: 'a proxy that forwards only the protocol', rules: keycloak, prepare: withDiscovery('issuerAtOtherPort'), code: 'provider_issuer_mismatch', shown: ['issuer-found', 'forwarded-host-keycloak'], more: ['issuer-mismatch'], isHttps: true },
  { name: 'an issuer over HTTP behind a proxy', rules: keycloak, prepare: withDiscovery('issuerOverHttp'), code: 'provider_issuer_mismatch', shown: ['issuer-found', 'forwarded-headers-keycloak', 'do-not-change-issuer'], isHttps: true },
  { name: 'a token endpoint over HTTP behind a proxy', rules: keycloak, prepare: withDiscovery('tokenEndpointOverHttp'), code: 'provider_no_token_endpoint', shown: ['token-endpoint-over-http', 'forwarded-headers-keycloak'], isHttps: true },
  { name: 'the audience of another client', rules: keycloak, prepare: withClaims({ aud: 'billing', resource_access: { billing: { roles: ['read'] } } }), code: 'token_audience_shared', shown: ['token-shared-audience', 'do-not-configure', 'audience-keycloak'], more: ['audience-keycloak-switches'] },
  { name: 'a mapper that does not write into access tokens', rules: keycloak, prepare: ({ provider }) => { provider.behaviour.tokens.without.push('aud'); }, code: 'token_unusable', shown: ['token-no-audience', 'audience-keycloak', 'audience-keycloak-switches'] },
  { name: 'a mapper that does not write into lightweight access tokens', rules: keycloak, prepare: ({ provider }) => { provider.behaviour.tokens.without.push('aud', 'preferred_username'); }, code: 'token_unusable', shown: ['token-no-audience', 'audience-keycloak-lightweight', 'audience-keycloak'] },

  { name: 'an opaque token', rules: resourceIndicators, prepare: () => ({ oauthParameterName1: undefined, oauthParameterValue1: undefined, oauthAudience: 'x' }), code: 'token_unusable', shown: ['token-opaque', 'resource-missing', 'opaque-other'] },
  { name: 'an unknown resource', rules: resourceIndicators, prepare: () => ({ oauthParameterValue1: 'https://other.example.com' }), code: 'provider_rejected_request', shown: [SAID, 'resource-unknown'] },
  { name: 'a grant that is not allowed', rules: resourceIndicators, prepare: withClient({ isGranted: false }), code: 'provider_not_granted', shown: [SAID, 'grant-not-allowed'] },

  { name: 'a secret in quotes', rules: generic, prepare: ({ saved }) => { saved.secrets.oauthClientSecret = `"${saved.secrets.oauthClientSecret}"`; }, code: 'provider_refused', shown: [SAID, 'secret-in-quotes'], more: ['check-secret'] },
  { name: 'a secret that was not replaced', rules: generic, prepare: ({ saved }) => { saved.secrets.oauthClientSecret = '$CLIENT_SECRET_OF_MINE'; }, code: 'provider_refused', shown: [SAID, 'secret-not-replaced'] },
  { name: 'a secret with a zero-width character', rules: generic, prepare: ({ saved }) => { saved.secrets.oauthClientSecret = `${saved.secrets.oauthClientSecret}\u200bx`; }, code: 'provider_refused', shown: [SAID, 'secret-has-invisible-character'] },
  { name: 'a secret with $$, as only provisioning files write $', rules: generic, prepare: ({ saved }) => { saved.secrets.oauthClientSecret = `${saved.secrets.oauthClientSecret}$$`; }, code: 'provider_refused', shown: [SAID, 'secret-with-double-dollar'], more: ['check-secret'] },
  { name: 'a server that is configured for other tokens', rules: generic, prepare: rejectedByServer, code: 'token_refused', shown: ['token-checked', 'numbered-cause', 'numbered-cause'], more: ['numbered-cause', 'restart-server', 'token-as-seen', 'server-said'] },
  { name: 'a slash at the end of the issuer in the token', rules: generic, prepare: ({ provider }) => { provider.behaviour.tokens.hasOtherSlash = true; }, code: 'token_refused', shown: ['issuer-differs-by-slash', 'token-checked', 'numbered-cause'], more: ['restart-server'] },
]; // prettier-ignore

function failedStage({ details }: HealthOutcome): HealthStage | undefined {
  return details.stages.find(({ status }) => status === 'failed');
}

const codes = (messages: readonly Message[] = []) => messages.map(({ code }) => code);

describe('Save & test', () => {
  it.each(ROWS)('$rules.name: $name', async ({ rules, prepare, code, shown, more = [], isHttps = false }) => {
    const tls = isHttps ? { cert: LOCALHOST.certificate, key: LOCALHOST.key } : undefined;
    const tested = await lab.provider(rules, { tls });
    const settings = prepare(tested) ?? {};
    const outcome = await lab.saveAndTest(lab.oauth(tested, settings));
    expect(outcome.code).toBe(code);
    const stage = failedStage(outcome);
    const [summary, ...found] = stage?.text ?? [];
    expect(summary?.code).toBe('failure');
    // A failure without specific advice has the advice of the error catalogue.
    expect(codes(found).filter((each) => each !== 'failure-advice')).toEqual(shown);
    expect(codes(stage?.more)).toEqual(expect.arrayContaining(more));
    expect(sentenceCount(stage?.text ?? [])).toBeLessThanOrEqual(MAX_SENTENCES);
  });
});

it('checks whether the server accepts calls without a token, but only if it accepts the token', async () => {
  const tested = await lab.provider(generic);
  const without = () => lab.micromegas.calls.filter(({ headers }) => headers.authorization === undefined).length;
  const before = without();
  rejectedByServer(tested);
  expect((await lab.saveAndTest(lab.oauth(tested))).code).toBe('token_refused');
  expect(without()).toBe(before);
  lab.micromegas.issuers.push({ issuer: tested.provider.issuer, audience: tested.saved.serverAudience });
  const { ok, details } = await lab.saveAndTest(lab.oauth(tested));
  expect(ok).toBe(true);
  expect(without()).toBe(before + 1);
  expect(codes(details.stages.find(({ name }) => name === 'server')?.more)).toEqual(['open-server-probe']);
});

expectNoSecretsAtEnd();
