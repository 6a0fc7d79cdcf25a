/** The errors of a server that rejects a sign-in, a user, or a request of a user. */
import { type ErrorCode } from '../../base/errors/catalogue';

/** Errors of a server that rejects the sign-in of the data source. They concern all callers of the data source. */
export const SIGN_IN_REJECTIONS: readonly ErrorCode[] = ['credentials_missing', 'api_key_refused', 'token_refused'];

/** Errors of a server that rejects a user, or a request of the user. The same call of another user may succeed. */
export const USER_REJECTIONS: readonly ErrorCode[] = [
  'identity_refused',
  'attribution_refused',
  'permission_denied',
  'server_intercepted',
  'query_denied',
];
