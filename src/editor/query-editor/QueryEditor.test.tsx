import { act, fireEvent, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { FieldType, toDataFrame } from '@grafana/data';
import { openQueryEditor as openEditor } from '../../testing/query-editor-page';
import { formatSql } from '../sql/format-sql';

const sql = () => screen.getByLabelText('SQL', { selector: 'textarea' });

async function chooseFormat(label: string): Promise<void> {
  await userEvent.selectOptions(screen.getByRole('combobox', { name: 'Format' }), label);
}

it('shows the SQL of a saved builder query that was edited, and changes nothing', async () => {
  const saved = { query: 'SELECT a + 1 FROM t', table: 't', columns: ['a'], rawEditor: false, colour: 'red' };
  const page = await openEditor(saved);
  expect(sql()).toHaveValue('SELECT a + 1 FROM t');
  expect(page.saved()).toEqual({ refId: 'A', ...saved });
});

it('saves an edited query of version 1 as version 2', async () => {
  const page = await openEditor({ queryText: 'SELECT 1' });
  await userEvent.type(sql(), '2');
  expect(page.saved()).toEqual({ refId: 'A', query: 'SELECT 12', queryText: 'SELECT 1', version: 2, rawEditor: true });
});

it('keeps the typed SQL while Grafana renders older queries, and after the editor is unmounted', async () => {
  const page = await openEditor({ query: '', rawEditor: true }, { lags: true });
  await userEvent.type(sql(), 'SELECT 1');
  page.receive({ refId: 'A', query: '' });
  page.receive({ refId: 'A', query: 'SELE' });
  expect(sql()).toHaveValue('SELECT 1');
  page.close();
  expect(page.saved().query).toBe('SELECT 1');
});

it('keeps the SQL when format and switches change', async () => {
  const page = await openEditor({ query: 'SELECT 1', format: 'table', autoLimit: false }, { lags: true });
  await userEvent.type(sql(), '2');
  await chooseFormat('Time series');
  await userEvent.click(screen.getByRole('button', { name: 'Options' }));
  await userEvent.click(screen.getByLabelText('Time filter'));
  await userEvent.click(screen.getByLabelText('Auto limit'));
  expect(sql()).toHaveValue('SELECT 12');
  expect(page.saved()).toMatchObject({ query: 'SELECT 12', format: 'time_series', timeFilter: false, autoLimit: true });
});

it('sets a row limit with the format Logs, and removes the limit with another format', async () => {
  const page = await openEditor({ query: 'SELECT 1', autoLimit: false });
  await chooseFormat('Logs');
  expect(page.saved().rowLimit).toBe(1000);
  await chooseFormat('Table');
  expect(page.saved().rowLimit).toBeUndefined();
});

it('runs the query when the format changes, but not while the user types a limit', async () => {
  const page = await openEditor({ query: 'SELECT 1' });
  await chooseFormat('Time series');
  expect(page.runs()).toBe(1);
  await userEvent.click(screen.getByRole('button', { name: 'Options' }));
  await userEvent.type(screen.getByLabelText('Row limit'), '25');
  expect(page.saved().rowLimit).toBe(25);
  expect(page.runs()).toBe(1);
});

it('keeps a row limit that the user has set', async () => {
  const page = await openEditor({ query: 'SELECT 1', autoLimit: false, rowLimit: 50 });
  await chooseFormat('Logs');
  await chooseFormat('Table');
  expect(page.saved().rowLimit).toBe(50);
});

it('sets the options of time series, and runs the query', async () => {
  const page = await openEditor({ query: 'SELECT 1', format: 'time_series' });
  expect(screen.queryByRole('combobox', { name: 'Fill gaps' })).not.toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Options' }));
  await userEvent.selectOptions(screen.getByRole('combobox', { name: 'Fill gaps' }), 'Zero');
  expect(page.saved()).toMatchObject({ fillMode: 'zero' });
  await userEvent.type(screen.getByLabelText('Label columns'), 'level{Enter}');
  expect(page.saved()).toMatchObject({ fillMode: 'zero', labelColumns: ['level'] });
  expect(page.runs()).toBe(2);
  await userEvent.selectOptions(screen.getByRole('combobox', { name: 'Fill gaps' }), 'Off');
  expect(page.saved().fillMode).toBeUndefined();
  await userEvent.click(screen.getByRole('button', { name: 'Options' }));
  expect(
    screen.getByText('Time filter: on · Auto limit · Row limit: that of the data source · Labels: level')
  ).toBeInTheDocument();
});

it('opens the options of a query with an invalid row limit', async () => {
  await openEditor({ query: 'SELECT 1', rowLimit: -3 });
  expect(screen.getByLabelText('Row limit')).toHaveValue(-3);
  expect(screen.getByRole('button', { name: 'Options' })).toHaveAttribute('aria-expanded', 'true');
});

it.each([[null], ['']])('reads the row limit %j, which other tools save, as no limit', async (rowLimit) => {
  await openEditor(JSON.parse(JSON.stringify({ query: 'SELECT 1', autoLimit: false, rowLimit })));
  expect(screen.getByRole('button', { name: 'Options' })).toHaveAttribute('aria-expanded', 'false');
  expect(screen.getByText('Time filter: on · Row limit: that of the data source')).toBeInTheDocument();
});

it('saves the legend when the user leaves the field or presses Enter, and runs the query', async () => {
  const page = await openEditor({ query: 'SELECT 1', format: 'time_series' });
  await userEvent.click(screen.getByRole('button', { name: 'Options' }));
  const legend = screen.getByLabelText('Legend');
  await userEvent.type(legend, '{{{{exe}} ');
  expect(page.saved().legend).toBeUndefined();
  await userEvent.type(legend, '{Enter}');
  expect(page.saved()).toMatchObject({ legend: '{{exe}}' });
  expect(page.runs()).toBe(1);
  await userEvent.clear(legend);
  await userEvent.tab();
  expect(page.saved().legend).toBeUndefined();
  expect(page.runs()).toBe(2);
});

it('offers big integers as strings for tables', async () => {
  const page = await openEditor({ query: 'SELECT 1', format: 'table' });
  await userEvent.click(screen.getByRole('button', { name: 'Options' }));
  expect(screen.queryByLabelText('Label columns')).not.toBeInTheDocument();
  await userEvent.click(screen.getByLabelText('Big integers as text'));
  expect(page.saved()).toMatchObject({ bigIntegersAsText: true });
  expect(page.runs()).toBe(1);
});

it('runs the query when the button is pressed, but not without SQL', async () => {
  const page = await openEditor({ query: '', rawEditor: true });
  const run = screen.getByRole('button', { name: 'Run query' });
  expect(run).toBeDisabled();
  fireEvent.change(sql(), { target: { value: 'SELECT 1' } });
  expect(page.runs()).toBe(0);
  await userEvent.click(run);
  expect(page.runs()).toBe(1);
});

it('formats SQL, and reports SQL that it cannot format', async () => {
  const page = await openEditor({ query: 'select a from t where $__timeFilter(time)' });
  await userEvent.click(screen.getByRole('button', { name: 'Format SQL' }));
  await screen.findByDisplayValue(/select\s+a\s+from/);
  expect(page.saved().query).toContain('$__timeFilter(time)');
  fireEvent.change(sql(), { target: { value: "select 'open" } });
  await userEvent.click(screen.getByRole('button', { name: 'Format SQL' }));
  expect(await screen.findByText(/It is unchanged/)).toBeInTheDocument();
  expect(sql()).toHaveValue("select 'open");
});

it('keeps SQL that is typed while the formatter is loaded, and hides the notice of the formatter when the SQL changes', async () => {
  const page = await openEditor({ query: 'select a from t' });
  fireEvent.click(screen.getByRole('button', { name: 'Format SQL' }));
  fireEvent.change(sql(), { target: { value: 'select a, b from t' } });
  await formatSql('select 1');
  await act(async () => {});
  expect(page.saved().query).toBe('select a, b from t');
  fireEvent.change(sql(), { target: { value: "select 'open" } });
  await userEvent.click(screen.getByRole('button', { name: 'Format SQL' }));
  expect(await screen.findByText(/It is unchanged/)).toBeInTheDocument();
  fireEvent.change(sql(), { target: { value: 'select 1' } });
  fireEvent.change(sql(), { target: { value: "select 'open" } });
  expect(screen.queryByText(/It is unchanged/)).not.toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Format SQL' }));
  expect(await screen.findByText(/It is unchanged/)).toBeInTheDocument();
  page.receive({ refId: 'A', query: 'SELECT 1' });
  expect(screen.queryByText(/It is unchanged/)).not.toBeInTheDocument();
});

it('shows no help button where Grafana shows a help icon', async () => {
  await openEditor({ query: '', rawEditor: true });
  expect(screen.queryByRole('button', { name: 'Help' })).not.toBeInTheDocument();
});

it('inserts an example and does not run it', async () => {
  const page = await openEditor({ query: '', rawEditor: true, purpose: 'annotation' });
  await userEvent.click(screen.getByRole('button', { name: 'Help' }));
  await userEvent.click(screen.getByRole('button', { name: 'Use this query: Newest log messages' }));
  expect(page.saved()).toMatchObject({ format: 'logs', rowLimit: 1000 });
  expect(page.runs()).toBe(0);
});

it('reports that completion has no tables', async () => {
  await openEditor({ query: '', rawEditor: true }, { tables: 'fails' });
  expect(await screen.findByText('The list of tables could not be loaded: No server there.')).toBeInTheDocument();
});

it('reports that completion has only some of the tables', async () => {
  await openEditor({ rawEditor: true }, { tables: { tables: [{ name: 't', columns: [] }], truncated: true } });
  expect(await screen.findByText(/^Completion knows only 1 of the tables/)).toBeInTheDocument();
});

it('saves empty SQL after Grafana replaced the query with a query of an older version', async () => {
  const page = await openEditor({ query: 'SELECT 1', version: 2 });
  page.receive({ refId: 'A', queryText: 'SELECT 2' });
  fireEvent.change(sql(), { target: { value: '' } });
  expect(sql()).toHaveValue('');
  expect(page.saved()).toMatchObject({ query: '', queryText: '' });
});

const SERIES = toDataFrame({
  refId: 'A',
  fields: [
    { name: 'time', type: FieldType.time, values: [1] },
    { name: 'value', type: FieldType.number, values: [2] },
  ],
});
const LINES = toDataFrame({
  refId: 'A',
  fields: [
    { name: 'time', type: FieldType.time, values: [1] },
    { name: 'msg', type: FieldType.string, values: ['started'] },
  ],
});
const NEW_CODE = { query: '', format: 'table', rawEditor: true, autoLimit: false } as const;

it.each([
  ['a time series', SERIES, { format: 'time_series' }],
  ['logs', LINES, { format: 'logs', rowLimit: 1000 }],
])('chooses the format of a new query from its first result: %s', async (_name, frame, expected) => {
  const page = await openEditor(NEW_CODE);
  fireEvent.change(sql(), { target: { value: 'SELECT 1' } });
  page.receiveResult([frame]);
  expect(page.saved()).toMatchObject(expected);
  expect(page.runs()).toBe(1);
  page.receiveResult([frame === LINES ? SERIES : LINES]);
  expect(page.saved()).toMatchObject(expected);
});

it('keeps the format of a query that Grafana puts in place of a new query, for example from the history', async () => {
  const page = await openEditor(NEW_CODE);
  page.receive({ refId: 'A', query: 'SELECT time, value FROM measures', format: 'table', rawEditor: true, version: 2 });
  page.receiveResult([SERIES]);
  expect(page.runs()).toBe(0);
  fireEvent.change(sql(), { target: { value: 'SELECT time, value FROM measures LIMIT 9' } });
  page.receiveResult([toDataFrame({ ...SERIES, refId: 'A' })]);
  expect(page.saved().format).toBe('table');
});

it('keeps the format of a saved query, and a format that the author has chosen', async () => {
  const old = await openEditor({ query: 'SELECT 1', format: 'table' });
  old.receiveResult([SERIES]);
  expect(old.saved().format).toBe('table');
  old.close();
  const page = await openEditor(NEW_CODE);
  await chooseFormat('Logs');
  await chooseFormat('Table');
  fireEvent.change(sql(), { target: { value: 'SELECT 1' } });
  page.receiveResult([SERIES]);
  expect(page.saved().format).toBe('table');
});
