/** Bytes that lie in several places, as a long message does that came in many network reads. */
export interface SplitBytes {
  readonly length: number;
  /** All of the bytes, in order. */
  readonly pieces: readonly Uint8Array[];
  /** The bytes in one place. They are copied at the first call, and then kept. */
  joined(): Uint8Array;
}

/** One Arrow IPC message without framing, as a result stream brings it. Both parts may be views of larger buffers. */
export interface IpcMessage {
  /** FlatBuffers `Message`. */
  header: Uint8Array;
  body: Uint8Array | SplitBytes;
}

/** A message whose body lies in one place. */
export interface WholeMessage extends IpcMessage {
  body: Uint8Array;
}

/** The body as consecutive parts, as they lie. */
export function bodyPieces({ body }: IpcMessage): readonly Uint8Array[] {
  return body instanceof Uint8Array ? [body] : body.pieces;
}

/** The body in one place. */
export function wholeBody({ body }: IpcMessage): Uint8Array {
  return body instanceof Uint8Array ? body : body.joined();
}
