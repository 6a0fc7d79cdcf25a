import { type AdHocVariableFilter, type QueryFixAction } from '@grafana/data';
import { type MicromegasQueryFields } from '../../../contract/queries/query';
import { type QueryFilter } from '../../../contract/queries/query-filter';
import { MISSHAPEN_FILTERS } from '../../testing/misshapen-filters';
import {
  asKeptQuery,
  hasFilter,
  modifyFilters,
  toggleFilter,
  toQueryFilters,
  withAdHocFilters,
  withGroupByKeys,
} from './query-filters';

const SQL = 'SELECT * FROM log_entries';
const filter = (key: string, operator: QueryFilter['operator'], value: string): QueryFilter => ({
  key,
  operator,
  value,
});
const query = (...filters: QueryFilter[]): MicromegasQueryFields => ({
  query: SQL,
  ...(filters.length > 0 && { filters }),
});
const forValue = (key: string, value: string) => ({ type: 'FILTER_FOR' as const, options: { key, value } });
const outValue = (key: string, value: string) => ({ type: 'FILTER_OUT' as const, options: { key, value } });

describe('ad hoc filters', () => {
  it.each(['=', '!=', '<', '<=', '>', '>=', '=~', '!~'])('keep the operator %s', (operator) => {
    expect(toQueryFilters([{ key: 'exe', operator, value: 'a' }])).toEqual([{ key: 'exe', operator, value: 'a' }]);
  });

  it.each(['=|', '!=|'])('keep the values of the operator %s', (operator) => {
    const filters = [{ key: 'exe', operator, value: 'a', values: ['a', 'b'], origin: 'dashboard' }];
    expect(toQueryFilters(filters)).toEqual([{ key: 'exe', operator, value: 'a', values: ['a', 'b'] }]);
    expect(toQueryFilters([{ key: 'exe', operator, value: 'a' }])).toMatchObject([{ values: ['a'] }]);
    expect(toQueryFilters([{ key: 'exe', operator, value: '', values: [''] }])).toMatchObject([{ values: [''] }]);
  });

  it.each([
    ['a key that is not chosen yet', { key: '', operator: '=', value: '' }],
    ['a grouping entry of newer Grafana releases', { key: 'exe', operator: 'groupBy', value: 'exe' }],
    ['a list whose `values` are empty', { key: 'exe', operator: '=|', value: 'a', values: [] }],
    ['a list with an empty value and without `values`', { key: 'exe', operator: '!=|', value: '' }],
    ['a value that is not a string', { key: 'exe', operator: '=', value: 7 } as object as AdHocVariableFilter],
  ])('exclude %s', (_name, entry) => {
    expect(toQueryFilters([entry])).toEqual([]);
  });

  it('replace the saved values of earlier requests', () => {
    const saved = { ...query(filter('level', '=', '2')), adHocFilters: [filter('exe', '=', 'old')] };
    expect(withAdHocFilters(saved, undefined)).toEqual(query(filter('level', '=', '2')));
    expect(withAdHocFilters(saved, [{ key: 'exe', operator: '=', value: 'new' }])).toEqual({
      ...query(filter('level', '=', '2')),
      adHocFilters: [filter('exe', '=', 'new')],
    });
    expect(saved.adHocFilters).toEqual([filter('exe', '=', 'old')]);
  });

  it.each(['variable', 'annotation'] as const)('are not attached to a query with the purpose %s', (purpose) => {
    const own = { query: SQL, purpose };
    expect(withAdHocFilters(own, [{ key: 'exe', operator: '=', value: 'a' }])).toEqual(own);
  });
});

describe('keys of groups', () => {
  it('replace the saved values of earlier requests', () => {
    const saved = { ...query(), groupByKeys: ['old'] };
    expect(withGroupByKeys(saved, undefined)).toEqual(query());
    expect(withGroupByKeys(saved, ['exe', ''])).toEqual({ ...query(), groupByKeys: ['exe'] });
  });

  it.each([
    ['of a variable', { query: SQL, purpose: 'variable' as const }],
    ['without SQL', { queryType: 'traces' as const, traces: { view: 'search' as const } }],
  ])('are not attached to a query %s', (_name, own) => {
    expect(withGroupByKeys(own, ['exe'])).toEqual(own);
  });
});

describe('a query that Grafana keeps in Explore or in an alert rule', () => {
  const attached = { ...query(filter('exe', '=', 'a')), adHocFilters: [filter('level', '<=', '2')] };

  it('gets the ad hoc filters as its own filters, and loses the other values of the request', () => {
    const ofRequest = { timezone: 'Europe/Paris', groupByKeys: ['exe'], panel: { from: 'now-1h', to: 'now' } };
    expect(asKeptQuery({ ...attached, ...ofRequest }, false)).toEqual(
      query(filter('exe', '=', 'a'), filter('level', '<=', '2'))
    );
  });

  it('has each filter once', () => {
    const twice = { ...attached, adHocFilters: [filter('exe', '=', 'a')] };
    expect(asKeptQuery(twice, false)).toEqual(query(filter('exe', '=', 'a')));
  });

  it('keeps a filter on one value of two lines, and a filter on these lines as two values', () => {
    const listed = (...values: string[]): QueryFilter => ({ key: 'exe', operator: '=|', value: values[0], values });
    const filters = [listed('a\nb'), listed('a', 'b'), listed('a', 'b')];
    expect(asKeptQuery({ ...query(), adHocFilters: filters }, false)).toEqual(query(filters[0], filters[1]));
  });

  it('keeps the state of the builder only if the SQL was not changed', () => {
    const built: MicromegasQueryFields = {
      query: SQL,
      rawEditor: false,
      builder: { kind: 'logs', conditions: [], order: 'newest' },
    };
    expect(asKeptQuery(built, false)).toEqual(built);
    expect(asKeptQuery(built, true)).toEqual({ query: SQL, rawEditor: true });
  });
});

describe('filter for and filter out', () => {
  it('adds a filter, and removes it the second time', () => {
    const added = toggleFilter(query(), forValue('exe', 'a'));
    expect(added).toEqual(query(filter('exe', '=', 'a')));
    expect(toggleFilter(added, forValue('exe', 'a'))).toEqual(query());
    const excluded = toggleFilter(query(), outValue('exe', 'a'));
    expect(excluded).toEqual(query(filter('exe', '!=', 'a')));
    expect(toggleFilter(excluded, outValue('exe', 'a'))).toEqual(query());
  });

  it('replaces the opposite filter', () => {
    const both = query(filter('exe', '=', 'a'), filter('level', '!=', '2'));
    expect(toggleFilter(both, outValue('exe', 'a'))).toEqual(
      query(filter('level', '!=', '2'), filter('exe', '!=', 'a'))
    );
    expect(toggleFilter(both, forValue('level', '2'))).toEqual(
      query(filter('exe', '=', 'a'), filter('level', '=', '2'))
    );
  });

  it('replaces the filter for another value, because no row has both values', () => {
    expect(toggleFilter(query(filter('exe', '=', 'a')), forValue('exe', 'b'))).toEqual(query(filter('exe', '=', 'b')));
  });

  it('excludes several values', () => {
    const excluded = toggleFilter(query(filter('exe', '!=', 'a')), outValue('exe', 'b'));
    expect(excluded).toEqual(query(filter('exe', '!=', 'a'), filter('exe', '!=', 'b')));
  });

  it('changes neither the SQL nor the saved query', () => {
    const saved = Object.freeze(query(Object.freeze(filter('exe', '=', "it's"))));
    expect(toggleFilter(saved, forValue('exe', "'; DROP TABLE x; --")).query).toBe(SQL);
    expect(saved).toEqual(query(filter('exe', '=', "it's")));
  });

  it('ignores a filter without a key', () => {
    expect(toggleFilter(query(), { type: 'FILTER_FOR', options: { value: 'a' } })).toEqual(query());
  });

  it('finds the filter for a value, and ignores a filter that excludes the value', () => {
    const saved = query(filter('exe', '=', 'a'), filter('level', '!=', '2'));
    expect(hasFilter(saved, { key: 'exe', value: 'a' })).toBe(true);
    expect(hasFilter(saved, { key: 'exe', value: 'b' })).toBe(false);
    expect(hasFilter(saved, { key: 'level', value: '2' })).toBe(false);
    expect(hasFilter(query(), {})).toBe(false);
  });
});

it.each(MISSHAPEN_FILTERS)('ignores saved filters of another shape: $json', ({ filters }) => {
  const saved: MicromegasQueryFields = { query: SQL, filters, adHocFilters: filters };
  const one = [filter('exe', '=', 'a')];
  expect(hasFilter(saved, { key: 'exe', value: 'a' })).toBe(false);
  expect(asKeptQuery(saved, false)).toEqual({ query: SQL });
  expect(toggleFilter(saved, forValue('exe', 'a')).filters).toEqual(one);
  expect(modifyFilters(saved, { type: 'ADD_FILTER', options: { key: 'exe', value: 'a' } }).filters).toEqual(one);
});

describe('actions of Explore', () => {
  const act = (type: string, options: QueryFixAction['options'], ...filters: QueryFilter[]) =>
    modifyFilters(query(...filters), { type, options });

  it.each([
    ['ADD_FILTER', { key: 'exe', value: 'a' }, filter('exe', '=', 'a')],
    ['ADD_FILTER_OUT', { key: 'exe', value: 'a' }, filter('exe', '!=', 'a')],
    ['ADD_STRING_FILTER', { value: "can't open" }, filter('body', 'contains', "can't open")],
    ['ADD_STRING_FILTER_OUT', { value: 'noise' }, filter('body', 'not-contains', 'noise')],
  ])('%s adds its filter once', (type, options, expected) => {
    expect(act(type, options)).toEqual(query(expected));
    expect(act(type, options, expected)).toEqual(query(expected));
  });

  it('replaces the filter on the same string with the opposite', () => {
    const saved = filter('body', 'contains', 'noise');
    expect(act('ADD_STRING_FILTER_OUT', { value: 'noise' }, saved)).toEqual(
      query(filter('body', 'not-contains', 'noise'))
    );
  });

  it('keeps filters on several strings', () => {
    const saved = filter('body', 'contains', 'timeout');
    expect(act('ADD_STRING_FILTER', { value: 'shard 7' }, saved)).toEqual(
      query(saved, filter('body', 'contains', 'shard 7'))
    );
  });

  it.each([
    ['an unknown action', 'EXPAND', { key: 'exe', value: 'a' }],
    ['a selection without text', 'ADD_STRING_FILTER', { value: '' }],
    ['a filter without options', 'ADD_FILTER', undefined],
  ])('%s changes nothing', (_name, type, options) => {
    expect(act(type, options)).toEqual(query());
  });
});
