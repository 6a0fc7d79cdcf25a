/** An instance of a data source: its settings, its connections and its sign-in. */
import { type Deadline } from '../../base/async/deadline';
import { startSystemTimer, type StartTimer, TimeoutError, withLimits } from '../../base/async/with-limits';
import { ProxyError } from '../../base/errors/proxy-error';
import { createFlightSqlClient } from '../flight-sql/create-flight-sql-client';
import { callFailureOf } from '../flight-sql/flight-errors';
import {
  type CallOrigin,
  type CallUser,
  type FlightCall,
  type FlightMessage,
  type FlightSqlClient,
} from '../flight-sql/flight-sql-client';
import { type Secret } from '../../observe/logging/secret';
import { type ServerAddresses } from '../network/server-addresses';
import { type MemoryAccount, type ReceivingMemory } from '../../observe/memory/memory-account';
import { checkedSql } from '../../sql/guard/checked-sql';
import { type AccessToken, type TokenSource } from '../oidc/token-source';
import { type QueryStages } from '../../observe/telemetry/query-stages';
import { type TokenEvents } from '../../observe/telemetry/token-events';
import { SharedResults, type SharedResultsDeps } from '../shared-results/shared-results';
import { AcceptedTokens } from './accepted-tokens';
import { identityOf, type CallIdentity, type ForwardedTokens, type IdentityCall } from './call-identity';
import { CallTokens, type StartedMessages } from './call-tokens';
import { LATE_AFTER_MS, LateStatements, MAX_HELD_MS, type ProbeOutcome } from './late-statements';
import { SIGN_IN_REJECTIONS, USER_REJECTIONS } from './rejections';
import { type DataSourceSettings } from './settings';
import { type Release, type SlotLane, type SlotRequest, StatementSlots } from './statement-slots';
import { type ConnectionEvents } from '../../observe/telemetry/connection-events';

/** The options of one call. */
export interface InstanceCall {
  /** Missing for alert rules, and for anonymous and public dashboards. */
  user?: CallUser;
  /** The role of that user in Grafana. It is not sent. A user with a changed role gets no earlier copies of results. */
  role?: string;
  /** OAuth tokens of that user. Used only if the data source forwards identities. */
  forwarded?: ForwardedTokens;
  /** In Save & test: the service account's token to test. If the server rejects it, no other token is used. */
  tried?: AccessToken | undefined;
  origin: CallOrigin;
  trace?: FlightCall['trace'];
  /** Measures the wait for the token, for the first message and for the rest. */
  stages?: Pick<QueryStages, 'begin'>;
  range?: FlightCall['range'];
  /** Maximum number of rows that the server returns. Default: no limit. */
  limit?: number;
  /** Time limit in milliseconds, if there is no deadline. Default: the time limit in the settings. */
  timeoutMs?: number;
  /** The time limit of the query that the call belongs to. The call may use the time that is left. */
  deadline?: Deadline | undefined;
  /** Time limit of this statement in milliseconds, if it is shorter than that of the query. */
  statementMs?: number | undefined;
  signal: AbortSignal;
  /** See `FlightCall`. */
  memory: MemoryAccount;
  onEndpoints?: FlightCall['onEndpoints'];
  /** Default: `viewer`. Alert rules and Save & test are always `background`. */
  lane?: SlotLane;
  /**
   * The slot that the caller took for this statement. The call releases it when the result has arrived or the call has
   * ended. Default: the call waits for a slot.
   */
  slot?: Release;
}

/** A call with a memory account of its own or of a shared result. */
export type SentCall = Omit<InstanceCall, 'memory'> & Pick<FlightCall, 'memory'>;

/** The properties of a call that determine its wait for a slot. */
export type SlotCall = Pick<
  InstanceCall,
  'user' | 'origin' | 'lane' | 'stages' | 'deadline' | 'timeoutMs' | 'statementMs' | 'signal'
>;

/** @param owner The rejected user, see `ownerOf`. Undefined if the sign-in of the data source is rejected. */
export type RejectionListener = (owner: string | undefined) => void;

/** The connections, sign-in and shared results of a data source, for one version of its settings. */
export interface Instance {
  readonly settings: DataSourceSettings;
  /** For Save & test. Calls of the client take no slot, and use only the token that is passed to them. */
  readonly client: FlightSqlClient;
  /** Missing without a service account. */
  readonly tokenSource?: TokenSource;
  /** The service account's token of the last call that had no `tried` token. Undefined before such a call. */
  readonly currentToken: AccessToken | undefined;
  /** The kinds of tokens that the server accepted. */
  readonly acceptedTokens: Pick<AcceptedTokens, 'like'>;
  /** The results that callers of the data source share. */
  readonly results: SharedResults;
  /** Adds a listener, which is called when the server rejects the sign-in, a user, or a request of a user. */
  onRejected(listener: RejectionListener): void;
  /**
   * Waits until the statement of a call may be sent. Call this before you take memory for the statement.
   *
   * @returns A function that gives the slot back. Further calls have no effect.
   * @throws {ProxyError} 'statements_busy', 'query_timeout', 'query_cancelled'
   */
  takeSlot(call: SlotCall): Promise<Release>;
  /**
   * The credentials of a call.
   *
   * @throws {ProxyError} `identity_missing`.
   */
  identityFor(call: IdentityCall): CallIdentity;
  /**
   * Runs a statement with the credentials of `identityFor`. Rejects statements that write, even those of admins and of
   * the backend.
   *
   * @throws {ProxyError} `execute` itself throws `statement_not_allowed`, `statement_too_large` and `query_too_long`.
   *   The iteration throws the errors of the sign-in and of the server.
   */
  execute(sql: string, call: SentCall): AsyncIterable<FlightMessage>;
  /** Lists the server's global tables, see `FlightSqlClient.getTables`. */
  getTables(call: InstanceCall): AsyncIterable<FlightMessage>;
  /** Closes the connections. Calls in flight fail with `connection_lost`. */
  close(): void;
}

/** The value of `Recording.owner`: the login of the user. Empty for a call without a user. */
export function ownerOf({ user }: Pick<InstanceCall, 'user'>): string {
  return user?.login ?? '';
}

class LiveInstance implements Instance {
  readonly #tokens: CallTokens;
  readonly #slots: StatementSlots;
  readonly #late: LateStatements;
  readonly #elapsedMs: () => number;
  readonly #rejectionListeners: RejectionListener[] = [];
  readonly results: SharedResults;
  readonly acceptedTokens: AcceptedTokens;

  constructor(
    readonly settings: DataSourceSettings,
    readonly client: FlightSqlClient,
    readonly tokenSource: TokenSource | undefined,
    {
      now,
      elapsedMs,
      tokenEvents,
      kept,
      acceptedTokens = new AcceptedTokens(elapsedMs),
      startTimer = startSystemTimer,
    }: InstanceDeps
  ) {
    this.acceptedTokens = acceptedTokens;
    this.#tokens = new CallTokens({ tokenEvents, accepted: acceptedTokens, now });
    this.results = new SharedResults({ elapsedMs, kept });
    this.onRejected((owner) => (owner === undefined ? this.results.dropAll() : this.results.dropOf(owner)));
    this.#slots = new StatementSlots(settings.maxStatements);
    this.#late = new LateStatements({ elapsedMs, startTimer });
    this.#elapsedMs = elapsedMs;
  }

  get currentToken(): AccessToken | undefined {
    return this.#tokens.current;
  }

  identityFor(call: IdentityCall): CallIdentity {
    return identityOf(this.settings.auth, this.tokenSource, call, (tokens) => this.#tokens.prefersIdToken(tokens));
  }

  onRejected(listener: RejectionListener): void {
    this.#rejectionListeners.push(listener);
  }

  execute(sql: string, call: SentCall): AsyncIterable<FlightMessage> {
    const checked = checkedSql(sql);
    return this.#signedIn(call, (flightCall) => this.client.execute(checked, flightCall));
  }

  getTables(call: InstanceCall): AsyncIterable<FlightMessage> {
    return this.#signedIn(call, (flightCall) => this.client.getTables(flightCall));
  }

  close(): void {
    this.#late.close();
    this.results.close();
    this.client.close();
  }

  /** Yields the messages of a call. After the first message, the call is not repeated with another token. */
  async *#signedIn(
    call: SentCall,
    send: (call: FlightCall) => AsyncIterable<FlightMessage>
  ): AsyncGenerator<FlightMessage> {
    const identity = this.identityFor(call);
    const slot = call.slot ?? (await this.takeSlot(call));
    const { tried, signal, stages } = call;
    let messages: AsyncIterator<FlightMessage> | undefined;
    let received: (() => void) | undefined;
    const sentMs = this.#elapsedMs();
    let failure: unknown;
    try {
      const open = (token: Secret | undefined) =>
        this.#started(() => send(this.#flightCall(call, slot, token)), stages);
      const started = await this.#tokens.open(identity, { open, tried, signal, stages });
      messages = started.messages;
      this.#late.noteResponse(this.#elapsedMs() - sentMs);
      received = stages?.begin('receive');
      for (let next = started.first; next.done !== true; next = await messages.next()) {
        yield next.value;
      }
    } catch (reason) {
      failure = reason;
      this.#reportRejection(reason, identity, call);
      throw this.#tokens.failure(reason, identity);
    } finally {
      received?.();
      if (isLate(failure, signal, this.#elapsedMs() - sentMs)) {
        this.#holdPlace(call, identity);
        // Released at once, so that this statement does not count twice when the next one is late.
        slot();
      }
      try {
        await messages?.return?.();
      } finally {
        slot();
      }
    }
  }

  /** Holds the place of a late statement until a probe with the same sign-in responds in usual time. */
  #holdPlace(call: SentCall, identity: CallIdentity): void {
    const release = this.#slots.hold(slotRequest(call));
    if (release !== undefined) {
      const { user } = call;
      const probeCall = { user, origin: { entrypoint: 'probe' }, memory: PROBE_MEMORY, timeoutMs: MAX_HELD_MS };
      this.#late.hold(release, (signal) => this.#probe({ ...probeCall, signal }, identity));
    }
  }

  async #probe(call: SentCall, identity: CallIdentity): Promise<ProbeOutcome> {
    const { signal } = call;
    const send = (flightCall: FlightCall) => this.client.execute(checkedSql('SELECT 1'), flightCall);
    const open = (token: Secret | undefined) =>
      this.#started(() => send(this.#flightCall(call, NO_RELEASE, token)), undefined);
    try {
      const { messages } = await this.#tokens.open(identity, { open, signal });
      await messages.return?.();
      return 'responded';
    } catch (reason) {
      return signal.aborted || isTimeout(reason) ? 'late' : 'failed';
    }
  }

  #reportRejection(reason: unknown, { kind }: CallIdentity, call: SentCall): void {
    const code = reason instanceof ProxyError ? reason.code : undefined;
    const isSignIn = code !== undefined && SIGN_IN_REJECTIONS.includes(code);
    if (isSignIn || (code !== undefined && USER_REJECTIONS.includes(code))) {
      const owner = isSignIn && kind !== 'forwarded' ? undefined : ownerOf(call);
      this.#rejectionListeners.forEach((listener) => listener(owner));
    }
  }

  #flightCall(call: SentCall, slot: Release, token: Secret | undefined): FlightCall {
    const { user, origin, trace, range, limit, signal, memory, onEndpoints, deadline } = call;
    const { attribution } = this.settings;
    deadline?.check();
    const timeoutMs = this.#leftMs(call);
    const limitMs = deadline?.limitMs;
    const options = { range, limit, signal, memory, onEndpoints, timeoutMs, limitMs };
    return { ...options, user, origin, trace, token, attribution, onReceived: slot };
  }

  /** Starts a call, and waits for its first message. */
  async #started(send: () => AsyncIterable<FlightMessage>, stages: SentCall['stages']): Promise<StartedMessages> {
    const arrived = stages?.begin('first_batch');
    try {
      const messages = send()[Symbol.asyncIterator]();
      return { messages, first: await messages.next() };
    } finally {
      arrived?.();
    }
  }

  async takeSlot(call: SlotCall): Promise<Release> {
    const request = slotRequest(call);
    return this.#slots.tryAcquire(request) ?? this.#waitForSlot(request, call);
  }

  /** Milliseconds until the statement must end. */
  #leftMs({ deadline, timeoutMs, statementMs = Infinity }: SlotCall): number {
    return Math.min(deadline?.leftMs() ?? timeoutMs ?? this.settings.timeoutMs, statementMs);
  }

  async #waitForSlot(request: SlotRequest, call: SlotCall): Promise<Release> {
    const { signal, stages, deadline } = call;
    const granted = stages?.begin('queue');
    const limitMs = this.#leftMs(call);
    try {
      return await withLimits({ limitMs, signal, awaitsWork: true }, (limited) =>
        this.#slots.acquire(request, limited)
      );
    } catch (reason) {
      const { code, cause } = ProxyError.from(reason);
      const isLate = code === 'query_timeout' || reason instanceof TimeoutError || cause instanceof TimeoutError;
      const seconds = Math.round(deadline?.limitMs ?? limitMs) / 1000;
      throw isLate
        ? new ProxyError('query_timeout', {
            detail: `(limit ${seconds} s; the query waited for other queries of the data source)`,
          })
        : reason;
    } finally {
      granted?.();
    }
  }
}

const NO_RELEASE: Release = () => undefined;

/** Maximum number of bytes of one message of a probe. */
const MAX_PROBE_BYTES = 64 * 1024;

/** The memory of a probe, which reads only the schema of its result. */
const PROBE_MEMORY: ReceivingMemory = {
  limitBytes: MAX_PROBE_BYTES,
  take: (bytes) => Buffer.allocUnsafe(bytes),
  free: () => undefined,
  reserveMessage: () => undefined,
  noteUnread: () => undefined,
};

/** True if the time limit of a statement passed while the server had it. */
function isTimeout(reason: unknown): boolean {
  const failure = reason instanceof ProxyError ? callFailureOf(reason) : undefined;
  return (
    failure?.kind === 'deadline' || (failure?.kind === 'status' && ProxyError.from(reason).code === 'query_timeout')
  );
}

/** True if the server may continue with a statement after its end. @param ms How long the statement ran. */
function isLate(failure: unknown, signal: AbortSignal, ms: number): boolean {
  return isTimeout(failure) || (signal.aborted && ms > LATE_AFTER_MS);
}

/** The entry points whose statements always use the lane `background`. */
const BACKGROUND: readonly string[] = ['alerting', 'health'];

/** Calls without a user are grouped by their dashboard. */
function slotRequest({ user, origin, lane }: SlotCall): SlotRequest {
  const dashboard = origin.dashboardUid ?? '';
  return {
    lane: BACKGROUND.includes(origin.entrypoint) ? 'background' : (lane ?? 'viewer'),
    user: user?.login ?? `dashboard ${dashboard}`,
    dashboard,
  };
}

interface InstanceDeps extends Pick<SharedResultsDeps, 'kept'> {
  /** Source of the service account's tokens. Missing without a service account. */
  tokenSource?: TokenSource;
  tokenEvents: Pick<TokenEvents, 'tokenRejected' | 'callRepeated'>;
  /** Shared by the data sources of an organization that use the same server. Default: not shared. */
  acceptedTokens?: AcceptedTokens;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Milliseconds of a monotonic clock. */
  elapsedMs: () => number;
  /** For tests. Default: the timer of the process. */
  startTimer?: StartTimer;
  /** Addresses of servers, shared by all instances. */
  addresses: ServerAddresses;
  connectionEvents?: ConnectionEvents | undefined;
}

/** Creates an instance, which opens no connection before its first call. */
export function createInstance(settings: DataSourceSettings, deps: InstanceDeps): Instance {
  const { server, metadata, auth } = settings;
  const { tokenSource, addresses, connectionEvents } = deps;
  const client = createFlightSqlClient({ server, metadata, signIn: auth.kind, addresses, connectionEvents });
  return new LiveInstance(settings, client, tokenSource, deps);
}
