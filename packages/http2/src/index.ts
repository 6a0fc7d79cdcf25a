/**
 * HTTP/2 connections, as README.md describes them.
 *
 * Everything else in this folder is internal, except `testing/index.ts`.
 */
export { ByteSource } from './byte-source.ts';
export { Http2Connection } from './connection.ts';
export { Fifo } from './fifo.ts';
export { settingsFrame } from './frame-writer.ts';
export { type Headers } from './headers.ts';
export { type HeaderField } from './hpack/header-field.ts';
export {
  SYSTEM_CLOCK,
  type Clock,
  type ConnectionLimits,
  type ConnectionOptions,
  type Keepalive,
  type OnRequest,
} from './options.ts';
export {
  ConnectionError,
  Http2ErrorCode,
  errorCodeName,
  FloodError,
  FRAME_HEADER_BYTES,
  FrameType,
  GoAwayError,
  PREFACE,
  type FloodKind,
} from './protocol.ts';
export { type Http2Stream, type StreamEvents } from './stream.ts';
