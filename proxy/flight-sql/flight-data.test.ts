import { create, toBinary } from '@bufbuild/protobuf';
import { FlightDataSchema } from '../generated/arrow/flight/flight_pb';
import { parseFlightData } from './flight-data';
import { type FlightMessage } from './flight-sql-client';
import { ReceivedBytes } from './received-bytes';

function encoded(fields: { dataHeader?: Uint8Array; dataBody?: Uint8Array; appMetadata?: Uint8Array }): Uint8Array {
  return toBinary(FlightDataSchema, create(FlightDataSchema, fields));
}

/** As network reads of up to `size` bytes bring it. */
function inPieces(bytes: Uint8Array, size: number): ReceivedBytes {
  const count = Math.ceil(bytes.length / size);
  const pieces = Array.from({ length: count }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
  return new ReceivedBytes(pieces, bytes.length);
}

function parse(bytes: Uint8Array): ReturnType<typeof parseFlightData> {
  return parseFlightData(new ReceivedBytes([bytes], bytes.length));
}

function bytesOf(body: FlightMessage['body'] | undefined): Uint8Array | undefined {
  return body instanceof Uint8Array ? body : body?.joined();
}

it('finds header and body as views of what was received', () => {
  const received = encoded({
    dataHeader: Uint8Array.of(1, 2),
    appMetadata: Uint8Array.of(9),
    dataBody: new Uint8Array(300).fill(7),
  });
  const message = parse(received);
  expect(message?.header).toEqual(Uint8Array.of(1, 2));
  expect(message?.body).toEqual(new Uint8Array(300).fill(7));
  expect(message?.header.buffer).toBe(received.buffer);
  expect(bytesOf(message?.body)?.buffer).toBe(received.buffer);
});

it('takes a message without a body, as schemas are', () => {
  expect(parse(encoded({ dataHeader: Uint8Array.of(1) }))?.body).toHaveLength(0);
});

it.each([
  { name: 'nothing', received: new Uint8Array(0) },
  { name: 'application metadata alone', received: encoded({ appMetadata: Uint8Array.of(1) }) },
])('passes over $name', ({ received }) => {
  expect(parse(received)).toBeUndefined();
});

it('skips fields that it does not know', () => {
  // Field 15 as varint 300, 64 and 32 bits; then the header.
  const received = Uint8Array.of(0x78, 0xac, 2, 0x79, 1, 2, 3, 4, 5, 6, 7, 8, 0x7d, 1, 2, 3, 4, 0x12, 1, 42);
  expect(parse(received)?.header).toEqual(Uint8Array.of(42));
});

const whole = encoded({ dataHeader: Uint8Array.of(1, 2), dataBody: new Uint8Array(40) });

it.each([
  { name: 'a body that is cut short', received: whole.subarray(0, whole.length - 1) },
  { name: 'a length that is cut short', received: Uint8Array.of(0x12, 0x80) },
  { name: 'a number without end', received: new Uint8Array(12).fill(0xff) },
  { name: 'a group', received: Uint8Array.of(0x13) },
  { name: 'a body without a header', received: encoded({ dataBody: Uint8Array.of(1) }) },
])('refuses $name', ({ received }) => {
  expect(() => parse(received)).toThrow(expect.objectContaining({ code: 'result_malformed' }));
});

it.each([1, 3, 10, 50, 90_000, 200_000])('finds the same in pieces of %i bytes', (size) => {
  const header = new Uint8Array(30).fill(1);
  const body = Uint8Array.from({ length: 100_000 }, (_, index) => index % 251);
  const message = parseFlightData(inPieces(encoded({ dataHeader: header, dataBody: body }), size));
  expect(Uint8Array.from(message?.header ?? [])).toEqual(header);
  expect(message?.body).toHaveLength(body.length);
  expect(Buffer.compare(bytesOf(message?.body) ?? header, body)).toBe(0);
});

it('leaves a long body in the pieces that it came in, until somebody reads it', () => {
  const received = encoded({ dataHeader: Uint8Array.of(1), dataBody: new Uint8Array(100_000).fill(7) });
  const { body } = parseFlightData(inPieces(received, 40_000)) ?? {};
  if (body === undefined || body instanceof Uint8Array) {
    throw new Error('The body was joined');
  }
  expect(body.pieces).toHaveLength(3);
  expect(body.pieces.every(({ buffer }) => buffer === received.buffer)).toBe(true);
  expect(body.joined()).toEqual(Buffer.alloc(100_000, 7));
  expect(body.joined()).toBe(body.joined());
  expect(body.joined().byteOffset % 8).toBe(0);
});

it('judges a message in pieces as it does one in one place', () => {
  const cut = encoded({ dataHeader: Uint8Array.of(1), dataBody: new Uint8Array(100_000) }).subarray(0, -1);
  expect(() => parseFlightData(inPieces(cut, 40_000))).toThrow(expect.objectContaining({ code: 'result_malformed' }));
  const headless = encoded({ dataBody: new Uint8Array(100_000) });
  expect(() => parseFlightData(inPieces(headless, 40_000))).toThrow(/header/);
});
