/** @jest-environment jsdom */
import { type AbstractLabelMatcher, AbstractLabelOperator } from '@grafana/data';
import { builderQuery } from '../../../contract/builder/builder-sql';
import { MISSHAPEN_FILTERS } from '../../testing/misshapen-filters';
import { exportLabelQuery, importLabelQuery } from './label-queries';

const { Equal, NotEqual, EqualRegEx, NotEqualRegEx } = AbstractLabelOperator;
const matcher = (name: string, operator: AbstractLabelOperator, value: string): AbstractLabelMatcher => ({
  name,
  operator,
  value,
});
const imported = (...labelMatchers: AbstractLabelMatcher[]) => importLabelQuery({ refId: 'A', labelMatchers }, 'Loki');
const conditionsOf = (...matchers: AbstractLabelMatcher[]) => imported(...matchers).builder?.conditions;

it('makes a builder query for logs, with its SQL', () => {
  const query = imported(matcher('app', Equal, "o'brien"));
  expect(query).toMatchObject({
    refId: 'A',
    format: 'logs',
    rowLimit: 1000,
    rawEditor: false,
    version: 2,
    builder: { kind: 'logs', order: 'newest' },
    importNotice: { kind: 'labels' },
  });
  expect(query.query).toContain("exe = 'o''brien'");
  expect(query.builder && builderQuery(query.builder).sql).toBe(query.query);
});

it.each([
  ['service_name', 'exe'],
  ['app', 'exe'],
  ['job', 'exe'],
  ['host', 'computer'],
  ['instance', 'computer'],
  ['user', 'username'],
  ['logger', 'target'],
])('maps the label %s to the column %s', (label, column) => {
  expect(conditionsOf(matcher(label, Equal, 'a'))).toEqual([{ column, type: 'text', operator: '=', values: ['a'] }]);
});

it.each([
  [NotEqual, 'a', '!=', ['a']],
  [EqualRegEx, 'a.+', 'matches', ['^(?:a.+)$']],
  [NotEqualRegEx, 'a.+', 'not-matches', ['^(?:a.+)$']],
  [EqualRegEx, 'api|web-1', 'in', ['api', 'web-1']],
  [NotEqualRegEx, '(api|web)', 'not-in', ['api', 'web']],
  [EqualRegEx, 'api|web.*', 'matches', ['^(?:api|web.*)$']],
  [EqualRegEx, '$app', '=', ['$app']],
  [NotEqualRegEx, '${app:regex}', '!=', ['${app}']],
])('converts %s %s to %s', (operator, value, condition, values) => {
  expect(conditionsOf(matcher('app', operator, value))).toMatchObject([{ operator: condition, values }]);
});

it.each([
  [Equal, 'warning', '=', ['warn']],
  [EqualRegEx, 'error|critical', 'in', ['error', 'fatal']],
])('converts the level %s %s', (operator, value, condition, values) => {
  expect(conditionsOf(matcher('level', operator, value))).toEqual([
    { column: 'level', type: 'number', operator: condition, values },
  ]);
});

it('tells which labels became properties, and which matchers are lost', () => {
  const query = imported(matcher('cluster', Equal, 'eu'), matcher('level', EqualRegEx, 'e.*'));
  expect(query.builder?.conditions).toEqual([
    { column: 'properties', property: 'cluster', type: 'json', operator: '=', values: ['eu'] },
  ]);
  expect(query.importNotice).toEqual({
    kind: 'labels',
    from: 'Loki',
    asProperties: ['cluster'],
    lost: ['level=~"e.*"'],
  });
});

it('makes a query of measures if a metric is named', () => {
  const query = imported(matcher('__name__', Equal, 'request_latency'), matcher('level', Equal, 'a'));
  expect(query).toMatchObject({
    format: 'time_series',
    builder: {
      kind: 'metrics',
      name: 'request_latency',
      conditions: [{ column: 'properties', property: 'level' }],
    },
  });
});

it('keeps a query without labels, and its hidden state', () => {
  expect(importLabelQuery({ refId: 'B', hide: true, labelMatchers: [] }, 'Loki')).toMatchObject({
    refId: 'B',
    hide: true,
    builder: { kind: 'logs', conditions: [] },
  });
});

it('limits the number of conditions', () => {
  const many = Array.from({ length: 150 }, (_, index) => matcher(`l${index}`, Equal, 'a'));
  const query = imported(...many);
  expect(query.builder?.conditions).toHaveLength(100);
  expect(query.importNotice?.lost).toHaveLength(50);
});

it('keeps a hostile regular expression as a pattern', () => {
  const value = `${'(a|'.repeat(20_000)}${')'.repeat(20_000)}`;
  expect(conditionsOf(matcher('app', EqualRegEx, value))).toMatchObject([{ operator: 'matches' }]);
});

it('exports conditions and filters as label matchers', () => {
  const query = imported(matcher('app', Equal, 'a'), matcher('cluster', NotEqual, 'eu'));
  const exported = exportLabelQuery({
    ...query,
    filters: [
      { key: 'computer', operator: '=', value: 'c' },
      { key: 'properties.a.b', operator: '!=', value: 'd' },
      { key: 'body', operator: 'contains', value: 'e' },
    ],
  });
  expect(exported.labelMatchers).toEqual([
    matcher('service_name', Equal, 'a'),
    matcher('cluster', NotEqual, 'eu'),
    matcher('host', Equal, 'c'),
    matcher('a.b', NotEqual, 'd'),
  ]);
});

it('exports a measure, but no matchers for typed SQL and for view queries', () => {
  const metric = matcher('__name__', Equal, 'm');
  expect(exportLabelQuery(imported(metric)).labelMatchers).toEqual([metric]);
  expect(exportLabelQuery({ refId: 'A', query: 'SELECT 1' })).toEqual({ refId: 'A', labelMatchers: [] });
  const traces = { ...imported(metric), queryType: 'traces', traces: { view: 'search' as const } };
  expect(exportLabelQuery(traces).labelMatchers).toEqual([]);
});

it.each(MISSHAPEN_FILTERS)('exports no matchers for saved fields of another shape: $json', ({ json, filters }) => {
  expect(exportLabelQuery({ refId: 'A', query: 'SELECT 1', filters, builder: JSON.parse(json) }).labelMatchers).toEqual(
    []
  );
});
