import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { CoreApp } from '@grafana/data';
import { builderQuery } from '../../../contract/builder/builder-sql';
import { type MetricsState, type TableState } from '../../../contract/builder/builder-state';
import { newState } from '../../../contract/builder/new-state';
import { type BrowserParserJob } from '../sql-parser/parser-jobs';
import { openQueryEditor } from '../../testing/query-editor-page';

const BUTTON = { name: 'Use one number per series' };
const SERIES = { format: 'time_series', version: 2 } as const;
const STATE: TableState = {
  ...newState('table'),
  table: 'log_entries',
  time: { column: 'time', interval: '30s', fill: 'zero' },
  columns: [{ column: 'exe' }, { column: '*', aggregation: 'count', alias: 'errors' }],
  conditions: [{ column: 'level', type: 'number', operator: '<=', values: ['error'] }],
  groupBy: [{ column: 'exe' }],
};
const SQL = builderQuery(STATE).sql;

// The real `sqlParser` loads the parser over HTTP, which jsdom cannot do.
jest.mock('../sql-parser/load-parser', () => ({
  sqlParser: {
    run: (job: BrowserParserJob) => jest.requireActual('../sql-parser/testing/direct-parser').directParser().run(job),
  },
}));

// Compiling `BuilderPane` takes longer than the timeout of the testing library's queries.
beforeAll(async () => {
  await import('../builder/BuilderPane');
});

it.each([
  ['SQL', { rawEditor: true }],
  ['the builder', { rawEditor: false, builder: STATE }],
])('replaces the time series of a rule by a number: %s', async (_name, fields) => {
  const page = await openQueryEditor({ ...SERIES, query: SQL, ...fields }, { app: CoreApp.UnifiedAlerting });
  await userEvent.click(await screen.findByRole('button', BUTTON));
  await screen.findByRole('radiogroup', { name: 'What to look at' });
  expect(page.saved()).toMatchObject({
    format: 'table',
    rawEditor: false,
    query: expect.stringContaining("count(CASE WHEN time >= $__timeTo() - interval '5 minutes' THEN 1 END) AS errors"),
  });
  expect(page.runs()).toBe(1);
  expect(screen.queryByRole('button', BUTTON)).not.toBeInTheDocument();
});

it.each([
  ['p95', 'A rule that reads a time series may miss intervals. The number is over the last 5m of the time range.'],
  // The number of a rate is over the whole time range.
  ['rate', 'A rule that reads a time series may miss intervals.'],
] as const)('says what the number is over: %s', async (aggregation, text) => {
  const builder: MetricsState = { ...newState('metrics'), name: 'frame_time_ms', aggregation };
  const fields = { ...SERIES, query: builderQuery(builder).sql, builder, rawEditor: false };
  await openQueryEditor(fields, { app: CoreApp.UnifiedAlerting });
  expect(await screen.findByText(text)).toBeInTheDocument();
});

it('says what to do if the number cannot be made', async () => {
  const query =
    'SELECT $__dateBin(time) AS time, count(*) AS a, sum(level) AS b FROM log_entries GROUP BY 1 ORDER BY 1';
  const page = await openQueryEditor({ ...SERIES, query, rawEditor: true }, { app: CoreApp.UnifiedAlerting });
  await userEvent.click(await screen.findByRole('button', BUTTON));
  expect(await screen.findByText(/^The number could not be made from this query\./)).toBeInTheDocument();
  expect(page.saved().query).toBe(query);
});

it('is only offered in alert rules', async () => {
  await openQueryEditor({ ...SERIES, query: SQL, rawEditor: true });
  expect(screen.queryByRole('button', BUTTON)).not.toBeInTheDocument();
});
