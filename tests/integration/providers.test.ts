/**
 * Save & test over the plugin protocol, against simulated providers and a server with the rules of Micromegas. Each row
 * states a provider, one of `SWITCHES`, the class of the expected message, and a pattern that the message must match.
 */
import { type MicromegasSettings } from '../../contract/settings/settings';
import { type ErrorCode } from '../../proxy/base/errors/catalogue';
import { auth0, auth0Documented } from '../fakes/providers/auth0';
import { cognito } from '../fakes/providers/cognito';
import { entra, entraOldEndpoint, entraV1, v1Issuer } from '../fakes/providers/entra';
import { generic } from '../fakes/providers/generic';
import { google } from '../fakes/providers/google';
import { hydra, opaqueHydra } from '../fakes/providers/hydra';
import { keycloak, newerKeycloak } from '../fakes/providers/keycloak';
import { okta, oktaOrg } from '../fakes/providers/okta';
import { type ProviderRules } from '../fakes/providers/rules';
import { SWITCHES, type SwitchName } from '../fakes/providers/switches';
import { LOCALHOST } from '../support/certificates';
import { ADA } from '../support/plugin';
import { expectNoSecretsAtEnd } from '../support/secret-watch';
import { useSignInLab, type HealthOutcome, type ProviderOptions } from '../support/sign-in-lab';

type MessageClass =
  | 'ok'
  | 'settings'
  | 'network'
  | 'tls'
  | 'provider-credentials'
  | 'provider-grant'
  | 'provider-limit'
  | 'provider-down'
  | 'between'
  | 'token-shape'
  | 'server-rejected'
  | 'clock';

const CLASSES: Partial<Record<ErrorCode, MessageClass>> = {
  settings_invalid: 'settings',
  provider_issuer_mismatch: 'settings',
  provider_not_oidc: 'settings',
  provider_no_token_endpoint: 'settings',
  provider_endpoint_host: 'settings',
  provider_rejected_request: 'settings',
  provider_unreachable: 'network',
  provider_timeout: 'network',
  proxy_unreachable: 'network',
  provider_untrusted: 'tls',
  tls_untrusted: 'tls',
  tls_client_certificate: 'tls',
  provider_refused: 'provider-credentials',
  provider_not_granted: 'provider-grant',
  provider_rate_limited: 'provider-limit',
  provider_down: 'provider-down',
  provider_intercepted: 'between',
  provider_bad_answer: 'provider-down',
  token_unusable: 'token-shape',
  token_audience_shared: 'token-shape',
  token_refused: 'server-rejected',
  attribution_refused: 'server-rejected',
  provider_clock: 'clock',
  token_expired: 'clock',
};

/** A provider over HTTPS with an untrusted certificate. */
const untrusted: ProviderRules = { ...generic, name: 'untrusted' };

/** An API whose tokens have version 1, with a server that is configured for version 2. */
const unexpectedV1: ProviderRules = { ...entraV1, name: 'unexpected-v1' };

type Row = readonly [ProviderRules, SwitchName, MessageClass, word: RegExp];

const ROWS: readonly Row[] = [
  [auth0, 'ok', 'ok', /@clients/],
  [auth0, 'wrongSecret', 'provider-credentials', /Client Secret/],
  [auth0, 'unknownClient', 'provider-credentials', /Client ID/],
  [auth0, 'missingAudience', 'token-shape', /Audience/],
  [auth0, 'wrongAudience', 'provider-grant', /Audience/],
  [auth0, 'wrongScope', 'provider-grant', /Scope/],
  [auth0, 'noGrant', 'provider-grant', /authori[sz]e the application/i],
  [auth0, 'rateLimited', 'provider-limit', /Rate limit exceeded/],
  [auth0, 'down', 'provider-down', /503/],
  [auth0, 'htmlError', 'provider-down', /HTTP 502, text\/html/],
  [auth0, 'redirect', 'between', /redirects/],
  [auth0, 'badJson', 'between', /JSON/],
  [auth0, 'noExpiresIn', 'ok', /@clients/],
  [auth0, 'issuerNoSlash', 'ok', /The issuer of the provider is .* with the slash/],
  [auth0, 'hs256', 'token-shape', /RS256/],
  [auth0, 'ps256', 'token-shape', /RS256/],
  [auth0, 'opaqueToken', 'token-shape', /opaque/],
  [auth0, 'otherSlash', 'server-rejected', /issuer/i],
  [auth0, 'audList', 'ok', /@clients/],
  [auth0, 'clockSlightlyAhead', 'ok', /clock/],
  [auth0, 'clockBehind', 'ok', /clock/],
  [auth0, 'discovery404', 'settings', /OIDC Issuer|Domain/i],
  [auth0Documented, 'wrongSecret', 'provider-credentials', /Client Secret/],
  [auth0Documented, 'unknownClient', 'provider-credentials', /Client ID/],

  [entra, 'ok', 'ok', /5d0d9a3e/],
  [entra, 'wrongSecret', 'provider-credentials', /Value of the client secret/],
  [entra, 'expiredSecret', 'provider-credentials', /expired/],
  [entra, 'unknownClient', 'provider-credentials', /Client ID/],
  [entra, 'missingScope', 'settings', /Check Application ID URI/],
  [entra, 'wrongScope', 'settings', /\.default/],
  [entra, 'noGrant', 'provider-grant', /role/],
  [entra, 'wrongTenant', 'settings', /tenant/i],
  [entra, 'discovery400', 'settings', /tenant/i],
  [entra, 'issuerTemplate', 'settings', /tenant|issuer/i],
  [entra, 'rateLimited', 'provider-limit', /throttled/],
  [entra, 'down', 'provider-down', /503/],
  [entra, 'otherAud', 'server-rejected', /MICROMEGAS_OIDC_CONFIG/],
  [entra, 'otherIssuer', 'settings', /issuer/i],
  [entraV1, 'ok', 'ok', /sts/],
  [unexpectedV1, 'ok', 'server-rejected', /MICROMEGAS_OIDC_CONFIG.*\/sts\//s],
  [entraOldEndpoint, 'ok', 'ok', /5d0d9a3e/],

  [okta, 'ok', 'ok', /grafana-/],
  [okta, 'wrongSecret', 'provider-credentials', /Client Secret/],
  [okta, 'unknownClient', 'provider-credentials', /client_id|Client ID/],
  [okta, 'missingScope', 'settings', /Scope/],
  [okta, 'wrongScope', 'settings', /Scope/],
  [okta, 'noGrant', 'provider-grant', /policy/i],
  [okta, 'wrongTenant', 'settings', /Not found/],
  [okta, 'rateLimited', 'provider-limit', /rate limit/],
  [okta, 'issuerNoSlash', 'ok', /The issuer of the provider is/],
  [oktaOrg, 'ok', 'settings', /custom authorization server/],

  [google, 'ok', 'ok', /104321098765432109876/],
  [google, 'unknownClient', 'settings', /Client ID/],
  [google, 'missingAudience', 'settings', /Target audience/],
  [google, 'noGrant', 'provider-grant', /./],
  [google, 'clockAhead', 'clock', /clock/],
  [google, 'clockBehind', 'clock', /clock/],
  [google, 'rateLimited', 'provider-limit', /./],
  [google, 'down', 'provider-down', /503/],

  [keycloak, 'ok', 'ok', /2f1d7e54/],
  [keycloak, 'wrongSecret', 'provider-credentials', /Client Secret/],
  [keycloak, 'unknownClient', 'provider-credentials', /Client ID/],
  [keycloak, 'wrongScope', 'settings', /Scope/],
  [keycloak, 'noGrant', 'provider-grant', /service account/i],
  [keycloak, 'wrongTenant', 'settings', /realm/i],
  [keycloak, 'shortLife', 'ok', /2f1d7e54/],
  [keycloak, 'noAud', 'token-shape', /audience mapper/],
  [keycloak, 'noSub', 'token-shape', /basic/],
  [keycloak, 'otherAud', 'token-shape', /account, which belongs to Keycloak.*audience mapper/s],
  [keycloak, 'otherIssuer', 'settings', /issuer/i],
  [keycloak, 'clockBehind', 'clock', /clock is 120 min behind/],
  [keycloak, 'oddGroups', 'token-shape', /groups/],
  [newerKeycloak, 'wrongSecret', 'provider-credentials', /Client Secret/],

  [cognito, 'ok', 'token-shape', /aud/],
  [cognito, 'wrongSecret', 'provider-credentials', /invalid_client/],
  [cognito, 'noGrant', 'provider-grant', /unauthorized_client/],

  [hydra, 'ok', 'ok', /grafana-/],
  [hydra, 'missingAudience', 'token-shape', /Audience is empty.*allow this audience for the client in Hydra/s],
  [hydra, 'wrongAudience', 'provider-grant', /allow this audience for the client in Hydra/],
  [hydra, 'issuerNoSlash', 'ok', /without the slash at the end/],
  [opaqueHydra, 'ok', 'token-shape', /In Hydra, set strategies\.access_token to jwt/],
  [opaqueHydra, 'missingAudience', 'token-shape', /Audience is empty/],

  [generic, 'ok', 'ok', /grafana-/],
  [generic, 'wrongSecret', 'provider-credentials', /Client Secret/],
  [generic, 'tokenHostDiffers', 'settings', /Endpoint hosts/],
  [generic, 'tokenHostNamed', 'ok', /grafana-/],
  [generic, 'noTokenEndpoint', 'settings', /token endpoint/],
  [generic, 'discovery404', 'settings', /discovery document/],
  [generic, 'discoveryRedirect', 'between', /redirects/],
  [generic, 'noExpiresIn', 'ok', /grafana-/],
  [generic, 'noAud', 'token-shape', /aud/],
  [generic, 'noSub', 'token-shape', /sub/],
  [generic, 'htmlError', 'provider-down', /HTTP 502, text\/html/],
  [generic, 'unreachable', 'network', /OIDC Issuer/],
  [untrusted, 'ok', 'tls', /certificate/],
];

const OPTIONS = new Map<ProviderRules, ProviderOptions>([
  [entraV1, { serverIssuer: ({ origin }) => v1Issuer(origin) }],
  [untrusted, { tls: { cert: LOCALHOST.certificate, key: LOCALHOST.key } }],
]);

const lab = useSignInLab();

function classOf({ ok, code, report }: HealthOutcome): MessageClass {
  const found = ok ? 'ok' : CLASSES[code ?? 'internal'];
  if (found === undefined) {
    throw new Error(`${code} belongs to no class: ${report}`);
  }
  return found;
}

describe('Save & test', () => {
  it.each(ROWS.map(([rules, name, expected, word]) => ({ provider: rules.name, rules, name, expected, word })))(
    '$provider, $name: $expected',
    async ({ rules, name, expected, word }) => {
      const tested = await lab.provider(rules, OPTIONS.get(rules));
      SWITCHES[name](tested);
      const outcome = await lab.saveAndTest(lab.oauth(tested));
      expect(`${classOf(outcome)}: ${outcome.report}`).toMatch(new RegExp(`^${expected}: `));
      expect(outcome.report).toMatch(word);
    }
  );
});

it('has a row for every switch', () => {
  const used = new Set<string>(ROWS.map(([, name]) => name));
  expect([...used].sort()).toEqual(Object.keys(SWITCHES).sort());
});

describe('settings that cannot work', () => {
  const TENANT = '8f2b6a52-3c1d-4d6e-9d3a-2f1f7c0a9b11';
  const login = 'https://login.microsoftonline.com';
  const cases: Array<[name: string, settings: MicromegasSettings, word: RegExp]> = [
    [
      'the tenant "common" of Entra ID, which means all tenants',
      { oauthIssuer: `${login}/common/v2.0`, oauthScope: 'a/.default' },
      /tenant/,
    ],
    ['a missing tenant of Entra ID', { oauthIssuer: `${login}/v2.0`, oauthScope: 'a/.default' }, /tenant/],
    ['a missing scope for Entra ID', { oauthIssuer: `${login}/${TENANT}/v2.0` }, /scope.*\/\.default/i],
    [
      'a scope for Entra ID without /.default',
      { oauthIssuer: `${login}/${TENANT}/v2.0`, oauthScope: 'api://x' },
      /\.default/,
    ],
    ["Okta's org server", { oauthIssuer: 'https://dev-1.okta.com', oauthScope: 'x' }, /custom authorization server/],
    ['a missing audience for Google', { oauthIssuer: 'https://accounts.google.com' }, /audience/i],
    [
      "Google's issuer with a slash",
      { oauthIssuer: 'https://accounts.google.com/', oauthAudience: 'x' },
      /OIDC Issuer/,
    ],
  ];

  it.each(cases)('rejects %s before any request', async (_name, settings, word) => {
    const secrets = { oauthClientSecret: 'never-sent-anywhere' };
    const source = lab.source({ selectedAuthType: 'oauth2', oauthClientId: 'grafana', ...settings }, secrets);
    const { code, report, details } = await lab.saveAndTest(source);
    expect(code).toBe('settings_invalid');
    expect(report).toMatch(word);
    expect(details.stages.map(({ name }) => name)).toEqual(['settings']);
  });
});

it('shows only the result to viewers', async () => {
  const tested = await lab.provider(generic);
  SWITCHES.wrongSecret(tested);
  const source = { ...lab.oauth(tested), user: { ...ADA, role: 'Viewer' } };
  const { ok, report, details } = await lab.saveAndTest(source);
  expect(ok).toBe(false);
  expect(report.trim()).not.toBe('');
  expect(report).not.toContain(new URL(tested.provider.issuer).port);
  expect(report).not.toContain(tested.provider.client.id);
  expect(details.stages).toEqual([]);
});

it('explains the token, and the user that the server records', async () => {
  const tested = await lab.provider(keycloak);
  tested.provider.behaviour.tokens.claims.aud = 'account';
  const rejected = await lab.saveAndTest(lab.oauth(tested));
  expect(rejected.code).toBe('token_audience_shared');
  expect(rejected.details.token?.serverConfig).toBeUndefined();
  expect(rejected.report).not.toContain('"account"');
  tested.provider.behaviour.tokens.claims = {};
  const other = await lab.provider(keycloak);
  const { details } = await lab.saveAndTest(lab.oauth(other));
  expect(details.token?.rules.every(({ status }) => status === 'ok')).toBe(true);
  expect(details.whoAmI).toMatchObject({
    isAttributionOn: true,
    isProven: false,
    checkId: expect.stringMatching(/./),
    recorded: { email: `service-account-${other.provider.client.id}`, client: 'grafana' },
  });
});

expectNoSecretsAtEnd();
