/**
 * The Flight SQL service of the demo lakehouse: the RPCs that Micromegas implements. Other RPCs fail with the error
 * messages of Micromegas.
 */
import { create, fromBinary, type MessageShape, toBinary } from '@bufbuild/protobuf';
import { anyPack, AnySchema } from '@bufbuild/protobuf/wkt';
import {
  type Metadata,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServerWritableStream,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { Schema } from 'apache-arrow';
import {
  type Action,
  type FlightData,
  type FlightDescriptor,
  type FlightInfo,
  FlightInfoSchema,
  type Result,
  ResultSchema,
  type Ticket,
} from '../../proxy/generated/arrow/flight/flight_pb';
import {
  ActionCreatePreparedStatementRequestSchema,
  ActionCreatePreparedStatementResultSchema,
  CommandStatementQuerySchema,
  TicketStatementQuerySchema,
} from '../../proxy/generated/arrow/flight/flight_sql_pb';
import { type QuerySurroundings, runAudited } from './audited-query';
import { schemaOf } from './column-plan';
import { emptyStreamBytes, schemaBytes } from './flight-messages';
import { readGetSqlInfo, sqlInfoMessages, sqlInfoSchema } from './get-sql-info';
import { readGetTables, tablesMessages, tablesSchema } from './get-tables';
import { LakeError } from './error-messages';
import { planQuery } from './query';
import { type SignIn } from './sign-in';

type Any = MessageShape<typeof AnySchema>;

const TYPE_PREFIX = 'type.googleapis.com/arrow.flight.protocol.sql.';
const SOURCE = 'rust/public/src/servers/flight_sql_service_impl.rs';
const NOT_YET = ['handshake', 'listFlights', 'getSchema', 'doPut', 'doExchange', 'listActions'] as const;

export interface FlightSurroundings extends QuerySurroundings {
  signIn: SignIn;
  /** Calls in progress. The lakehouse closes the database after these calls have ended. */
  running: Set<Promise<void>>;
}

/** The handlers of all RPCs of the Flight service, for grpc-js. */
export function flightService(surroundings: FlightSurroundings): UntypedServiceImplementation {
  return {
    getFlightInfo: (call: ServerUnaryCall<FlightDescriptor, FlightInfo>, callback: sendUnaryData<FlightInfo>) => {
      respond(surroundings, call.metadata, () => flightInfo(call.request)).then(
        (info) => callback(null, info),
        (reason: unknown) => callback(grpcError(reason))
      );
    },
    doGet: (call: ServerWritableStream<Ticket, FlightData>) => {
      stream(surroundings, call, (gone) => doGet(surroundings, call, gone));
    },
    doAction: (call: ServerWritableStream<Action, Result>) => {
      stream(surroundings, call, () => doAction(surroundings, call));
    },
    ...Object.fromEntries(NOT_YET.map((name) => [name, reject(surroundings, name)])),
  };
}

async function respond<T>({ signIn }: FlightSurroundings, metadata: Metadata, work: () => T | Promise<T>): Promise<T> {
  await signIn.check(metadata);
  return work();
}

function flightInfo(descriptor: FlightDescriptor): FlightInfo {
  const any = readAny(descriptor.cmd);
  switch (any?.typeUrl.replace(TYPE_PREFIX, '')) {
    case 'CommandStatementQuery': {
      const { query } = fromBinary(CommandStatementQuerySchema, any!.value);
      const ticket = create(TicketStatementQuerySchema, { statementHandle: Buffer.from(query) });
      return info(new Schema([]), toBinary(TicketStatementQuerySchema, ticket));
    }
    case 'CommandGetTables':
      return { ...info(tablesSchema(readGetTables(any!)), descriptor.cmd), flightDescriptor: descriptor };
    case 'CommandGetSqlInfo':
      return { ...info(sqlInfoSchema(), descriptor.cmd), flightDescriptor: descriptor };
    default:
      throw rejectedCommand(any, 'get_flight_info');
  }
}

function info(schema: Schema, ticket: Uint8Array): FlightInfo {
  return create(FlightInfoSchema, {
    schema: schemaBytes(schema),
    endpoint: [{ ticket: { ticket } }],
    totalRecords: -1n,
    totalBytes: -1n,
  });
}

/** The ticket of a statement may be bare or wrapped in `Any`. Other tickets are always wrapped. */
async function doGet(
  surroundings: FlightSurroundings,
  call: ServerWritableStream<Ticket, FlightData>,
  gone: AbortSignal
) {
  const caller = await surroundings.signIn.check(call.metadata);
  const { ticket } = call.request;
  const any = readAny(ticket);
  const send = sender(call, gone);
  const kind = any?.typeUrl.replace(TYPE_PREFIX, '');
  if (kind === 'CommandGetTables' || kind === 'CommandGetSqlInfo') {
    const isTables = kind === 'CommandGetTables';
    for (const message of isTables ? tablesMessages(readGetTables(any!)) : sqlInfoMessages(readGetSqlInfo(any!))) {
      await send(message);
    }
    return;
  }
  if (any !== undefined && kind !== 'TicketStatementQuery') {
    throw rejectedCommand(any, 'do_get');
  }
  const sql = readStatement(any?.value ?? ticket);
  await runAudited(surroundings, { sql, caller, metadata: call.metadata }, send, gone);
}

async function doAction(surroundings: FlightSurroundings, call: ServerWritableStream<Action, Result>): Promise<void> {
  await surroundings.signIn.check(call.metadata);
  const { type, body } = call.request;
  if (type === 'ClosePreparedStatement') {
    return;
  }
  if (type !== 'CreatePreparedStatement') {
    throw type.startsWith('Cancel') && type !== 'CancelQuery'
      ? new LakeError(status.INVALID_ARGUMENT, `do_action: The defined request is invalid: ${type}`)
      : unimplementedMethod(type);
  }
  const { query } = fromBinary(ActionCreatePreparedStatementRequestSchema, readAny(body)?.value ?? body);
  const plans = await planQuery(surroundings.database, {
    sql: query,
    preserveDictionaries: true,
    nowMs: surroundings.now(),
  });
  const result = create(ActionCreatePreparedStatementResultSchema, {
    preparedStatementHandle: Buffer.from(query),
    datasetSchema: emptyStreamBytes(schemaOf(plans)),
  });
  const packed = toBinary(AnySchema, anyPack(ActionCreatePreparedStatementResultSchema, result));
  call.write(create(ResultSchema, { body: packed }));
}

function reject({ signIn }: FlightSurroundings, name: string) {
  return (
    call: { metadata: Metadata; emit(event: 'error', error: unknown): boolean },
    callback?: (error: unknown) => void
  ) => {
    const finish = callback ?? ((error: unknown) => call.emit('error', error));
    const unimplemented =
      name === 'doPut' || name === 'handshake'
        ? unimplementedMethod(name)
        : new LakeError(status.UNIMPLEMENTED, 'Not yet implemented');
    signIn.check(call.metadata).then(
      () => finish(grpcError(unimplemented)),
      (reason: unknown) => finish(grpcError(reason))
    );
  };
}

function unimplementedMethod(name: string): LakeError {
  return new LakeError(status.UNIMPLEMENTED, `${SOURCE}:1 not implemented: FlightSqlServiceImpl::${name}`);
}

function rejectedCommand(any: Any | undefined, method: string): LakeError {
  if (any === undefined) {
    return new LakeError(status.INVALID_ARGUMENT, 'Unable to decode command');
  }
  return any.typeUrl.startsWith(TYPE_PREFIX)
    ? unimplementedMethod(`${method}_${any.typeUrl.slice(TYPE_PREFIX.length)}`)
    : new LakeError(status.UNIMPLEMENTED, `${method}: The defined request is invalid: ${any.typeUrl}`);
}

/** Decodes an `Any` with a type name; undefined for other bytes. */
function readAny(bytes: Uint8Array): Any | undefined {
  try {
    const any = fromBinary(AnySchema, bytes);
    return any.typeUrl.startsWith('type.googleapis.com/') ? any : undefined;
  } catch {
    // Not an Any: a bare ticket or invalid bytes. The caller distinguishes them.
    return undefined;
  }
}

function readStatement(bytes: Uint8Array): string {
  try {
    return Buffer.from(fromBinary(TicketStatementQuerySchema, bytes).statementHandle).toString('utf8');
  } catch {
    throw new LakeError(status.INVALID_ARGUMENT, 'Unable to decode ticket');
  }
}

/** Ends the call when the work has finished. If the work fails, the call fails with the error of the work. */
function stream<Req, Res>(
  { running }: FlightSurroundings,
  call: ServerWritableStream<Req, Res>,
  work: (gone: AbortSignal) => Promise<void>
): void {
  const gone = new AbortController();
  call.on('cancelled', () => gone.abort());
  const done = work(gone.signal)
    .then(
      () => void call.end(),
      (reason: unknown) => void call.emit('error', grpcError(reason))
    )
    .finally(() => running.delete(done));
  running.add(done);
}

/** Writes with backpressure: the query waits while the stream is full. */
function sender(
  call: ServerWritableStream<Ticket, FlightData>,
  gone: AbortSignal
): (message: FlightData) => Promise<void> {
  return (message) => {
    if (gone.aborted || call.write(message)) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const done = (): void => {
        call.off('drain', done);
        gone.removeEventListener('abort', done);
        resolve();
      };
      call.on('drain', done);
      gone.addEventListener('abort', done);
    });
  };
}

function grpcError(reason: unknown): { code: status; details: string; message: string; name: string } {
  const { code, message } =
    reason instanceof LakeError
      ? reason
      : new LakeError(status.INTERNAL, reason instanceof Error ? reason.message : String(reason));
  return { name: 'LakeError', code, message, details: message };
}
