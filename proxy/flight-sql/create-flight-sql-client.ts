/**
 * The Flight SQL client: GetFlightInfo, then DoGet for each endpoint, as one stream of Arrow messages.
 */
import { type SecureContext } from 'node:tls';
import { status as Status, type Client } from '@grpc/grpc-js';
import { fromBinary } from '@bufbuild/protobuf';
import { ProxyError } from '../errors/proxy-error';
import { FlightInfoSchema, type FlightInfo } from '../generated/arrow/flight/flight_pb';
import { callMetadata, type MetadataEntry } from './call-metadata';
import { createChannel, hasFailed, waitForConnection } from './channel';
import { DO_GET, GET_FLIGHT_INFO, statementDescriptor, tablesDescriptor, ticketBytes } from './commands';
import { hiddenConnectionError } from './connection-errors';
import { addressText, probeServer, type ProbeTarget } from './connection-probe';
import { schemaHeaderOf, ticketsOf } from './endpoints';
import { parseFlightData } from './flight-data';
import { flightError, isConnectionFailure, type FailureContext, type SignIn } from './flight-errors';
import { type FlightCall, type FlightMessage, type FlightSqlClient } from './flight-sql-client';
import { CallFailed, MessageStream } from './message-stream';
import { systemTrust } from '../trust/trusted-roots';

export interface FlightSqlClientOptions {
  /** Without brackets, also for IPv6. */
  host: string;
  port: number;
  secure: boolean;
  /** How the data source signs in: decides what a refused sign-in is called. */
  signIn: SignIn;
  /** Additional metadata of every call, already checked. */
  metadata: readonly MetadataEntry[];
  /** Authorities instead of the system's. */
  trust?: SecureContext;
}

/** What one `execute` or `getTables` carries from call to call. */
interface Run {
  call: FlightCall;
  metadata: MetadataEntry[];
  /** Milliseconds since 1970, for all calls of the run together. */
  deadlineMs: number;
  /** True once a message has reached the consumer. */
  hasData: boolean;
}

const EMPTY = new Uint8Array(0);

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

class GrpcFlightSqlClient implements FlightSqlClient {
  #channel: Client;
  readonly #target: ProbeTarget;
  readonly #streams = new Set<MessageStream>();
  #isClosed = false;

  constructor(private readonly options: FlightSqlClientOptions) {
    const { host, port, secure } = options;
    this.#target = { host, port, trust: secure ? (options.trust ?? systemTrust()) : undefined };
    this.#channel = createChannel(this.#target);
  }

  execute(sql: string, call: FlightCall): AsyncIterable<FlightMessage> {
    return this.#stream(statementDescriptor(sql), callMetadata(call, this.options.metadata, sql), call);
  }

  getTables(call: FlightCall): AsyncIterable<FlightMessage> {
    return this.#stream(tablesDescriptor(), callMetadata(call, this.options.metadata), call);
  }

  probe(stage: 'address' | 'tls', signal: AbortSignal): Promise<void> {
    return probeServer(this.#target, stage, signal);
  }

  close(): void {
    this.#isClosed = true;
    for (const stream of this.#streams) {
      stream.cancel(Status.UNAVAILABLE, 'Connection dropped');
    }
    this.#channel.close();
  }

  async *#stream(descriptor: Uint8Array, metadata: MetadataEntry[], call: FlightCall): AsyncGenerator<FlightMessage> {
    const run: Run = { call, metadata, deadlineMs: Date.now() + call.timeoutMs, hasData: false };
    const info = await this.#flightInfo(descriptor, run);
    const tickets = ticketsOf(info, this.#target);
    if (tickets.length === 0) {
      yield* emptyResult(info);
    }
    let schema: Uint8Array | undefined;
    for (const ticket of tickets) {
      let isFirst = true;
      for await (const message of this.#messages(DO_GET, ticketBytes(ticket), 'data', run)) {
        const parsed = parseFlightData(message);
        if (parsed === undefined) {
          continue;
        }
        if (isFirst && schema !== undefined && !sameBytes(schema, parsed.header)) {
          throw new ProxyError('result_schema_changed', { detail: 'Its parts have different columns.' });
        }
        // The schema opens every part; the consumer needs it once.
        if (!isFirst || schema === undefined) {
          run.hasData = true;
          yield parsed;
        }
        schema ??= parsed.header;
        isFirst = false;
      }
      if (isFirst) {
        throw new ProxyError('result_malformed', { detail: 'A part of the answer has no schema.' });
      }
    }
  }

  async #flightInfo(descriptor: Uint8Array, run: Run): Promise<FlightInfo> {
    await this.#connected(run);
    let answer: Buffer | undefined;
    // Read to the end: the status comes after the one message.
    for await (const message of this.#messages(GET_FLIGHT_INFO, descriptor, 'info', run)) {
      answer ??= message;
    }
    if (answer === undefined) {
      throw new ProxyError('not_flight_sql', { detail: 'Its answer to GetFlightInfo is empty.' });
    }
    try {
      return fromBinary(FlightInfoSchema, answer);
    } catch (reason) {
      throw new ProxyError('not_flight_sql', { cause: reason });
    }
  }

  async #connected({ call }: Run): Promise<void> {
    if (this.#isClosed) {
      throw new ProxyError('connection_lost');
    }
    await this.#renewFailedChannel(call.signal);
    await waitForConnection(this.#channel, call.timeoutMs, call.signal);
  }

  /**
   * A channel that failed waits before it connects again, and fails calls meanwhile with what it met then. The server may
   * be back by now: it is looked at, and met by a new channel if it is.
   */
  async #renewFailedChannel(signal: AbortSignal): Promise<void> {
    const failed = this.#channel;
    if (!hasFailed(failed)) {
      return;
    }
    await this.probe('address', signal);
    if (this.#channel === failed && !this.#isClosed && hasFailed(failed)) {
      this.#channel = createChannel(this.#target);
      failed.close();
    }
  }

  /** Messages of one call. Ending the iteration early cancels it. */
  async *#messages(path: string, message: Uint8Array, rpc: 'info' | 'data', run: Run): AsyncGenerator<Buffer> {
    const { metadata, deadlineMs, call } = run;
    if (call.signal.aborted || this.#isClosed) {
      throw new ProxyError(call.signal.aborted ? 'query_cancelled' : 'connection_lost');
    }
    const stream = new MessageStream(this.#channel, { path, message, metadata, deadlineMs, signal: call.signal });
    this.#streams.add(stream);
    try {
      for (let next = await stream.next(); next !== undefined; next = await stream.next()) {
        yield next;
      }
    } catch (reason) {
      throw reason instanceof CallFailed ? await this.#explain(reason, rpc, run) : reason;
    } finally {
      stream.cancel();
      this.#streams.delete(stream);
    }
  }

  /** gRPC tells little about a connection that does not come about, so the server is looked at once more without it. */
  async #explain({ failure }: CallFailed, rpc: 'info' | 'data', { call, hasData }: Run): Promise<ProxyError> {
    const aborted = call.signal.aborted;
    const context: FailureContext = {
      rpc,
      signIn: this.options.signIn,
      aborted,
      afterData: hasData,
      timeoutMs: call.timeoutMs,
    };
    if (aborted || !isConnectionFailure(failure)) {
      return flightError(failure, context);
    }
    if (hasData || this.#isClosed) {
      return new ProxyError('connection_lost', { cause: failure });
    }
    try {
      await probeServer(this.#target, 'tls', call.signal);
    } catch (reason) {
      return ProxyError.from(reason);
    }
    const address = addressText(this.#target.host, this.#target.port);
    return hiddenConnectionError(failure.details, address) ?? flightError(failure, context);
  }
}

/** A result without endpoints has no rows; its columns are in the FlightInfo. */
function* emptyResult(info: FlightInfo): Generator<FlightMessage> {
  const header = schemaHeaderOf(info);
  if (header === undefined) {
    throw new ProxyError('result_malformed', { detail: 'The answer names no place to fetch it from.' });
  }
  yield { header, body: EMPTY };
}

/** A client for one server. Nothing is connected before the first call. */
export function createFlightSqlClient(options: FlightSqlClientOptions): FlightSqlClient {
  return new GrpcFlightSqlClient(options);
}
