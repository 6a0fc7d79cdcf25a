/** The numbers of HTTP/2 (RFC 9113, sections 6, 7 and 11) and how its violations are thrown. */

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

export const ErrorCode = {
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

/** What a client says first, before its settings. */
export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

export const FRAME_HEADER_BYTES = 9;

/** Before a side says otherwise. */
export const DEFAULT_WINDOW_BYTES = 65_535;
export const DEFAULT_FRAME_BYTES = 16_384;
export const DEFAULT_TABLE_BYTES = 4096;

export const MAX_WINDOW_BYTES = 2 ** 31 - 1;
export const MAX_FRAME_BYTES = 2 ** 24 - 1;
export const MAX_STREAM_ID = 2 ** 31 - 1;

/** A failure of the peer that ends the connection. The code goes to it in GOAWAY. */
export class ConnectionError extends Error {
  override readonly name: string = 'ConnectionError';

  constructor(
    readonly code: number,
    message: string
  ) {
    super(message);
  }
}

/** The peer ended the connection by a GOAWAY frame with this code. */
export class GoAwayReceived extends ConnectionError {
  override readonly name = 'GoAwayReceived';

  constructor(code: number) {
    super(code, `The peer closed the connection with ${errorCodeName(code)}.`);
  }
}

/** What a peer did more often than this side takes. */
export type FloodKind = keyof typeof FLOODS;

const FLOODS = {
  resets: 'The peer resets too many streams, or makes this side reset them.',
  frames: 'The peer sends too many frames that carry nothing.',
  replies: 'The peer does not read the replies to its control frames.',
  output: 'The peer does not read what it asked for.',
  headers: 'A header block has too many bytes or frames.',
  settings: 'A SETTINGS frame has too many entries.',
} as const;

/** The peer makes this side work without end. */
export class FloodError extends ConnectionError {
  override readonly name = 'FloodError';

  constructor(readonly kind: FloodKind) {
    super(ErrorCode.ENHANCE_YOUR_CALM, FLOODS[kind]);
  }
}

const CODE_NAMES = new Map<number, string>(Object.entries(ErrorCode).map(([name, code]) => [code, name]));

/** The name of an error code in RFC 9113, section 7; its number when it has none here. */
export function errorCodeName(code: number): string {
  return CODE_NAMES.get(code) ?? `HTTP/2 code ${code}`;
}
