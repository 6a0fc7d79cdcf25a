import { create } from '@bufbuild/protobuf';
import { FlightInfoSchema } from '../../generated/arrow/flight/flight_pb';
import { schemaHeaderOf, ticketsOf } from './endpoints';

const HERE = { host: 'lake.example', port: 50051 };

function infoWith(...uris: string[]) {
  const ticket = { ticket: Uint8Array.of(1) };
  return create(FlightInfoSchema, { endpoint: [{ ticket, location: uris.map((uri) => ({ uri })) }] });
}

it.each([
  { name: 'an endpoint without a location', uris: [] },
  { name: 'a location that means the existing connection', uris: ['arrow-flight-reuse-connection://?'] },
  { name: 'a location at the same server', uris: ['grpc+tcp://Lake.Example:50051'] },
  { name: 'a location at the same server over TLS', uris: ['grpc+tls://lake.example:50051'] },
  {
    name: 'several locations, one of them at the same server',
    uris: ['grpc://other.example:1', 'grpc://lake.example:50051'],
  },
])('accepts $name', ({ uris }) => {
  expect(ticketsOf(infoWith(...uris), HERE)).toEqual([Uint8Array.of(1)]);
});

it('recognizes the IPv6 address of the configured server', () => {
  expect(ticketsOf(infoWith('grpc://[::1]:50051'), { host: '::1', port: 50051 })).toHaveLength(1);
});

it.each([
  { name: 'a location with another host', uri: 'grpc://other.example:50051' },
  { name: 'a location with another port', uri: 'grpc://lake.example:443' },
  { name: 'a location without a port', uri: 'grpc+tls://lake.example' },
  { name: 'a location that is a file', uri: 's3://bucket/key' },
  { name: 'a location without host and port', uri: 'grpc+unix:///run/lake.sock' },
])('rejects $name', ({ uri }) => {
  expect(() => ticketsOf(infoWith(uri), HERE)).toThrow(expect.objectContaining({ code: 'endpoint_elsewhere' }));
});

it('rejects an endpoint without a ticket', () => {
  const info = create(FlightInfoSchema, { endpoint: [{}] });
  expect(() => ticketsOf(info, HERE)).toThrow(expect.objectContaining({ code: 'result_malformed' }));
});

it.each([
  {
    name: 'reads a schema in the current framing',
    schema: [0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 7, 8],
    header: Uint8Array.of(7, 8),
  },
  {
    name: 'reads a schema in the framing before Arrow 0.15',
    schema: [4, 0, 0, 0, 5, 6, 7, 8],
    header: Uint8Array.of(5, 6, 7, 8),
  },
  {
    name: 'returns undefined for a truncated schema',
    schema: [0xff, 0xff, 0xff, 0xff, 9, 0, 0, 0, 7, 8],
    header: undefined,
  },
  { name: 'returns undefined for a missing schema', schema: [], header: undefined },
])('$name', ({ schema, header }) => {
  expect(schemaHeaderOf(create(FlightInfoSchema, { schema: Uint8Array.from(schema) }))).toEqual(header);
});
