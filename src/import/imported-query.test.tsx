/** The data source is changed to Micromegas, and the editor says what to check. */
import { AbstractLabelOperator, type DataSourceApi, hasQueryExportSupport, hasQueryImportSupport } from '@grafana/data';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import { startDashboard } from '../testing/dashboard-services';
import { type MicromegasQuery } from '../types';
import { ImportedNotice } from './ImportedNotice';

const { datasource } = startDashboard(() => []);

function show(query: MicromegasQuery): { isHidden: () => boolean } {
  let isHidden = false;
  render(<ImportedNotice query={query} onHide={() => (isHidden = true)} />);
  return { isHidden: () => isHidden };
}

it('supports the import and export of label matchers', () => {
  expect(hasQueryImportSupport(datasource)).toBe(true);
  expect(hasQueryExportSupport(datasource)).toBe(true);
});

it('keeps the SQL of another source, and names the source', async () => {
  const postgres = { name: 'Postgres <prod>' } as DataSourceApi;
  const saved = { refId: 'A', rawSql: 'SELECT 1 AS one', format: 'table' };
  const [query] = await datasource.importQueries([saved], postgres);
  expect(datasource.filterQuery(query)).toBe(true);
  const page = show(query);
  expect(screen.getByText(/The SQL is that of Postgres <prod>, unchanged/)).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: /hide|close/i }));
  expect(page.isHidden()).toBe(true);
});

it('names the labels and matchers that Micromegas has no column for', async () => {
  const { Equal, EqualRegEx } = AbstractLabelOperator;
  const labelMatchers = [
    { name: 'cluster', operator: Equal, value: 'eu' },
    { name: 'level', operator: EqualRegEx, value: 'e.*' },
  ];
  const [query] = await datasource.importFromAbstractQueries([{ refId: 'A', labelMatchers }]);
  show(query);
  expect(screen.getByText(/Line filters, parsers and functions are lost/)).toBeInTheDocument();
  expect(screen.getByText(/conditions on properties: cluster\./)).toBeInTheDocument();
  expect(screen.getByText(/lost: level=~"e\.\*"\./)).toBeInTheDocument();
  expect(await datasource.exportToAbstractQueries([query])).toEqual([
    { refId: 'A', labelMatchers: [labelMatchers[0]] },
  ]);
});

it.each([
  ['no notice', {}],
  [
    'a notice of unknown shape',
    { importNotice: JSON.parse('{"kind":"x","lost":7}') as MicromegasQuery['importNotice'] },
  ],
])('shows nothing for %s', (_name, fields) => {
  show({ refId: 'A', query: 'SELECT 1', ...fields });
  expect(screen.queryByText(/another data source/)).toBeNull();
});
