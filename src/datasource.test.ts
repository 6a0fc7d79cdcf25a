import { CoreApp, type DataSourceInstanceSettings, getDefaultTimeRange, type ScopedVars } from '@grafana/data';
import { type TemplateSrv } from '@grafana/runtime';
import { MicromegasDataSource } from './datasource';
import { answerWith } from './testing/answering-backend';
import { type MicromegasOptions, type MicromegasQuery } from './types';

/** Replaces variables as Grafana's service does: only known names, with the format of the caller. */
function templatesOf(variables: Record<string, { value: unknown; multi?: boolean }>): TemplateSrv {
  const replace = (text = '', scoped: ScopedVars = {}, format?: string | ((...args: unknown[]) => unknown)) =>
    text.replace(/\$(\w+)/g, (match, name: string) => {
      const found = variables[name] ?? scoped[name];
      return found && typeof format === 'function' ? String(format(found.value, found)) : match;
    });
  return {
    replace: replace as TemplateSrv['replace'],
    getVariables: () => [],
    containsTemplate: (text) => replace(text, {}, () => '') !== text,
    updateTimeRange: () => undefined,
  };
}

const settings = { id: 1, uid: 'mm', type: 'mm', name: 'mm', jsonData: {} } as Partial<
  DataSourceInstanceSettings<MicromegasOptions>
> as DataSourceInstanceSettings<MicromegasOptions>;
const datasource = new MicromegasDataSource(
  settings,
  templatesOf({ exe: { value: "it's" }, target: { value: ['a', 'b'], multi: true } })
);
const query = (fields: Partial<MicromegasQuery>): MicromegasQuery => ({ refId: 'A', ...fields });

it.each([
  ['one value', "x = '$exe'", "x = 'it''s'"],
  ['several values', 'x IN ($target)', "x IN ('a','b')"],
  ["Grafana's interval", 'date_bin(interval $__interval)', 'date_bin(interval 10s)'],
  ['macros, unchanged', '$__timeFilter(time) AND $__timeFrom', '$__timeFilter(time) AND $__timeFrom'],
])('interpolates variables: %s', (_name, sql, expected) => {
  const sent = datasource.applyTemplateVariables(query({ query: sql }), { __interval: { value: '10s', text: '10s' } });
  expect(sent.query).toBe(expected);
});

it('sends the SQL of version 1, and does not change the saved query', () => {
  const saved = query({ queryText: 'SELECT $exe' });
  expect(datasource.applyTemplateVariables(saved, {}).query).toBe("SELECT it''s");
  expect(saved.query).toBeUndefined();
});

it.each([
  ['a query', query({ query: 'SELECT 1' }), true],
  ['a hidden query', query({ query: 'SELECT 1', hide: true }), false],
  ['an empty query', query({ query: ' \n' }), false],
  ['a builder query', query({ table: 't' }), true],
  ['a new query of Explore', query(datasource.getDefaultQuery(CoreApp.Explore)), false],
])('filters %s', (_name, target, expected) => {
  expect(datasource.filterQuery(target)).toBe(expected);
});

it('returns the SQL on one line for the query history', () => {
  expect(datasource.getQueryDisplayText(query({ query: 'SELECT 1\n  FROM t\n' }))).toBe('SELECT 1 FROM t');
});

it('distinguishes dashboard variables from macros', () => {
  expect(datasource.targetContainsTemplate(query({ query: '$exe' }))).toBe(true);
  expect(datasource.targetContainsTemplate(query({ query: '$__timeFilter(time)' }))).toBe(false);
});

it('does not override Save & test', () => {
  expect(Object.hasOwn(MicromegasDataSource.prototype, 'testDatasource')).toBe(false);
});

it.each([
  ['no search', {}, "SELECT '%'"],
  ['a search', { searchFilter: 'ap' }, "SELECT 'ap%'"],
])('sets the search filter in metricFindQuery: %s', async (_name, options, expected) => {
  const sent: MicromegasQuery[] = [];
  answerWith(async ({ data }) => {
    sent.push(...data.queries);
    return { results: {} };
  });
  await datasource.metricFindQuery("SELECT '$__searchFilter'", { range: getDefaultTimeRange(), ...options });
  expect(sent).toMatchObject([{ query: expected, purpose: 'variable' }]);
});
