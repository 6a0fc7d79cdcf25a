import { queryProblem } from '../queries/query-bounds';
import { readQuery } from '../queries/query';
import { hasInput, viewRequestOf, typeOfQuery } from './view-request';

const ID = '7c1e9d30-8f2b-4c59-b1d7-2e8a64c0f902';
const TRACE_ID = '0123456789abcdef0123456789ABCDEF';

it.each([
  { queryType: 'traces', traces: { view: 'trace', traceId: TRACE_ID } },
  {
    queryType: 'traces',
    traces: {
      view: 'search',
      services: ['ember/matchmaker'],
      operations: ['join'],
      kinds: ['SERVER'],
      statuses: ['ERROR'],
      minDurationMs: 0.5,
      maxDurationMs: 1000,
      attributes: [
        { key: 'http.status_code', operator: '>=', value: 500 },
        { key: 'retry', operator: '=', value: true },
        { key: 'peer', operator: 'exists' },
      ],
      limit: 20,
    },
  },
  { queryType: 'traces', traces: { view: 'service-map' } },
  { queryType: 'profile', profile: { view: 'flame-graph', processId: ID, spans: ['thread'], root: 'frame' } },
  { queryType: 'profile', profile: { view: 'timeline', processId: ID, beginNs: '1', endNs: '1800000000000000000' } },
  { queryType: 'profile', profile: { view: 'timeline', processId: ID, beginNs: '1', endNs: '+5' } },
  { queryType: 'processes', processes: { view: 'list', search: 'ember', state: 'crashed', limit: 10 } },
  { queryType: 'processes', processes: { view: 'tree', processId: '' } },
  { queryType: 'what-changed', 'what-changed': { processIds: [ID, ID], atMs: '1764366000000.123' } },
  { queryType: 'what-changed', 'what-changed': { exe: 'ember/matchmaker', scope: 'callers-and-callees' } },
  { queryType: 'what-changed', 'what-changed': { scope: 'lakehouse', atMs: '1', lookBack: '24h' } },
])('accepts %j', (saved) => {
  expect(queryProblem(saved)).toBeUndefined();
  expect(typeOfQuery(saved)).toBe(saved.queryType);
  expect(viewRequestOf(saved)).toBeDefined();
});

it.each([
  { name: 'an unknown view', saved: { queryType: 'traces', traces: { view: 'spans' } } },
  { name: 'a list as trace id', saved: { queryType: 'traces', traces: { view: 'trace', traceId: ['a'] } } },
  { name: 'a long id', saved: { queryType: 'profile', profile: { view: 'timeline', processId: 'x'.repeat(1001) } } },
  { name: 'an unknown kind', saved: { queryType: 'traces', traces: { view: 'search', kinds: ['server'] } } },
  {
    name: 'a condition without a value',
    saved: { queryType: 'traces', traces: { view: 'search', attributes: [{ key: 'a', operator: '=' }] } },
  },
  {
    name: 'too many services',
    saved: { queryType: 'traces', traces: { view: 'search', services: Array.from({ length: 101 }, () => 'a') } },
  },
  { name: 'a time with a sign', saved: { queryType: 'traces', traces: { view: 'search', fromMs: '-1' } } },
  { name: 'a time with an exponent', saved: { queryType: 'traces', traces: { view: 'search', toMs: '8e12+1e12' } } },
  {
    name: 'a sum that is too late',
    saved: { queryType: 'traces', traces: { view: 'search', toMs: '9000000000000+1' } },
  },
  { name: 'a negative duration', saved: { queryType: 'traces', traces: { view: 'search', minDurationMs: -1 } } },
  {
    name: 'a time that is not a number of nanoseconds',
    saved: { queryType: 'profile', profile: { view: 'timeline', processId: ID, beginNs: '1e9' } },
  },
  {
    name: 'an end that is relative to a missing begin',
    saved: { queryType: 'profile', profile: { view: 'timeline', processId: ID, endNs: '+5' } },
  },
  {
    name: 'too many processes',
    saved: { queryType: 'what-changed', 'what-changed': { processIds: Array.from({ length: 51 }, () => ID) } },
  },
  {
    name: 'an `atMs` that is not a number',
    saved: { queryType: 'what-changed', 'what-changed': { exe: 'a', atMs: 'now' } },
  },
  { name: 'a limit of too many rows', saved: { queryType: 'processes', processes: { view: 'list', limit: 5001 } } },
])('rejects $name', ({ saved }) => {
  expect(queryProblem(saved)).toMatchObject({ kind: 'invalid' });
  expect(viewRequestOf(saved)).toBeUndefined();
});

it.each([
  { queryType: 'traceql', query: 'SELECT 1' },
  { queryType: 'traces', query: 'SELECT 1' },
  { queryType: 'profile', profile: 'cpu', query: 'SELECT 1' },
  { traces: { view: 'unknown' }, query: 'SELECT 1' },
])('reads %j, which has no object in the field named by `queryType`, as SQL', (saved) => {
  expect(queryProblem(saved)).toBeUndefined();
  expect(viewRequestOf(saved)).toBeUndefined();
  expect(readQuery(saved).sql).toBe('SELECT 1');
});

it.each([
  { queryType: 'traces', traces: { view: 'trace', traceId: ' ' } },
  { queryType: 'profile', profile: { view: 'timeline', processId: '' } },
  { queryType: 'processes', processes: { view: 'images' } },
  { queryType: 'what-changed', 'what-changed': { processIds: [' '], exe: '', scope: 'callers-and-callees' } },
])('hasInput returns false for %j, which lacks a required value', (saved) => {
  const request = viewRequestOf(saved);
  expect(request && hasInput(request)).toBe(false);
});

it.each([
  ['traces', { view: 'search', services: null, kinds: '', minDurationMs: null, attributes: '' }, { view: 'search' }],
  ['profile', { view: 'timeline', processId: '', spans: null, endNs: '' }, { view: 'timeline', processId: '' }],
  ['processes', { view: 'tree', processId: '', state: null }, { view: 'tree' }],
  ['what-changed', { processIds: null, exe: 'a', atMs: '' }, { exe: 'a' }],
])('in a request of the type %s, reads null and the empty string as missing', (queryType, saved, request) => {
  const query = { queryType, [queryType]: saved };
  expect(queryProblem(query)).toBeUndefined();
  expect(viewRequestOf(query)).toEqual({ type: queryType, request });
});

it.each([
  [TRACE_ID],
  [` ${TRACE_ID}\n`],
  [`"${TRACE_ID}"`],
  ['01234567-89ab-cdef-0123-456789abcdef'],
  [`00-${TRACE_ID}-00f067aa0ba902b7-01`],
])('reads the SQL %j as a trace id, whatever the query type is', (query) => {
  const traceId = TRACE_ID.toLowerCase();
  for (const queryType of [undefined, 'traceql', 'traces', 'profile']) {
    expect(queryProblem({ query, queryType })).toBeUndefined();
    expect(viewRequestOf({ query, queryType })).toEqual({ type: 'traces', request: { view: 'trace', traceId } });
  }
  const traces = { view: 'trace', traceId: 'f'.repeat(32) };
  expect(viewRequestOf({ queryType: 'traces', traces, query })?.request).toEqual({ view: 'trace', traceId });
});

it('reads 16 digits as a trace id of 64 bits', () => {
  expect(viewRequestOf({ query: '00F067AA0BA902B7' })?.request).toEqual({
    view: 'trace',
    traceId: '00f067aa0ba902b7',
  });
});

it.each([
  [`SELECT '${TRACE_ID}'`],
  [TRACE_ID.slice(1)],
  [`${TRACE_ID} ${TRACE_ID}`],
  ['"'],
  [`${' '.repeat(300)}${TRACE_ID}`],
])('reads %j as SQL', (query) => {
  expect(typeOfQuery({ query })).toBeUndefined();
});
