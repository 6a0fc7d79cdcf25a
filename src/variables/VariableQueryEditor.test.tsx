import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import { SchemaStore } from '../schema/schema-store';
import { type MicromegasApi, type MicromegasQuery } from '../types';
import { VariableQueryEditor } from './VariableQueryEditor';

jest.mock('@grafana/ui', () => ({
  ...jest.requireActual('@grafana/ui'),
  ...jest.requireActual('../testing/plain-controls'),
}));

function openEditor(saved: unknown): { changes: MicromegasQuery[]; close: () => void } {
  const changes: MicromegasQuery[] = [];
  const schema = new SchemaStore({
    tables: () => new Promise(() => undefined),
    columns: async (table) => ({ table, columns: [] }),
  });
  const datasource = { schema, variableNames: () => [] } as Partial<MicromegasApi> as MicromegasApi;
  const { unmount } = render(
    <VariableQueryEditor
      datasource={datasource}
      query={saved as MicromegasQuery}
      onChange={(query) => changes.push(query)}
      onRunQuery={() => undefined}
    />
  );
  return { changes, close: unmount };
}

it.each([
  ['SQL as text', 'SELECT 1'],
  ['version 1', { refId: 'A', queryText: 'SELECT 1' }],
  ['version 2', { refId: 'A', query: 'SELECT 1', version: 2 }],
])('shows %s and changes nothing', (_name, saved) => {
  const { changes, close } = openEditor(saved);
  expect(screen.getByLabelText('SQL')).toHaveValue('SELECT 1');
  close();
  expect(changes).toEqual([]);
});

it('calls onChange once, when the SQL loses the focus', async () => {
  const { changes } = openEditor('SELECT 1');
  await userEvent.type(screen.getByLabelText('SQL'), '23');
  expect(changes).toEqual([]);
  await userEvent.tab();
  expect(changes).toMatchObject([{ query: 'SELECT 123', format: 'table', purpose: 'variable', version: 2 }]);
});

it('saves the typed SQL when the editor is unmounted', async () => {
  const { changes, close } = openEditor({ refId: 'A', query: 'SELECT 1', colour: 'red' });
  await userEvent.type(screen.getByLabelText('SQL'), '2');
  close();
  expect(changes).toMatchObject([{ refId: 'A', query: 'SELECT 12', colour: 'red' }]);
});
