/**
 * For tests: a peer that sends hand-made frames, including frames that no library sends.
 *
 * Layouts: RFC 9113, sections 4.1 and 6.
 */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { encodeHeaders } from '../hpack/encode-headers.ts';
import { type HeaderField } from '../hpack/header-field.ts';
import { FrameType, PREFACE } from '../protocol.ts';
import { afterwards, listen } from './loopback.ts';

export interface RawFrame {
  type: number;
  flags: number;
  streamId: number;
  payload: Buffer;
}

export const END_STREAM = 0x1;
export const END_HEADERS = 0x4;
export const PADDED = 0x8;
export const WITH_PRIORITY = 0x20;
export const ACK = 0x1;

export function frame(type: number, flags: number, streamId: number, payload: Uint8Array | string = ''): Buffer {
  const content = Buffer.from(payload);
  const header = Buffer.alloc(9);
  header.writeUIntBE(content.length, 0, 3);
  header[3] = type;
  header[4] = flags;
  header.writeUInt32BE(streamId, 5);
  return Buffer.concat([header, content]);
}

export function uint32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeUInt32BE(value, index * 4));
  return bytes;
}

/** The header fields of a POST request. */
export function post(path = '/', ...fields: HeaderField[]): HeaderField[] {
  return [[':method', 'POST'], [':scheme', 'http'], [':path', path], [':authority', 'localhost'], ...fields];
}

export const headers = (streamId: number, fields: Iterable<HeaderField>, flags = END_HEADERS) =>
  frame(FrameType.HEADERS, flags, streamId, encodeHeaders(fields));
export const data = (streamId: number, payload: Uint8Array | string, flags = 0) =>
  frame(FrameType.DATA, flags, streamId, payload);
export const windowUpdate = (streamId: number, bytes: number) =>
  frame(FrameType.WINDOW_UPDATE, 0, streamId, uint32(bytes));
export const reset = (streamId: number, code: number) => frame(FrameType.RST_STREAM, 0, streamId, uint32(code));
export const ping = (data = 'pingpong', flags = 0) => frame(FrameType.PING, flags, 0, data);
export const goAway = (lastId: number, code: number) => frame(FrameType.GOAWAY, 0, 0, uint32(lastId, code));

export function settings(...entries: Array<[id: number, value: number]>): Buffer {
  const payload = Buffer.alloc(entries.length * 6);
  entries.forEach(([id, value], index) => {
    payload.writeUInt16BE(id, index * 6);
    payload.writeUInt32BE(value, index * 6 + 2);
  });
  return frame(FrameType.SETTINGS, 0, 0, payload);
}

export class RawPeer {
  readonly socket: Socket;
  #prefaceBytes: number;
  /** The received frames, including the first SETTINGS frame. */
  readonly frames: RawFrame[] = [];
  /** The code of the last GOAWAY frame. */
  goAwayCode: number | undefined;
  #received: Buffer = Buffer.alloc(0);
  #isClosed = false;
  #onChange: () => void = () => undefined;

  /** @param prefaceBytes Received bytes before the first frame. */
  constructor(socket: Socket, prefaceBytes = 0) {
    this.socket = socket;
    this.#prefaceBytes = prefaceBytes;
    afterwards(() => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#splitFrames();
      this.#onChange();
    });
    socket.on('close', () => {
      this.#isClosed = true;
      this.#onChange();
    });
  }

  /** A client that has sent nothing. */
  static async open(port: number): Promise<RawPeer> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    return new RawPeer(socket);
  }

  /** A client that has sent its preface. */
  static async connect(port: number, first: Buffer = settings()): Promise<RawPeer> {
    const peer = await RawPeer.open(port);
    peer.send(PREFACE, first);
    return peer;
  }

  /** A server for one connection. */
  static async listen(first: Buffer = settings()): Promise<{ port: number; peer: Promise<RawPeer> }> {
    const server = createServer({ noDelay: true });
    const { promise: peer, resolve } = Promise.withResolvers<RawPeer>();
    server.on('connection', (socket: Socket) => {
      const accepted = new RawPeer(socket, PREFACE.length);
      accepted.send(first);
      resolve(accepted);
    });
    return { port: await listen(server), peer };
  }

  /** Sends the frames in one write. */
  send(...frames: Uint8Array[]): void {
    this.socket.write(Buffer.concat(frames));
  }

  /**
   * The first matching frame, received already or later; undefined when the connection closes before such a frame
   * arrives.
   */
  async find(isWanted: (frame: RawFrame) => boolean): Promise<RawFrame | undefined> {
    for (;;) {
      const found = this.frames.find(isWanted);
      if (found !== undefined || this.#isClosed) {
        return found;
      }
      await new Promise<void>((resolve) => (this.#onChange = resolve));
    }
  }

  /** Finds a frame by type and stream, like `find`. */
  findType(type: number, streamId?: number): Promise<RawFrame | undefined> {
    return this.find((frame) => frame.type === type && (streamId === undefined || frame.streamId === streamId));
  }

  /**
   * Sends a PING and waits for its acknowledgement: the peer has then processed all frames before the PING.
   *
   * @param data Eight characters.
   * @returns False when the connection closes first.
   */
  async roundTrip(data = 'pingpong'): Promise<boolean> {
    this.send(ping(data));
    const ack = await this.find(({ type, payload }) => type === FrameType.PING && payload.toString() === data);
    return ack !== undefined;
  }

  async closed(): Promise<void> {
    await this.find(() => false);
  }

  /** Received bytes of DATA on a stream. */
  dataBytes(streamId: number): number {
    return this.frames
      .filter((frame) => frame.type === FrameType.DATA && frame.streamId === streamId)
      .reduce((bytes, { payload }) => bytes + payload.length, 0);
  }

  #splitFrames(): void {
    let at = 0;
    if (this.#prefaceBytes > 0) {
      at = Math.min(this.#prefaceBytes, this.#received.length);
      this.#prefaceBytes -= at;
    }
    while (this.#received.length - at >= 9) {
      const end = at + 9 + this.#received.readUIntBE(at, 3);
      if (end > this.#received.length) {
        break;
      }
      const [type, flags] = this.#received.subarray(at + 3, at + 5);
      if (type === FrameType.GOAWAY) {
        this.goAwayCode = this.#received.readUInt32BE(at + 13);
      }
      this.frames.push({
        type,
        flags,
        streamId: this.#received.readUInt32BE(at + 5),
        payload: this.#received.subarray(at + 9, end),
      });
      at = end;
    }
    this.#received = this.#received.subarray(at);
  }
}
