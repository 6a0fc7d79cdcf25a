import { sqlOf } from '../../../contract/queries/query';
import { newState } from '../../../contract/builder/new-state';
import { type MicromegasQuery } from '../../shared/types';
import {
  changesAnything,
  editDraft,
  newQuery,
  receiveQuery,
  seededPatch,
  shownSql,
  sqlPatch,
  startDraft,
} from './query-draft';

const saved: MicromegasQuery = { refId: 'A', query: 'SELECT 1', format: 'table' };

it('keeps the newer SQL when Grafana echoes older SQL', () => {
  let draft = startDraft(saved);
  draft = editDraft(draft, { query: 'SELECT 12' });
  draft = editDraft(draft, { query: 'SELECT 123' });
  draft = receiveQuery(draft, { ...saved, query: 'SELECT 12' });
  expect(draft.query.query).toBe('SELECT 123');
  draft = receiveQuery(draft, { ...saved, query: 'SELECT 123' });
  expect(draft.query.query).toBe('SELECT 123');
  expect(draft.pending.size).toBe(0);
});

it('keeps the newer SQL when Grafana renders the query from before the change', () => {
  const draft = receiveQuery(editDraft(startDraft(saved), { query: 'SELECT 12' }), { ...saved });
  expect(draft.query.query).toBe('SELECT 12');
});

it('shows a query from outside the editor, for example from the query history', () => {
  const draft = receiveQuery(editDraft(startDraft(saved), { query: 'SELECT 12' }), { ...saved, query: 'SHOW TABLES' });
  expect(draft.query.query).toBe('SHOW TABLES');
  expect(draft.pending.size).toBe(0);
});

it('shows received fields that the user did not edit', () => {
  const draft = receiveQuery(editDraft(startDraft(saved), { query: 'SELECT 12' }), { ...saved, hide: true });
  expect(draft.query).toMatchObject({ query: 'SELECT 12', hide: true });
});

it.each([
  ['a query of version 2', { query: 'SELECT 2', queryText: 'SELECT 1' }, 'SELECT 2'],
  ['a query of version 1', { queryText: 'SELECT 1' }, 'SELECT 1'],
  [
    'an older builder query with SQL',
    { query: 'SELECT a FROM t', table: 't', columns: ['a'], rawEditor: false },
    'SELECT a FROM t',
  ],
  ['an older builder query without SQL', { table: 't', columns: ['a'] }, 'SELECT a FROM t'],
  ['a query of white space', { query: '  ' }, '  '],
])('shows the SQL of %s', (_name, query, expected) => {
  expect(shownSql(query)).toBe(expected);
});

it('keeps the fields of the builder and unknown fields', () => {
  const builder = { ...saved, query: 'SELECT a FROM t', table: 't', columns: ['a'], rawEditor: false, colour: 'red' };
  const draft = editDraft(startDraft(builder), sqlPatch(builder, 'SELECT b FROM t'));
  expect(draft.query).toEqual({ ...builder, query: 'SELECT b FROM t', rawEditor: true, version: 2 });
});

it('empties the fields of older versions together with the SQL, and restores them with new SQL', () => {
  const old = { ...saved, query: '', queryText: 'SELECT 1', table: 't' };
  const emptied = editDraft(startDraft(old), sqlPatch(old, ''));
  expect(sqlOf(emptied.query)).toBe('');
  expect(editDraft(emptied, sqlPatch(old, 'S')).query).toMatchObject({ query: 'S', table: 't', queryText: 'SELECT 1' });
});

it.each<[string, Partial<MicromegasQuery>]>([
  ['a new panel', {}],
  ['a query without SQL', { query: ' ', format: 'logs', autoLimit: true }],
])('adds the missing defaults of a new query to the first change of %s', (_name, fields) => {
  const query: MicromegasQuery = { refId: 'A', ...fields };
  const patch = { query: 'SELECT 1', rawEditor: true };
  expect({ ...query, ...seededPatch(query, patch) }).toEqual({ ...newQuery(), ...query, ...patch });
});

it.each<[string, Partial<MicromegasQuery>]>([
  ['version 1', { queryText: 'SELECT 1' }],
  ['the older builder', { table: 't', columns: ['a'] }],
  ['version 2', { version: 2 }],
  ['the builder', { builder: newState('metrics') }],
  ['another type', { queryType: 'traces', traces: { view: 'search' } }],
])('adds nothing to a saved query of %s', (_name, fields) => {
  expect(seededPatch({ refId: 'A', ...fields }, { format: 'logs' })).toEqual({ format: 'logs' });
});

it('keeps the added fields when Grafana renders the query from before the change', () => {
  const empty: MicromegasQuery = { refId: 'A' };
  const draft = editDraft(startDraft(empty), seededPatch(empty, { query: 'SELECT 1' }));
  expect(receiveQuery(draft, { ...empty }).query).toMatchObject({ query: 'SELECT 1', version: 2, autoLimit: false });
});

it('detects a patch that changes nothing', () => {
  expect(changesAnything(saved, { format: 'logs' })).toBe(true);
  expect(changesAnything({ ...saved, format: 'logs' }, { format: 'logs' })).toBe(false);
  expect(changesAnything(saved, { format: 'table', rowLimit: undefined })).toBe(false);
});
