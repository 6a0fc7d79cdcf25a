/** The source of a statement's messages: the server, or the result of another caller. */
import { type KeptParts, type SharedFrom } from '../../../contract/resources/query-costs';
import { type ErrorCode } from '../../base/errors/catalogue';
import { ProxyError } from '../../base/errors/proxy-error';
import { type FlightMessage } from '../../lakehouse/flight-sql/flight-sql-client';
import { USER_REJECTIONS } from '../../lakehouse/instances/rejections';
import { type Release } from '../../lakehouse/instances/statement-slots';
import {
  type LeadOptions,
  type Recording,
  type RecordingEnd,
  type SharedResult,
} from '../../lakehouse/shared-results/recording';
import { type SharedPlace } from '../../lakehouse/shared-results/shared-results';
import { type QueryRun, takeSlot } from '../query-run';
import { type StatementResources } from '../read-strategy';
import { type SharedStatementRequest } from './sharing';

export interface StatementSource {
  /** Undefined: the statement is sent for this caller. */
  shared?: SharedResult;
  /**
   * Reads the messages. The statement is sent when the first message is pulled. Call it once.
   *
   * @param sendAll Sends the statements of the result, one after another. Not called for the result of another caller.
   */
  read(
    sendAll: (resources: StatementResources) => AsyncIterable<FlightMessage>,
    options: LeadOptions
  ): AsyncIterable<FlightMessage>;
  /** Call this if parts of the result come from memory, so that callers who share the result know it. */
  keeps(kept: KeptParts): void;
  /** Call this when no more messages are read. */
  close(): void;
}

/**
 * Waits for the result of another caller, or for a slot if no other caller sends the statement. Call this before memory
 * is taken.
 *
 * @param request Undefined: the statement is not shared.
 * @throws {ProxyError} 'statements_busy', 'query_timeout', 'query_cancelled'
 */
export async function openSource(request: SharedStatementRequest | undefined, run: QueryRun): Promise<StatementSource> {
  for (;;) {
    const place = request && run.instance.results.open(request);
    if (request === undefined || place === undefined) {
      return ownSource(await takeSlot(run));
    }
    const source = await sourceAt(place, request, run);
    if (source === 'alone') {
      return ownSource(await takeSlot(run));
    }
    if (source !== 'again') {
      return source;
    }
  }
}

/**
 * The source of a shared result.
 *
 * @returns `again` if the caller must try again, because the statement was not sent or failed because of its first
 *   caller. `alone` if the caller must send a separate statement, because the result is too large to share.
 */
async function sourceAt(
  place: SharedPlace,
  request: SharedStatementRequest,
  run: QueryRun
): Promise<StatementSource | 'again' | 'alone'> {
  if (place.kind === 'kept') {
    return keptSource(place, 'memory');
  }
  const { owner } = request;
  const slot = place.recording.wait(owner) ? await slotInTurn(place, owner, run) : undefined;
  return slot === undefined ? joinedSource(place, run) : leadingSource(place, request, run, slot);
}

/**
 * Waits for a slot in the queue of the caller, so that no caller has to wait in the queue of another user.
 *
 * @returns Undefined if another caller sends the statement.
 */
async function slotInTurn(
  { recording, leave }: SharedPlace,
  owner: string,
  run: QueryRun
): Promise<Release | undefined> {
  const { signal } = run.deadline;
  const wait = new AbortController();
  const stop = () => wait.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  void recording.claimed.then(stop);
  try {
    signal.throwIfAborted();
    const slot = await takeSlot(run, wait.signal);
    if (recording.claim(owner)) {
      return slot;
    }
    slot();
    return undefined;
  } catch (reason) {
    recording.endWait(owner);
    if (recording.isClaimed || (isBusy(reason) && recording.isWaiting)) {
      return undefined;
    }
    leave();
    throw reason;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** True if the queue of the user is full. Callers who join a running statement do not need the queue. */
function isBusy(reason: unknown): boolean {
  return reason instanceof ProxyError && reason.code === 'statements_busy';
}

function ownSource(slot: Release): StatementSource {
  return { read: (sendAll, { memory, signal }) => sendAll({ memory, signal, slot }), keeps: noKept, close: slot };
}

/**
 * The source of the caller who sends the shared statement. The slot belongs to the statement, which may run longer than
 * this caller waits.
 */
function leadingSource(
  { recording, leave }: SharedPlace,
  { isOfOneUser }: SharedStatementRequest,
  run: QueryRun,
  slot: Release
): StatementSource {
  return {
    read: (sendAll, options) => {
      recording.sentAs = isOfOneUser ? run.record.sentStatement : undefined;
      return recording.lead((recorded) => releasedAtEnd(slot, sendAll({ ...recorded, slot })), options);
    },
    keeps: (kept) => (recording.kept = kept),
    close: () => {
      if (!recording.isSent) {
        slot();
      }
      recording.unsent();
      leave();
    },
  };
}

/**
 * Releases the slot at the end. This is for a statement that was never sent: a sent statement has already released its
 * slot.
 */
async function* releasedAtEnd(slot: Release, messages: AsyncIterable<FlightMessage>): AsyncGenerator<FlightMessage> {
  try {
    yield* messages;
  } finally {
    slot();
  }
}

function sharedResult({ ageMs, sentAs, kept }: Recording, from: SharedFrom): SharedResult {
  return { from, ageMs, sentAs, kept };
}

/** Nobody shares the result, or the caller who sent the statement has told it. */
const noKept = (): void => undefined;

function keptSource({ recording, leave }: SharedPlace, from: SharedFrom): StatementSource {
  return {
    shared: sharedResult(recording, from),
    read: (_sendAll, { memory }) => recording.messages(memory),
    keeps: noKept,
    close: leave,
  };
}

/** Waits for the statement of another caller. */
async function joinedSource(
  place: SharedPlace,
  { record, deadline }: QueryRun
): Promise<StatementSource | 'again' | 'alone'> {
  const arrived = record.stages.begin('first_batch');
  try {
    const end = await place.recording.join(deadline.signal);
    if (end.kind === 'complete') {
      return keptSource(place, 'statement');
    }
    place.leave();
    return end.kind === 'failed' && !isOfFirstCaller(end) ? failedSource(place, end.reason) : afterEnd(end);
  } catch (reason) {
    place.leave();
    throw reason;
  } finally {
    arrived();
  }
}

function afterEnd({ kind }: RecordingEnd): 'again' | 'alone' {
  return kind === 'outgrown' ? 'alone' : 'again';
}

/**
 * Errors that concern only the first caller: this caller left, its deadline is over, or the server rejects its user,
 * dashboard or panel. Other callers do not get these errors.
 */
const OF_FIRST_CALLER: readonly ErrorCode[] = ['query_cancelled', 'query_timeout', ...USER_REJECTIONS];

function isOfFirstCaller({ reason }: Extract<RecordingEnd, { kind: 'failed' }>): boolean {
  return reason instanceof ProxyError && OF_FIRST_CALLER.includes(reason.code);
}

/**
 * A source that throws the error when its first message is read. At that time, the string of the SQL is built, so the
 * error can mark a position in the SQL.
 */
function failedSource({ recording, leave }: SharedPlace, reason: unknown): StatementSource {
  return {
    shared: sharedResult(recording, 'statement'),
    read: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(reason) }) }),
    keeps: noKept,
    close: leave,
  };
}
