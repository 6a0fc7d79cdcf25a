/** The context of a health check: the data source, the sign-ins to try, and the objects that the stages share. */
import { type Environment } from '../../base/environment';
import { ProxyError } from '../../base/errors/proxy-error';
import { type FlightSqlClient } from '../../lakehouse/flight-sql/flight-sql-client';
import { type Instance, type InstanceCall } from '../../lakehouse/instances/instance';
import { type SavedDataSource } from '../../lakehouse/instances/saved-data-source';
import { type DataSourceSettings } from '../../lakehouse/instances/settings';
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { clockAhead } from '../../lakehouse/oidc/provider-clock';
import { type AccessToken } from '../../lakehouse/oidc/token-source';
import { type HealthReport } from './health-report';
import { type TestQuery } from './pending-audit-checks';

export type HealthSettings = Pick<
  DataSourceSettings,
  'server' | 'providerRoute' | 'auth' | 'attribution' | 'metadata' | 'warnings' | 'labels'
>;

export type HealthCall = InstanceCall;

/** The part of an instance that a health check needs, so that tests can replace it. */
export interface HealthInstance extends Pick<
  Instance,
  'tokenSource' | 'acceptedTokens' | 'identityFor' | 'execute' | 'getTables'
> {
  readonly settings: HealthSettings;
  readonly client: Pick<FlightSqlClient, 'probe' | 'getTables'>;
}

/** The part of `InstanceStore` that a check needs. The caller must call `release` once for each `acquire`. */
export interface HealthInstanceStore {
  /** @throws {ProxyError} `settings_invalid`, `password_unsupported`, `host_not_allowed`, `plaintext_refused`. */
  acquire(saved: SavedDataSource): { instance: HealthInstance; release(): void };
}

/** The objects that all stages of one check share. */
export interface StageContext {
  report: HealthReport;
  /** Key of the data source, see `keyOf`. */
  dataSource: string;
  instance: HealthInstance;
  /** Environment variables of the process, which may set an HTTP proxy. */
  environment: Environment;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Milliseconds of a monotonic clock. */
  elapsedMs: () => number;
  signal: AbortSignal;
  /** The memory account for results of the server. */
  memory: MemoryAccount;
  /**
   * True for users who may see details. For other users, the check runs only the stages that prove that queries work,
   * and uses the cached token. So frequent checks cause little work for the provider and the server.
   */
  isThorough: boolean;
  /**
   * Keeps the test query, so that its audit record can be read later.
   *
   * @returns The id of the query; undefined for users who may not read the record.
   */
  keepAuditCheck: (query: TestQuery) => string | undefined;
}

/** A sign-in of the data source. */
export type SignInAttempt =
  | { readonly kind: 'none' | 'token'; readonly call: HealthCall }
  /** @param lacksIdentity True when the service account replaces the missing token of the user who runs the check. */
  | { readonly kind: 'service-account'; readonly call: HealthCall; readonly lacksIdentity: boolean }
  /**
   * Uses the token of the user who runs the check.
   *
   * @param isReplacement True if `token` is the ID token, because the server has rejected this kind of access token.
   */
  | {
      readonly kind: 'forwarded';
      readonly call: HealthCall;
      readonly token: AccessToken;
      readonly isReplacement: boolean;
    };

/** The sign-ins in the order in which they are tried, at least one. */
export type SignInAttempts = readonly [SignInAttempt, ...SignInAttempt[]];

/**
 * The sign-ins to try. The first one is the sign-in of the user's queries. There are two sign-ins if the token of the
 * user is forwarded, and the data source uses the service account for users without a token.
 *
 * @throws {ProxyError} `identity_missing` when identities are forwarded, the user has no token, and the fallback to the
 *   service account is off.
 */
export function signInAttempts(instance: HealthInstance, call: HealthCall, nowMs: number): SignInAttempts {
  const { auth } = instance.settings;
  if (auth.kind !== 'oauth2') {
    return [{ kind: auth.kind, call }];
  }
  const identity = instance.identityFor(call);
  if (identity.kind === 'service-account') {
    return [{ kind: 'service-account', call, lacksIdentity: auth.forwarding !== undefined }];
  }
  if (identity.kind !== 'forwarded') {
    throw new ProxyError('internal', { cause: new Error(`An OAuth data source signs in as ${identity.kind}.`) });
  }
  const { token: secret, description, isReplacement = false } = identity;
  const expiresAtMs = description.expiryMs ?? nowMs;
  // `issuedMs` is a past time of the provider's clock. If it is later than the local time, the provider's clock is
  // ahead by at least the difference.
  const providerClockAheadMs = Math.max(0, clockAhead(description.issuedMs, nowMs));
  const token = { secret, description, receivedAtMs: nowMs, expiresAtMs, providerClockAheadMs };
  const own: SignInAttempt = { kind: 'forwarded', call, token, isReplacement };
  return auth.forwarding?.fallback === true
    ? [own, { kind: 'service-account', call: { ...call, forwarded: undefined }, lacksIdentity: false }]
    : [own];
}
