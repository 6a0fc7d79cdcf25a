/**
 * Tests the import of queries when a user changes the data source to Micromegas, and the notice about what to check.
 */
import { AbstractLabelOperator, type DataSourceApi, hasQueryExportSupport, hasQueryImportSupport } from '@grafana/data';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { escapeRegExp } from 'lodash';
import React from 'react';
import { startDashboard } from '../../testing/dashboard-services';
import { type MicromegasQuery } from '../../shared/types';
import { ImportedNotice } from './ImportedNotice';

const { datasource } = startDashboard(() => []);

function show(query: MicromegasQuery): { isHidden: () => boolean } {
  let isHidden = false;
  render(<ImportedNotice query={query} onHide={() => (isHidden = true)} />);
  return { isHidden: () => isHidden };
}

/** Changes the data source as `updateQueries` of Grafana does, which prefers label matchers. */
async function changeFrom(origin: object, ...queries: object[]): Promise<MicromegasQuery[]> {
  const from = origin as DataSourceApi;
  const saved = queries.map((query, index) => ({ refId: 'ABC'[index], ...query }));
  if (hasQueryExportSupport(from) && hasQueryImportSupport<MicromegasQuery>(datasource)) {
    return datasource.importFromAbstractQueries(await from.exportToAbstractQueries(saved));
  }
  return datasource.importQueries(saved, from);
}

/** A data source that exports its queries as label matchers, as Loki and Prometheus do. */
const exporting = (type: string, labelMatchers: object[] = []) => ({
  name: `My ${type}`,
  type,
  exportToAbstractQueries: (queries: object[]) => queries.map((query) => ({ ...query, labelMatchers })),
});

it('supports the export of label matchers', () => {
  expect(hasQueryExportSupport(datasource)).toBe(true);
});

it('keeps line filters and functions of Loki, although Grafana prefers label matchers', async () => {
  const expr = 'sum by (app) (rate({app="shop"} |= "timeout" | json [5m]))';
  const [query] = await changeFrom(exporting('loki'), { expr });
  expect(query.query).toMatch(/count\(\*\) \/ 300[\s\S]*msg ILIKE '%timeout%'/);
  show(query);
  expect(screen.getByText(new RegExp(`The original query of My loki: ${escapeRegExp(expr)}$`))).toBeVisible();
  expect(screen.getByText('Parts that are lost: | json, sum by (app) (…).')).toBeVisible();
  expect(
    screen.getByText(/were case-sensitive\. The conditions "contains" and "does not contain" ignore case\.$/)
  ).toBeVisible();
});

it('reads each query of a panel with several data sources, and keeps expressions of Grafana', async () => {
  const reduce = { datasource: { type: '__expr__', uid: '__expr__' }, type: 'reduce', expression: 'A' };
  const queries = await changeFrom(
    { name: '-- Mixed --', type: 'mixed' },
    { expr: 'rate(requests_total[$__rate_interval])', datasource: { type: 'prometheus' } },
    reduce,
    { expr: '{app="a"}', datasource: { type: 'loki' }, hide: true }
  );
  expect(queries).toMatchObject([
    { refId: 'A', format: 'time_series', builder: { kind: 'metrics', aggregation: 'rate', interval: 'auto' } },
    { refId: 'B', ...reduce },
    { refId: 'C', format: 'logs', hide: true },
  ]);
});

it('leaves out empty expressions', async () => {
  expect(await changeFrom(exporting('loki'), { expr: ' ' })).toEqual([]);
});

it('keeps the SQL of another source, and names the source', async () => {
  const postgres = { name: 'Postgres <prod>', type: 'postgres' };
  const saved = { rawSql: 'SELECT 1 AS one', format: 'table' };
  const [query] = await changeFrom(postgres, saved);
  expect(datasource.filterQuery(query)).toBe(true);
  const page = show(query);
  expect(screen.getByText(/The SQL is that of Postgres <prod>, unchanged/)).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: /hide|close/i }));
  expect(page.isHidden()).toBe(true);
});

it('names the labels that became properties, and the matchers that are lost', async () => {
  const { Equal, EqualRegEx } = AbstractLabelOperator;
  const labelMatchers = [
    { name: 'cluster', operator: Equal, value: 'eu' },
    { name: 'level', operator: EqualRegEx, value: 'e.*' },
  ];
  const [query] = await changeFrom(exporting('elasticsearch', labelMatchers), {});
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
