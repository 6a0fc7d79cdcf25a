/** The SETTINGS of the peer. Rules: RFC 9113, section 6.5. */
import {
  ConnectionError,
  DEFAULT_FRAME_BYTES,
  DEFAULT_TABLE_BYTES,
  DEFAULT_WINDOW_BYTES,
  Http2ErrorCode,
  FloodError,
  MAX_FRAME_BYTES,
  MAX_WINDOW_BYTES,
} from './protocol.ts';

export const Setting = {
  HEADER_TABLE_SIZE: 1,
  ENABLE_PUSH: 2,
  MAX_CONCURRENT_STREAMS: 3,
  INITIAL_WINDOW_SIZE: 4,
  MAX_FRAME_SIZE: 5,
  MAX_HEADER_LIST_SIZE: 6,
} as const;

/** The peer's settings, which limit what this side sends. */
export interface PeerSettings {
  /**
   * The smallest SETTINGS_HEADER_TABLE_SIZE in the latest SETTINGS frame; 4,096 bytes, the default, if none is smaller.
   */
  tableBytes: number;
  maxStreams: number;
  windowBytes: number;
  frameBytes: number;
}

/**
 * Maximum number of entries in one SETTINGS frame, as in nghttp2. HTTP/2 defines six settings, and extensions a few
 * more.
 */
const MAX_ENTRIES = 32;
const ENTRY_BYTES = 6;

export const INITIAL_PEER_SETTINGS: PeerSettings = {
  tableBytes: DEFAULT_TABLE_BYTES,
  maxStreams: Infinity,
  windowBytes: DEFAULT_WINDOW_BYTES,
  frameBytes: DEFAULT_FRAME_BYTES,
};

/**
 * The settings after a SETTINGS frame. Unknown settings are ignored, as section 6.5.2 requires.
 *
 * @param payload Complete entries.
 * @param isFromServer True for the settings of a server, which must not enable push.
 * @throws {ConnectionError}
 */
export function applySettings(settings: PeerSettings, payload: Buffer, isFromServer: boolean): PeerSettings {
  if (payload.length > MAX_ENTRIES * ENTRY_BYTES) {
    throw new FloodError('settings');
  }
  const applied = { ...settings, tableBytes: DEFAULT_TABLE_BYTES };
  for (let at = 0; at < payload.length; at += ENTRY_BYTES) {
    apply(applied, payload.readUInt16BE(at), payload.readUInt32BE(at + 2), isFromServer);
  }
  return applied;
}

function apply(settings: PeerSettings, id: number, value: number, isFromServer: boolean): void {
  switch (id) {
    case Setting.HEADER_TABLE_SIZE:
      settings.tableBytes = Math.min(settings.tableBytes, value);
      return;
    case Setting.ENABLE_PUSH:
      checkRange(value, 0, isFromServer ? 0 : 1, Http2ErrorCode.PROTOCOL_ERROR, 'SETTINGS_ENABLE_PUSH');
      return;
    case Setting.MAX_CONCURRENT_STREAMS:
      settings.maxStreams = value;
      return;
    case Setting.INITIAL_WINDOW_SIZE:
      checkRange(value, 0, MAX_WINDOW_BYTES, Http2ErrorCode.FLOW_CONTROL_ERROR, 'SETTINGS_INITIAL_WINDOW_SIZE');
      settings.windowBytes = value;
      return;
    case Setting.MAX_FRAME_SIZE:
      checkRange(value, DEFAULT_FRAME_BYTES, MAX_FRAME_BYTES, Http2ErrorCode.PROTOCOL_ERROR, 'SETTINGS_MAX_FRAME_SIZE');
      settings.frameBytes = value;
  }
}

function checkRange(value: number, min: number, max: number, code: number, name: string): void {
  if (value < min || value > max) {
    throw new ConnectionError(code, `${name} cannot be ${value}.`);
  }
}
