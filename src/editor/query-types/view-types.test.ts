import { type AttributeCondition, type TracesRequest } from '../../../contract/query-types/traces';
import { type ViewQueryFields } from '../../../contract/query-types/view-request';
import { fixedTemplates } from '../../testing/fixed-templates';
import { interpolateRequest } from './view-types';

const many = Array.from({ length: 150 }, (_, index) => `s${index}`);
const templates = fixedTemplates({
  service: { value: ['api', 'worker'], multi: true },
  one: { value: 'gateway' },
  code: { value: 500 },
  everything: { value: many, multi: true, includeAll: true, isAll: true },
  chosen: { value: many, multi: true },
  none: { value: [], multi: true },
});

const traces = (request: Partial<TracesRequest>): TracesRequest | undefined => {
  const query: ViewQueryFields = { queryType: 'traces', traces: { view: 'search', ...request } };
  return interpolateRequest(query, templates, { __interval: { text: '1s', value: '1s' } }).traces;
};

it.each([
  [
    ['$service', 'db'],
    ['api', 'worker', 'db'],
  ],
  [['${one}'], ['gateway']],
  [['[[service]]-$one'], ['api-gateway', 'worker-gateway']],
  [['${service:csv}'], ['api,worker']],
  [
    ['$unknown', 'a$'],
    ['$unknown', 'a$'],
  ],
  [['$none'], []],
  [
    ['a\0b', '\0$one'],
    ['a\0b', 'gateway'],
  ],
  [['$everything'], undefined],
])('inserts the values of variables into the services %j', (services, expected) => {
  expect(traces({ services })).toEqual({ view: 'search', ...(expected && { services: expected }) });
});

it('inserts one value more than the limit if the user chose too many, so that the backend reports the limit', () => {
  expect(traces({ services: ['$chosen'] })?.services).toHaveLength(101);
});

it.each<[AttributeCondition, unknown]>([
  [{ key: 'http.status_code', operator: '=', value: '$code' }, 500],
  [{ key: 'http.status_code', operator: '=', value: '"$code"' }, '500'],
  [{ key: 'http.status_code', operator: 'contains', value: '$code' }, '500'],
  [{ key: 'service.name', operator: '=', value: '$one' }, 'gateway'],
  [{ key: 'price', operator: '=', value: '500' }, '500'],
  [{ key: 'ok', operator: '=', value: true }, true],
])('detects the type of an attribute value only if a variable was inserted: %j', (condition, value) => {
  expect(traces({ attributes: [condition] })?.attributes).toEqual([{ ...condition, value }]);
});

it('inserts the values of variables into the other strings of each query type', () => {
  const profile = { view: 'flame-graph' as const, processId: '$one', streamId: '$one', root: 'fn $code' };
  expect(interpolateRequest({ queryType: 'profile', profile }, templates, {}).profile).toEqual({
    ...profile,
    processId: 'gateway',
    streamId: 'gateway',
    root: 'fn 500',
  });
  const fields = {
    search: '$one',
    exe: '$one',
    computer: '$one',
    username: '$one',
    version: '$code',
    processId: '$one',
  };
  const processes = { view: 'list' as const, ...fields };
  expect(interpolateRequest({ queryType: 'processes', processes }, templates, {}).processes).toEqual({
    view: 'list',
    ...Object.fromEntries(Object.keys(fields).map((name) => [name, name === 'version' ? '500' : 'gateway'])),
  });
  const changed = { processIds: ['$service', '$one'], exe: '$one', atMs: '1' };
  expect(interpolateRequest({ queryType: 'what-changed', 'what-changed': changed }, templates, {})).toMatchObject({
    'what-changed': { processIds: ['api', 'worker', 'gateway'], exe: 'gateway', atMs: '1' },
  });
  expect(traces({ traceId: '$one', operations: ['GET $one'], processId: '$one' })).toMatchObject({
    traceId: 'gateway',
    operations: ['GET gateway'],
    processId: 'gateway',
  });
});

it('prefers the variables of the request, such as those of a repeated panel', () => {
  const query = { queryType: 'traces', traces: { view: 'search' as const, services: ['$everything'] } };
  const scoped = { everything: { text: 's1', value: 's1' } };
  expect(interpolateRequest(query, templates, scoped).traces?.services).toEqual(['s1']);
});

it('does not change SQL and requests of other types', () => {
  const fields: ViewQueryFields = { traces: { view: 'search', services: ['$one'] } };
  expect(interpolateRequest(fields, templates, {})).toBe(fields);
  const processes = { ...fields, queryType: 'processes', processes: { view: 'list' as const } };
  expect(interpolateRequest(processes, templates, {})).toEqual(processes);
});
