import { render, screen } from '@testing-library/react';
import React from 'react';
import { type AdHocVariableFilter, type CurrentUserDTO, type DataQueryRequest, type ScopedVars } from '@grafana/data';
import { config, setCurrentUser, type TemplateSrv } from '@grafana/runtime';
import { builderQuery } from '../../../contract/builder/builder-sql';
import { type TableState } from '../../../contract/builder/builder-state';
import { newState } from '../../../contract/builder/new-state';
import { type MicromegasQuery } from '../../shared/types';
import { fixedTemplates } from '../../testing/fixed-templates';
import { keeperOf } from '../kept-queries/keeper';
import { keptQuery } from '../kept-queries/kept-query';
import { AlertLink } from './AlertLink';

const STATE: TableState = {
  ...newState('table'),
  table: 'log_entries',
  time: { column: 'time', interval: 'auto', fill: 'zero' },
  columns: [{ column: '*', aggregation: 'count', alias: 'lines' }],
  conditions: [{ column: 'exe', type: 'text', operator: '=', values: ['$exe'] }],
  limit: undefined,
};
const { sql, ...options } = builderQuery(STATE);
const QUERY: MicromegasQuery = {
  refId: 'A',
  version: 2,
  rawEditor: false,
  builder: STATE,
  query: sql,
  ...options,
  filters: [{ key: 'target', operator: '=', value: 'net' }],
};

const templates = fixedTemplates({ exe: { value: 'api' } }) as TemplateSrv;

beforeAll(() => {
  setCurrentUser({ permissions: { 'alert.rules:create': true } } as Partial<CurrentUserDTO> as CurrentUserDTO);
  config.unifiedAlertingEnabled = true;
});

/** The data source as in Grafana, except for queries that Grafana does not keep. */
const datasource = {
  uid: 'mm',
  type: 'micromegas',
  interpolateVariablesInQueries: (queries: MicromegasQuery[], scoped: ScopedVars, filters?: AdHocVariableFilter[]) => {
    const keeper = keeperOf(scoped);
    expect(keeper).toBeDefined();
    return keeper === undefined
      ? queries
      : queries.map((query) => keptQuery(query, { keeper, templates, scoped, filters }));
  },
};

/** The query of the rule that the link opens. */
function queryOfLink(request?: Partial<DataQueryRequest>): MicromegasQuery {
  render(<AlertLink datasource={datasource} query={QUERY} request={request as DataQueryRequest | undefined} />);
  const link = screen.getByRole('link', { name: 'Alert on this' });
  const address = new URL(link.getAttribute('href') ?? '', 'http://grafana');
  const { queries }: { queries: Array<{ model: MicromegasQuery }> } = JSON.parse(
    address.searchParams.get('defaults') ?? ''
  );
  return queries[0].model;
}

const OWN_FILTERS = [{ key: 'target', operator: '=', value: 'net' }];

it('keeps the ad hoc filters of the shown result, after those of the query', () => {
  const { filters, adHocFilters, query } = queryOfLink({
    scopedVars: { __interval: { text: '30s', value: '30s' } },
    filters: [
      { key: 'computer', operator: '=', value: 'atlas' },
      { key: 'exe', operator: '=|', value: 'api', values: ['api', 'web'] },
    ],
  });
  expect(filters).toEqual([
    ...OWN_FILTERS,
    { key: 'computer', operator: '=', value: 'atlas' },
    { key: 'exe', operator: '=|', value: 'api', values: ['api', 'web'] },
  ]);
  expect(adHocFilters).toBeUndefined();
  expect(query).toContain("interval '5 minutes' THEN 1 END) AS lines");
});

it('uses the value of a variable that applies to the panel only', () => {
  expect(queryOfLink({ scopedVars: { exe: { text: 'web', value: 'web' } } }).query).toContain("'web'");
});

it('uses the values of the dashboard before the first result', () => {
  const { filters, query } = queryOfLink();
  expect(filters).toEqual(OWN_FILTERS);
  expect(query).toContain("'api'");
});
