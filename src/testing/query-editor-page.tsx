/** Renders the query editor for tests, with fixed tables and results of lookups. */
import {
  CoreApp,
  type DataFrame,
  type DataQueryRequest,
  dateTime,
  EventBusSrv,
  LoadingState,
  type PanelData,
  type TimeRange,
} from '@grafana/data';
import { setAppEvents } from '@grafana/runtime';
import { act, render } from '@testing-library/react';
import React, { useState } from 'react';
import { type LookupRequest } from '../../contract/resources/lookups';
import { type TablesPayload } from '../../contract/resources/resources';
import { Lookups } from '../shared/lookups/lookups';
import { QueryEditor } from '../editor/query-editor/QueryEditor';
import { SchemaStore } from '../shared/schema/schema-store';
import { interpolatedSql } from '../shared/interpolation/interpolation';
import { type MicromegasApi, type MicromegasQuery } from '../shared/types';
import { VariableFailures } from '../shared/variable-failures';
import { fixedTemplates, type FixedVariable } from './fixed-templates';

setAppEvents(new EventBusSrv());

export const TABLES: TablesPayload = {
  tables: [
    {
      name: 'log_entries',
      columns: [
        { name: 'time', type: 'Timestamp(Nanosecond, "+00:00")' },
        { name: 'level', type: 'Int32' },
        { name: 'msg', type: 'Utf8' },
        { name: 'exe', type: 'Dictionary(Int16, Utf8)' },
        { name: 'properties', type: 'Dictionary(Int32, Binary)' },
      ],
    },
    { name: 'events', columns: [{ name: 'kind', type: 'Utf8' }] },
  ],
};

export const PROCESS_ID = '5169014b-e479-4e83-bd6b-d6b4f8c74932';
export const STREAM_ID = 'a1b2c3d4-0000-4000-8000-000000000002';

const LISTS: Record<LookupRequest['kind'], unknown[]> = {
  'view-sets': [
    { name: 'log_entries', isGlobal: true, hasInstances: true },
    { name: 'thread_spans', isGlobal: false, hasInstances: true },
    { name: 'net_spans', isGlobal: false, hasInstances: true },
  ],
  functions: [],
  'property-keys': [{ key: 'region' }],
  values: [{ value: 'ember-server' }],
  processes: [
    {
      processId: PROCESS_ID,
      exe: 'ember-server',
      computer: 'atlas',
      username: 'ada',
      startMs: 1_000_000,
      lastUpdateMs: 4_600_000,
    },
  ],
  telemetry: [],
  streams: [
    { streamId: 'a1b2c3d4-0000-4000-8000-000000000001', tags: ['log'], name: '' },
    { streamId: STREAM_ID, tags: ['cpu'], name: 'render' },
  ],
  measures: [
    { name: 'frame_time', unit: 'ms', target: 'sim', exe: 'ember-server' },
    { name: 'frame_time', unit: 'ms', target: 'sim', exe: 'ember-editor' },
  ],
};

interface PageOptions {
  /** True if Grafana does not render a changed query until the test calls `receive`. */
  lags?: boolean;
  tables?: TablesPayload | 'fails' | 'hangs';
  /** Returns the result of a lookup. If the function is missing or returns undefined, the result is in `LISTS`. */
  lookup?: (request: LookupRequest) => Promise<unknown>;
  suggestsValues?: boolean;
  /** Values of the dashboard variables. */
  variables?: Readonly<Record<string, FixedVariable>>;
  app?: CoreApp;
  /** The result of the last run. */
  series?: DataFrame[];
  /** The time zone of the last run. Default: none, as before the first run. */
  timeZone?: string;
}

export interface QueryPage {
  saved: () => MicromegasQuery;
  runs: () => number;
  lookups: LookupRequest[];
  /** Renders the editor with this query, as Grafana does. */
  receive: (query: MicromegasQuery) => void;
  /** Renders the editor with the result of a run. */
  receiveResult: (series: DataFrame[]) => void;
  close: () => void;
}

const RANGE: TimeRange = {
  from: dateTime(0),
  to: dateTime(3_600_000),
  raw: { from: 'now-1h', to: 'now' },
};

/** The parts of the data source that the editors use. */
export function editorDatasource(options: PageOptions = {}, requests: LookupRequest[] = []): MicromegasApi {
  const { tables = TABLES } = options;
  const parts: Partial<MicromegasApi> = {
    schema: new SchemaStore({
      tables: async () => {
        if (tables === 'fails') {
          throw new Error('No server there.');
        }
        return tables === 'hangs' ? new Promise(() => undefined) : tables;
      },
      columns: async (table) => ({ table, columns: [] }),
    }),
    variableFailures: new VariableFailures(),
    lookups: new Lookups(
      async (request) => {
        requests.push(request);
        return (await options.lookup?.(request)) ?? { items: LISTS[request.kind], isTruncated: false };
      },
      { suggestsValues: options.suggestsValues }
    ),
    variableNames: () => ['process'],
    interpolated: (sql, scoped) => interpolatedSql(sql, fixedTemplates(options.variables ?? {}), scoped),
  };
  return parts as MicromegasApi;
}

function panelData(series: DataFrame[] | undefined, timeZone: string | undefined): PanelData | undefined {
  const request =
    timeZone === undefined ? {} : { request: { timezone: timeZone } as Partial<DataQueryRequest> as DataQueryRequest };
  return series && { state: LoadingState.Done, series, timeRange: RANGE, ...request };
}

/**
 * Renders the query editor with a query, and waits until the editor has received the tables. Returns functions to
 * control and read the editor.
 */
export async function openQueryEditor(query: Partial<MicromegasQuery>, options: PageOptions = {}): Promise<QueryPage> {
  let saved: MicromegasQuery = { refId: 'A', ...query };
  let runs = 0;
  let receive: (next: MicromegasQuery) => void = () => undefined;
  let receiveResult: (series: DataFrame[]) => void = () => undefined;
  const lookups: LookupRequest[] = [];
  const datasource = editorDatasource(options, lookups);
  function Host() {
    const [current, setCurrent] = useState(saved);
    const [series, setSeries] = useState(options.series);
    receive = setCurrent;
    receiveResult = setSeries;
    return (
      <QueryEditor
        app={options.app ?? CoreApp.PanelEditor}
        datasource={datasource}
        query={current}
        range={RANGE}
        data={panelData(series, options.timeZone)}
        onChange={(next) => {
          saved = next;
          if (!options.lags) {
            setCurrent(next);
          }
        }}
        onRunQuery={() => runs++}
      />
    );
  }
  const { unmount } = await act(async () => render(<Host />));
  return {
    saved: () => saved,
    runs: () => runs,
    lookups,
    receive: (next) => act(() => receive(next)),
    receiveResult: (series) => act(() => receiveResult(series)),
    close: unmount,
  };
}
