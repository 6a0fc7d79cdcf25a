/**
 * A Flight server on loopback with configurable responses. Unlike the client, the server encodes and decodes messages
 * with generated code.
 */
import { type AddressInfo } from 'node:net';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { AnySchema, anyUnpack } from '@bufbuild/protobuf/wkt';
import {
  Server,
  ServerCredentials,
  status as Status,
  type Metadata,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServerWritableStream,
} from '@grpc/grpc-js';
import {
  FlightDataSchema,
  FlightDescriptorSchema,
  FlightInfoSchema,
  TicketSchema,
} from '../../../generated/arrow/flight/flight_pb';
import { CommandStatementQuerySchema, TicketStatementQuerySchema } from '../../../generated/arrow/flight/flight_sql_pb';
import { TEST_CERTIFICATE, TEST_KEY } from './tls-fixture';

export type DataCall = ServerWritableStream<Buffer, Buffer>;

export interface TestEndpoint {
  ticket: string;
  locations?: string[];
}

export interface TestServerOptions {
  /**
   * Endpoints in the response to each GetFlightInfo call. With endpoints, the server accepts only their tickets, like
   * most servers. By default, it behaves like Micromegas: tickets contain a statement, and the client may create them.
   */
  endpoints?: TestEndpoint[];
  /** Sends the response to a ticket, and ends or fails the call. Default: the response has the schema and no rows. */
  doGet?: (ticket: string, call: DataCall) => void;
  /** Returns the error for a call with this metadata. Undefined: the call gets a response, except with `isSilent`. */
  error?: (metadata: Metadata) => { code: Status; details: string } | undefined;
  /** True: calls for which `error` returns undefined get no response. */
  isSilent?: boolean;
  tls?: boolean;
  /** Default: a free port. */
  port?: number;
}

export interface TestServer {
  port: number;
  /** Method and metadata of each call, in order. */
  calls: Array<{ method: 'GetFlightInfo' | 'DoGet'; metadata: Metadata }>;
  /** Destroys all connections, as a crash would. */
  kill(): void;
}

/** A placeholder for a FlatBuffers schema message, which the client does not parse. */
export const SCHEMA = Buffer.from('schema');

/** A FlightData message. */
export function flightData(header: string | Uint8Array, body: Uint8Array = new Uint8Array(0)): Buffer {
  return Buffer.from(
    toBinary(FlightDataSchema, create(FlightDataSchema, { dataHeader: Buffer.from(header), dataBody: body }))
  );
}

/** Sends messages and ends the call with status OK. (`end` of grpc-js takes metadata, not a last message.) */
export function finish(call: DataCall, ...messages: Buffer[]): void {
  for (const message of messages) {
    call.write(message);
  }
  call.end();
}

/** Ends a call with an error. */
export function failCall(call: DataCall, code: Status, details: string): void {
  call.emit('error', { code, details, message: details });
}

const asIs = (bytes: Buffer) => bytes;

function method(path: string, responseStream: boolean) {
  return {
    path: `/arrow.flight.protocol.FlightService/${path}`,
    requestStream: false,
    responseStream,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
}

function sqlOf(descriptor: Uint8Array): string {
  const command = anyUnpack(
    fromBinary(AnySchema, fromBinary(FlightDescriptorSchema, descriptor).cmd),
    CommandStatementQuerySchema
  );
  return command?.query ?? 'tables';
}

/** The error of arrow-go for a ticket that it did not issue. */
const UNKNOWN_TICKET = {
  code: Status.INVALID_ARGUMENT,
  details: 'unable to unmarshal ticket: proto: not a valid message',
};

function respondWithNothing(_: string, call: DataCall): void {
  finish(call, flightData(SCHEMA));
}

/**
 * With endpoints: the ticket, or undefined for an unknown ticket. Without endpoints: the SQL in the ticket, or `tables`
 * if the ticket is for another command, such as the list of tables.
 */
function readTicket(request: Uint8Array, endpoints: readonly TestEndpoint[] | undefined): string | undefined {
  const { ticket } = fromBinary(TicketSchema, request);
  const sql = Buffer.from(ticket).toString('utf8');
  if (endpoints !== undefined) {
    return endpoints.some((endpoint) => endpoint.ticket === sql) ? sql : undefined;
  }
  if (sql === 'tables') {
    return sql;
  }
  const statement =
    anyUnpack(fromBinary(AnySchema, ticket), TicketStatementQuerySchema) ??
    fromBinary(TicketStatementQuerySchema, ticket);
  return Buffer.from(statement.statementHandle).toString('utf8');
}

/** The ticket of a statement, as Micromegas issues it. */
function statementTicketOf(sql: string): Uint8Array {
  return toBinary(
    TicketStatementQuerySchema,
    create(TicketStatementQuerySchema, { statementHandle: Buffer.from(sql) })
  );
}

function flightInfo(sql: string, endpoints: readonly TestEndpoint[] | undefined): Buffer {
  const own = sql === 'tables' ? Buffer.from(sql) : statementTicketOf(sql);
  const info = create(FlightInfoSchema, {
    endpoint: endpoints?.map(({ ticket, locations = [] }) => ({
      ticket: { ticket: Buffer.from(ticket) },
      location: locations.map((uri) => ({ uri })),
    })) ?? [{ ticket: { ticket: own } }],
    totalRecords: -1n,
    totalBytes: -1n,
  });
  return Buffer.from(toBinary(FlightInfoSchema, info));
}

/** Starts a server on loopback. Stop it with `kill`. */
export async function startFlightServer(options: TestServerOptions = {}): Promise<TestServer> {
  const calls: TestServer['calls'] = [];
  const server = new Server();
  server.addService(
    { GetFlightInfo: method('GetFlightInfo', false), DoGet: method('DoGet', true) },
    {
      GetFlightInfo(call: ServerUnaryCall<Buffer, Buffer>, respond: sendUnaryData<Buffer>) {
        calls.push({ method: 'GetFlightInfo', metadata: call.metadata });
        const error = options.error?.(call.metadata);
        if (error !== undefined) {
          respond({ ...error, message: error.details });
        } else if (options.isSilent !== true) {
          respond(null, flightInfo(sqlOf(call.request), options.endpoints));
        }
      },
      DoGet(call: DataCall) {
        calls.push({ method: 'DoGet', metadata: call.metadata });
        const ticket = readTicket(call.request, options.endpoints);
        const error = ticket ? options.error?.(call.metadata) : UNKNOWN_TICKET;
        if (error !== undefined) {
          failCall(call, error.code, error.details);
        } else if (options.isSilent !== true) {
          (options.doGet ?? respondWithNothing)(ticket ?? '', call);
        }
      },
    }
  );
  const serverCredentials = options.tls
    ? ServerCredentials.createSsl(null, [
        { private_key: Buffer.from(TEST_KEY), cert_chain: Buffer.from(TEST_CERTIFICATE) },
      ])
    : ServerCredentials.createInsecure();
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${options.port ?? 0}`, serverCredentials, (error, bound) =>
      error === null ? resolve(bound) : reject(error)
    );
  });
  return { port, calls, kill: () => server.forceShutdown() };
}

/** The port of a listening server. */
export function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}
