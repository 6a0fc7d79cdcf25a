/** The constants of HTTP/2 (RFC 9113, sections 3.4, 6, 7 and 11) and the errors that end a connection. */

export const FrameType = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const;

export const Flag = {
  NONE: 0,
  ACK: 0x1,
  END_STREAM: 0x1,
  END_HEADERS: 0x4,
  PADDED: 0x8,
  PRIORITY: 0x20,
} as const;

export const Http2ErrorCode = {
  NO_ERROR: 0,
  PROTOCOL_ERROR: 1,
  INTERNAL_ERROR: 2,
  FLOW_CONTROL_ERROR: 3,
  SETTINGS_TIMEOUT: 4,
  STREAM_CLOSED: 5,
  FRAME_SIZE_ERROR: 6,
  REFUSED_STREAM: 7,
  CANCEL: 8,
  COMPRESSION_ERROR: 9,
  ENHANCE_YOUR_CALM: 11,
} as const;

/** The first bytes of a client, before its SETTINGS frame. */
export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

export const FRAME_HEADER_BYTES = 9;

/** The values that apply until a side sends its settings. */
export const DEFAULT_WINDOW_BYTES = 65_535;
export const DEFAULT_FRAME_BYTES = 16_384;
export const DEFAULT_TABLE_BYTES = 4096;

export const MAX_WINDOW_BYTES = 2 ** 31 - 1;
export const MAX_FRAME_BYTES = 2 ** 24 - 1;
export const MAX_STREAM_ID = 2 ** 31 - 1;

/** A failure that ends the connection. */
export class ConnectionError extends Error {
  override readonly name: string = 'ConnectionError';
  /** One of `Http2ErrorCode`, or another code that the peer sent. */
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** The peer closed the connection with a GOAWAY frame that has this code. */
export class GoAwayError extends ConnectionError {
  override readonly name = 'GoAwayError';

  constructor(code: number) {
    super(code, `The peer closed the connection with ${errorCodeName(code)}.`);
  }
}

const FLOODS = {
  resets: 'The peer resets too many streams, or makes this side reset them.',
  frames: 'The peer sends too many frames without content.',
  replies: 'The peer does not read the replies to its control frames.',
  output: 'The peer does not read the responses that it requested.',
  headers: 'A header block has too many bytes or frames.',
  settings: 'A SETTINGS frame has too many entries.',
} as const;

/** The flood limit that a peer exceeded. */
export type FloodKind = keyof typeof FLOODS;

/** The peer exceeded a flood limit. */
export class FloodError extends ConnectionError {
  override readonly name = 'FloodError';
  readonly kind: FloodKind;

  constructor(kind: FloodKind) {
    super(Http2ErrorCode.ENHANCE_YOUR_CALM, FLOODS[kind]);
    this.kind = kind;
  }
}

const CODE_NAMES = new Map<number, string>(Object.entries(Http2ErrorCode).map(([name, code]) => [code, name]));

/**
 * The name of an error code (RFC 9113, section 7), such as `PROTOCOL_ERROR`; `HTTP/2 code 77` for a code without a
 * name.
 */
export function errorCodeName(code: number): string {
  return CODE_NAMES.get(code) ?? `HTTP/2 code ${code}`;
}
