/**
 * Chooses the credentials of a call, and explains rejected tokens of users.
 *
 * Grafana forwards the access token and the ID token of users who signed in with OAuth. Alert rules and public
 * dashboards have no tokens. Micromegas accepts only RS256 JWTs with certain claims. With some providers, only one of
 * the two tokens is such a JWT.
 */
import { message } from '../../../contract/messages/message';
import { type ForwardedToken } from '../../../contract/settings/settings';
import { ProxyError } from '../../base/errors/proxy-error';
import { type CallUser } from '../flight-sql/flight-sql-client';
import { type Secret } from '../../observe/logging/secret';
import { describeToken } from '../oidc/read-token';
import { tokenProblem } from '../oidc/token-rules';
import { type TokenDescription, type TokenSource } from '../oidc/token-source';
import { type DataSourceAuth } from './read-auth';

/** A user's OAuth tokens, as Grafana sent them. */
export interface ForwardedTokens {
  readonly accessToken?: Secret;
  readonly idToken?: Secret;
}

export type CallIdentity =
  | { readonly kind: 'none' }
  | { readonly kind: 'token'; readonly token: Secret }
  | { readonly kind: 'service-account'; readonly source: TokenSource }
  | {
      readonly kind: 'forwarded';
      readonly token: Secret;
      readonly description: TokenDescription;
      /**
       * The user's other token, to try if the server rejects `token`. Missing if the settings select one kind of token,
       * or if Micromegas cannot read one of the tokens.
       */
      readonly other?: UserToken;
      /** True if `token` is the ID token because the server prefers it, see `AcceptedIdTokens`. */
      readonly isReplacement?: boolean;
    };

/** One of a user's OAuth tokens. */
export interface UserToken {
  readonly token: Secret;
  readonly description: TokenDescription;
}

/** The two tokens of a user. Micromegas can read both. */
export interface UserTokens {
  readonly access: UserToken;
  readonly id: UserToken;
}

/** The properties of a call that determine its credentials. */
export interface IdentityCall {
  readonly forwarded?: ForwardedTokens;
  readonly user?: CallUser;
  readonly origin: { readonly entrypoint: string };
}

/**
 * What decides which rows the server returns to a caller. Copies of results are for callers with equal rights only: the
 * same user with another role or token may have other rights.
 */
export function rightsOf(identity: CallIdentity, { user, role }: { user?: CallUser; role?: string }): object {
  const token = identity.kind === 'forwarded' ? identity.token.reveal() : null;
  return { user: user ?? null, role: role ?? null, token };
}

export type ForwardedIdentity = Extract<CallIdentity, { kind: 'forwarded' }>;

function described(token: Secret | undefined): UserToken | undefined {
  return token && { token, description: describeToken(token.reveal()) };
}

/**
 * Chooses the token that Micromegas can read. If it can read both tokens, chooses the access token, or the ID token if
 * `prefersId` returns true. If it can read neither, chooses the access token if there is one.
 */
function chosenToken(
  { accessToken, idToken }: ForwardedTokens,
  which: ForwardedToken,
  prefersId: (tokens: UserTokens) => boolean
): ForwardedIdentity | undefined {
  const access = which === 'id' ? undefined : described(accessToken);
  const id = which === 'access' ? undefined : described(idToken);
  // A token with the problem `token_audience_shared` may be sent, because the backend does not know which audiences the
  // server accepts.
  const usable = [access, id].filter((each) => each && tokenProblem(each.description)?.code !== 'token_unusable');
  if (access !== undefined && id !== undefined && usable.length === 2) {
    return prefersId({ access, id })
      ? { kind: 'forwarded', ...id, other: access, isReplacement: true }
      : { kind: 'forwarded', ...access, other: id };
  }
  const [only = access ?? id] = usable;
  return only && { kind: 'forwarded', ...only };
}

const FALLBACK = 'allow the fallback to the service account in the data source settings';

function identityMissing({ origin, user }: IdentityCall, which: ForwardedToken): ProxyError {
  if (origin.entrypoint === 'alerting') {
    return new ProxyError('identity_missing', {
      detail: 'Alert rules run without a user.',
      advice: `To use the data source in alert rules, ${FALLBACK}.`,
    });
  }
  if (origin.entrypoint === 'public-dashboard') {
    return new ProxyError('identity_missing', {
      detail: 'Visitors of a public dashboard are not signed in.',
      advice: `To use the data source in public dashboards, ${FALLBACK}.`,
    });
  }
  if (user === undefined) {
    return new ProxyError('identity_missing', {
      detail: 'You are not signed in to Grafana.',
      advice: `Sign in to Grafana with OAuth, or ${FALLBACK}.`,
    });
  }
  const wanted = which === 'id' ? 'ID token' : which === 'access' ? 'access token' : 'token';
  return new ProxyError('identity_missing', {
    detail: `Grafana sent no OAuth ${wanted} for your user.`,
    advice: `Sign out of Grafana and sign in with OAuth, or ${FALLBACK}.`,
  });
}

/**
 * Chooses the credentials of a call.
 *
 * @param source Tokens of the service account, if the data source has one.
 * @param prefersId Returns true if the server accepts the user's ID token, but not the access token. Default: never.
 * @throws {ProxyError} `identity_missing` when the call needs a user's token, but has none.
 */
export function identityOf(
  auth: DataSourceAuth,
  source: TokenSource | undefined,
  call: IdentityCall,
  prefersId: (tokens: UserTokens) => boolean = () => false
): CallIdentity {
  if (auth.kind !== 'oauth2') {
    return auth;
  }
  const { forwarding } = auth;
  const forwarded = forwarding && chosenToken(call.forwarded ?? {}, forwarding.token, prefersId);
  if (forwarded !== undefined) {
    return forwarded;
  }
  if (source === undefined || forwarding?.fallback === false) {
    throw identityMissing(call, forwarding?.token ?? 'auto');
  }
  return { kind: 'service-account', source };
}

/**
 * Returns `identity_refused` with the reason for the rejection: a problem of the token, or else the server's message.
 */
export function identityRejected(error: ProxyError, { description }: UserToken, nowMs: number): ProxyError {
  const problem = tokenProblem(description);
  const isExpired = description.expiryMs !== undefined && description.expiryMs <= nowMs;
  return new ProxyError('identity_refused', {
    detail: problem?.messages ?? (isExpired ? 'The token has expired.' : error.detail),
    advice: problem?.advice ?? (isExpired ? [message('sign-in-again')] : undefined),
    queryId: error.queryId,
    cause: error,
  });
}
