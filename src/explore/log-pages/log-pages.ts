/**
 * Pages of log lines: more lines before or after the shown ones. To request a page, Grafana sends the query again,
 * without a direction. The range of this request ends at the time of the oldest shown line, or begins at the time of
 * the newest shown line. These times are whole milliseconds. `LogPages` attaches what the backend needs to return the
 * next lines before or after the shown ones, see `LogPageRequest`.
 */
import { StringMap, StringSet } from '../../../contract/string-map';
import { type DataFrame, type DataQueryRequest, type DataQueryResponse, type TimeRange } from '@grafana/data';
import { map, type Observable } from 'rxjs';
import { type LogPageRequest } from '../../../contract/logs/log-page';
import { panelRequestId } from '../../shared/mixed-request';
import { type MicromegasQuery } from '../../shared/types';
import {
  continueLines,
  type Direction,
  firstLines,
  type ShownLines,
  timeColumnOfFrame,
  withNanos,
} from './shown-lines';

type Request = DataQueryRequest<MicromegasQuery>;
type Send = (request: Request) => Observable<DataQueryResponse>;

/**
 * Maximum number of remembered results. Of a pane of Explore, only the last result is remembered. A panel has a result
 * for each run, because each run has another request id. Beyond the maximum, the oldest result is removed.
 */
const MAX_RESULTS = 100;

/** The lines of a request and of its pages. */
interface Result {
  /**
   * `startTime` of the first request, in milliseconds since 1970. Dashboards send the same value with each request for
   * a page of the result.
   */
  startTime: number;
  /** The range of the lines. */
  range: Pick<TimeRange, 'from' | 'to'>;
  /** By the `refId` of a query. */
  lines: ReadonlyMap<string, ShownLines>;
}

/** Shows the user why a page has no more lines. Grafana shows no failure of a page. */
export type ReportFailure = (messages: readonly string[]) => void;

function isLogs({ format, supplementary, logContext, hide }: MicromegasQuery): boolean {
  return format === 'logs' && supplementary === undefined && logContext === undefined && hide !== true;
}

/** True for a query that Explore sends for a page. */
function isMarked(query: MicromegasQuery): boolean {
  return 'supportingQueryType' in query && query.supportingQueryType === 'infiniteScroll';
}

/** One per data source. Remembers the first and last lines of recent results, in memory only. */
export class LogPages {
  readonly #report: ReportFailure;
  /** The key is equal for the first request and for its pages. */
  readonly #results = new StringMap<Result>();

  constructor(report: ReportFailure) {
    this.#report = report;
  }

  /**
   * Sends a request and returns its response. If Grafana requests a page, sends the result of `pageRequest` instead.
   */
  run(request: Request, send: Send): Observable<DataQueryResponse> {
    if (
      request.targets.some(({ supplementary, logContext }) => supplementary !== undefined || logContext !== undefined)
    ) {
      return send(request);
    }
    const result = this.#results.get(panelRequestId(request));
    const direction = result && directionOf(request, result);
    return result === undefined || direction === undefined
      ? send(request).pipe(map((response) => this.#first(request, response)))
      : send(pageRequest(request, result, direction)).pipe(
          map((response) => this.#page(request, result, direction, response))
        );
  }

  #remember(request: Request, result: Result): void {
    const key = panelRequestId(request);
    this.#results.delete(key);
    if (result.lines.size > 0) {
      this.#results.set(key, result);
    }
    const [oldest] = this.#results.keys();
    if (oldest !== undefined && this.#results.size > MAX_RESULTS) {
      this.#results.delete(oldest);
    }
  }

  #first(request: Request, response: DataQueryResponse): DataQueryResponse {
    const data = response.data.map((frame: DataFrame) =>
      timeColumnOfFrame(frame) === undefined ? frame : withNanos(frame)
    );
    const names = new StringSet(request.targets.filter(isLogs).map(({ refId }) => refId));
    const lines = new StringMap<ShownLines>();
    for (const frame of data) {
      const shown = names.has(frame.refId ?? '') ? firstLines(frame) : undefined;
      if (shown !== undefined) {
        lines.set(frame.refId ?? '', shown);
      }
    }
    const { range, startTime } = request;
    // If the first result is no longer remembered, Grafana's request for a page arrives here. The page is not a first
    // result, so its lines are not remembered.
    if (!request.targets.some(isMarked)) {
      this.#remember(request, { startTime, range, lines });
    }
    return { ...response, data };
  }

  #page(request: Request, result: Result, direction: Direction, response: DataQueryResponse): DataQueryResponse {
    const lines = new StringMap(result.lines);
    const data = response.data.map((frame: DataFrame) => {
      const refId = frame.refId ?? '';
      const shown = lines.get(refId);
      if (shown === undefined || timeColumnOfFrame(frame) === undefined) {
        return frame;
      }
      const { page, shown: continued, added } = continueLines(shown, withNanos(frame), direction);
      lines.set(refId, continued);
      const notices = frame.meta?.notices ?? [];
      if (added === 0 && notices.length > 0) {
        this.#report(notices.map(({ text }) => text));
      }
      return page;
    });
    if (response.errors !== undefined && response.errors.length > 0) {
      this.#report(response.errors.map(({ message, data: body }) => message ?? body?.message ?? ''));
    }
    this.#remember(request, { ...result, range: joined(result.range, request.range), lines });
    return { ...response, data };
  }
}

/**
 * The direction of a page. Undefined for a request that is not a page. A page of older lines begins at the start of the
 * whole range. A page of newer lines begins at the newest shown line.
 */
function directionOf(request: Request, { startTime, range, lines }: Result): Direction | undefined {
  const from = request.range.from.valueOf();
  const to = request.range.to.valueOf();
  const all = [...lines.values()];
  const oldest = Math.min(...all.map(({ ends }) => ends.older.ms));
  // If the query calculates the times of its lines, all lines may be before the range of the result. Then `from` is
  // after the oldest line even in a request for older lines. Such a request ends at the oldest line, so `to` is
  // compared too.
  const direction = from < oldest || to <= oldest ? 'older' : 'newer';
  if (request.targets.some(isMarked)) {
    return direction;
  }
  // A dashboard repeats its request with another range.
  const isRepeated = request.startTime === startTime && !(from === range.from.valueOf() && to === range.to.valueOf());
  const isAtEnd = all.some(({ ends }) => (direction === 'older' ? to === ends.older.ms : from === ends.newer.ms));
  return isRepeated && isAtEnd ? direction : undefined;
}

/** From the earlier start to the later end. */
function joined(left: Result['range'], right: Result['range']): Result['range'] {
  const [from] = [left.from, right.from].sort((a, b) => a.valueOf() - b.valueOf());
  const [to] = [left.to, right.to].sort((a, b) => b.valueOf() - a.valueOf());
  return { from, to };
}

/**
 * The request for a page. It has the whole range: if the query calculates the times of its lines from the range,
 * another range would give other times. The backend narrows the range where it can.
 */
function pageRequest(request: Request, result: Result, direction: Direction): Request {
  const targets = request.targets.map((target) => {
    const shown = isLogs(target) ? result.lines.get(target.refId) : undefined;
    if (shown === undefined) {
      return target;
    }
    const { ms, lines: repeated } = shown.ends[direction];
    const logPage: LogPageRequest = {
      direction,
      boundaryMs: ms,
      shown: repeated.length,
      timeColumn: shown.timeColumn,
    };
    return { ...target, logPage };
  });
  const range = joined(result.range, request.range);
  return { ...request, range: { ...range, raw: range }, targets };
}
