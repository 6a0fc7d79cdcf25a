export { ByteSource } from './byte-source.ts';
export { SYSTEM_CLOCK, type Clock } from './clock.ts';
export {
  Http2Connection,
  type ConnectionLimits,
  type ConnectionOptions,
  type Keepalive,
  type OnRequest,
} from './connection.ts';
export { Fifo } from './fifo.ts';
export { settingsFrame } from './frames.ts';
export { type Headers } from './headers.ts';
export { type HeaderField } from './hpack/header-field.ts';
export {
  ConnectionError,
  ErrorCode,
  errorCodeName,
  FloodError,
  FRAME_HEADER_BYTES,
  FrameType,
  GoAwayReceived,
  PREFACE,
  type FloodKind,
} from './protocol.ts';
export { type Http2Stream, type StreamEvents } from './stream.ts';
