import { typeOfQuery } from '../../../contract/query-types/view-request';
import { type MicromegasQueryFields } from '../../../contract/queries/query';
import { requestPatch, typePatch } from './view-types';

const ID = '0123456789abcdef0123456789abcdef';

const changed = (query: MicromegasQueryFields, patch: MicromegasQueryFields) => {
  const after = { ...query, ...patch };
  return { ...after, type: typeOfQuery(after) };
};

it('keeps the SQL and the requests of other types', () => {
  const query: MicromegasQueryFields = { query: 'SELECT 1', profile: { view: 'timeline', processId: 'p' } };
  expect(changed(query, typePatch(query, 'profile'))).toEqual({ ...query, queryType: 'profile', type: 'profile' });
  expect(changed(query, typePatch(query, 'sql'))).toMatchObject({ query: 'SELECT 1', type: undefined });
});

it('changes the type of a query that is only a trace id', () => {
  const query = { query: ID, queryType: 'traceql' };
  expect(changed(query, typePatch(query, 'sql'))).toEqual({ query: '', queryType: undefined, type: undefined });
  expect(changed(query, typePatch(query, 'processes'))).toMatchObject({
    processes: { view: 'list' },
    type: 'processes',
  });
  expect(changed(query, typePatch(query, 'traces')).traces).toEqual({ view: 'trace', traceId: ID });
});

it('clears a query text that is only a trace id when the user edits the form of traces', () => {
  const query = { query: ID, queryType: 'traceql' };
  const traces = { view: 'search' as const };
  expect(changed(query, requestPatch(query, { traces }))).toEqual({
    query: '',
    queryType: 'traces',
    traces,
    type: 'traces',
  });
  expect(requestPatch(query, { processes: { view: 'list' } })).toEqual({ processes: { view: 'list' } });
});
