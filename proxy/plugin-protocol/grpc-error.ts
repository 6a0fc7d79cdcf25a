/** How a call ends otherwise than well, and how its outcome travels in HTTP/2 trailers. */
import { type HeaderField } from '@micromegas/http2';
import { encodeGrpcMessage, type StatusCode } from '../grpc';

/** Ends a call with a status other than OK. The message goes to Grafana's log, never a secret. */
export class GrpcError extends Error {
  override readonly name = 'GrpcError';

  constructor(
    readonly status: StatusCode,
    message: string
  ) {
    super(message);
  }
}

/** The header fields that tell a call's outcome. */
export function statusFields(status: StatusCode, message = ''): HeaderField[] {
  const code: HeaderField = ['grpc-status', String(status)];
  return message === '' ? [code] : [code, ['grpc-message', encodeGrpcMessage(message)]];
}
