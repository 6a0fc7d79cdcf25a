/**
 * The Flight SQL client: statements in, one stream of Arrow messages out.
 *
 * A statement goes straight to DoGet, in a ticket as Micromegas would give it out. For what else there is (tables, other
 * servers), GetFlightInfo is asked first, and then each endpoint of its answer.
 */
import { ProxyError } from '../errors/proxy-error';
import { withoutSecrets } from '../logging/redact';
import { Secret } from '../logging/secret';
import { TimedOut } from '../async/with-limits';
import { type ServerRoute } from '../network/routes';
import { callMetadata, type MetadataEntry, type SettingsEntry } from './call-metadata';
import { CallFailed, type CallFailure } from './call-failure';
import {
  DO_GET,
  GET_FLIGHT_INFO,
  statementDescriptor,
  statementTicket,
  tablesDescriptor,
  ticketBytes,
} from './commands';
import { DEFAULT_KEEPALIVE, type Keepalive } from './connection';
import { probeServer } from './connection-probe';
import { Connections } from './connections';
import { schemaHeaderOf, ticketsOf } from './endpoints';
import { parseFlightData } from './flight-data';
import { flightError, type FailureContext, type SignIn } from './flight-errors';
import { type HeaderSizes } from './http-answers';
import { readFlightInfo, type FlightInfo } from './flight-info';
import { type FlightCall, type FlightMessage, type FlightSqlClient } from './flight-sql-client';
import { MessageStream } from './message-stream';
import { refusesTicket } from './ticket-refusal';

export interface FlightSqlClientOptions {
  server: ServerRoute;
  /** How the data source signs in: decides what a refused sign-in is called. */
  signIn: SignIn;
  /** Additional metadata of every call, already checked. */
  metadata: readonly SettingsEntry[];
  /** How soon a connection without a sign of life is given up. */
  keepalive?: Keepalive;
}

/** What one `execute` or `getTables` carries from call to call. */
interface Run {
  call: FlightCall;
  purpose: FailureContext['purpose'];
  metadata: MetadataEntry[];
  /** Milliseconds on the clock of `performance`, for all calls of the run together. */
  deadlineMs: number;
  /** What was called last. */
  rpc: 'info' | 'data';
  /** True once a message has reached the consumer. */
  hasData: boolean;
}

/** Times that a call is made again which the server did not begin with. */
const MAX_REPEATS = 2;

/** Of messages that carry no Arrow: metadata of an application, or nothing. Each counts this much on top. */
const MAX_SKIPPED_BYTES = 16 * 1024 * 1024;
const SKIPPED_MESSAGE_BYTES = 1024;

const EMPTY = new Uint8Array(0);

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

class Http2FlightSqlClient implements FlightSqlClient {
  readonly #options: FlightSqlClientOptions;
  readonly #connections: Connections;
  /** True once the server turned out to take only tickets of its own. */
  #asksForTickets = false;

  constructor(options: FlightSqlClientOptions) {
    this.#options = options;
    this.#connections = new Connections(options.server, options.keepalive ?? DEFAULT_KEEPALIVE);
  }

  execute(sql: string, call: FlightCall): AsyncIterable<FlightMessage> {
    const run = startRun('statement', call, callMetadata(call, this.#options.metadata, sql));
    return this.#explained(this.#statement(sql, run), run);
  }

  getTables(call: FlightCall): AsyncIterable<FlightMessage> {
    const run = startRun('tables', call, callMetadata(call, this.#options.metadata));
    return this.#explained(this.#described(tablesDescriptor(), run), run);
  }

  probe(stage: 'address' | 'tls', signal: AbortSignal): Promise<void> {
    return probeServer(this.#options.server, stage, signal);
  }

  close(): void {
    this.#connections.close();
  }

  async *#statement(sql: string, run: Run): AsyncGenerator<FlightMessage> {
    if (!this.#asksForTickets) {
      try {
        yield* this.#parts([statementTicket(sql)], run);
        return;
      } catch (reason) {
        if (run.hasData || !(reason instanceof CallFailed && refusesTicket(reason.failure))) {
          throw reason;
        }
      }
    }
    for await (const message of this.#described(statementDescriptor(sql), run)) {
      this.#asksForTickets = true;
      yield message;
    }
  }

  async *#described(descriptor: Uint8Array, run: Run): AsyncGenerator<FlightMessage> {
    const info = await this.#flightInfo(descriptor, run);
    const tickets = ticketsOf(info, this.#options.server);
    if (tickets.length === 0) {
      yield emptyResult(info);
    }
    yield* this.#parts(tickets.map(ticketBytes), run);
  }

  /** The parts of a result as one. Each opens with the schema; the consumer needs it once. */
  async *#parts(tickets: readonly Uint8Array[], run: Run): AsyncGenerator<FlightMessage> {
    run.call.onEndpoints?.(tickets.length);
    let schema: Uint8Array | undefined;
    let skippedBytes = 0;
    for (const ticket of tickets) {
      let isFirst = true;
      for await (const received of this.#messages(DO_GET, ticket, 'data', run)) {
        const message = parseFlightData(received);
        if (message === undefined) {
          skippedBytes += received.length + SKIPPED_MESSAGE_BYTES;
          if (skippedBytes > MAX_SKIPPED_BYTES) {
            throw new ProxyError('result_malformed', {
              detail: 'It sends messages without end that belong to no column.',
            });
          }
          continue;
        }
        if (isFirst && schema !== undefined && !sameBytes(schema, message.header)) {
          throw new ProxyError('result_schema_changed', { detail: 'Its parts have different columns.' });
        }
        if (!isFirst || schema === undefined) {
          run.hasData = true;
          yield message;
        }
        schema ??= message.header;
        isFirst = false;
      }
      if (isFirst) {
        throw new ProxyError('result_malformed', { detail: 'A part of the answer has no schema.' });
      }
    }
  }

  async #flightInfo(descriptor: Uint8Array, run: Run): Promise<FlightInfo> {
    let answer: Uint8Array | undefined;
    // Read to the end: the status comes after the one message.
    for await (const message of this.#messages(GET_FLIGHT_INFO, descriptor, 'info', run)) {
      if (answer !== undefined) {
        throw new ProxyError('not_flight_sql', {
          detail: 'It answers to GetFlightInfo with more than one message.',
        });
      }
      answer = message;
    }
    if (answer === undefined) {
      throw new ProxyError('not_flight_sql', { detail: 'Its answer to GetFlightInfo is empty.' });
    }
    try {
      return readFlightInfo(answer);
    } catch (reason) {
      throw reason instanceof ProxyError ? reason : new ProxyError('not_flight_sql', { cause: reason });
    }
  }

  /** Messages of one call. Ending the iteration early cancels it. A call that the server did not begin with is repeated. */
  async *#messages(path: string, message: Uint8Array, rpc: Run['rpc'], run: Run): AsyncGenerator<Uint8Array> {
    run.rpc = rpc;
    for (let repeats = 0; ; repeats++) {
      const { signal } = run.call;
      const connection = await this.#connections.acquire(timeLeftMs(run), signal);
      const stream = new MessageStream(connection, {
        path,
        message,
        metadata: run.metadata,
        timeoutMs: timeLeftMs(run),
        signal,
        memory: run.call.memory,
      });
      let hasBegun = false;
      try {
        for (let next = await stream.next(); next !== undefined; next = await stream.next()) {
          hasBegun = true;
          yield next;
        }
        return;
      } catch (reason) {
        const wasRefused = reason instanceof CallFailed && reason.failure.kind === 'refused';
        if (!wasRefused || hasBegun || repeats >= MAX_REPEATS || this.#connections.isClosed) {
          throw reason;
        }
      } finally {
        stream.cancel();
      }
    }
  }

  /** Puts the failure of a call into words. */
  async *#explained(messages: AsyncIterable<FlightMessage>, run: Run): AsyncGenerator<FlightMessage> {
    try {
      yield* messages;
    } catch (reason) {
      throw reason instanceof CallFailed ? await this.#explain(this.#redacted(reason.failure, run), run) : reason;
    }
  }

  /** Servers, and proxies in front of them, quote headers in their errors, which viewers read. */
  #redacted(failure: CallFailure, { call }: Run): CallFailure {
    if (failure.kind !== 'status') {
      return failure;
    }
    const secrets = [
      ...(call.token === undefined ? [] : [call.token]),
      ...this.#options.metadata.flatMap(([name, value]) => secretsOf(name, value)),
    ];
    return { ...failure, details: withoutSecrets(failure.details, secrets) };
  }

  async #explain(failure: CallFailure, run: Run): Promise<ProxyError> {
    const { call, purpose, rpc, hasData } = run;
    const context: FailureContext = {
      rpc,
      purpose,
      signIn: this.#options.signIn,
      aborted: call.signal.aborted,
      afterData: hasData,
      timeoutMs: call.timeoutMs,
      timeLeftMs: run.deadlineMs - performance.now(),
      sizes: headerSizes(run),
    };
    const isGone = failure.kind === 'connection' || failure.kind === 'reset' || failure.kind === 'refused';
    if (isGone && this.#connections.isClosed && !context.aborted) {
      return new ProxyError('connection_lost', { cause: failure });
    }
    if (isGone && !hasData && !context.aborted) {
      // Nothing was said of why: what is there now may tell.
      try {
        await this.probe('tls', call.signal);
      } catch (reason) {
        const error = ProxyError.from(reason);
        const isSilent = failure.kind === 'connection' && failure.reason instanceof TimedOut;
        if (!isSilent || error.code !== 'connection_timeout') {
          return error;
        }
      }
    }
    return flightError(failure, context);
  }
}

/** What an entry of the metadata holds that nobody may read. The older plugin saved sign-ins as plain text. */
function secretsOf(name: string, value: string | Secret): Secret[] {
  if (value instanceof Secret) {
    return [value];
  }
  return name === 'authorization' ? [value, value.split(' ').at(-1) ?? ''].map((text) => new Secret(text)) : [];
}

/** Bytes that HTTP/2 counts for a header beside its name and value (RFC 9113, section 10.5.1). */
const HEADER_OVERHEAD_BYTES = 32;

function headerSizes({ call, metadata }: Run): HeaderSizes {
  const sizes = metadata.map(([name, value]) => name.length + value.length + HEADER_OVERHEAD_BYTES);
  return { headerBytes: sizes.reduce((sum, size) => sum + size, 0), tokenBytes: call.token?.reveal().length ?? 0 };
}

function startRun(purpose: Run['purpose'], call: FlightCall, metadata: MetadataEntry[]): Run {
  return { call, purpose, metadata, deadlineMs: performance.now() + call.timeoutMs, rpc: 'data', hasData: false };
}

function timeLeftMs({ deadlineMs }: Run): number {
  return Math.max(1, deadlineMs - performance.now());
}

/** A result without endpoints has no rows; its columns are in the FlightInfo. */
function emptyResult(info: FlightInfo): FlightMessage {
  const header = schemaHeaderOf(info);
  if (header === undefined) {
    throw new ProxyError('result_malformed', { detail: 'The answer names no place to fetch it from.' });
  }
  return { header, body: EMPTY };
}

/** A client for one server. Nothing is connected before the first call. */
export function createFlightSqlClient(options: FlightSqlClientOptions): FlightSqlClient {
  return new Http2FlightSqlClient(options);
}
