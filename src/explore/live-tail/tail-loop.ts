/**
 * Runs the live tails of a request until the subscription ends. A step is a request for the new lines of one tail. The
 * steps of all tails are sent together, at most once per second.
 *
 * After each step, the loop pauses for the time that the step took. So the tails keep a slow server busy at most half
 * of the time. While all tails fail, the pauses grow.
 */
import { StringMap } from '../../../contract/string-map';
import { type DataFrame } from '@grafana/data';
import { Observable, type SchedulerLike, Subscription } from 'rxjs';
import { TAIL_ENDING_STATUS, type TailRequest } from '../../../contract/logs/tail-request';
import { TailState, type TailView } from './tail-state';

interface TailedQuery {
  refId: string;
  /** Maximum number of lines that are shown. */
  capacity: number;
}

/** The next request of one tail. */
export interface TailStep {
  refId: string;
  tail: TailRequest;
}

/** The failure of one step. A failure with the status `TAIL_ENDING_STATUS` ends the tail. */
export interface TailError {
  /** Undefined: the whole request failed. */
  refId?: string;
  message?: string;
  /** HTTP status code. */
  status?: number;
}

/** A response of a data source. Frames have the `refId` of their query. */
export interface StepResponse {
  frames: readonly DataFrame[];
  errors: readonly TailError[];
}

/** The state that Grafana shows after a step. Tails that have failed keep their lines. */
export interface TailUpdate {
  /** All lines that are shown, by `refId`. */
  views: ReadonlyMap<string, TailView>;
  /** The errors of the tails whose last step failed. */
  errors: readonly TailError[];
}

/** Minimum time between the starts of two steps of a tail, and the first pause after a failure. */
const MIN_INTERVAL_MS = 1000;
/** Maximum pause after failures. */
const MAX_PAUSE_MS = 30_000;

interface Running {
  refId: string;
  state: TailState;
  error: TailError | undefined;
  hasEnded: boolean;
}

/**
 * @param run Sends steps. The returned observable emits one response and completes. When the subscriber of the loop
 *   unsubscribes, the loop unsubscribes from this observable.
 * @param scheduler Clock and timer.
 * @returns Completes when all tails have ended. Never fails.
 */
export function tailLoop(
  queries: readonly TailedQuery[],
  run: (steps: readonly TailStep[]) => Observable<StepResponse>,
  scheduler: SchedulerLike
): Observable<TailUpdate> {
  return new Observable((subscriber) => {
    const running = queries.map(({ refId, capacity }): Running => {
      return { refId, state: new TailState(capacity, scheduler.now()), error: undefined, hasEnded: false };
    });
    const subscription = new Subscription();
    let timer: Subscription | undefined;
    let failures = 0;
    // Grafana drops an update that follows another update too soon. So each update is sent again with the next step.
    let isNew = true;
    let wasNew = false;

    const step = () => {
      // A timer that has run stays in the subscription until the timer is unsubscribed.
      timer?.unsubscribe();
      const startedMs = scheduler.now();
      const active = running.filter(({ hasEnded }) => !hasEnded);
      const requests = active.map(({ refId, state }): TailStep => ({ refId, tail: state.next(startedMs) }));
      let response: StepResponse = { frames: [], errors: [{}] };
      const finish = () => {
        const nowMs = scheduler.now();
        active.forEach((query, index) => {
          isNew = accept(query, requests[index].tail, response, startedMs, nowMs) || isNew;
        });
        failures = active.every(({ error }) => error !== undefined) ? failures + 1 : 0;
        if (isNew || wasNew) {
          subscriber.next(updateOf(running));
        }
        wasNew = isNew;
        isNew = false;
        if (running.every(({ hasEnded }) => hasEnded)) {
          subscriber.complete();
        } else {
          const durationMs = nowMs - startedMs;
          const pauseMs = Math.max(MIN_INTERVAL_MS - durationMs, durationMs);
          const backoffMs = failures === 0 ? 0 : Math.min(MIN_INTERVAL_MS * 2 ** (failures - 1), MAX_PAUSE_MS);
          timer = scheduler.schedule(step, Math.max(pauseMs, backoffMs));
          subscription.add(timer);
        }
      };
      const request = run(requests).subscribe({
        next: (next) => (response = next),
        error: (reason: unknown) => {
          response = { frames: [], errors: [{ message: reason instanceof Error ? reason.message : String(reason) }] };
          finish();
        },
        complete: () => finish(),
      });
      subscription.add(request);
      request.add(() => subscription.remove(request));
    };
    step();
    return subscription;
  });
}

/**
 * Passes the response of a step to one query.
 *
 * @returns True if there is something new to show.
 */
function accept(
  query: Running,
  request: TailRequest,
  response: StepResponse,
  startedMs: number,
  nowMs: number
): boolean {
  const before = query.error;
  query.error = response.errors.find(({ refId }) => refId === undefined || refId === query.refId);
  if (query.error !== undefined) {
    query.hasEnded = query.error.status === TAIL_ENDING_STATUS;
    return query.error.message !== before?.message || before === undefined;
  }
  const frame = response.frames.find(({ refId }) => refId === query.refId);
  return query.state.accept(request, frame, startedMs, nowMs) || before !== undefined;
}

function updateOf(running: readonly Running[]): TailUpdate {
  return {
    views: new StringMap(running.map(({ refId, state }) => [refId, state.view()])),
    errors: running.flatMap(({ refId, error }) => (error === undefined ? [] : [{ ...error, refId }])),
  };
}
