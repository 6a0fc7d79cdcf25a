import { status } from '@grpc/grpc-js';

/** An error of the server: a gRPC code and a text. */
export class LakeError extends Error {
  override readonly name = 'LakeError';

  constructor(
    readonly code: status,
    message: string
  ) {
    super(message);
  }
}

/** The client gets the same text for all causes of a failed sign-in. */
export function invalidToken(): LakeError {
  return new LakeError(status.UNAUTHENTICATED, 'invalid token');
}
