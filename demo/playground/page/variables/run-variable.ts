/**
 * Gets the values of a query variable from the variable support of the data source. If the data source has no variable
 * support, calls `metricFindQuery`.
 */
import {
  CustomVariableSupport,
  type DataFrame,
  type DataQueryRequest,
  type DataSourceApi,
  FieldType,
  type QueryEditorProps,
  rangeUtil,
} from '@grafana/data';
import { type DataQuery } from '@grafana/schema';
import { type ComponentType } from 'react';
import { firstValueFrom } from 'rxjs';
import { type LoadedPlugin } from '../loader/load-plugin';

export interface VariableOption {
  text: string;
  value: string;
}

type VariableEditor = ComponentType<QueryEditorProps<DataSourceApi, DataQuery>>;

/** The editor that Grafana would show. */
export function variableEditorOf(source: DataSourceApi, plugin: LoadedPlugin): VariableEditor | undefined {
  return source.variables instanceof CustomVariableSupport
    ? (source.variables.editor as VariableEditor)
    : (plugin.components.VariableQueryEditor as VariableEditor | undefined);
}

/**
 * Grafana's rules for the frames of a variable: the fields `text` and `value`, else the first string field, else the
 * first field.
 */
function optionsOf(frames: readonly DataFrame[]): VariableOption[] {
  return frames.flatMap((frame) => {
    const named = (name: string) => frame.fields.find((field) => field.name.toLowerCase() === name);
    const first = frame.fields.find((field) => field.type === FieldType.string) ?? frame.fields[0];
    const labels = named('text') ?? named('value') ?? first;
    const value = named('value') ?? labels;
    return labels
      ? Array.from({ length: frame.length }, (_, row) => ({
          text: String(labels.values[row]),
          value: String(value?.values[row]),
        }))
      : [];
  });
}

function requestFor(query: DataQuery): DataQueryRequest<DataQuery> {
  const range = rangeUtil.convertRawToRange({ from: 'now-1h', to: 'now' });
  return {
    app: 'dashboard',
    requestId: 'variable-query',
    timezone: 'browser',
    range,
    rangeRaw: range.raw,
    interval: '1s',
    intervalMs: 1000,
    maxDataPoints: 1000,
    targets: [query],
    scopedVars: {},
    startTime: Date.now(),
  };
}

/** The values that the query of a variable returns. @throws {Error} With the message of a failed query. */
export async function runVariable(source: DataSourceApi, query: DataQuery): Promise<VariableOption[]> {
  const support = source.variables;
  if (support instanceof CustomVariableSupport) {
    const response = await firstValueFrom(support.query(requestFor(query)));
    const error = response.errors?.[0] ?? response.error;
    if (error) {
      throw new Error(error.message);
    }
    return optionsOf(response.data as DataFrame[]);
  }
  const found = (await source.metricFindQuery?.(query, { range: requestFor(query).range })) ?? [];
  return found.map(({ text, value }) => ({ text: String(text), value: String(value ?? text) }));
}
