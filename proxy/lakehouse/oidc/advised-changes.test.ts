import { fieldLabels } from '../../../contract/settings/field-labels';
import { type Message, message, MESSAGES, type MessageCode, render } from '../../../contract/messages/message';
import { sentenceCount } from '../../../contract/messages/sentences';
import { ERRORS } from '../../base/errors/catalogue';
import { ADVISED_CHANGES, isNeeded } from './advised-changes';
import { type AuthenticationInUse, type AuthenticationKind, type SettingsInUse } from './client-credentials';
import { HINTS, hintFor, neededAdvice } from './provider-hints';
import { failureOf } from './testing/rejections';

const KINDS: readonly AuthenticationKind[] = [
  'secret',
  'secret-file',
  'secret-jwt',
  'private-key',
  'assertion-file',
  'google-key',
];
const SWITCHES = [true, false];

/** Every combination of values of the settings to which advice refers. */
const ALL_SETTINGS: readonly AuthenticationInUse[] = KINDS.flatMap((kind) =>
  (['auto', 'post', 'basic', 'basic_unencoded'] as const).flatMap((secretStyle) =>
    SWITCHES.flatMap((hasKeyId) =>
      SWITCHES.flatMap((hasAudience) =>
        SWITCHES.map((hasResource) => ({ kind, secretStyle, hasKeyId, hasAudience, hasResource, algorithm: 'RS256' }))
      )
    )
  )
);

function isMade({ code }: Message, settings: SettingsInUse): boolean {
  const change = ADVISED_CHANGES[code];
  return change !== undefined && Object.entries(change).every(([name, value]) => Reflect.get(settings, name) === value);
}

/** Matches advice to select one value for a setting, to clear the setting, or to fill it in because it is empty. */
const NAMES_A_VALUE =
  /\bselect (?:the )?[A-Z][\w ()]*(?:, if [^)]*\)| )as \{\{oauth(?:ClientProof|SecretStyle)\}\}|\bclear \{\{|\}\} is empty\b/i;

it('ADVISED_CHANGES has an entry for all advice that names one value for a setting', () => {
  const codes = Object.entries(MESSAGES).flatMap(([code, message]) => (NAMES_A_VALUE.test(message) ? [code] : []));
  expect(codes.length).toBeGreaterThan(6);
  expect(codes.filter((code) => !Object.hasOwn(ADVISED_CHANGES, code))).toEqual([]);
});

it('drops advice whose change is already made, and keeps other advice', () => {
  expect(isNeeded(message('hydra-secret-place'), { secretStyle: 'auto' })).toBe(false);
  expect(isNeeded(message('hydra-secret-place'), { secretStyle: 'post' })).toBe(true);
  expect(isNeeded(message('hydra-secret-place'), {})).toBe(true);
  expect(isNeeded(message('client-id-empty'), {})).toBe(true);
});

const HINT_ROWS = HINTS.map((hint) => ({ name: `${hint.pattern.source} ${hint.methods?.join() ?? ''}`, hint }));

describe('the advice of a hint', () => {
  const advised = HINT_ROWS.flatMap(({ name, hint }) =>
    ALL_SETTINGS.filter(({ kind }) => hint.methods?.includes(kind) ?? true).map((settings) => ({
      name,
      settings,
      code: hint.code ?? 'provider_refused',
      advice: neededAdvice(hint.advice, settings),
      all: [...neededAdvice(hint.advice, settings), ...neededAdvice(hint.more ?? [], settings)],
    }))
  );

  it('never recommends a setting that is already set', () => {
    expect(advised.length).toBeGreaterThan(HINTS.length * 50);
    expect(advised.flatMap(({ all, settings }) => all.filter((each) => isMade(each, settings)))).toEqual([]);
  });

  it('has at most four sentences, including the summary and the words of the provider', () => {
    const said = message('provider-said', { words: 'x', status: 400 });
    const long = advised.filter(({ advice, code }) => {
      const summary: Message = { code: 'failure', values: { error: code, text: ERRORS[code].message } };
      return sentenceCount([summary, said, ...advice]) > 4;
    });
    expect([...new Set(long.map(({ name }) => name))]).toEqual([]);
  });

  it('mentions no client secret to a client with a private key, except if the provider expects a secret', () => {
    const about: MessageCode[] = ['use-secret', 'use-secret-jwt'];
    const messages = advised
      .filter(({ settings }) => settings.kind === 'private-key')
      .flatMap(({ all }) => all.filter(({ code }) => !about.includes(code)))
      .map((each) => render(each, { labels: fieldLabels('other') }));
    expect(
      [...new Set(messages)].filter((message) => /client secret|secret file/i.test(message) && !/Google/.test(message))
    ).toEqual([]);
  });
});

/** Codes of the advice for a response of the token endpoint. */
function codesFor(words: string, authentication: AuthenticationInUse, url = 'https://idp.example/token'): string[] {
  const [error, ...rest] = words.split(': ');
  return (
    hintFor({ error, description: rest.join(': ') || undefined, url, authentication })?.advice?.map(
      ({ code }) => code
    ) ?? []
  );
}

const KEY: AuthenticationInUse = { kind: 'private-key', algorithm: 'RS256' };
const BAD_CLIENT = 'Invalid client or Invalid client credentials';
const JWT_FAILED = 'Client authentication with signed JWT failed: Signature on JWT token failed validation';
const POST_METHOD =
  "Client authentication failed. The OAuth 2.0 Client supports client authentication method 'client_secret_basic', but method 'client_secret_post' was requested.";

it.each<{ words: string; authentication: AuthenticationInUse; advice: string[] }>([
  { words: `unauthorized_client: ${BAD_CLIENT}`, authentication: { kind: 'secret' }, advice: ['keycloak-secret-wrong'] },
  { words: `unauthorized_client: ${BAD_CLIENT}`, authentication: { kind: 'secret-file' }, advice: ['keycloak-secret-file-wrong'] },
  { words: `unauthorized_client: ${BAD_CLIENT}`, authentication: KEY, advice: ['use-secret'] },
  { words: `invalid_client: ${BAD_CLIENT}`, authentication: { kind: 'secret' }, advice: ['keycloak-client-unknown'] },
  { words: `invalid_client: ${BAD_CLIENT}`, authentication: KEY, advice: ['keycloak-client-unknown'] },
  { words: `invalid_client: ${JWT_FAILED}`, authentication: { kind: 'secret-jwt' }, advice: ['use-private-key'] },
  { words: `invalid_client: ${JWT_FAILED}`, authentication: KEY, advice: ['check-private-key'] },
  { words: 'invalid_client: Unable to load public key', authentication: { ...KEY, hasKeyId: true }, advice: ['keycloak-key-unknown'] },
  { words: 'invalid_client: Unable to load public key', authentication: { ...KEY, hasKeyId: false }, advice: ['keycloak-no-keys'] },
  { words: 'invalid_client: Client authentication with signed JWT failed: Token reuse detected', authentication: { kind: 'assertion-file' }, advice: ['assertion-file-reused'] },
  { words: 'invalid_request: Client Certification missing for MTLS HoK Token Binding', authentication: { kind: 'secret' }, advice: ['switch-off-mtls-binding'] },
  { words: 'access_denied: Realm not enabled', authentication: { kind: 'secret' }, advice: ['keycloak-realm-disabled'] },
  { words: "invalid_request: User 'service-account-grafana' disabled", authentication: { kind: 'secret' }, advice: ['keycloak-user-disabled'] },
  { words: 'invalid_request: HTTPS required', authentication: { kind: 'secret' }, advice: ['keycloak-https-required'] },
  { words: `invalid_client: ${POST_METHOD}`, authentication: { kind: 'secret', secretStyle: 'post' }, advice: ['hydra-secret-place'] },
  { words: `invalid_client: ${POST_METHOD}`, authentication: { kind: 'secret', secretStyle: 'auto' }, advice: [] },
  { words: "invalid_request: The JSON Web Token uses signing key with kid 'zz', which could not be found.", authentication: { ...KEY, hasKeyId: true }, advice: ['hydra-key-unknown'] },
  { words: 'invalid_request: The JSON Web Token must contain a kid header value but did not.', authentication: { ...KEY, hasKeyId: false }, advice: ['key-id-required'] },
  { words: "jti_known: The jti was already used. Claim 'jti' from 'client_assertion' MUST only be used once.", authentication: { kind: 'assertion-file' }, advice: ['assertion-file-reused'] },
  { words: 'unauthorized_client: requested grant type is not allowed for this client', authentication: { kind: 'secret' }, advice: ['grant-not-allowed'] },
  { words: "unauthorized_client: The OAuth 2.0 Client is not allowed to use authorization grant 'client_credentials'.", authentication: KEY, advice: ['grant-not-allowed'] },
  { words: 'invalid_target: resource indicator is missing, or unknown', authentication: { kind: 'secret', hasResource: false }, advice: ['resource-missing'] },
  { words: 'invalid_target: resource indicator is missing, or unknown', authentication: { kind: 'secret', hasResource: true }, advice: ['resource-unknown'] },
  { words: 'invalid_target: The audience is not known.', authentication: { kind: 'secret', hasAudience: true, hasResource: false }, advice: ['audience-not-issued'] },
])('advises $advice for a client with $authentication.kind: $words', ({ words, authentication, advice }) => {
  expect(codesFor(words, authentication)).toEqual(advice);
}); // prettier-ignore

it.each([
  ['https://sso.example/auth/realms/lake/.well-known/openid-configuration', 'keycloak-old-path'],
  ['https://sso.example/.well-known/openid-configuration', 'keycloak-realm-missing'],
  ['https://sso.example/realms/lake/.well-known/openid-configuration', 'keycloak-other-path'],
])('for the URL %s of Keycloak, gives the advice %s', (url, code) => {
  const failure = { error: 'Unable to find matching target resource method', url, authentication: undefined };
  expect(hintFor(failure)?.advice?.map((each) => each.code)).toEqual([code]);
});

it('shows a warning about the secret first, and the other causes as details', () => {
  const failure = failureOf(401, { error: 'invalid_client' }, { kind: 'secret', mistake: message('secret-in-quotes') });
  expect(failure.code).toBe('provider_refused');
  expect(failure.messages.advice).toEqual([message('secret-in-quotes')]);
  expect(failure.moreMessages.map(({ code }) => code)).toContain('check-secret');
});
