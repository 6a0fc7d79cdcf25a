/** @jest-environment jsdom */
import { type DataFrame, dateTime, LoadingState, type PanelData } from '@grafana/data';
import { applyEdits } from '../../../contract/sql/sql-edits';
import { type MicromegasQuery } from '../../shared/types';
import { runFailure } from './run-failure';

const SQL = "SELECT nope\nFROM processes WHERE exe = '$exe' AND missing = 1";
const query: MicromegasQuery = { refId: 'A', query: SQL };
/** Replaces `$exe` by a longer value. */
const datasource = {
  interpolated: (sql: string) => applyEdits(sql, [{ at: sql.indexOf('$exe'), removed: 4, sql: 'game-server' }]),
};
const SENT = datasource.interpolated(SQL).sql;

/** The result of a run that failed at an offset of the SQL that was sent. */
function failedRun(offset: number | undefined, change: Partial<PanelData> = {}): PanelData {
  const to = dateTime(0);
  const range = { from: to, to, raw: { from: to, to } };
  const custom = offset === undefined ? {} : { position: { line: 1, column: 1, offset } };
  const frame: DataFrame = { refId: 'A', fields: [], length: 0, meta: { custom } };
  return {
    state: LoadingState.Error,
    series: [frame],
    errors: [{ refId: 'A', message: 'No field named nope. Valid fields are processes.exe.' }],
    timeRange: range,
    request: {
      targets: [query],
      scopedVars: {},
      app: 'explore',
      interval: '1m',
      intervalMs: 60_000,
      range,
      requestId: '1',
      startTime: 0,
      timezone: 'utc',
    },
    ...change,
  };
}

function marked(data: PanelData, edited = query): string | undefined {
  const failure = runFailure(data, edited, datasource);
  return failure && SQL.slice(failure.start, failure.end);
}

it('marks the word at the position of the error, with its message', () => {
  expect(runFailure(failedRun(7), query, datasource)).toEqual({
    start: 7,
    end: 11,
    message: 'No field named nope. Valid fields are processes.exe.',
  });
});

it('finds a word after a variable whose value is longer than its name', () => {
  expect(marked(failedRun(SENT.indexOf('missing')))).toBe('missing');
});

it('for an error in the value of a variable, marks the literal that contains the variable', () => {
  expect(marked(failedRun(SENT.indexOf('server')))).toBe("'$exe'");
});

it('marks the last word for an error at the end of the SQL', () => {
  expect(marked(failedRun(SENT.length))).toBe('1');
});

it.each([
  ['the position is unknown', failedRun(undefined)],
  ['another query failed', failedRun(7, { errors: [{ refId: 'B', message: '' }] })],
  ['the query succeeded', failedRun(7, { errors: [] })],
  ['the query runs again', failedRun(7, { state: LoadingState.Loading })],
])('marks nothing if %s', (_name, data) => {
  expect(marked(data)).toBeUndefined();
});

it('marks nothing before the first run, or if the SQL has changed since the run', () => {
  expect(runFailure(undefined, query, datasource)).toBeUndefined();
  expect(marked(failedRun(7), { ...query, query: `${SQL} ` })).toBeUndefined();
});
