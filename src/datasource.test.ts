import { CoreApp, type DataSourceInstanceSettings, getDefaultTimeRange, type ScopedVars } from '@grafana/data';
import { type TemplateSrv } from '@grafana/runtime';
import { MicromegasDataSource } from './datasource';
import { answerWith } from './testing/answering-backend';
import { type MicromegasOptions, type MicromegasQuery } from './types';

/** Variables as Grafana's own service replaces them: known names only, with the caller's format. */
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
  ['plain', "x = '$exe'", "x = 'it''s'"],
  ['multi', 'x IN ($target)', "x IN ('a','b')"],
  ["Grafana's interval", 'date_bin(interval $__interval)', 'date_bin(interval 10s)'],
  ['macros stay for the proxy', '$__timeFilter(time) AND $__timeFrom', '$__timeFilter(time) AND $__timeFrom'],
])('puts variables in: %s', (_name, sql, expected) => {
  const sent = datasource.applyTemplateVariables(query({ query: sql }), { __interval: { value: '10s', text: '10s' } });
  expect(sent.query).toBe(expected);
});

it('reads version 1 when it sends, and leaves the saved model alone', () => {
  const saved = query({ queryText: 'SELECT $exe' });
  expect(datasource.applyTemplateVariables(saved, {}).query).toBe("SELECT it''s");
  expect(saved.query).toBeUndefined();
});

it.each([
  ['a query', query({ query: 'SELECT 1' }), true],
  ['a hidden one', query({ query: 'SELECT 1', hide: true }), false],
  ['an empty one', query({ query: ' \n' }), false],
  ['a builder query', query({ table: 't' }), true],
  ['the starting values of Explore', query(datasource.getDefaultQuery(CoreApp.Explore)), false],
])('decides whether to send %s', (_name, target, expected) => {
  expect(datasource.filterQuery(target)).toBe(expected);
});

it('shows history entries on one line', () => {
  expect(datasource.getQueryDisplayText(query({ query: 'SELECT 1\n  FROM t\n' }))).toBe('SELECT 1 FROM t');
});

it('knows dashboard variables from macros', () => {
  expect(datasource.targetContainsTemplate(query({ query: '$exe' }))).toBe(true);
  expect(datasource.targetContainsTemplate(query({ query: '$__timeFilter(time)' }))).toBe(false);
});

it('leaves Save & Test to Grafana', () => {
  expect(Object.hasOwn(MicromegasDataSource.prototype, 'testDatasource')).toBe(false);
});

it.each([
  ['no search', {}, "SELECT '%'"],
  ['a search', { searchFilter: 'ap' }, "SELECT 'ap%'"],
])('puts the search filter into variable queries of other plugins: %s', async (_name, options, expected) => {
  const sent: MicromegasQuery[] = [];
  answerWith(async ({ data }) => {
    sent.push(...data.queries);
    return { results: {} };
  });
  await datasource.metricFindQuery("SELECT '$__searchFilter'", { range: getDefaultTimeRange(), ...options });
  expect(sent).toMatchObject([{ query: expected, purpose: 'variable' }]);
});
