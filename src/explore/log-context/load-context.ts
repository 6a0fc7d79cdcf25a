/**
 * Loads the log lines before or after a line from the backend, in time windows that grow until there are enough lines.
 */
import {
  CoreApp,
  type DataFrame,
  type DataQueryRequest,
  type DataQueryResponse,
  dateTime,
  LogRowContextQueryDirection,
  type LogRowContextOptions,
  type TimeRange,
} from '@grafana/data';
import { firstValueFrom, type Observable } from 'rxjs';
import {
  type ContextScope,
  type LogContextRequest,
  MAX_COMPUTER_WINDOW_MS,
  MAX_CONTEXT_LINES,
} from '../../../contract/logs/log-context';
import { type MicromegasQuery } from '../../shared/types';
import { FROM_END, type IdentifiedLine } from './log-line';

const MINUTE_MS = 60_000;

/**
 * Lengths of the windows in the order in which they are read. Most lines have enough neighbours in the first window,
 * which is fast because it is short. Undefined: no limit.
 */
const WINDOWS_MS: Readonly<Record<ContextScope, ReadonlyArray<number | undefined>>> = {
  process: [10 * MINUTE_MS, 24 * 60 * MINUTE_MS, undefined],
  target: [10 * MINUTE_MS, 24 * 60 * MINUTE_MS, undefined],
  computer: [MINUTE_MS, 60 * MINUTE_MS, MAX_COMPUTER_WINDOW_MS],
};

/** Number of lines to read if Grafana's dialog sets no limit. */
const DEFAULT_LINES = 100;

type Run = (request: DataQueryRequest<MicromegasQuery>) => Observable<DataQueryResponse>;

function rangeAround(time: string, windowMs: number): TimeRange {
  const ms = Number(BigInt(time) / 1_000_000n);
  const [from, to] = [dateTime(ms - windowMs), dateTime(ms + windowMs)];
  return { from, to, raw: { from, to } };
}

function requestFor(logContext: LogContextRequest, refId: string, options: LogRowContextOptions) {
  // The backend computes the range from `logContext`. Grafana requires a range in the request, too.
  const range = rangeAround(logContext.time, logContext.windowMs ?? MAX_COMPUTER_WINDOW_MS);
  return {
    app: CoreApp.Explore,
    requestId: refId,
    interval: '1s',
    intervalMs: 1000,
    range,
    rangeRaw: range.raw,
    scopedVars: options.scopedVars ?? {},
    targets: [{ refId, query: '', format: 'logs', version: 2, logContext }],
    timezone: 'utc',
    startTime: Date.now(),
  } satisfies DataQueryRequest<MicromegasQuery>;
}

function errorOf({ errors }: DataQueryResponse): string | undefined {
  const first = errors?.[0];
  return first && (first.message ?? first.data?.message ?? first.statusText ?? '');
}

function withDirection(frame: DataFrame, isBefore: boolean): DataFrame {
  return isBefore ? { ...frame, meta: { ...frame.meta, custom: { ...frame.meta?.custom, [FROM_END]: true } } } : frame;
}

/**
 * The log lines before or after a line, the newest first.
 *
 * @param refId Distinguishes the responses in the dialog.
 * @throws {Error} with the message of the backend
 */
export async function loadContext(
  run: Run,
  line: IdentifiedLine,
  scope: ContextScope,
  refId: string,
  options: LogRowContextOptions = {}
): Promise<DataQueryResponse> {
  const isBefore = options.direction !== LogRowContextQueryDirection.Forward;
  const limit = Math.min(Math.max(1, Math.trunc(options.limit ?? DEFAULT_LINES)), MAX_CONTEXT_LINES);
  let response: DataQueryResponse = { data: [] };
  for (const windowMs of WINDOWS_MS[scope]) {
    const request: LogContextRequest = {
      ...line,
      direction: isBefore ? 'before' : 'after',
      scope,
      limit,
      ...(windowMs !== undefined && { windowMs }),
    };
    response = await firstValueFrom(run(requestFor(request, refId, options)));
    const error = errorOf(response);
    if (error !== undefined) {
      throw new Error(error);
    }
    const lines = response.data.reduce((sum: number, frame: DataFrame) => sum + frame.length, 0);
    if (lines >= limit) {
      break;
    }
  }
  return { ...response, data: response.data.map((frame: DataFrame) => withDirection(frame, isBefore)) };
}
