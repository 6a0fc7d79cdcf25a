import { create, toBinary } from '@bufbuild/protobuf';
import { FlightDataSchema } from '../generated/arrow/flight/flight_pb';
import { parseFlightData } from './flight-data';

function encoded(fields: { dataHeader?: Uint8Array; dataBody?: Uint8Array; appMetadata?: Uint8Array }): Uint8Array {
  return toBinary(FlightDataSchema, create(FlightDataSchema, fields));
}

it('finds header and body as views of what was received', () => {
  const received = encoded({
    dataHeader: Uint8Array.of(1, 2),
    appMetadata: Uint8Array.of(9),
    dataBody: new Uint8Array(300).fill(7),
  });
  const message = parseFlightData(received);
  expect(message?.header).toEqual(Uint8Array.of(1, 2));
  expect(message?.body).toEqual(new Uint8Array(300).fill(7));
  expect(message?.header.buffer).toBe(received.buffer);
  expect(message?.body.buffer).toBe(received.buffer);
});

it('takes a message without a body, as schemas are', () => {
  expect(parseFlightData(encoded({ dataHeader: Uint8Array.of(1) }))?.body).toHaveLength(0);
});

it.each([
  { name: 'nothing', received: new Uint8Array(0) },
  { name: 'application metadata alone', received: encoded({ appMetadata: Uint8Array.of(1) }) },
])('passes over $name', ({ received }) => {
  expect(parseFlightData(received)).toBeUndefined();
});

it('skips fields that it does not know', () => {
  // Field 15 as varint 300, 64 and 32 bits; then the header.
  const received = Uint8Array.of(0x78, 0xac, 2, 0x79, 1, 2, 3, 4, 5, 6, 7, 8, 0x7d, 1, 2, 3, 4, 0x12, 1, 42);
  expect(parseFlightData(received)?.header).toEqual(Uint8Array.of(42));
});

const whole = encoded({ dataHeader: Uint8Array.of(1, 2), dataBody: new Uint8Array(40) });

it.each([
  { name: 'a body that is cut short', received: whole.subarray(0, whole.length - 1) },
  { name: 'a length that is cut short', received: Uint8Array.of(0x12, 0x80) },
  { name: 'a number without end', received: new Uint8Array(12).fill(0xff) },
  { name: 'a group', received: Uint8Array.of(0x13) },
  { name: 'a body without a header', received: encoded({ dataBody: Uint8Array.of(1) }) },
])('refuses $name', ({ received }) => {
  expect(() => parseFlightData(received)).toThrow(expect.objectContaining({ code: 'result_malformed' }));
});
