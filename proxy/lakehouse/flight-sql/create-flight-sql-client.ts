/**
 * The Flight SQL client: sends statements, and returns each result as one stream of Arrow messages.
 *
 * With Micromegas, a statement is sent directly to DoGet, in a ticket that the client creates. For the list of tables,
 * and with other servers, GetFlightInfo returns the endpoints, and DoGet reads each of them.
 */
import { ProxyError } from '../../base/errors/proxy-error';
import { withoutSecrets } from '../../observe/logging/redact';
import { Secret } from '../../observe/logging/secret';
import { TimeoutError, withLimits } from '../../base/async/with-limits';
import { type ServerRoute } from '../network/routes';
import { type LastResponse, type NamedServer, namedServer, ServerAddresses } from '../network/server-addresses';
import { type ConnectionEvents, NO_CONNECTION_EVENTS } from '../../observe/telemetry/connection-events';
import { callMetadata, type MetadataEntry, type SettingsEntry } from './call-metadata';
import { CallError, type CallFailure } from './call-failure';
import {
  DO_GET,
  type FlightInfo,
  GET_FLIGHT_INFO,
  readFlightInfo,
  statementDescriptor,
  statementTicket,
  tablesDescriptor,
  ticketBytes,
} from './flight-messages';
import { type Connection, DEFAULT_KEEPALIVE, type KeepaliveTimes } from './connection';
import { probeServer } from './connection-probe';
import { type ConnectionAges, Connections } from './connections';
import { schemaHeaderOf, ticketsOf } from './endpoints';
import { connectTimeout, flightError, type FailureContext, type SignIn } from './flight-errors';
import { type HeaderSizes } from './http-statuses';
import { type FlightCall, type FlightMessage, type FlightSqlClient } from './flight-sql-client';
import { MessageStream } from './message-stream';
import { ResultParts, type StartedCall } from './result-parts';
import { rejectsTicket } from './ticket-rejection';

/** The server of a client, and the sign-in of the data source. The token itself is part of each call. */
export interface FlightSqlClientOptions {
  server: ServerRoute;
  /** The kind of sign-in of the data source. It determines the error of a rejected sign-in. */
  signIn: SignIn;
  /** Additional metadata of every call, already checked. */
  metadata: readonly SettingsEntry[];
  /** Default: `DEFAULT_KEEPALIVE`. */
  keepalive?: KeepaliveTimes;
  /** Addresses of servers, shared by all clients of the process. Default: the client has its own addresses. */
  addresses?: ServerAddresses | undefined;
  /** Default: connections are not reported. */
  connectionEvents?: ConnectionEvents | undefined;
  /** For tests. Default: `DEFAULT_AGES`. */
  ages?: ConnectionAges;
}

/** The messages that request a result. Each message is encoded only when it is sent, because SQL may be long. */
interface ResultRequest {
  /** Undefined if the client cannot create the ticket. Then GetFlightInfo returns it. */
  ticket?: () => Uint8Array;
  descriptor: () => Uint8Array;
}

/** A result whose first message has arrived. */
interface StartedResult {
  first: FlightMessage | undefined;
  rest?: ResultParts;
}

/** The state of one run of `execute` or `getTables`, which may send several calls. */
interface Run {
  call: FlightCall;
  purpose: FailureContext['purpose'];
  metadata: MetadataEntry[];
  /** Deadline of all calls together, in milliseconds of `performance.now()`. */
  deadlineMs: number;
  /** The method of the last call: GetFlightInfo or DoGet. */
  rpc: 'info' | 'data';
  stream: MessageStream | undefined;
  /** True once a message was passed to the consumer. */
  hasData: boolean;
}

/** Maximum number of repeats of a call that the server did not process. */
const MAX_REPEATS = 2;

const EMPTY = new Uint8Array(0);

class Http2FlightSqlClient implements FlightSqlClient {
  readonly #options: FlightSqlClientOptions;
  readonly #addresses: ServerAddresses;
  readonly #server: NamedServer;
  readonly #connections: Connections;
  /** Ends the probe of failed calls when the client closes. */
  readonly #end = new AbortController();
  /** The probe that looks for the reason of failed calls. */
  #probing: Promise<void> | undefined;
  /** True once the server has rejected a ticket that the client created, but accepted a ticket from GetFlightInfo. */
  #requiresOwnTickets = false;

  constructor(options: FlightSqlClientOptions) {
    this.#options = options;
    const { server, keepalive = DEFAULT_KEEPALIVE, addresses = new ServerAddresses(), ages } = options;
    const events = options.connectionEvents ?? NO_CONNECTION_EVENTS;
    this.#addresses = addresses;
    this.#server = namedServer(server);
    this.#connections = new Connections(server, { keepalive, addresses, events, ages });
  }

  execute(sql: string, call: FlightCall): AsyncIterable<FlightMessage> {
    const run = startRun('statement', call, callMetadata(call, this.#options.metadata, sql));
    return this.#result({ ticket: () => statementTicket(sql), descriptor: () => statementDescriptor(sql) }, run);
  }

  getTables(call: FlightCall): AsyncIterable<FlightMessage> {
    const run = startRun('tables', call, callMetadata(call, this.#options.metadata));
    return this.#result({ descriptor: tablesDescriptor }, run);
  }

  probe(stage: 'address' | 'tls', signal: AbortSignal): Promise<void> {
    const { server } = this.#options;
    const route = { ...server, lookup: this.#addresses.lookupFor(this.#server), lastResponse: this.#lastResponse };
    return probeServer(route, stage, signal);
  }

  get #lastResponse(): LastResponse {
    return this.#addresses.lastResponse(this.#server);
  }

  close(): void {
    this.#connections.close();
    this.#end.abort();
  }

  /** The messages of a result. Ending the iteration early cancels the call in progress. */
  async *#result(request: ResultRequest, run: Run): AsyncGenerator<FlightMessage> {
    try {
      const { first, rest } = await this.#open(request, run);
      for (let message = first; message !== undefined; message = await rest?.next()) {
        run.hasData = true;
        yield message;
      }
    } catch (reason) {
      throw reason instanceof CallError ? await this.#explain(this.#redacted(reason.failure, run), run) : reason;
    } finally {
      run.stream?.cancel();
    }
  }

  /** Waits for the first message. If the server rejects the client's ticket, requests a ticket with GetFlightInfo. */
  async #open({ ticket, descriptor }: ResultRequest, run: Run): Promise<StartedResult> {
    if (ticket !== undefined && !this.#requiresOwnTickets) {
      try {
        return await this.#openParts([ticket()], run);
      } catch (reason) {
        if (!(reason instanceof CallError && rejectsTicket(reason.failure))) {
          throw reason;
        }
      }
    }
    const info = await this.#flightInfo(descriptor(), run);
    const tickets = ticketsOf(info, this.#options.server);
    const result =
      tickets.length === 0 ? { first: emptyResult(info) } : await this.#openParts(tickets.map(ticketBytes), run);
    this.#requiresOwnTickets ||= ticket !== undefined;
    return result;
  }

  async #openParts(tickets: readonly Uint8Array[], run: Run): Promise<StartedResult> {
    run.call.onEndpoints?.(tickets.length);
    const parts = new ResultParts(tickets, (ticket, isLast) =>
      this.#startCall(DO_GET, ticket, 'data', run, isLast ? run.call.onReceived : undefined)
    );
    return { first: await parts.next(), rest: parts };
  }

  async #flightInfo(descriptor: Uint8Array, run: Run): Promise<FlightInfo> {
    const { first, stream } = await this.#startCall(GET_FLIGHT_INFO, descriptor, 'info', run);
    if (first === undefined) {
      throw new ProxyError('not_flight_sql', { detail: 'The response to GetFlightInfo is empty.' });
    }
    // The status of the call arrives after the message.
    if ((await stream.next()) !== undefined) {
      throw new ProxyError('not_flight_sql', { detail: 'The response to GetFlightInfo has more than one message.' });
    }
    try {
      return readFlightInfo(first);
    } catch (reason) {
      throw reason instanceof ProxyError ? reason : new ProxyError('not_flight_sql', { cause: reason });
    }
  }

  async #acquire(run: Run): Promise<Connection> {
    const { signal, timeoutMs, limitMs = timeoutMs } = run.call;
    const startedMs = performance.now();
    try {
      return await this.#connections.acquire(timeLeftMs(run), signal);
    } catch (reason) {
      if (!(reason instanceof TimeoutError)) {
        throw reason;
      }
      const waitedMs = performance.now() - startedMs;
      const { isAtProxy } = this.#connections;
      const lastResponse = this.#lastResponse;
      throw connectTimeout(this.#options.server, { limitMs, waitedMs, isAtProxy, lastResponse, cause: reason });
    }
  }

  /** Waits for the first message of a call. A call that the server did not process is repeated. */
  async #startCall(
    path: string,
    message: Uint8Array,
    rpc: Run['rpc'],
    run: Run,
    onReceived?: () => void
  ): Promise<StartedCall> {
    const { signal, memory } = run.call;
    run.rpc = rpc;
    for (let repeats = 0; ; repeats++) {
      const connection = await this.#acquire(run);
      const timeoutMs = timeLeftMs(run);
      const stream = new MessageStream(connection, {
        path,
        message,
        metadata: run.metadata,
        timeoutMs,
        signal,
        memory,
        onReceived,
      });
      run.stream = stream;
      try {
        return { stream, first: await stream.next() };
      } catch (reason) {
        const wasUnprocessed = reason instanceof CallError && reason.failure.kind === 'unprocessed';
        if (!wasUnprocessed || repeats >= MAX_REPEATS || this.#connections.isClosed) {
          throw reason;
        }
      }
    }
  }

  /** Removes secrets: servers and HTTP proxies may quote headers in error messages, which viewers can read. */
  #redacted(failure: CallFailure, { call }: Run): CallFailure {
    const secrets = [
      ...(call.token === undefined ? [] : [call.token]),
      ...this.#options.metadata.flatMap(([name, value]) => secretsOf(name, value)),
    ];
    const clean = (words: string) => withoutSecrets(words, secrets);
    switch (failure.kind) {
      case 'status':
        return { ...failure, details: clean(failure.details), sender: failure.sender?.map(clean) ?? [] };
      case 'http':
        return { ...failure, evidence: failure.evidence?.map(clean) ?? [] };
      case 'no-trailers':
        return { ...failure, sender: failure.sender.map(clean) };
      default:
        return failure;
    }
  }

  async #explain(failure: CallFailure, run: Run): Promise<ProxyError> {
    const { call, purpose, rpc, hasData } = run;
    const context: FailureContext = {
      rpc,
      purpose,
      signIn: this.#options.signIn,
      aborted: call.signal.aborted,
      afterData: hasData,
      timeoutMs: call.limitMs ?? call.timeoutMs,
      timeLeftMs: run.deadlineMs - performance.now(),
      sizes: headerSizes(run),
      lastResponse: this.#lastResponse,
      namesUser: run.metadata.some(([name]) => name === 'x-user-id' || name === 'x-user-email'),
    };
    const isGone = failure.kind === 'connection' || failure.kind === 'reset' || failure.kind === 'unprocessed';
    const isSilent = failure.kind === 'connection' && failure.reason instanceof TimeoutError;
    const mayProbe = isGone && !isSilent && !hasData && !context.aborted && !this.#connections.isClosed;
    const found = mayProbe ? await this.#probeReason(run) : undefined;
    if (isGone && this.#connections.isClosed && !context.aborted) {
      return new ProxyError('connection_lost', { cause: failure });
    }
    return found ?? flightError(failure, context);
  }

  /**
   * Looks for the reason why the connection or a call ended, because the failure of the call does not contain this
   * reason. Calls that fail at the same time share one probe.
   *
   * @returns The error of the probe, or `query_cancelled`. Undefined if the probe finds nothing before the deadline.
   */
  async #probeReason(run: Run): Promise<ProxyError | undefined> {
    const { signal } = run.call;
    const probe = () =>
      (this.#probing ??= this.probe('tls', this.#end.signal).finally(() => (this.#probing = undefined)));
    try {
      await withLimits({ limitMs: timeLeftMs(run), signal }, probe);
      return undefined;
    } catch (reason) {
      if (signal.aborted) {
        return new ProxyError('query_cancelled');
      }
      return reason instanceof TimeoutError ? undefined : ProxyError.from(reason);
    }
  }
}

/** The secrets in an entry of the metadata. The older plugin saved the `authorization` entry as plain text. */
function secretsOf(name: string, value: string | Secret): Secret[] {
  if (value instanceof Secret) {
    return [value];
  }
  return name === 'authorization' ? [value, value.split(' ').at(-1) ?? ''].map((secret) => new Secret(secret)) : [];
}

/** In the size of a header, HTTP/2 counts this many bytes besides name and value (RFC 9113, section 10.5.1). */
const HEADER_OVERHEAD_BYTES = 32;

function headerSizes({ call, metadata }: Run): HeaderSizes {
  const sizes = metadata.map(([name, value]) => name.length + value.length + HEADER_OVERHEAD_BYTES);
  return { headerBytes: sizes.reduce((sum, size) => sum + size, 0), tokenBytes: call.token?.reveal().length ?? 0 };
}

function startRun(purpose: Run['purpose'], call: FlightCall, metadata: MetadataEntry[]): Run {
  const deadlineMs = performance.now() + call.timeoutMs;
  return { call, purpose, metadata, deadlineMs, rpc: 'data', stream: undefined, hasData: false };
}

function timeLeftMs({ deadlineMs }: Run): number {
  return Math.max(1, deadlineMs - performance.now());
}

/** The schema message of a result that has no endpoints, and so no rows. */
function emptyResult(info: FlightInfo): FlightMessage {
  const header = schemaHeaderOf(info);
  if (header === undefined) {
    throw new ProxyError('result_malformed', { detail: 'The response has neither endpoints nor a schema.' });
  }
  return { header, body: EMPTY };
}

/** A client for one server. It connects at the first call. */
export function createFlightSqlClient(options: FlightSqlClientOptions): FlightSqlClient {
  return new Http2FlightSqlClient(options);
}
