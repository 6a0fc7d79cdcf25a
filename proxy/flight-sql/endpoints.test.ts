import { create } from '@bufbuild/protobuf';
import { FlightInfoSchema } from '../generated/arrow/flight/flight_pb';
import { schemaHeaderOf, ticketsOf } from './endpoints';

const HERE = { host: 'lake.example', port: 50051 };

function infoWith(...uris: string[]) {
  const ticket = { ticket: Uint8Array.of(1) };
  return create(FlightInfoSchema, { endpoint: [{ ticket, location: uris.map((uri) => ({ uri })) }] });
}

it.each([
  { name: 'no location', uris: [] },
  { name: 'the connection at hand', uris: ['arrow-flight-reuse-connection://?'] },
  { name: 'the same server', uris: ['grpc+tcp://Lake.Example:50051'] },
  { name: 'the same server over TLS', uris: ['grpc+tls://lake.example:50051'] },
  { name: 'one of several', uris: ['grpc://other.example:1', 'grpc://lake.example:50051'] },
])('fetches from $name', ({ uris }) => {
  expect(ticketsOf(infoWith(...uris), HERE)).toEqual([Uint8Array.of(1)]);
});

it('knows its own address in IPv6', () => {
  expect(ticketsOf(infoWith('grpc://[::1]:50051'), { host: '::1', port: 50051 })).toHaveLength(1);
});

it.each([
  { name: 'another host', uri: 'grpc://other.example:50051' },
  { name: 'another port', uri: 'grpc://lake.example:443' },
  { name: 'no port', uri: 'grpc+tls://lake.example' },
  { name: 'a file', uri: 's3://bucket/key' },
  { name: 'no address', uri: 'grpc+unix:///run/lake.sock' },
])('does not follow $name', ({ uri }) => {
  expect(() => ticketsOf(infoWith(uri), HERE)).toThrow(expect.objectContaining({ code: 'endpoint_elsewhere' }));
});

it('refuses an endpoint without a ticket', () => {
  const info = create(FlightInfoSchema, { endpoint: [{}] });
  expect(() => ticketsOf(info, HERE)).toThrow(expect.objectContaining({ code: 'result_malformed' }));
});

it.each([
  { name: 'framed as today', schema: [0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 7, 8], header: Uint8Array.of(7, 8) },
  { name: 'framed as before Arrow 0.15', schema: [4, 0, 0, 0, 5, 6, 7, 8], header: Uint8Array.of(5, 6, 7, 8) },
  { name: 'cut short', schema: [0xff, 0xff, 0xff, 0xff, 9, 0, 0, 0, 7, 8], header: undefined },
  { name: 'missing', schema: [], header: undefined },
])('takes a schema $name out of its frame', ({ schema, header }) => {
  expect(schemaHeaderOf(create(FlightInfoSchema, { schema: Uint8Array.from(schema) }))).toEqual(header);
});
