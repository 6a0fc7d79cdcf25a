import { CoreApp, dateTime, LogsSortOrder, store } from '@grafana/data';
import { act, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React, { useState } from 'react';
import { editorDatasource, PROCESS_ID } from '../../testing/query-editor-page';
import { type MicromegasQuery } from '../../shared/types';
import { CollapsibleEditor } from './CollapsibleEditor';
import { newQuery } from '../model/query-draft';

const RANGE = { from: dateTime(0), to: dateTime(3_600_000), raw: { from: 'now-1h', to: 'now' } };
const LOGS = `SELECT time, msg FROM view_instance('log_entries', '${PROCESS_ID}')`;
const SQL = { query: LOGS, rawEditor: true, version: 2 };
const datasource = editorDatasource();

/**
 * Renders the editor as a row of Explore does.
 *
 * @param options `pane`: the callback that runs the queries. All rows of a pane in Explore share one callback.
 */
async function open(query: Partial<MicromegasQuery>, { pane = () => undefined, app = CoreApp.Explore } = {}) {
  function Row() {
    const [current, setCurrent] = useState<MicromegasQuery>({ refId: 'A', ...query });
    return (
      <CollapsibleEditor
        app={app}
        datasource={datasource}
        query={current}
        range={RANGE}
        onChange={setCurrent}
        onRunQuery={pane}
      />
    );
  }
  const { unmount } = await act(async () => render(<Row />));
  return unmount;
}

const edit = () => screen.queryByRole('button', { name: 'Edit' });
const sql = () => screen.queryByLabelText('SQL', { selector: 'textarea' });

it('shows the query of a link in one line, with the name of a process in place of its id', async () => {
  await open(SQL);
  expect(sql()).not.toBeInTheDocument();
  expect(await screen.findByText(/'ember-server on atlas \(\d\d:16\)'/)).toBeInTheDocument();
});

it('runs a collapsed logs query again when Explore shows the oldest lines first', async () => {
  const pane = jest.fn();
  const close = await open({ ...SQL, format: 'logs' }, { pane });
  act(() => store.set('grafana.explore.logs.sortOrder', LogsSortOrder.Ascending));
  expect(pane).toHaveBeenCalledTimes(1);
  expect(edit()).toBeInTheDocument();
  close();
  store.delete('grafana.explore.logs.sortOrder');
});

it('keeps an opened editor open in its pane, and focuses it', async () => {
  const pane = () => undefined;
  const close = await open(SQL, { pane });
  await userEvent.click(screen.getByRole('button', { name: 'Edit' }));
  expect(sql()).toHaveValue(LOGS);
  expect(screen.getByRole('group', { name: 'Query editor' })).toHaveFocus();
  close();
  const closeAgain = await open(SQL, { pane });
  expect(sql()).toBeInTheDocument();
  closeAgain();
  await open({ ...SQL, query: 'SELECT 1', refId: 'B' }, { pane });
  expect(edit()).toBeInTheDocument();
  await open(SQL);
  expect(screen.getAllByRole('button', { name: 'Edit' })).toHaveLength(2);
});

it('keeps an opened editor open when the user edits the query and then renames or duplicates it', async () => {
  const pane = () => undefined;
  const close = await open(SQL, { pane });
  await userEvent.click(screen.getByRole('button', { name: 'Edit' }));
  await userEvent.type(screen.getByLabelText('SQL', { selector: 'textarea' }), ' LIMIT 9');
  close();
  await open({ ...SQL, query: `${LOGS} LIMIT 9`, refId: 'lines', key: 'Q-1' }, { pane });
  expect(edit()).not.toBeInTheDocument();
});

it('shows the editor of a query that the user adds, and keeps it open', async () => {
  const pane = () => undefined;
  const close = await open({ ...newQuery(), rawEditor: true }, { pane });
  await userEvent.type(screen.getByLabelText('SQL', { selector: 'textarea' }), 'SELECT 1');
  expect(edit()).not.toBeInTheDocument();
  close();
  await open(SQL, { pane });
  expect(edit()).not.toBeInTheDocument();
});

it.each([
  ['a panel', SQL, CoreApp.PanelEditor],
  ['an alert rule', SQL, CoreApp.UnifiedAlerting],
  [
    'a query that was imported with a notice',
    { ...SQL, importNotice: { kind: 'sql' as const, from: 'Postgres' } },
    CoreApp.Explore,
  ],
])('shows the editor of %s', async (_name, query, app) => {
  await open(query, { app });
  expect(edit()).not.toBeInTheDocument();
  expect(sql()).toBeInTheDocument();
});
