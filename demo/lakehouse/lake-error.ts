import { status } from '@grpc/grpc-js';

/** A refusal as it travels: a gRPC code and the server's words. */
export class LakeError extends Error {
  override readonly name = 'LakeError';

  constructor(
    readonly code: status,
    message: string
  ) {
    super(message);
  }
}

/** All causes of a failed login read the same to the client. */
export function invalidToken(): LakeError {
  return new LakeError(status.UNAUTHENTICATED, 'invalid token');
}
