/** One Arrow IPC message without framing, as a result stream brings it. Both parts may be views of larger buffers. */
export interface IpcMessage {
  /** FlatBuffers `Message`. */
  header: Uint8Array;
  body: Uint8Array;
}
