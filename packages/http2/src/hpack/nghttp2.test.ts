/** Tests the HPACK encoder and decoder against nghttp2, the HTTP/2 library of Node.js. */
import { createServer, sensitiveHeaders, type IncomingHttpHeaders } from 'node:http2';
import { endLoopback, listen } from '../testing/loopback.ts';
import { EMPTY_TABLE, encodeHeaders } from './encode-headers.ts';
import { type HeaderField } from './header-field.ts';
import { HpackDecoder } from './hpack-decoder.ts';
import { Frame, RawClient } from './testing/raw-client.ts';

afterEach(endLoopback);

const REQUEST: HeaderField[] = [
  [':method', 'POST'],
  [':scheme', 'http'],
  [':path', '/arrow.flight.protocol.FlightService/DoGet'],
  [':authority', 'localhost'],
];
const RESPONSE: HeaderField[] = [
  [':status', '200'],
  ['content-type', 'application/grpc'],
  ['date', 'Mon, 21 Oct 2013 20:13:21 GMT'],
  ['x-long', 'value '.repeat(60).trim()],
  // Mostly characters with short codes, so that nghttp2 chooses Huffman coding; a few characters with long codes.
  ['x-bytes', `${'a'.repeat(400)}\x80\xe9\xff"<>\\^{|}~\`!`],
];

/** Node.js lists the names of never-indexed fields under a symbol that its types omit. */
type ReceivedHeaders = IncomingHttpHeaders & { [sensitiveHeaders]?: string[] };

/** Starts a server that responds to each call with RESPONSE and the number of the call. */
async function startServer(headerTableSize = 4096): Promise<{ port: number; calls: ReceivedHeaders[] }> {
  const calls: ReceivedHeaders[] = [];
  const server = createServer({ settings: { headerTableSize } });
  server.on('session', (session) => session.on('error', () => undefined));
  server.on('stream', (stream, headers) => {
    calls.push(headers as ReceivedHeaders);
    stream.respond({ ...Object.fromEntries(RESPONSE), 'x-call': `${calls.length}` }, { endStream: true });
  });
  return { port: await listen(server), calls };
}

it('nghttp2 decodes blocks of encodeHeaders', async () => {
  const { port, calls } = await startServer();
  const client = await RawClient.connect(port, 4096);
  const fields: HeaderField[] = [
    ...REQUEST,
    ['authorization', 'Bearer abc'],
    ['x-secret', 'def'],
    ['te', 'trailers'],
    ['x-empty', ''],
    ['x-long', 'v'.repeat(1000)],
    ['x-bytes', 'a\x80\xff'],
  ];
  for (let count = 0; count < 3; count++) {
    const { type } = await client.request(encodeHeaders(fields));
    expect(type).toBe(Frame.HEADERS);
  }
  expect(calls).toHaveLength(3);
  for (const call of calls) {
    expect(Object.entries(call)).toEqual(fields);
    const known = [':method', ':scheme'];
    expect(call[sensitiveHeaders]).toEqual(fields.map(([name]) => name).filter((name) => !known.includes(name)));
  }
});

it.each([0, 128, 512, 4096])('HpackDecoder decodes blocks of nghttp2 with a table of %i bytes', async (tableBytes) => {
  const { port } = await startServer();
  const client = await RawClient.connect(port, tableBytes);
  const decoder = new HpackDecoder({ maxTableBytes: tableBytes, maxListBytes: 65_536 });
  const sizes: number[] = [];
  for (let count = 1; count <= 12; count++) {
    const { payload } = await client.request(encodeHeaders(REQUEST));
    sizes.push(payload.length);
    expect(decoder.decode(payload)).toEqual([...RESPONSE, ['x-call', `${count}`]]);
  }
  // With the default table size, repeated fields are sent as an index.
  expect(sizes[1] < 20).toBe(tableBytes === 4096);
});

it('nghttp2 requires a table size update after it made its table smaller', async () => {
  const { port } = await startServer(0);
  const client = await RawClient.connect(port, 4096);
  expect((await client.request(Buffer.concat([EMPTY_TABLE, encodeHeaders(REQUEST)]))).type).toBe(Frame.HEADERS);
  expect((await client.request(encodeHeaders(REQUEST))).type).toBe(Frame.HEADERS);
  const other = await RawClient.connect(port, 4096);
  expect((await other.request(encodeHeaders(REQUEST))).type).toBe(Frame.GOAWAY);
});
