/** @jest-environment jsdom */
/**
 * Annotations as a dashboard runs them: `AnnotationsDataLayer` of `@grafana/scenes` with the real data source class.
 */
import { AnnotationEventFieldSource, type AnnotationQuery } from '@grafana/data';
import { type ResultColumn, MICROMEGAS } from '../testing/dashboard-services';
import { drawn, runAnnotation } from '../testing/run-annotation';
import { type MicromegasQuery } from '../shared/types';
import { annotationSupport } from './annotation-support';

const NOON = Date.parse('2026-01-02T12:00:00Z');
const SQL = 'SELECT time, msg AS text FROM log_entries';
const EVENTS: ResultColumn[] = [
  { name: 'time', type: 'time', values: [NOON, NOON + 60_000] },
  { name: 'text', type: 'string', values: ['deployed', 'rolled back'] },
];

const MARKS = { refId: 'Anno', format: 'table', purpose: 'annotation' };

interface SavedForm {
  name: string;
  saved: object;
  sent: object;
}

const savedForms: SavedForm[] = [
  {
    name: 'a query of this plugin',
    saved: { target: { refId: 'Anno', query: SQL, version: 2, rawEditor: true, autoLimit: false, timeFilter: false } },
    sent: { query: SQL, autoLimit: false, timeFilter: false },
  },
  {
    name: 'version 2 of the older plugin, saved as a time series with a limit',
    saved: { target: { refId: 'A', query: SQL, version: 2, format: 'time_series', autoLimit: true } },
    sent: { query: SQL, autoLimit: true },
  },
  { name: 'version 1 of the older plugin', saved: { target: { refId: 'A', queryText: SQL } }, sent: { query: SQL } },
  {
    name: "the older plugin's builder",
    saved: { target: { refId: 'A', table: 'log_entries', columns: ['time', 'msg'], rawEditor: false } },
    sent: { query: 'SELECT time, msg FROM log_entries' },
  },
  { name: 'SQL as a string', saved: { query: SQL }, sent: { query: SQL } },
  { name: 'SQL as a string in queryText, as in version 1', saved: { queryText: SQL }, sent: { query: SQL } },
  {
    name: 'SQL as a string and a target without SQL',
    saved: { query: SQL, target: { refId: 'Anno', limit: 100, matchAny: false, tags: [], type: 'dashboard' } },
    sent: { query: SQL },
  },
  {
    name: 'a target with SQL and an empty query string',
    saved: { query: '', target: { refId: 'A', query: SQL } },
    sent: { query: SQL },
  },
  {
    name: 'schema 2 of dashboards',
    saved: { query: { kind: 'micromegas-micromegas-datasource', spec: { query: SQL } } },
    sent: { query: SQL },
  },
  {
    name: 'schema 2 of newer dashboards, after an edit',
    saved: {
      target: { refId: 'Anno', query: SQL },
      query: { kind: 'DataQuery', group: MICROMEGAS.type, version: 'v0', spec: { query: SQL } },
    },
    sent: { query: SQL },
  },
];

it.each(savedForms)('runs $name', async ({ saved, sent }) => {
  const run = await runAnnotation(saved, EVENTS);
  expect(run.sent).toHaveLength(1);
  expect(run.sent[0]).toMatchObject({ ...sent, ...MARKS });
  expect(drawn(run)).toEqual([
    { time: NOON, text: 'deployed' },
    { time: NOON + 60_000, text: 'rolled back' },
  ]);
});

it.each([
  ['no query', {}],
  ['an empty query', { target: { refId: 'Anno', query: ' ' } }],
  ['an empty string', { query: '' }],
  ['a hidden query', { target: { refId: 'Anno', query: SQL, hide: true } }],
])('sends nothing for %s', async (_name, saved) => {
  expect((await runAnnotation(saved, EVENTS)).sent).toEqual([]);
});

it('reads the columns time and timeEnd, and mapped columns', async () => {
  const run = await runAnnotation(
    {
      target: { refId: 'Anno', query: SQL },
      mappings: { text: { source: AnnotationEventFieldSource.Field, value: 'msg' } },
    },
    [
      { name: 'time', type: 'time', values: [NOON] },
      { name: 'timeend', type: 'time', values: [NOON + 60_000] },
      { name: 'title', type: 'string', values: ['Deployment'] },
      { name: 'other', type: 'string', values: ['not shown'] },
      { name: 'msg', type: 'string', values: ['deployed'] },
      { name: 'tags', type: 'string', values: ['prod,eu'] },
      { name: 'id', type: 'string', values: ['7'] },
    ]
  );
  expect(drawn(run)).toEqual([
    { time: NOON, timeEnd: NOON + 60_000, title: 'Deployment', text: 'deployed', tags: ['prod', 'eu'], id: '7' },
  ]);
});

it('reads tags from a list', async () => {
  const run = await runAnnotation({ target: { refId: 'Anno', query: SQL } }, [
    ...EVENTS,
    { name: 'tags', type: 'other', values: [['prod', 'eu'], []] },
  ]);
  expect(drawn(run)).toMatchObject([{ tags: ['prod', 'eu'] }, { tags: [] }]);
});

/**
 * Grafana's annotation editor and its classic annotation engine call `prepareAnnotation` before they use an annotation.
 * If `prepareAnnotation` returns an object other than its argument, the editor saves the returned object.
 */
const prepare = (saved: object) => annotationSupport.prepareAnnotation?.(saved);

it.each(savedForms)('does not change the prepared annotation of $name when it is prepared again', ({ saved }) => {
  const once = prepare(saved);
  expect(prepare(once ?? {})).toBe(once);
});

it('keeps all other fields when the SQL is moved to the target', () => {
  const annotation = {
    name: 'Deployments',
    datasource: MICROMEGAS,
    enable: true,
    iconColor: 'red',
    filter: { exclude: true, ids: [1] },
    mappings: { text: { value: 'msg' } },
    tagKeys: 'a,b',
  };
  expect(prepare({ ...annotation, query: SQL })).toEqual({ ...annotation, target: { refId: 'Anno', query: SQL } });
});

it('returns the same object if no SQL is saved as a string', () => {
  const annotation: Partial<AnnotationQuery<MicromegasQuery>> = { name: 'a', target: { refId: 'Anno', query: SQL } };
  expect(prepare(annotation)).toBe(annotation);
});

it('has no default query, which Grafana would merge into the annotation', () => {
  expect(annotationSupport.getDefaultQuery).toBeUndefined();
});
