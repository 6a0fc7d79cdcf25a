/** Converts the generated descriptors of the Flight service to a service definition for grpc-js. */
import { type DescMethod, fromBinary, type Message, toBinary } from '@bufbuild/protobuf';
import { type MethodDefinition, type ServiceDefinition } from '@grpc/grpc-js';
import { FlightService } from '../../proxy/generated/arrow/flight/flight_pb';

/** Definition for the demo's server, and for the client of tests and benchmarks. */
export const flightDefinition: ServiceDefinition = Object.fromEntries(
  FlightService.methods.map((method) => [method.localName, methodDefinition(method)])
);

function methodDefinition(method: DescMethod): MethodDefinition<Message, Message> {
  return {
    path: `/${FlightService.typeName}/${method.name}`,
    requestStream: method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming',
    responseStream: method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming',
    requestSerialize: (message) => Buffer.from(toBinary(method.input, message)),
    requestDeserialize: (bytes) => fromBinary(method.input, bytes),
    responseSerialize: (message) => Buffer.from(toBinary(method.output, message)),
    responseDeserialize: (bytes) => fromBinary(method.output, bytes),
  };
}
