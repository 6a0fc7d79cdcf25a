import { act, fireEvent, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { CoreApp, LogSortOrderChangeEvent, LogsSortOrder, store } from '@grafana/data';
import { getAppEvents } from '@grafana/runtime';
import { builderQuery } from '../../../contract/builder/builder-sql';
import { formState, newState } from '../../../contract/builder/new-state';
import { addValues, enterValues, findOption, openList } from '../../testing/multi-combobox';
import { openQueryEditor, PROCESS_ID } from '../../testing/query-editor-page';
import { newQuery } from '../model/query-draft';

async function lookAt(kind: string): Promise<void> {
  const kinds = await screen.findByRole('radiogroup', { name: 'What to look at' });
  await userEvent.click(within(kinds).getByRole('radio', { name: kind }));
}

/** A field of the form, not a radio button with the same name. */
const field = (label: string) =>
  screen.getByLabelText(new RegExp(`^${label}( - optional)?$`), { selector: ':not([type=radio])' });

async function enter(label: string, value: string): Promise<void> {
  fireEvent.focus(field(label));
  fireEvent.change(field(label), { target: { value: value } });
  await userEvent.type(field(label), '{Enter}');
}

async function choose(label: string, option: string): Promise<void> {
  await userEvent.selectOptions(field(label), option);
}

it('builds a time series of a measure, and runs it', async () => {
  const page = await openQueryEditor(newQuery());
  await lookAt('Metrics');
  expect(page.saved()).toMatchObject({ query: '', rawEditor: false, builder: { kind: 'metrics' } });
  expect(page.runs()).toBe(0);
  await userEvent.click(field('Measure'));
  expect(await screen.findByText('frame_time: ms · sim · ember-server · ember-editor')).toBeInTheDocument();
  await enter('Measure', 'frame_time');
  expect(page.saved()).toMatchObject({
    format: 'time_series',
    builder: { name: 'frame_time', unit: 'ms', aggregation: 'avg' },
    query: expect.stringContaining("name = 'frame_time'"),
  });
  expect(page.runs()).toBe(1);
  await choose('Aggregation', 'p95');
  await choose('Fill gaps', 'Zero');
  await enterValues(field('Group by'), 'exe', 'properties.region');
  await enter('Interval', '5m');
  expect(page.saved().builder).toMatchObject({
    aggregation: 'exact-p95',
    fill: 'zero',
    interval: '5m',
    groupBy: [{ column: 'exe' }, { column: 'properties', property: 'region' }],
  });
  await choose('Result', 'One row per group');
  expect(page.saved()).toMatchObject({ format: 'table', builder: { shape: 'rows' } });
  expect(screen.queryByLabelText('Interval')).not.toBeInTheDocument();
});

it('keeps an approximate percentile of a saved query until the author chooses the exact one', async () => {
  const builder = { ...newState('metrics'), name: 'latency', aggregation: 'p95' as const };
  const saved = { ...newQuery(), rawEditor: false, builder, query: builderQuery(builder).sql };
  const page = await openQueryEditor(saved);
  expect(field('Aggregation')).toHaveDisplayValue('p95 (approximate)');
  await enter('Interval', '5m');
  expect(page.saved().query).toContain('approx_percentile_cont(value, 0.95)');
  await choose('Aggregation', 'p95');
  expect(page.saved().query).toContain(' percentile_cont(value, 0.95)');
});

it.each([
  ['Metrics', 'Measure'],
  ['Spans', 'Process'],
  ['Any table', 'Table'],
])('moves the focus to the field that %s needs, if the kind was chosen by mouse', async (kind, needed) => {
  await openQueryEditor(newQuery());
  await lookAt(kind);
  expect(field(needed)).toHaveFocus();
});

it('keeps the focus in the list of kinds if the kind was chosen by keyboard', async () => {
  await openQueryEditor(newQuery());
  await lookAt('Logs');
  await userEvent.keyboard('{ArrowLeft}');
  expect(field('Measure')).toBeInTheDocument();
  expect(screen.getByRole('radio', { name: 'Metrics' })).toHaveFocus();
});

it('accepts a variable as interval, except for a rate of increments', async () => {
  const page = await openQueryEditor(newQuery());
  await lookAt('Metrics');
  await enter('Measure', 'bytes_sent');
  await choose('Aggregation', 'rate (per second)');
  await enter('Interval', '$step');
  expect(page.saved()).toMatchObject({ query: expect.stringContaining("$__timeGroup(time, '$step')") });
  await choose('Aggregation', 'rate of increments (per second)');
  expect(screen.getByText('A rate of increments needs auto, or a duration such as 5m.')).toBeInTheDocument();
  expect(page.saved()).toMatchObject({ query: '', builder: { aggregation: 'increment-rate', interval: '$step' } });
  await enter('Interval', '1m');
  expect(page.saved()).toMatchObject({ query: expect.stringContaining('sum(value) / 60 AS value') });
  await choose('Aggregation', 'avg');
  await enter('Interval', 'often');
  expect(screen.getByText('Enter auto, a duration such as 5m, or a variable.')).toBeInTheDocument();
});

it('shows the saved SQL, and remembers whether its section is open', async () => {
  const page = await openQueryEditor(newQuery());
  await lookAt('Logs');
  expect(screen.queryByLabelText('Generated SQL')).not.toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Generated SQL' }));
  expect(screen.getByLabelText('Generated SQL').textContent).toBe(page.saved().query);
  page.close();
  // The browser remembers the choice.
  await openQueryEditor(newQuery());
  await lookAt('Logs');
  expect(screen.getByLabelText('Generated SQL')).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Generated SQL' }));
  expect(screen.queryByLabelText('Generated SQL')).not.toBeInTheDocument();
});

it('asks for a measure while no SQL can be generated', async () => {
  await openQueryEditor(newQuery());
  await lookAt('Metrics');
  expect(screen.getByText('Choose a measure to see its SQL.')).toBeInTheDocument();
});

it('builds a search for log messages', async () => {
  const page = await openQueryEditor(newQuery());
  await lookAt('Logs');
  await choose('Minimum level', 'warn');
  await choose('Order', 'Oldest first');
  await enter('Limit', '50');
  await userEvent.click(screen.getByRole('button', { name: 'Message' }));
  await enter('Value of filter 2', 'timed out');
  await userEvent.click(screen.getByRole('button', { name: 'SQL condition' }));
  await enter('SQL condition 3', 'length(msg) > 10');
  expect(page.saved()).toMatchObject({
    format: 'logs',
    rowLimit: 50,
    builder: {
      kind: 'logs',
      minLevel: 3,
      order: 'oldest',
      limit: 50,
      conditions: [
        // Excludes the audit records of the server.
        { column: 'target', type: 'text', operator: '!=', values: ['flightsql_query_audit'] },
        { column: 'msg', type: 'text', operator: 'contains', values: ['timed out'] },
        { raw: 'length(msg) > 10' },
      ],
    },
  });
  expect(page.saved().query).toMatch(/timed out[^]*length\(msg\) > 10/);
  await userEvent.click(screen.getByRole('button', { name: 'Remove Filters 1' }));
  expect(page.saved().builder).toMatchObject({ conditions: [{ column: 'msg' }, { raw: 'length(msg) > 10' }] });
  expect(page.saved().query).not.toContain('flightsql_query_audit');
});

it('keeps the focus in the list when the last filter is removed', async () => {
  await openQueryEditor(newQuery());
  await userEvent.click(await screen.findByRole('button', { name: /^Recent errors/ }));
  await userEvent.click(await screen.findByRole('button', { name: 'Filter' }));
  await userEvent.click(screen.getByRole('button', { name: 'Remove Filters 1' }));
  expect(screen.getByRole('button', { name: 'Remove Filters 1' })).toHaveFocus();
  await userEvent.keyboard('{Enter}');
  expect(screen.getByRole('button', { name: 'SQL condition' })).toHaveFocus();
});

it('moves the focus to the value of a filter, and does not add the same empty filter twice', async () => {
  const page = await openQueryEditor(newQuery());
  await userEvent.click(await screen.findByRole('button', { name: /^Log search/ }));
  expect(await screen.findByLabelText('Value of filter 1')).toHaveFocus();
  for (const name of ['Message', 'Filter', 'Filter', 'SQL condition', 'SQL condition', 'Message']) {
    await userEvent.click(screen.getByRole('button', { name }));
  }
  expect(screen.getByLabelText('Value of filter 1')).toHaveFocus();
  expect(page.saved().builder).toMatchObject({
    conditions: [{ column: 'msg', operator: 'contains' }, { column: 'target' }, { column: '' }, { raw: '' }],
  });
});

it('marks a filter that has a value and no column', async () => {
  await openQueryEditor(newQuery());
  await lookAt('Logs');
  await userEvent.click(screen.getByRole('button', { name: 'Filter' }));
  expect(screen.queryByRole('alert')).not.toBeInTheDocument();
  await enter('Value of filter 2', 'ember');
  expect(screen.getByRole('alert')).toHaveTextContent('Choose a column. Without one, the filter has no effect.');
  await enter('Column of filter 2', 'exe');
  expect(screen.queryByRole('alert')).not.toBeInTheDocument();
});

it('shows the default row limit of log queries', async () => {
  await openQueryEditor(newQuery());
  await lookAt('Logs');
  expect(field('Limit')).toHaveAttribute('placeholder', '1000');
});

it.each(['-5', '0', '2.5', '2000000000'])('marks the limit %s, and keeps the last valid one', async (limit) => {
  const page = await openQueryEditor(newQuery());
  await lookAt('Logs');
  await enter('Limit', '50');
  await enter('Limit', limit);
  expect(screen.getByText('Enter a whole number from 1 to 1,000,000,000.')).toBeInTheDocument();
  expect(field('Limit')).toHaveValue(Number(limit));
  expect(page.saved().builder).toMatchObject({ limit: 50 });
  await enter('Limit', '');
  expect(screen.queryByText(/^Enter a whole number/)).not.toBeInTheDocument();
  expect(page.saved().builder).not.toHaveProperty('limit', expect.anything());
});

it('drops an invalid limit when another query with the same limit replaces the query', async () => {
  const page = await openQueryEditor(newQuery());
  await lookAt('Logs');
  await enter('Limit', '-5');
  const builder = { ...formState('logs'), conditions: [{ raw: 'true' }] };
  await act(async () => page.receive({ ...page.saved(), builder, query: builderQuery(builder).sql }));
  expect(field('Limit')).toHaveValue(null);
  expect(screen.queryByText(/^Enter a whole number/)).not.toBeInTheDocument();
});

it('offers operators and values that suit the type of a column', async () => {
  const page = await openQueryEditor(newQuery());
  await lookAt('Logs');
  await userEvent.click(screen.getByRole('button', { name: 'Filter' }));
  await enter('Column of filter 2', 'level');
  const operators = within(field('Operator of filter 2')).getAllByRole('option');
  expect(operators.map(({ textContent }) => textContent)).not.toContain('contains');
  await choose('Operator of filter 2', 'is one of');
  openList(field('Value of filter 2'));
  expect(await findOption(field('Value of filter 2'), 'fatal')).toBeInTheDocument();
  await addValues(field('Value of filter 2'), 'fatal', 'error');
  expect(page.saved().builder).toMatchObject({
    conditions: [{ column: 'target' }, { column: 'level', type: 'number', operator: 'in', values: ['fatal', 'error'] }],
  });
  await choose('Operator of filter 2', 'is null');
  expect(screen.queryByLabelText('Value of filter 2')).not.toBeInTheDocument();
  await enter('Column of filter 2', 'properties.region');
  expect(page.saved().builder).toMatchObject({
    conditions: [
      { column: 'target' },
      { column: 'properties', property: 'region', type: 'json', operator: 'is-null', values: [] },
    ],
  });
});

it('offers the values of a column and the dashboard variables', async () => {
  const page = await openQueryEditor(newQuery());
  await lookAt('Process table');
  await userEvent.click(screen.getByRole('button', { name: 'Program' }));
  await userEvent.click(field('Value of filter 1'));
  expect(await screen.findByText('ember-server')).toBeInTheDocument();
  expect(screen.getByText('$process')).toBeInTheDocument();
  expect(page.lookups).toContainEqual({
    kind: 'values',
    table: 'processes',
    column: 'exe',
    range: { fromMs: 0, toMs: 3_600_000 },
  });
  await userEvent.click(screen.getByLabelText('Alive in range'));
  expect(page.saved().builder).toMatchObject({ kind: 'processes', aliveInRange: false });
});

it('requires a process for spans, and offers the processes of the time range', async () => {
  const page = await openQueryEditor(newQuery());
  await lookAt('Spans');
  expect(page.saved().query).toBe('');
  expect(screen.getByText('Choose a process to see the SQL.')).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Choose process' }));
  const row = await screen.findByRole('row', { name: /ember-server.*atlas.*ada.*1h/ });
  await userEvent.click(within(row).getByRole('button', { name: /^Choose ember-server on atlas/ }));
  expect(page.saved()).toMatchObject({
    builder: { processId: PROCESS_ID },
    query: expect.stringContaining(PROCESS_ID),
  });
  await choose('Spans', 'Threads');
  await enter('Process', '$process');
  expect(page.saved()).toMatchObject({ builder: { spans: 'thread', processId: '$process' } });
});

it('accepts durations of spans in milliseconds, or with a unit', async () => {
  const page = await openQueryEditor(newQuery());
  await lookAt('Spans');
  await enter('Process', '$process');
  await userEvent.click(screen.getByRole('button', { name: 'Duration (ms)' }));
  expect(screen.getByText('ms')).toBeInTheDocument();
  await enter('Value of filter 1', '5');
  expect(page.saved().query).toContain('duration >= 5 * 1000000\n');
  await enter('Value of filter 1', '1.5s');
  expect(page.saved().query).toContain('duration >= 1.5 * 1000000000\n');
  expect(screen.queryByText('ms')).not.toBeInTheDocument();
  await enter('Value of filter 1', 'long');
  expect(screen.getByRole('alert')).toHaveTextContent('Enter milliseconds, or a duration such as 250us, 5ms or 1.5s.');
});

it('compares the id of a trace as a hexadecimal string, and offers no ids', async () => {
  const page = await openQueryEditor(newQuery());
  await lookAt('Spans');
  await enter('Process', '$process');
  await userEvent.click(screen.getByRole('button', { name: 'Name' }));
  await enter('Column of filter 1', 'trace_id');
  await userEvent.click(field('Value of filter 1'));
  expect(await screen.findByText('$process')).toBeInTheDocument();
  await enter('Value of filter 1', '5B8AA5A2D2C872E8321CF37308D69DF2');
  expect(page.saved().query).toContain("encode(trace_id, 'hex') = '5b8aa5a2d2c872e8321cf37308d69df2'\n");
  expect(page.lookups).not.toContainEqual(expect.objectContaining({ kind: 'values', column: 'trace_id' }));
});

it('compares the tags of streams as a string', async () => {
  const page = await openQueryEditor(newQuery());
  await lookAt('Any table');
  await enter('Table', 'streams');
  await userEvent.click(screen.getByRole('button', { name: 'Filter' }));
  await enter('Column of filter 1', 'tags');
  await choose('Operator of filter 1', 'contains');
  await enter('Value of filter 1', 'cpu');
  expect(page.saved().query).toContain("array_to_string(tags, ',') ILIKE '%cpu%'\n");
});

it('builds a query of any table', async () => {
  const page = await openQueryEditor(newQuery());
  await lookAt('Any table');
  await enter('Table', 'log_entries');
  await enter('Time column', 'time');
  const columns = within(screen.getByRole('group', { name: 'Columns' }));
  await userEvent.click(columns.getByRole('button', { name: 'Column' }));
  expect(field('Column 1')).toHaveFocus();
  await enter('Column 1', 'exe');
  expect(field('Column 1')).toHaveValue('time');
  expect(field('Column 2')).toHaveValue('exe');
  await userEvent.click(columns.getByRole('button', { name: 'Column' }));
  await enter('Column 3', '*');
  // The aggregate in column 3 removed the column `time`. So `*` is column 2 now, with `count` as its only option.
  expect(within(field('Aggregation of column 2')).getAllByRole('option')).toHaveLength(1);
  await enter('Alias of column 2', 'entries');
  await userEvent.click(
    within(screen.getByRole('group', { name: 'Group by' })).getByRole('button', { name: 'Column' })
  );
  await enter('Group by 1', 'exe');
  const order = within(screen.getByRole('group', { name: 'Order by' }));
  await userEvent.click(order.getByRole('button', { name: 'SQL expression' }));
  await enter('Order by 1', 'count(*)');
  await choose('Direction 1', 'descending');
  await enter('Limit', '10');
  expect(page.saved().builder).toEqual({
    kind: 'table',
    table: 'log_entries',
    time: { column: 'time' },
    columns: [{ column: 'exe' }, { column: '*', aggregation: 'count', alias: 'entries' }],
    conditions: [],
    groupBy: [{ column: 'exe' }],
    orderBy: [{ by: { raw: 'count(*)' }, descending: true }],
    limit: '10',
  });
});

it('runs an incomplete query once, so that Grafana removes the previous result', async () => {
  const page = await openQueryEditor(newQuery());
  await lookAt('Logs');
  expect(page.runs()).toBe(1);
  await lookAt('Spans');
  expect(page.saved().query).toBe('');
  expect(page.runs()).toBe(2);
  await lookAt('Metrics');
  expect(page.runs()).toBe(2);
});

it('shows the newest rows of a chosen table', async () => {
  const page = await openQueryEditor(newQuery());
  await lookAt('Any table');
  await enter('Table', 'log_entries');
  expect(page.saved().query).toBe(
    'SELECT *\nFROM log_entries\nWHERE $__timeFilter(time)\nORDER BY time DESC\nLIMIT 100'
  );
  expect(page.runs()).toBe(1);
  await enter('Table', 'processes');
  expect(page.saved().query).toContain('ORDER BY last_update_time DESC');
  await enter('Table', 'events');
  expect(page.saved().query).toBe('SELECT *\nFROM events\nLIMIT 100');
  await enter('Table', 'something');
  expect(page.saved().query).toBe('SELECT *\nFROM something\nLIMIT 100');
});

it('removes the preset LIMIT and ORDER BY for a time series of a table, but not a limit of the author', async () => {
  const page = await openQueryEditor(newQuery());
  await lookAt('Any table');
  await enter('Table', 'log_entries');
  await enter('Interval', 'auto');
  expect(page.saved().builder).toMatchObject({ time: { column: 'time', interval: 'auto' }, orderBy: [] });
  expect(page.saved().query).not.toContain('LIMIT');
  await enter('Interval', '');
  expect(page.saved().builder).toMatchObject({ orderBy: [{ by: { column: 'time' }, descending: true }], limit: '100' });
  await enter('Limit', '10');
  await userEvent.click(screen.getByRole('button', { name: 'Remove Order by 1' }));
  await enter('Interval', '5m');
  expect(page.saved().builder).toMatchObject({ orderBy: [], limit: '10' });
});

it('keeps the fields of a kind while another kind is shown', async () => {
  const page = await openQueryEditor(newQuery());
  await lookAt('Logs');
  await choose('Minimum level', 'error');
  await lookAt('Process table');
  expect(page.saved()).toMatchObject({ format: 'table', rowLimit: undefined });
  await lookAt('Logs');
  expect(page.saved()).toMatchObject({ format: 'logs', builder: { minLevel: 2 } });
});

it('reads the oldest lines if the panel shows the oldest first', async () => {
  const page = await openQueryEditor(newQuery());
  await lookAt('Logs');
  act(() => getAppEvents().publish(new LogSortOrderChangeEvent({ order: LogsSortOrder.Ascending })));
  expect(page.saved()).toMatchObject({ query: expect.stringMatching(/ORDER BY time$/), builder: { order: 'oldest' } });
  expect(page.runs()).toBe(2);
});

it('reads the oldest or the newest lines, depending on the order in Explore', async () => {
  store.set('grafana.explore.logs.sortOrder', LogsSortOrder.Ascending);
  const saved = { query: 'SELECT time, msg FROM log_entries', format: 'logs' as const, rawEditor: true };
  const page = await openQueryEditor(saved, { app: CoreApp.Explore });
  expect(page.saved()).toMatchObject({ direction: 'forward' });
  act(() => store.set('grafana.explore.logs.sortOrder', LogsSortOrder.Descending));
  expect(page.saved()).toMatchObject({ ...saved, direction: 'backward' });
  expect(page.runs()).toBe(2);
  page.close();
  act(() => store.set('grafana.explore.logs.sortOrder', LogsSortOrder.Ascending));
  expect(page.runs()).toBe(2);
});

it('keeps a format that the author chose', async () => {
  const page = await openQueryEditor(newQuery());
  await lookAt('Logs');
  await choose('Format', 'Table');
  await choose('Minimum level', 'error');
  expect(page.saved()).toMatchObject({ format: 'table', builder: { minLevel: 2 } });
});

it('keeps the chosen level while Grafana renders an older query', async () => {
  const page = await openQueryEditor(newQuery(), { lags: true });
  await lookAt('Logs');
  await choose('Minimum level', 'error');
  page.receive({ refId: 'A', ...newQuery() });
  page.receive({ refId: 'A', ...newQuery(), builder: formState('logs') });
  expect(field('Minimum level')).toHaveDisplayValue('error');
  await choose('Order', 'Oldest first');
  expect(page.saved().builder).toMatchObject({ minLevel: 2, order: 'oldest' });
});

it('accepts a measure that the author enters when lookups fail, and reports why there are no suggestions', async () => {
  const page = await openQueryEditor(newQuery(), {
    tables: 'fails',
    lookup: async () => {
      throw new Error('Lookups are switched off.');
    },
  });
  await lookAt('Metrics');
  await enter('Measure', 'frame_time');
  expect(await screen.findByText(/The lists have no suggestions: Lookups are switched off\./)).toBeInTheDocument();
  expect(page.saved()).toMatchObject({ builder: { name: 'frame_time' } });
  await userEvent.click(screen.getByRole('button', { name: 'Choose process' }));
  expect(await screen.findByText('The processes could not be loaded.')).toBeInTheDocument();
});

it('offers numbers as starting points, and two kinds of queries in an alert rule', async () => {
  await openQueryEditor(newQuery(), { app: CoreApp.UnifiedAlerting });
  const points = within(await screen.findByRole('region', { name: 'Starting points' })).getAllByRole('button');
  expect(points.map(({ textContent }) => textContent)).toEqual([
    expect.stringMatching(/^Errors of each program/),
    expect.stringMatching(/^Error rate/),
    expect.stringMatching(/^Frame time of each program/),
    expect.stringMatching(/^Silent processes/),
  ]);
  await lookAt('Metrics');
  const kinds = within(screen.getByRole('radiogroup', { name: 'What to look at' })).getAllByRole('radio');
  expect(kinds).toHaveLength(2);
  expect(within(field('Result')).getAllByRole('option')).toHaveLength(3);
});
