/**
 * Whom the server writes into its audit trail for a call, by its rules (Micromegas `rust/auth/src/user_attribution.rs`):
 * a key may name any user, a caller of OIDC only itself, and a name beside it is believed from anybody.
 */
import { type RecordedIdentity, type WhoAmI } from '../../../contract/health';
import { displayName } from '../../flight-sql/call-metadata';
import { type AttributionMode, type CallUser } from '../../flight-sql/flight-sql-client';

/** How the server knows the caller, whatever the call says of users. */
export type ServerCaller =
  /** The server has no sign-in, or the data source none. */
  | { readonly kind: 'none' }
  /** @param name Of the key, which only the server knows; its audit log may tell. */
  | { readonly kind: 'api-key'; readonly name?: string }
  | { readonly kind: 'oidc'; readonly subject?: string; readonly email?: string };

const CLIENT = 'grafana';
const UNKNOWN = 'unknown';
const KEY_EMAIL = 'service-account';
const UNREAD_KEY_NAME = '(the name of the API key)';
const UNREAD_SUBJECT = '(the subject of the token)';

/** User and e-mail that the server takes from the sign-in itself. */
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

function text(value: string): string | undefined {
  return value.trim() === '' ? undefined : value.trim();
}

/** What is recorded for a call. @param user Undefined when no person is behind it. */
export function recordedIdentity(
  caller: ServerCaller,
  user: CallUser | undefined,
  attribution: AttributionMode
): RecordedIdentity {
  const own = ownIdentity(caller);
  if (attribution === 'off' || user === undefined || text(user.login) === undefined) {
    return { ...own, client: CLIENT };
  }
  if (attribution === 'name-only') {
    return { ...own, name: displayName(user), client: CLIENT };
  }
  const name = text(user.name);
  return {
    user: user.login.trim(),
    email: text(user.email) ?? own.email,
    ...(name !== undefined && { name }),
    ...(caller.kind !== 'none' && { serviceAccount: own.user }),
    client: CLIENT,
  };
}

/** The attribution that the data source would have with its switch the other way round. */
function otherAttribution(caller: ServerCaller, attribution: AttributionMode): AttributionMode {
  if (attribution !== 'off') {
    return 'off';
  }
  return caller.kind === 'oidc' ? 'name-only' : 'full';
}

/**
 * Who the asking user is for the server.
 *
 * @param proven What the audit log has for the test query, where it could be read.
 */
export function whoAmI(
  caller: ServerCaller,
  user: CallUser | undefined,
  attribution: AttributionMode,
  proven?: RecordedIdentity
): WhoAmI {
  // The log also tells what the server calls the key, which nobody else knows.
  const namesNobody = attribution === 'off' || user === undefined;
  const keyName = proven?.serviceAccount ?? (namesNobody ? proven?.user : undefined);
  const known = caller.kind === 'api-key' && keyName !== undefined ? { ...caller, name: keyName } : caller;
  return {
    isAttributionOn: attribution !== 'off',
    recorded: proven ?? recordedIdentity(known, user, attribution),
    otherwise: recordedIdentity(known, user, otherAttribution(caller, attribution)),
    isProven: proven !== undefined,
  };
}
