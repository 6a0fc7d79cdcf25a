/**
 * The methods of client authentication at a token endpoint, in the order in which they are tried. Files are read for
 * each token request, because platforms replace these files.
 */
import { type ClientAuth, ClientSecretBasic, ClientSecretPost } from 'openid-client';
import { message, type Message } from '../../../contract/messages/message';
import { secretWarning } from '../../../contract/settings/secret-shape';
import { ProxyError } from '../../base/errors/proxy-error';
import { Secret } from '../../observe/logging/secret';
import {
  type AssertionSigner,
  createAssertionSigner,
  type PrivateKeyAuthentication,
  type SecretJwtAuthentication,
} from './client-assertion';
import {
  type ClientCredentials,
  type KnownSettings,
  type AuthenticationMethod,
  type AuthenticationInUse,
  settingsInUse,
} from './client-credentials';
import { type Provider } from './discovery';
import { type ProviderRules } from './provider-rules';
import { assertionMistake } from './assertion-mistake';
import { formEncoded } from '../../observe/logging/redact';
import { readSecretFile, type ReadFile } from './secret-file';

/** One method of client authentication. */
export interface Attempt {
  /** Stable over token requests: the method that worked is remembered by this id. */
  readonly id: string;
  /** For example `client secret in the form`. */
  readonly description: Message;
  /** Secrets to remove from a response. */
  readonly secrets: readonly Secret[];
  readonly authentication: AuthenticationInUse;
  /** Creates the authentication. Signs an assertion if the method is `private-key` or `secret-jwt`. */
  prepare(): Promise<ClientAuth>;
}

interface ClientAuthenticationDeps {
  readFile: ReadFile;
  /** Milliseconds since 1970. */
  now: () => number;
}

/**
 * All methods for one token request, the preferred one first. `signal` ends the wait for a file.
 *
 * @throws {ProxyError} `settings_invalid`, `file_not_allowed`, `file_hosts_unrestricted`, `file_unreadable`.
 */
export type AttemptSource = (provider: Provider, signal: AbortSignal) => Promise<Attempt[]>;

type SecretMethod = 'post' | 'basic' | 'basic_unencoded';
type SecretAuthentication = Extract<AuthenticationMethod, { kind: 'secret' | 'secret-file' }>;

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

function mistakeIn(secret: Secret): Pick<AuthenticationInUse, 'mistake'> {
  const warning = secretWarning(secret.reveal());
  return warning === undefined ? {} : { mistake: message(warning) };
}

function basicOf(clientId: string, secret: string): string {
  return Buffer.from(`${clientId}:${secret}`).toString('base64');
}

/** Basic authentication without the form encoding of id and secret that RFC 6749, section 2.3.1, requires. */
function unencodedBasic(clientId: string, secret: string): ClientAuth {
  return (_server, _client, _body, headers) => headers.set('authorization', `Basic ${basicOf(clientId, secret)}`);
}

/**
 * The methods to send the secret. Methods that the discovery document lists are tried first. The other methods are
 * tried too, because the list is often wrong.
 */
function secretMethods(provider: Provider, first: 'post' | 'basic'): SecretMethod[] {
  const inOrder: SecretMethod[] = first === 'post' ? ['post', 'basic'] : ['basic', 'post'];
  const listed: unknown = provider.metadata.token_endpoint_auth_methods_supported;
  if (!Array.isArray(listed)) {
    return inOrder;
  }
  const isListed = (method: SecretMethod) => listed.includes(`client_secret_${method}`);
  return [...inOrder.filter(isListed), ...inOrder.filter((method) => !isListed(method))];
}

function secretAttempt(
  clientId: string,
  secret: Secret,
  method: SecretMethod,
  shown: Pick<Attempt, 'description' | 'authentication'>
): Attempt {
  const value = secret.reveal();
  const authenticate = {
    post: () => ClientSecretPost(value),
    basic: () => ClientSecretBasic(value),
    basic_unencoded: () => unencodedBasic(clientId, value),
  }[method];
  return {
    id: method,
    ...shown,
    secrets: [
      secret,
      new Secret(basicOf(clientId, value)),
      new Secret(basicOf(formEncoded(clientId), formEncoded(value))),
    ],
    prepare: () => Promise.resolve(authenticate()),
  };
}

function withSecret(
  clientId: string,
  authentication: SecretAuthentication,
  rules: ProviderRules,
  settings: KnownSettings,
  readFile: ReadFile
): AttemptSource {
  return async (provider, signal) => {
    const isFile = authentication.kind === 'secret-file';
    const secret = isFile ? await readSecretFile(authentication.path, readFile, signal) : authentication.secret;
    const methods =
      authentication.style === 'auto' ? secretMethods(provider, rules.firstSecretMethod) : [authentication.style];
    const inUse = { ...settings, ...mistakeIn(secret) };
    return methods.map((method) =>
      secretAttempt(clientId, secret, method, {
        description: message(`used-${authentication.kind}-${method}`),
        authentication: inUse,
      })
    );
  };
}

function sendAssertion(clientId: string, assertion: string): ClientAuth {
  return (_server, _client, body) => {
    body.set('client_id', clientId);
    body.set('client_assertion_type', ASSERTION_TYPE);
    body.set('client_assertion', assertion);
  };
}

function withAssertion(
  clientId: string,
  authentication: PrivateKeyAuthentication | SecretJwtAuthentication,
  rules: ProviderRules,
  settings: KnownSettings,
  now: () => number
): AttemptSource {
  const mistake = authentication.kind === 'secret-jwt' ? mistakeIn(authentication.secret) : {};
  let signer: AssertionSigner | undefined;
  return (provider) =>
    // The signer is created in the promise, so that an invalid key rejects the promise instead of throwing
    // synchronously.
    Promise.resolve().then(() => {
      const ready = (signer ??= createAssertionSigner(authentication, rules.assertion));
      return rules.assertion.audiences.map((kind): Attempt => {
        const audience = kind === 'issuer' ? provider.issuer : provider.tokenEndpoint;
        return {
          id: kind,
          description: message(`used-${authentication.kind}`, { algorithm: ready.algorithm, audience }),
          secrets: authentication.kind === 'secret-jwt' ? [authentication.secret] : [],
          authentication: { ...settings, algorithm: ready.algorithm, ...mistake },
          prepare: async () => sendAssertion(clientId, await ready.sign(clientId, audience, now())),
        };
      });
    });
}

function withAssertionFile(
  clientId: string,
  path: string,
  settings: KnownSettings,
  { readFile, now }: ClientAuthenticationDeps
): AttemptSource {
  return async (provider, signal) => {
    const assertion = await readSecretFile(path, readFile, signal);
    const value = assertion.reveal();
    const mistake = assertionMistake(value, provider, now());
    return [
      {
        id: 'assertion-file',
        description: message('used-assertion-file'),
        secrets: [assertion],
        authentication: { ...settings, ...(mistake && { mistake }) },
        prepare: () => Promise.resolve(sendAssertion(clientId, value)),
      },
    ];
  };
}

/** Returns the source of the methods with which the client of `credentials` can authenticate. */
export function createClientAuthentication(
  credentials: ClientCredentials,
  rules: ProviderRules,
  { readFile, now }: ClientAuthenticationDeps
): AttemptSource {
  const { clientId, authentication } = credentials;
  const settings = settingsInUse(credentials);
  switch (authentication.kind) {
    case 'secret':
    case 'secret-file':
      return withSecret(clientId, authentication, rules, settings, readFile);
    case 'secret-jwt':
    case 'private-key':
      return withAssertion(clientId, authentication, rules, settings, now);
    case 'assertion-file':
      return withAssertionFile(clientId, authentication.path, settings, { readFile, now });
    case 'google-key':
      return () =>
        Promise.reject(
          new ProxyError('settings_invalid', { detail: 'The key of a Google service account works with Google only.' })
        );
  }
}
