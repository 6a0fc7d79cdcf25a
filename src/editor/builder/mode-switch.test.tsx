import { fireEvent, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { builderQuery } from '../../../contract/builder/builder-sql';
import { type BuilderState, type LogsState, type SpansState } from '../../../contract/builder/builder-state';
import { formState, newState } from '../../../contract/builder/new-state';
import { newQuery } from '../model/query-draft';
import { type BrowserParserJob } from '../sql-parser/parser-jobs';
import { openQueryEditor } from '../../testing/query-editor-page';

let mockIsBlocked = false;

// The real `sqlParser` loads the parser over HTTP, which jsdom cannot do.
jest.mock('../sql-parser/load-parser', () => ({
  sqlParser: {
    run: (job: BrowserParserJob) => {
      const { blockedParser, directParser } = jest.requireActual('../sql-parser/testing/direct-parser');
      return (mockIsBlocked ? blockedParser() : directParser()).run(job);
    },
  },
}));

beforeEach(() => {
  mockIsBlocked = false;
});

const LOGS: LogsState = { kind: 'logs', minLevel: 2, conditions: [], order: 'newest' };
const SQL = builderQuery(LOGS).sql;
const BUILT = { ...newQuery(), ...builderQuery(LOGS), query: SQL, builder: LOGS };

const mode = (name: string) => screen.getByRole('radio', { name });
const sql = () => screen.getByLabelText('SQL', { selector: 'textarea' });
const typeSql = (value: string) => fireEvent.change(sql(), { target: { value: value } });
const level = () => screen.findByLabelText('Minimum level');

it('opens a new query in the builder, and a saved query without rawEditor in code mode', async () => {
  const { close } = await openQueryEditor(newQuery());
  expect(await screen.findByRole('radiogroup', { name: 'What to look at' })).toBeInTheDocument();
  close();
  const page = await openQueryEditor({ query: 'SELECT 1' });
  expect(mode('Code')).toBeChecked();
  expect(page.saved()).toEqual({ refId: 'A', query: 'SELECT 1' });
});

it('keeps the SQL when the author switches to code, and restores the state when the SQL is unchanged', async () => {
  const page = await openQueryEditor(BUILT);
  expect(await level()).toHaveDisplayValue('error');
  await userEvent.click(mode('Code'));
  expect(sql()).toHaveValue(SQL);
  expect(page.saved()).toMatchObject({ rawEditor: true, query: SQL, builder: LOGS });
  await userEvent.click(mode('Builder'));
  expect(await level()).toHaveDisplayValue('error');
  expect(page.saved()).toMatchObject({ rawEditor: false, query: SQL, builder: LOGS });
  expect(page.runs()).toBe(0);
});

it('reads edited SQL back into the builder', async () => {
  const page = await openQueryEditor({ ...BUILT, rawEditor: true });
  typeSql(SQL.replace('level <= 2', "level <= 3 AND exe = 'ember'").replaceAll('\n', ' '));
  await userEvent.click(mode('Builder'));
  expect(await level()).toHaveDisplayValue('warn');
  expect(page.saved().builder).toMatchObject({ minLevel: 3, conditions: [{ column: 'exe', values: ['ember'] }] });
  expect(page.saved().query).toBe(builderQuery(page.saved().builder ?? LOGS).sql);
});

it('takes the type of a column from the table if the SQL tells no type, as in IS NULL', async () => {
  const root = { column: 'parent_span_id', type: 'text' as const, operator: 'is-null' as const, values: [] };
  const spans: SpansState = { ...newState('spans'), processId: '$process', conditions: [root] };
  const page = await openQueryEditor({ ...newQuery(), query: builderQuery(spans).sql, rawEditor: true });
  await userEvent.click(mode('Builder'));
  await userEvent.selectOptions(await screen.findByLabelText('Operator of filter 1'), '=');
  expect(page.saved().builder).toMatchObject({ conditions: [{ ...root, type: 'bytes', operator: '=' }] });
});

it("restores the author's layout when the author changed nothing in the builder", async () => {
  const typed = SQL.replaceAll('\n', ' ');
  const page = await openQueryEditor({ ...BUILT, query: typed, rawEditor: true });
  await userEvent.click(mode('Builder'));
  await level();
  await userEvent.click(mode('Code'));
  expect(page.saved().query).toBe(typed);
});

it('chooses the kind that can express the SQL', async () => {
  await openQueryEditor({ ...newQuery(), query: 'SELECT kind FROM events', rawEditor: true });
  await userEvent.click(mode('Builder'));
  expect(await screen.findByLabelText('Table')).toHaveValue('events');
});

it('keeps the options of a query that the builder reads', async () => {
  const page = await openQueryEditor({
    ...BUILT,
    query: `${SQL} LIMIT 5`,
    format: 'table',
    rowLimit: 7,
    rawEditor: true,
  });
  await userEvent.click(mode('Builder'));
  await level();
  expect(page.saved()).toMatchObject({ format: 'table', rowLimit: 7, builder: { limit: 5 } });
});

const EDITED = `${SQL}\n-- my comment`;

async function openDialog(query = EDITED) {
  const page = await openQueryEditor({ ...BUILT, query, rawEditor: true });
  await userEvent.click(mode('Builder'));
  return { page, dialog: await screen.findByRole('dialog', { name: 'The builder cannot show this SQL' }) };
}

it('shows the difference for SQL that the builder cannot express, and lets the author stay in code', async () => {
  const { page, dialog } = await openDialog();
  const changed = within(dialog)
    .getAllByRole('row')
    .filter((row) => row.dataset.changed === 'true');
  expect(changed.map(({ textContent }) => textContent)).toEqual(['-- my comment']);
  await userEvent.click(within(dialog).getByRole('button', { name: 'Stay in code' }));
  expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
  expect(sql()).toHaveValue(EDITED);
  expect(page.saved()).toMatchObject({ query: EDITED, builder: LOGS, rawEditor: true });
});

it("returns to the builder's version when the author chooses it", async () => {
  const { page, dialog } = await openDialog();
  await userEvent.click(within(dialog).getByRole('button', { name: "Return to the builder's version" }));
  expect(await level()).toHaveDisplayValue('error');
  expect(page.saved()).toMatchObject({ query: SQL, builder: LOGS, rawEditor: false });
});

it('stays in code when the dialog is closed with the keyboard', async () => {
  const { page } = await openDialog();
  await userEvent.keyboard('{Escape}');
  expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
  expect(page.saved()).toMatchObject({ query: EDITED, rawEditor: true });
});

it('offers a new query when the builder has no version of the SQL', async () => {
  const page = await openQueryEditor({ query: 'SELECT 1 UNION SELECT 2' });
  await userEvent.click(mode('Builder'));
  await userEvent.click(await screen.findByRole('button', { name: 'Replace with a new query' }));
  expect(page.saved()).toMatchObject({ query: '', rawEditor: false });
  expect(await screen.findByRole('region', { name: 'Starting points' })).toBeInTheDocument();
});

it('shows the replaced SQL again if the author returns to code before the builder has SQL', async () => {
  const page = await openQueryEditor({ query: 'SELECT 1 UNION SELECT 2' });
  await userEvent.click(mode('Builder'));
  await userEvent.click(await screen.findByRole('button', { name: 'Replace with a new query' }));
  await userEvent.click(mode('Code'));
  expect(sql()).toHaveValue('SELECT 1 UNION SELECT 2');
  expect(page.saved()).toMatchObject({ query: 'SELECT 1 UNION SELECT 2', rawEditor: true });
});

it('lets the author copy SQL that the builder cannot express', async () => {
  const user = userEvent.setup();
  // Browsers have a clipboard in secure contexts only.
  Object.defineProperty(window, 'isSecureContext', { value: true, configurable: true });
  await openQueryEditor({ query: 'SELECT 1 UNION SELECT 2' });
  await user.click(mode('Builder'));
  const dialog = await screen.findByRole('dialog');
  expect(dialog).toHaveTextContent('The SQL has parts that the builder cannot express.');
  await user.click(within(dialog).getByRole('button', { name: 'Copy your SQL' }));
  expect(await navigator.clipboard.readText()).toBe('SELECT 1 UNION SELECT 2');
});

const SPANS: SpansState = {
  kind: 'spans',
  processId: '',
  spans: 'otel',
  conditions: [{ column: 'name', type: 'text', operator: '=', values: ['tick'] }],
  order: 'slowest',
};

it('restores a builder state without a process after a switch to code and back', async () => {
  const page = await openQueryEditor({ ...newQuery(), builder: SPANS });
  expect(await screen.findByLabelText('Value of filter 1')).toHaveValue('tick');
  await userEvent.click(mode('Code'));
  expect(sql()).toHaveValue('');
  await userEvent.click(mode('Builder'));
  expect(await screen.findByLabelText('Value of filter 1')).toHaveValue('tick');
  expect(page.saved()).toMatchObject({ query: '', builder: SPANS, rawEditor: false });
});

it('restores the fields of another kind after a switch to code and back', async () => {
  const page = await openQueryEditor(BUILT);
  await level();
  await userEvent.click(screen.getByRole('radio', { name: 'Metrics' }));
  expect(page.saved()).toMatchObject({ query: '', builder: { kind: 'metrics' } });
  await userEvent.click(mode('Code'));
  await userEvent.click(mode('Builder'));
  await userEvent.click(await screen.findByRole('radio', { name: 'Logs' }));
  expect(await level()).toHaveDisplayValue('error');
  expect(page.saved()).toMatchObject({ query: SQL, builder: LOGS });
});

it('reports that the SQL cannot be read when WebAssembly is blocked', async () => {
  mockIsBlocked = true;
  const { dialog } = await openDialog(SQL.replace('level <= 2', 'level <= 3'));
  expect(dialog).toHaveTextContent(/content security policy blocks WebAssembly/);
});

it('opens unchanged SQL in the builder without the parser', async () => {
  mockIsBlocked = true;
  await openQueryEditor({ ...BUILT, rawEditor: true });
  await userEvent.click(mode('Builder'));
  expect(await level()).toHaveDisplayValue('error');
});

it('opens in code when SQL and builder state disagree', async () => {
  await openQueryEditor({ ...BUILT, query: 'SELECT 1' });
  expect(mode('Code')).toBeChecked();
  expect(sql()).toHaveValue('SELECT 1');
});

it.each([{ kind: 'nonsense' }, { kind: 'logs', conditions: 'all' }, 7, null])(
  'opens in code when the saved builder state is %j',
  async (builder) => {
    await openQueryEditor({ query: 'SELECT 1', rawEditor: false, builder: builder as never });
    expect(sql()).toHaveValue('SELECT 1');
  }
);

it('drops the builder state when the author empties the SQL', async () => {
  const page = await openQueryEditor({ ...BUILT, rawEditor: true });
  typeSql('');
  await userEvent.click(mode('Builder'));
  expect(await screen.findByRole('region', { name: 'Starting points' })).toBeInTheDocument();
  expect(page.saved()).toMatchObject({ query: '', builder: undefined });
});

it("opens a query of the older plugin's builder, and saves nothing until the author edits it", async () => {
  const older = {
    query: 'SELECT kind FROM events WHERE a = 1 or b = 2 ORDER BY kind LIMIT 5',
    table: 'events',
    columns: ['kind'],
    wheres: ['a = 1 or b = 2'],
    orderBy: 'kind',
    groupBy: '',
    limit: '5',
    rawEditor: false,
    version: 2,
  };
  const page = await openQueryEditor(older);
  expect(await screen.findByLabelText('Table')).toHaveValue('events');
  expect(screen.getByLabelText('SQL condition 1')).toHaveValue('a = 1 or b = 2');
  expect(page.saved()).toEqual({ refId: 'A', ...older });
  await userEvent.clear(screen.getByLabelText(/^Limit/));
  await userEvent.type(screen.getByLabelText(/^Limit/), '9{Enter}');
  expect(page.saved()).toMatchObject({ table: 'events', builder: { kind: 'table', limit: '9' } });
});

it('shows the row limit in the options only if it differs from the limit of the builder', async () => {
  const state = formState('logs');
  const { sql, ...built } = builderQuery(state);
  const page = await openQueryEditor({ ...newQuery(), ...built, query: sql, builder: state, rowLimit: 7 });
  await userEvent.click(screen.getByRole('button', { name: 'Options' }));
  expect(screen.getByLabelText('Row limit')).toHaveValue(7);
  await userEvent.clear(screen.getByLabelText('Row limit'));
  await userEvent.type(screen.getByLabelText('Row limit'), '1000');
  await userEvent.tab();
  expect(screen.queryByLabelText('Row limit')).toBeNull();
  await userEvent.type(await screen.findByLabelText(/^Limit/), '50{Enter}');
  expect(page.saved()).toMatchObject({ rowLimit: 50, builder: { limit: 50 } });
  expect(screen.queryByLabelText('Row limit')).toBeNull();
});

it.each<[string, BuilderState, typed: string]>([
  ['logs with the default 1000, while typing 10000', formState('logs'), '10000'],
  ['spans without a default, while typing 70', newState('spans'), '70'],
])('keeps the field Row limit while the user types in it: %s', async (_name, builder, typed) => {
  const { sql: query, ...built } = builderQuery(builder);
  const page = await openQueryEditor({ ...newQuery(), ...built, query, builder, rowLimit: 7 });
  await userEvent.click(screen.getByRole('button', { name: 'Options' }));
  const limit = screen.getByLabelText('Row limit');
  await userEvent.clear(limit);
  await userEvent.type(limit, typed);
  expect(limit).toHaveFocus();
  expect(page.saved()).toMatchObject({ rowLimit: Number(typed) });
});

it.each<[string, BuilderState, label: RegExp, changes: object]>([
  ['a measure', { ...newState('metrics'), name: 'latency' }, /^Row limit/, { rowLimit: 25 }],
  [
    'a table grouped by time',
    { ...newState('table'), table: 'log_entries', time: { column: 'time', interval: 'auto' }, limit: undefined },
    /^Limit/,
    { builder: { limit: '25' } },
  ],
])('orders a series newest first while a limit may truncate it: %s', async (_name, builder, label, changes) => {
  const built = builderQuery(builder);
  const { saved } = await openQueryEditor({ ...newQuery(), ...built, query: built.sql, builder });
  await userEvent.click(screen.getByRole('button', { name: 'Options' }));
  const limit = await screen.findByLabelText(label);
  await userEvent.type(limit, '25{Enter}');
  expect(saved()).toMatchObject({ ...changes, rawEditor: false });
  expect(saved().query).toMatch(/ORDER BY 1 DESC/);
  await userEvent.clear(limit);
  await userEvent.tab();
  expect(saved().query).toBe(built.sql);
  expect(saved().builder).toEqual(builder);
  await userEvent.click(screen.getByLabelText('Auto limit'));
  expect(saved().query).toMatch(/ORDER BY 1 DESC/);
});
