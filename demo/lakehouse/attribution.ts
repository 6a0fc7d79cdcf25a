/**
 * Determines the user in the audit record of a query: the caller, or a user that the caller may name.
 *
 * A caller with an API key or without a sign-in may name any user. An OIDC caller may name only itself: a different or
 * empty id or email address is rejected. If the token has no email address, the email address in the header is ignored.
 * `x-user-name` is never checked.
 */
import { type Metadata, status } from '@grpc/grpc-js';
import { LakeError } from './error-messages';
import { type Caller } from './sign-in';

export interface Attribution {
  user: string;
  email: string;
  name?: string;
  service_account: boolean;
  service_account_name?: string;
}

/**
 * The user for the audit record of a query.
 *
 * @throws {LakeError} PermissionDenied if the caller may not name this user.
 */
export function attribute(caller: Caller, metadata: Metadata): Attribution {
  const id = claim(metadata, 'x-user-id');
  const email = claim(metadata, 'x-user-email');
  const name = claim(metadata, 'x-user-name');
  const named = name === undefined ? {} : { name };
  switch (caller.kind) {
    case 'none':
      return { user: id ?? 'unknown', email: email ?? 'unknown', ...named, service_account: false };
    case 'api_key': {
      const delegated = id !== undefined || email !== undefined;
      return {
        user: id ?? caller.subject,
        email: email ?? 'service-account',
        ...named,
        service_account: delegated,
        ...(delegated ? { service_account_name: caller.subject } : {}),
      };
    }
    case 'oidc':
      rejectImpersonation(caller, id, email);
      return { user: caller.subject, email: caller.email ?? 'unknown', ...named, service_account: false };
  }
}

function rejectImpersonation(caller: Caller, id: string | undefined, email: string | undefined): void {
  if (id !== undefined && id !== caller.subject) {
    throw impersonation(`x-user-id '${id}' does not match authenticated subject '${caller.subject}'`);
  }
  if (email !== undefined && caller.email !== undefined && email !== caller.email) {
    throw impersonation(`x-user-email '${email}' does not match authenticated email '${caller.email}'`);
  }
}

function impersonation(detail: string): LakeError {
  return new LakeError(status.PERMISSION_DENIED, `User impersonation not allowed: ${detail}`);
}

function claim(metadata: Metadata, header: string): string | undefined {
  const value = metadata.get(header)[0]?.toString();
  if (value === undefined) {
    return undefined;
  }
  try {
    return decodeURIComponent(value);
  } catch {
    // As on the server, a string that cannot be decoded stays unchanged.
    return value;
  }
}
