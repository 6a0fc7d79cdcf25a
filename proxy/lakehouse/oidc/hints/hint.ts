/**
 * The type of hints, which are advice for errors of identity providers. Also advice that the hints of several providers
 * share.
 */
import { message, type Message, type PlainCode } from '../../../../contract/messages/message';
import { type ErrorCode } from '../../../base/errors/catalogue';
import { type AuthenticationInUse, type AuthenticationKind } from '../client-credentials';

/** The code of a message, or a function that returns a message about the fields of the client authentication in use. */
export type Advice = PlainCode | ((authentication: AuthenticationInUse) => Message);

/** A pattern that recognizes an error of a provider by its message, with advice for the error. */
export interface ProviderHint {
  /** Searched in `<error>: <description>`. */
  readonly pattern: RegExp;
  /** The hint applies only to requests whose URL matches. Default: it applies to every request. */
  readonly url?: RegExp;
  /** Code of the failure, if the provider's `error` and the status do not determine it. */
  readonly code?: ErrorCode;
  /**
   * One or two messages about the most likely cause. If the settings already follow all these messages, the next hint
   * that matches is used.
   */
  readonly advice: readonly Advice[];
  /** Less likely causes, and what to do about them. */
  readonly more?: readonly Advice[];
  /**
   * The hint applies to these methods only: with other methods, the same message has another meaning. Default: all
   * methods.
   */
  readonly methods?: readonly AuthenticationKind[];
  /** See `ProviderErrorOptions.isAboutMethod`. */
  readonly isAboutMethod?: boolean;
}

/** Methods that send an assertion. */
export const ASSERTIONS = ['private-key', 'secret-jwt', 'assertion-file', 'google-key'] as const;
/** Methods that send the secret itself. */
export const SECRETS = ['secret', 'secret-file'] as const;

const CHECKS = {
  secret: 'check-secret',
  'secret-file': 'check-secret-file',
  'secret-jwt': 'check-secret',
  'private-key': 'check-private-key',
  'assertion-file': 'check-assertion-file',
  'google-key': 'check-google-key',
} as const satisfies Readonly<Record<AuthenticationKind, PlainCode>>;

/** Advice for a client that the provider rejected: to check the fields of the authentication in use. */
export function checkCredentials({ kind }: AuthenticationInUse): Message {
  return message(CHECKS[kind]);
}

/**
 * Advice after `invalid_client`, by which some providers reject a method or an algorithm, too: to compare what was sent
 * with the registration of the client.
 */
export function compareMethod({ kind, algorithm }: AuthenticationInUse): Message {
  const authentication = message(`proof-${kind}`);
  return algorithm === undefined
    ? message('compare-method', { authentication })
    : message('compare-algorithm', { authentication, algorithm });
}

/**
 * Authentication methods that a provider may require of a client. `signed-jwt`: signed with a private key or the
 * secret.
 */
type ClientMethod = 'secret' | 'private-key' | 'secret-jwt' | 'signed-jwt';

/**
 * The parts of a hint for a client for which the provider requires `method`, while the data source uses another method.
 */
export function useMethod(method: ClientMethod): Pick<ProviderHint, 'code' | 'advice' | 'isAboutMethod'> {
  const advice = ({ kind }: AuthenticationInUse) =>
    message(`use-${method}`, { authentication: message(`proof-${kind}`) });
  return { code: 'provider_client_method', advice: [advice], isAboutMethod: true };
}

/** Advice for a client whose assertions must be signed with another algorithm. */
export function useAlgorithm({ kind, algorithm }: AuthenticationInUse): Message {
  return kind === 'assertion-file' || algorithm === undefined
    ? message('use-algorithm-in-file')
    : message('use-algorithm', { algorithm });
}

/** Advice for an assertion that has expired or is not valid yet. */
export function checkClock({ kind }: AuthenticationInUse): Message {
  return message(kind === 'assertion-file' ? 'renew-assertion-file' : 'set-clock');
}

/** Advice for an assertion that the provider has already received. */
export function renewAssertion({ kind }: AuthenticationInUse): Message {
  return message(kind === 'assertion-file' ? 'assertion-file-reused' : 'assertion-reused');
}

/** Advice after `invalid_target`: add or correct `resource` (RFC 8707), or correct the audience. */
export function checkTarget({ hasResource = false, hasAudience = false }: AuthenticationInUse): Message {
  return message(hasResource ? 'resource-unknown' : hasAudience ? 'audience-not-issued' : 'resource-missing');
}

/** Advice for a wrong secret: to copy it from Keycloak again, to the settings or to its file. */
export function copyKeycloakSecret({ kind }: AuthenticationInUse): Message {
  return message(kind === 'secret-file' ? 'keycloak-secret-file-wrong' : 'keycloak-secret-wrong');
}
