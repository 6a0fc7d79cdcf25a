/** For tests: a minimal HTTP/2 client that sends given header blocks. Layouts: RFC 9113, sections 4.1 and 6. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterwards } from '../../testing/loopback.ts';

export const Frame = { HEADERS: 1, SETTINGS: 4, GOAWAY: 7 } as const;
const ACK = 1;
const END_STREAM_AND_HEADERS = 1 | 4;
const HEADER_TABLE_SIZE = 1;

interface ReceivedFrame {
  type: number;
  flags: number;
  payload: Buffer;
}

export class RawClient {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);
  #nextStream = 1;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Connects, sends its settings, and acknowledges the settings of the server. */
  static async connect(port: number, headerTableBytes: number): Promise<RawClient> {
    const socket = connect(port, '127.0.0.1');
    afterwards(() => socket.destroy());
    await once(socket, 'connect');
    const client = new RawClient(socket);
    const settings = Buffer.alloc(6);
    settings.writeUInt16BE(HEADER_TABLE_SIZE);
    settings.writeUInt32BE(headerTableBytes, 2);
    socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    client.#send(Frame.SETTINGS, 0, 0, settings);
    await client.#until(({ type, flags }) => type === Frame.SETTINGS && flags !== ACK);
    client.#send(Frame.SETTINGS, ACK, 0, Buffer.alloc(0));
    return client;
  }

  /** Sends a request without a body. @returns The HEADERS frame of the response, or a GOAWAY frame. */
  async request(block: Buffer): Promise<ReceivedFrame> {
    this.#send(Frame.HEADERS, END_STREAM_AND_HEADERS, this.#nextStream, block);
    this.#nextStream += 2;
    return this.#until(({ type }) => type === Frame.HEADERS || type === Frame.GOAWAY);
  }

  #send(type: number, flags: number, stream: number, payload: Buffer): void {
    const header = Buffer.alloc(9);
    header.writeUIntBE(payload.length, 0, 3);
    header[3] = type;
    header[4] = flags;
    header.writeUInt32BE(stream, 5);
    this.#socket.write(Buffer.concat([header, payload]));
  }

  async #until(isWanted: (frame: ReceivedFrame) => boolean): Promise<ReceivedFrame> {
    for (;;) {
      const frame = this.#take();
      if (frame === undefined) {
        const [chunk] = (await once(this.#socket, 'data')) as [Buffer];
        this.#received = Buffer.concat([this.#received, chunk]);
      } else if (isWanted(frame)) {
        return frame;
      }
    }
  }

  #take(): ReceivedFrame | undefined {
    const end = this.#received.length < 9 ? Infinity : 9 + this.#received.readUIntBE(0, 3);
    if (this.#received.length < end) {
      return undefined;
    }
    const [type, flags] = this.#received.subarray(3, 5);
    const payload = this.#received.subarray(9, end);
    this.#received = this.#received.subarray(end);
    return { type, flags, payload };
  }
}
