/**
 * Runs the query of the Explore screen with the plugin's data source object, as Grafana's Explore does.
 */
import {
  CoreApp,
  dateTime,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceApi,
  rangeUtil,
  type RawTimeRange,
  type TimeRange,
} from '@grafana/data';
import { type DataQuery } from '@grafana/schema';
import { useCallback, useEffect, useRef, useState } from 'react';
import { from, isObservable, type Subscription, throttleTime } from 'rxjs';
import { useRuntime } from '../runtime/use-runtime';

export interface QueryRun {
  isRunning: boolean;
  response: DataQueryResponse | undefined;
  request: DataQueryRequest<DataQuery> | undefined;
  /** @param isLive True: follows new log lines until `cancel` is called. */
  run: (query: DataQuery, range: TimeRange, isLive?: boolean) => void;
  cancel: () => void;
}

const REQUEST_ID = 'explore_left';
/** Number of points of a request. In Grafana, this is the width of Explore's pane in CSS pixels. */
const MAX_DATA_POINTS = 1000;
/**
 * Minimum milliseconds between two emissions of a live query. Like in Explore, emissions that follow sooner are
 * dropped.
 */
const LIVE_THROTTLE_MS = 500;

function requestFor(query: DataQuery, range: TimeRange, source: DataSourceApi): DataQueryRequest<DataQuery> {
  const { interval, intervalMs } = rangeUtil.calculateInterval(range, MAX_DATA_POINTS, source.interval);
  return {
    app: CoreApp.Explore,
    requestId: REQUEST_ID,
    timezone: 'browser',
    range,
    rangeRaw: range.raw,
    interval,
    intervalMs,
    maxDataPoints: MAX_DATA_POINTS,
    targets: [query],
    scopedVars: {
      __interval: { text: interval, value: interval },
      __interval_ms: { text: String(intervalMs), value: intervalMs },
    },
    startTime: Date.now(),
  };
}

/** Runs one query at a time. A new run cancels the previous one. */
export function useQueryRun(source: DataSourceApi | undefined): QueryRun {
  const { backend, templates } = useRuntime();
  const [isRunning, setRunning] = useState(false);
  const [response, setResponse] = useState<DataQueryResponse>();
  const [request, setRequest] = useState<DataQueryRequest<DataQuery>>();
  const subscription = useRef<Subscription>();

  const cancel = useCallback(() => {
    subscription.current?.unsubscribe();
    backend.cancel(REQUEST_ID);
    setRunning(false);
  }, [backend]);

  const run = useCallback(
    (query: DataQuery, range: TimeRange, isLive = false) => {
      if (!source) {
        return;
      }
      subscription.current?.unsubscribe();
      templates.updateTimeRange(range);
      const next = requestFor(query, range, source);
      next.targets = next.targets.filter((target) => source.filterQuery?.(target) ?? true);
      next.liveStreaming = isLive || undefined;
      setRequest(next);
      if (next.targets.length === 0) {
        setResponse({ data: [] });
        return;
      }
      setRunning(true);
      const result = source.query(next);
      const responses = isObservable(result) ? result : from(result);
      subscription.current = (isLive ? responses.pipe(throttleTime(LIVE_THROTTLE_MS)) : responses).subscribe({
        next: setResponse,
        error: (error: Error) => {
          setResponse({ data: [], error: { message: error.message } });
          setRunning(false);
        },
        complete: () => setRunning(false),
      });
    },
    [source, templates]
  );

  useEffect(() => () => subscription.current?.unsubscribe(), []);
  return { isRunning, response, request, run, cancel };
}

/** The last hour, Explore's default. */
export function firstRange(): TimeRange {
  return rangeUtil.convertRawToRange({ from: 'now-1h', to: 'now' });
}

/** Undefined if the range is undefined. */
export function rangeOf(raw: RawTimeRange | undefined): TimeRange | undefined {
  return raw && rangeUtil.convertRawToRange({ from: timeOf(raw.from), to: timeOf(raw.to) });
}

/** Grafana's links write absolute times in milliseconds since 1970. */
function timeOf(time: RawTimeRange['from']): RawTimeRange['from'] {
  return /^\d+$/.test(String(time)) ? dateTime(Number(time)) : time;
}

/** The same range, with `now` evaluated again. */
export function refreshed({ raw }: TimeRange): TimeRange {
  return rangeUtil.convertRawToRange(raw);
}
