/**
 * The sign-ins of a data source that a health check tries. Mostly one; a data source that forwards its users' identities
 * and lets the service account stand in for the rest has two.
 */
import { ProxyError } from '../../errors/proxy-error';
import { clockAhead } from '../../oidc/provider-clock';
import { type AccessToken } from '../../oidc/token-source';
import { type HealthCall, type HealthInstance } from './health-instance';

export type Trial =
  | { readonly kind: 'none' | 'token'; readonly call: HealthCall }
  /** @param lacksIdentity True when it stands in for the user who asks, whose own token is missing. */
  | { readonly kind: 'service-account'; readonly call: HealthCall; readonly lacksIdentity: boolean }
  /** With the token of the user who asks. */
  | { readonly kind: 'forwarded'; readonly call: HealthCall; readonly token: AccessToken };

/** In the order of trying, at least one. */
export type Trials = readonly [Trial, ...Trial[]];

/**
 * What there is to try; the first is the one that the asking user's queries take.
 *
 * @throws {ProxyError} `identity_missing` when users' identities are forwarded, and there is none and nobody stands in.
 */
export function trialsOf(instance: HealthInstance, call: HealthCall, nowMs: number): Trials {
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
  const { token: secret, description } = identity;
  const expiresAtMs = description.expiryMs ?? nowMs;
  const { issuedMs } = description;
  // The token may be old, so its time is the least that the provider's clock can be.
  const providerClockAheadMs = Math.max(0, clockAhead(issuedMs, nowMs));
  const token = { secret, description, receivedAtMs: nowMs, expiresAtMs, providerClockAheadMs };
  const own: Trial = { kind: 'forwarded', call, token };
  return auth.forwarding?.fallback === true
    ? [own, { kind: 'service-account', call: { ...call, forwarded: undefined }, lacksIdentity: false }]
    : [own];
}
