/**
 * Opens each view with data that arrived three hours after the range of the query. The fake lakehouse compares the
 * range of a statement with recorded times or with arrivals, as the server does for each table.
 */
import { Table } from 'apache-arrow';
import { PROCESS_VIEWS } from '../../contract/query-types/processes';
import { PROFILE_VIEWS } from '../../contract/query-types/profile';
import { TRACE_VIEWS } from '../../contract/query-types/traces';
import { VIEW_QUERY_TYPES, type ViewQueryType } from '../../contract/query-types/view-request';
import { type ComposedFrame } from '../frames/data-frames/composed-frames';
import { fieldValues } from '../frames/data-frames/testing/field-values';
import { type LakeStatement, type TimeRangeMs } from './lake-reader/lake-reader';
import { readerOf } from './lake-reader/testing/reader';
import { columnOf, emptyTable } from './lake-reader/testing/table-of';
import { isFrame, MINUTE_MS, type View, VIEW_VALUES, VIEWS } from './testing/views';

const LATE_MS = 3 * 60 * MINUTE_MS;
/** The recorded time of all data. */
const RECORDED_MS = 0;

/** Whether the server finds the data in a table with the range of a statement. */
const FINDS: Readonly<Record<string, (range: TimeRangeMs, arrivedMs: number) => boolean>> = {
  processes: isArrivalIn,
  streams: isArrivalIn,
  blocks: ({ fromMs, toMs }, arrivedMs) => RECORDED_MS <= toMs && arrivedMs >= fromMs,
  // Data are found by their recorded time, whenever they arrived.
  log_entries: isRecordedIn,
  log_stats: isRecordedIn,
  view_instance: isRecordedIn,
  process_spans: isRecordedIn,
  perfetto_trace_chunks: isRecordedIn,
};

function isArrivalIn({ fromMs, toMs }: TimeRangeMs, arrivedMs: number): boolean {
  return arrivedMs >= fromMs && arrivedMs <= toMs;
}

function isRecordedIn({ fromMs, toMs }: TimeRangeMs): boolean {
  return RECORDED_MS >= fromMs && RECORDED_MS <= toMs;
}

/** The result of a statement: one row if the server finds the data, else none. */
function resultOf({ sql, range, columns }: LakeStatement, arrivedMs: number | undefined): Table {
  const named = new Set([...sql.matchAll(/\b([a-z_]+) AS \(/g)].map(([, subquery]) => subquery));
  const sources = [...sql.matchAll(/\b(?:FROM|JOIN)\s+([a-z_]+)/g)].map(([, source]) => source);
  const tables = sources.filter((source) => !named.has(source));
  expect(tables.filter((table) => FINDS[table] === undefined)).toEqual([]);
  expect(tables).not.toEqual([]);
  if (arrivedMs !== undefined && range !== undefined && !tables.every((table) => FINDS[table](range, arrivedMs))) {
    return emptyTable(columns);
  }
  const row = Object.entries(columns).map(([name, kind]) => [name, columnOf(kind, VIEW_VALUES[name])] as const);
  return new Table(Object.fromEntries(row));
}

/** Fields may compute their values, so a frame gets lists of them. */
function listed(result: unknown): unknown {
  const withLists = (frame: ComposedFrame) =>
    frame.fields.map((field) => ({ ...field, values: fieldValues(frame, field.name) }));
  return Array.isArray(result)
    ? result.map((each) => (isFrame(each) ? { ...each, fields: withLists(each) } : each))
    : result;
}

/**
 * Opens a view more than three hours after the end of its range.
 *
 * @param arrivedMs Time at which all data arrived. Undefined: the ranges of statements have no effect.
 */
async function opened({ open, rangeMs = MINUTE_MS }: View, arrivedMs?: number): Promise<unknown> {
  const lake = readerOf((statement) => resultOf(statement, arrivedMs));
  const range = { fromMs: 0, toMs: rangeMs };
  return listed(await open({ ...lake, range, nowMs: rangeMs + LATE_MS + MINUTE_MS }));
}

it.each(VIEWS)('$name shows data that arrived three hours after the range', async (view) => {
  const { rangeMs = MINUTE_MS } = view;
  expect(await opened(view, rangeMs + LATE_MS)).toEqual(await opened(view));
});

it('opens each view of each query type', () => {
  const viewsOf: Readonly<Record<ViewQueryType, readonly string[]>> = {
    traces: TRACE_VIEWS,
    profile: PROFILE_VIEWS,
    processes: PROCESS_VIEWS,
    // The scopes, which find processes with different statements.
    'what-changed': ['processes', 'program', 'lakehouse'],
  };
  const keyOf = ({ query }: View) =>
    query === undefined
      ? []
      : query.type !== 'what-changed'
        ? [`${query.type} ${query.request.view}`]
        : [`${query.type} ${query.request.processIds ? 'processes' : query.request.exe ? 'program' : 'lakehouse'}`];
  const expected = VIEW_QUERY_TYPES.flatMap((type) => viewsOf[type].map((view) => `${type} ${view}`));
  expect([...new Set(VIEWS.flatMap(keyOf))].sort()).toEqual(expected.sort());
});
