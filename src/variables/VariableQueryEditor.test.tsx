import { act, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import { newQuery } from '../editor/model/query-draft';
import { editorDatasource } from '../testing/query-editor-page';
import { type MicromegasQuery } from '../shared/types';
import { type VariableFailures } from '../shared/variable-failures';
import { VariableQueryEditor } from './VariableQueryEditor';

// Compiling `BuilderPane` takes longer than the timeout of the testing library's queries.
beforeAll(async () => {
  await import('../editor/builder/BuilderPane');
});

interface OpenedEditor {
  changes: MicromegasQuery[];
  close: () => void;
  failures: VariableFailures;
}

/** Opens the editor, and waits for the list of tables. */
async function openEditor(saved: unknown): Promise<OpenedEditor> {
  const datasource = editorDatasource();
  const changes: MicromegasQuery[] = [];
  const { unmount } = await act(async () =>
    render(
      <VariableQueryEditor
        datasource={datasource}
        query={saved as MicromegasQuery}
        onChange={(query) => changes.push(query)}
        onRunQuery={() => undefined}
      />
    )
  );
  return { changes, close: unmount, failures: datasource.variableFailures };
}

it.each([
  ['SQL as a string', 'SELECT 1'],
  ['a query of version 1', { refId: 'A', queryText: 'SELECT 1' }],
  ['a query of version 2', { refId: 'A', query: 'SELECT 1', version: 2 }],
])('shows %s and changes nothing', async (_name, saved) => {
  const { changes, close } = await openEditor(saved);
  expect(screen.getByLabelText('SQL')).toHaveValue('SELECT 1');
  close();
  expect(changes).toEqual([]);
});

it('calls onChange once, when the SQL loses the focus', async () => {
  const { changes } = await openEditor('SELECT 1');
  await userEvent.type(screen.getByLabelText('SQL'), '23');
  expect(changes).toEqual([]);
  await userEvent.tab();
  expect(changes).toMatchObject([{ query: 'SELECT 123', format: 'table', purpose: 'variable', version: 2 }]);
});

it('saves the typed SQL when the editor is unmounted', async () => {
  const { changes, close } = await openEditor({ refId: 'A', query: 'SELECT 1', colour: 'red' });
  await userEvent.type(screen.getByLabelText('SQL'), '2');
  close();
  expect(changes).toMatchObject([{ refId: 'A', query: 'SELECT 12', colour: 'red' }]);
});

it('builds a query for the values of a column that depend on another variable', async () => {
  const { changes } = await openEditor({ refId: 'A', ...newQuery() });
  await userEvent.type(await screen.findByLabelText('Table'), 'log_entries{Enter}');
  await userEvent.type(screen.getByLabelText('Value'), 'exe{Enter}');
  await userEvent.click(screen.getByRole('button', { name: 'Filter' }));
  await userEvent.type(screen.getByLabelText('Column of filter 1'), 'msg{Enter}');
  await userEvent.type(screen.getByLabelText('Value of filter 1'), '$process{Enter}');
  expect(changes.at(-1)).toMatchObject({
    rawEditor: false,
    purpose: 'variable',
    builder: { kind: 'values', of: 'column', table: 'log_entries', value: { column: 'exe' } },
    query: expect.stringMatching(/DISTINCT[^]*'\$process'/),
  });
});

it.each([
  ['Programs', 'SELECT DISTINCT exe AS value\nFROM processes'],
  ['Log levels', 'SELECT DISTINCT level AS value\nFROM log_stats'],
])('starts with the preset %s', async (title, sql) => {
  const { changes } = await openEditor({ refId: 'A', ...newQuery() });
  await userEvent.click(await screen.findByRole('button', { name: new RegExp(`^${title}`) }));
  expect(changes).toMatchObject([{ query: expect.stringContaining(sql), purpose: 'variable', format: 'table' }]);
  expect(screen.queryByRole('region', { name: 'Presets' })).not.toBeInTheDocument();
  expect(screen.getByLabelText('Values from')).toBeInTheDocument();
});

it('builds queries for processes and for property keys', async () => {
  const { changes } = await openEditor({ refId: 'A', ...newQuery() });
  await userEvent.selectOptions(await screen.findByLabelText('Values from'), 'Processes');
  expect(screen.queryByLabelText('Table')).not.toBeInTheDocument();
  expect(changes.at(-1)).toMatchObject({ query: expect.stringContaining('FROM processes') });
  await userEvent.selectOptions(screen.getByLabelText('Values from'), 'Property keys');
  await userEvent.type(screen.getByLabelText('Table'), 'log_entries{Enter}');
  await userEvent.type(screen.getByLabelText('Column of properties'), 'properties{Enter}');
  expect(changes.at(-1)).toMatchObject({ query: expect.stringContaining('jsonb_object_keys') });
});

it.each([
  ['measures', 'time'],
  ['unknown', 'time_bin'],
])('changes the time column only if the columns of the new table are known: %s has %s', async (table, timeColumn) => {
  const { changes } = await openEditor({ refId: 'A', ...newQuery() });
  await userEvent.click(await screen.findByRole('button', { name: /^Log targets/ }));
  await userEvent.clear(screen.getByLabelText('Table'));
  await userEvent.type(screen.getByLabelText('Table'), `${table}{Enter}`);
  await userEvent.type(screen.getByLabelText('Value'), 'target{Enter}');
  expect(changes.at(-1)?.query).toContain(
    `SELECT DISTINCT target AS value\nFROM ${table}\nWHERE $__timeFilter(${timeColumn})\n`
  );
});

it('shows the time filter as off if the saved value is a string that means off', async () => {
  await openEditor({ refId: 'A', query: 'SELECT 1', timeFilter: 'false' });
  expect(screen.getByRole('switch', { name: /Time filter/ })).not.toBeChecked();
});

it('keeps the SQL of the builder in code mode', async () => {
  const { changes } = await openEditor({ refId: 'A', ...newQuery() });
  await userEvent.selectOptions(await screen.findByLabelText('Values from'), 'Processes');
  const built = changes.at(-1)?.query;
  await userEvent.click(screen.getByRole('radio', { name: 'Code' }));
  expect(screen.getByLabelText('SQL')).toHaveValue(built);
  expect(changes.at(-1)).toMatchObject({ query: built, rawEditor: true });
});

it('shows the error of the query until its SQL is changed', async () => {
  const { failures } = await openEditor('SELECT computr FROM processes');
  act(() => failures.record('SELECT another FROM processes', 'The other query has an error.'));
  expect(screen.queryByRole('alert')).not.toBeInTheDocument();
  act(() => failures.record('SELECT computr FROM processes', 'No field named computr.'));
  expect(screen.getByRole('alert')).toHaveTextContent('No field named computr.');
  await userEvent.type(screen.getByLabelText('SQL'), ' LIMIT 1');
  expect(screen.queryByRole('alert')).not.toBeInTheDocument();
});

it('shows no error after the query has succeeded', async () => {
  const { failures } = await openEditor('SELECT 1');
  act(() => failures.record('SELECT 1', 'The server cannot be reached.'));
  await act(async () => failures.record('SELECT 1', undefined));
  expect(screen.queryByRole('alert')).not.toBeInTheDocument();
});
