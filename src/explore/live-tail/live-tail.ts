/** Runs Explore's live mode: the lines of its logs queries, as frames that are replaced with each update. */
import { LOG_FIELDS } from '../../../contract/logs/log-frame';
import { StringMap } from '../../../contract/string-map';
import {
  type DataFrame,
  type DataQueryRequest,
  type DataQueryResponse,
  FieldType,
  LoadingState,
  type QueryResultMetaNotice,
} from '@grafana/data';
import { t } from '@grafana/i18n';
import { asyncScheduler, map, type Observable, type SchedulerLike } from 'rxjs';
import { type MicromegasQuery } from '../../shared/types';
import { OVERLAP_SECONDS, type TailStatus, type TailView } from './tail-state';
import { type TailError, tailLoop, type TailStep, type TailUpdate } from './tail-loop';

/**
 * Maximum number of lines that are shown. Explore renders the last 100 of them, and all of them when the user pauses.
 */
export const TAIL_LINES = 1000;

type Run = (request: DataQueryRequest<MicromegasQuery>) => Observable<DataQueryResponse>;

/**
 * @param run       Sends a request once.
 * @param scheduler Default: the clock and timers of the browser.
 * @returns Emits the shown lines of all queries at each update. Completes when all tails have ended.
 */
export function liveTail(
  request: DataQueryRequest<MicromegasQuery>,
  run: Run,
  scheduler: SchedulerLike = asyncScheduler
): Observable<DataQueryResponse> {
  const { targets } = request;
  const key = `live-tail-${request.requestId}`;
  const queries = targets.map(({ refId, rowLimit }) => ({ refId, capacity: capacityOf(rowLimit) }));
  const send = (steps: readonly TailStep[]) =>
    run(stepRequest(request, steps)).pipe(
      map((response) => ({ frames: response.data as DataFrame[], errors: errorsOf(response) }))
    );
  return tailLoop(queries, send, scheduler).pipe(map((update) => ({ key, ...responseOf(update) })));
}

function capacityOf(rowLimit: unknown): number {
  const limit = Number(rowLimit ?? NaN);
  return Number.isInteger(limit) && limit > 0 ? Math.min(limit, TAIL_LINES) : TAIL_LINES;
}

function stepRequest(
  request: DataQueryRequest<MicromegasQuery>,
  steps: readonly TailStep[]
): DataQueryRequest<MicromegasQuery> {
  const tails = new StringMap(steps.map(({ refId, tail }) => [refId, tail]));
  const targets = request.targets.flatMap((target) => {
    const tail = tails.get(target.refId);
    return tail === undefined ? [] : [{ ...target, tail }];
  });
  // A response from Grafana's query cache would be old.
  return { ...request, targets, liveStreaming: false, skipQueryCache: true };
}

function errorsOf(response: DataQueryResponse): TailError[] {
  // Only this deprecated field contains the error of a request that failed as a whole.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  const { errors = [], error } = response;
  const all = errors.length > 0 ? errors : error === undefined ? [] : [error];
  return all.map(({ refId, message, status, statusText, data }) => ({
    refId,
    status,
    message: message ?? data?.message ?? statusText,
  }));
}

function responseOf({ views, errors }: TailUpdate): DataQueryResponse {
  return {
    data: [...views].map(([refId, view]) => frameOf(refId, view)),
    state: LoadingState.Streaming,
    ...(errors.length > 0 && { errors: [...errors] }),
  };
}

function frameOf(refId: string, { lines, meta, status }: TailView): DataFrame {
  const { length } = lines;
  const fields =
    lines.fields.length > 0
      ? lines.fields
      : [
          { name: LOG_FIELDS.time, type: FieldType.time, config: {}, values: [] },
          { name: LOG_FIELDS.body, type: FieldType.string, config: {}, values: [] },
        ];
  const logs = { type: 'log-lines', preferredVisualisationType: 'logs' } as DataFrame['meta'];
  return { refId, fields, length, meta: { ...logs, ...meta, notices: [...(meta?.notices ?? []), ...notices(status)] } };
}

function notices({ delaySeconds, late, missed, gapSeconds }: TailStatus): QueryResultMetaNotice[] {
  const found: QueryResultMetaNotice[] = [];
  if (delaySeconds !== undefined) {
    const seconds = Math.max(1, Math.round(delaySeconds));
    found.push({
      severity: 'info',
      text: t('live-tail.delay', 'Live: the newest line appeared {{seconds}} s after it had reached the server.', {
        seconds,
      }),
    });
  }
  if (late > 0) {
    found.push({
      severity: 'warning',
      text: t(
        'live-tail.late',
        'Lines that appeared more than {{minutes}} minutes after they had reached the server: {{late}}. They are missing here. To see them, stop the live tail and run the query.',
        { late, minutes: OVERLAP_SECONDS / 60 }
      ),
    });
  }
  if (missed > 0) {
    found.push({
      severity: 'warning',
      text: t(
        'live-tail.missed',
        'Lines that are missing here because too many arrived at once: {{missed}}. Add conditions to the query, or stop the live tail and run it.',
        { missed }
      ),
    });
  }
  if (gapSeconds > 0) {
    found.push({
      severity: 'warning',
      text: t(
        'live-tail.gap',
        'The live tail was interrupted. Lines of {{minutes}} minutes are missing here. To see them, stop the live tail and run the query.',
        { minutes: Math.ceil(gapSeconds / 60) }
      ),
    });
  }
  return found;
}
