/** Requests the log volume like Grafana's Explore: `public/app/features/logs/logsModel.ts`. */
import {
  type DataFrame,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceApi,
  type DataSourceWithSupplementaryQueriesSupport,
  hasSupplementaryQuerySupport,
  SupplementaryQueryType,
} from '@grafana/data';
import { BarAlignment, type DataQuery, GraphDrawStyle, StackingMode } from '@grafana/schema';
import { useEffect, useState } from 'react';
import { from, type Subscription } from 'rxjs';

export interface LogVolume {
  /** One entry for each level. */
  frames: DataFrame[];
  error: string | undefined;
}

const NOTHING: LogVolume = { frames: [], error: undefined };

/** Explore's colors of the levels. */
const COLORS: Readonly<Record<string, string>> = {
  critical: '#705da0',
  error: '#e24d42',
  warning: '#eab839',
  info: '#7eb26d',
  debug: '#1f78c1',
  trace: '#6ed0e0',
};
const UNKNOWN_COLOR = '#8e8e8e';

/** Explore has bins of a millisecond, second, minute, hour or day. */
function binMs(intervalMs: number, rangeMs: number): number {
  if (rangeMs < 5000) {
    return 1;
  }
  return intervalMs > 3_600_000 ? 86_400_000 : intervalMs > 60_000 ? 3_600_000 : intervalMs > 1000 ? 60_000 : 1000;
}

function asBars(frame: DataFrame): DataFrame {
  const fields = frame.fields.map((field) => {
    if (field.labels === undefined) {
      return field;
    }
    const { level } = field.labels;
    const color = COLORS[level] ?? UNKNOWN_COLOR;
    const custom = {
      drawStyle: GraphDrawStyle.Bars,
      barAlignment: BarAlignment.Center,
      lineColor: color,
      fillColor: color,
      lineWidth: 1,
      fillOpacity: 100,
      stacking: { mode: StackingMode.Normal, group: 'A' },
    };
    return {
      ...field,
      config: { ...field.config, displayNameFromDS: level, color: { mode: 'fixed', fixedColor: color }, custom },
    };
  });
  return { ...frame, fields };
}

function volumeOf({ data, error }: DataQueryResponse): LogVolume {
  return error === undefined
    ? { frames: data.map(asBars), error: undefined }
    : { frames: [], error: error.message ?? error.data?.message ?? 'Unknown error' };
}

/** @param logs The request of the logs. A new object starts a new request. */
export function useLogVolume(source: DataSourceApi, logs: DataQueryRequest<DataQuery>): LogVolume {
  const [volume, setVolume] = useState(NOTHING);
  useEffect(() => {
    const supported: (DataSourceApi & DataSourceWithSupplementaryQueriesSupport<DataQuery>) | undefined =
      hasSupplementaryQuerySupport(source, SupplementaryQueryType.LogsVolume) ? source : undefined;
    const request = supported?.getSupplementaryRequest?.(SupplementaryQueryType.LogsVolume, logs);
    if (request === undefined) {
      return undefined;
    }
    request.requestId = `${logs.requestId}_logs_volume`;
    request.intervalMs = binMs(logs.intervalMs, logs.range.to.valueOf() - logs.range.from.valueOf());
    const subscription: Subscription = from(source.query(request)).subscribe({
      next: (response) => setVolume(volumeOf(response)),
      error: (error: Error) => setVolume({ frames: [], error: error.message }),
    });
    return () => subscription.unsubscribe();
  }, [source, logs]);
  return volume;
}
