/**
 * The identity that the server writes into its audit trail for a call, according to the rules of the server (Micromegas
 * `rust/auth/src/user_attribution.rs`). With an API key, the call may name any user. With OIDC, the call may name only
 * the subject of the token. Every caller may add a display name, which the server does not check.
 */
import { type RecordedIdentity, type WhoAmI } from '../../../contract/resources/health';
import { message, type Message } from '../../../contract/messages/message';
import { displayName } from '../../lakehouse/flight-sql/call-metadata';
import { type AttributionMode, type CallUser } from '../../lakehouse/flight-sql/flight-sql-client';
import { type TokenDescription } from '../../lakehouse/oidc/token-source';

/** The sign-in of a call: none, the API key, the service account, or the user's own token. */
export type SignInKind = 'none' | 'token' | 'service-account' | 'forwarded';

/** The caller as the server identifies it by the sign-in. */
export type ServerCaller =
  /** The server or the data source has no sign-in. */
  | { readonly kind: 'none' }
  /** @param name The name of the key. Only the server knows the name, and its audit log may contain it. */
  | { readonly kind: 'api-key'; readonly name?: string }
  | { readonly kind: 'oidc'; readonly subject?: string; readonly email?: string };

/** The client that the server records for this plugin. */
const CLIENT = 'grafana';

/** The user and e-mail that the server records if they are not known. */
const UNKNOWN = 'unknown';

/** The e-mail that the server records for an API key. */
const KEY_EMAIL = 'service-account';

/** Shown in place of names that the backend does not know. */
const UNREAD_KEY_NAME = '(the name of the API key)';
const UNREAD_SUBJECT = '(the subject of the token)';

/**
 * The caller as the server identifies it.
 *
 * @param isOpen True for a server that accepts calls without a sign-in.
 */
export function callerOfAttempt(kind: SignInKind, token: TokenDescription | undefined, isOpen: boolean): ServerCaller {
  if (kind === 'none' || isOpen) {
    return { kind: 'none' };
  }
  if (kind === 'token') {
    return { kind: 'api-key' };
  }
  return { kind: 'oidc', subject: token?.subject, email: token?.email };
}

/** The user and e-mail that the server reads from the sign-in. */
function ownIdentity(caller: ServerCaller): { user: string; email: string } {
  switch (caller.kind) {
    case 'none':
      return { user: UNKNOWN, email: UNKNOWN };
    case 'api-key':
      return { user: caller.name ?? UNREAD_KEY_NAME, email: KEY_EMAIL };
    case 'oidc':
      return { user: caller.subject ?? UNREAD_SUBJECT, email: caller.email ?? UNKNOWN };
  }
}

function trimmed(value: string): string | undefined {
  return value.trim() === '' ? undefined : value.trim();
}

/** The recorded identity of a call. @param user Undefined for a call without a person. */
export function recordedIdentity(
  caller: ServerCaller,
  user: CallUser | undefined,
  attribution: AttributionMode
): RecordedIdentity {
  const own = ownIdentity(caller);
  if (attribution === 'off' || user === undefined || trimmed(user.login) === undefined) {
    return { ...own, client: CLIENT };
  }
  if (attribution === 'name-only') {
    return { ...own, name: displayName(user), client: CLIENT };
  }
  const name = trimmed(user.name);
  return {
    user: user.login.trim(),
    email: trimmed(user.email) ?? own.email,
    ...(name !== undefined && { name }),
    ...(caller.kind !== 'none' && { serviceAccount: own.user }),
    client: CLIENT,
  };
}

/** The attribution mode after the setting is switched from on to off, or from off to on. */
function otherAttribution(caller: ServerCaller, attribution: AttributionMode): AttributionMode {
  if (attribution !== 'off') {
    return 'off';
  }
  return caller.kind === 'oidc' ? 'name-only' : 'full';
}

/**
 * The identity that the server records for the user, with attribution on and off.
 *
 * @param proven The identity in the audit record of the test query. Undefined if the record was not read.
 */
export function whoAmI(
  caller: ServerCaller,
  user: CallUser | undefined,
  attribution: AttributionMode,
  proven?: RecordedIdentity
): WhoAmI {
  // The record contains the name of the API key, which only the server knows.
  const hasNoUser = attribution === 'off' || user === undefined;
  const keyName = proven?.serviceAccount ?? (hasNoUser ? proven?.user : undefined);
  const known = caller.kind === 'api-key' && keyName !== undefined ? { ...caller, name: keyName } : caller;
  return {
    isAttributionOn: attribution !== 'off',
    recorded: proven ?? recordedIdentity(known, user, attribution),
    otherwise: recordedIdentity(known, user, otherAttribution(caller, attribution)),
    isProven: proven !== undefined,
  };
}

/** The fields of an identity: `user ada`, `e-mail ada@example.com`, `name Ada`, `client grafana`. */
export function identityParts({ user, email, name, serviceAccount, client }: RecordedIdentity): Message[] {
  const parts = [
    user !== undefined && message('identity-user', { user }),
    email !== undefined && message('identity-email', { email }),
    name !== undefined && message('identity-name', { name }),
    serviceAccount !== undefined && message('identity-service-account', { name: serviceAccount }),
    message('identity-client', { client }),
  ];
  return parts.filter((part) => part !== false);
}

/** One sentence about the identity in the audit trail. @param user Undefined for a call without a person. */
export function whoAmIMessage(
  { isAttributionOn, recorded }: WhoAmI,
  kind: SignInKind,
  user: CallUser | undefined
): Message {
  const { user: recordedUser, email, name } = recorded;
  const shown = recordedUser ?? message('nobody');
  if (!isAttributionOn) {
    return kind === 'none' || kind === 'token'
      ? message(`attribution-off-${kind}`)
      : message(`attribution-off-${kind}`, { user: shown });
  }
  if (user === undefined) {
    return message('attribution-no-person', { user: shown });
  }
  if (kind !== 'forwarded' && recordedUser === user.login.trim()) {
    const parts = [
      message('identity-login', { login: recordedUser }),
      ...(email === undefined ? [] : [message('identity-email', { email })]),
      ...(name === undefined ? [] : [message('identity-name', { name })]),
    ];
    return message('attribution-by-login', { parts });
  }
  const code = kind === 'forwarded' ? 'attribution-as' : 'attribution-other';
  return name === undefined ? message(code, { user: shown }) : message(`${code}-with-name`, { user: shown, name });
}
