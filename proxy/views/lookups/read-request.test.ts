import { ProxyError } from '../../base/errors/proxy-error';
import { MAX_BODY_BYTES, readLookupRequest } from './read-request';

const ID = '7c1e9d30-8f2b-4c59-b1d7-2e8a64c0f902';
const RANGE = { fromMs: 1000, toMs: 2000 };

function read(body: unknown) {
  return readLookupRequest(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));
}

function rejection(body: unknown): string {
  try {
    read(body);
  } catch (reason) {
    const { code, detail } = ProxyError.from(reason);
    return `${code}: ${String(detail)}`;
  }
  throw new Error('The request was accepted.');
}

it.each([
  { kind: 'view-sets' },
  { kind: 'functions' },
  { kind: 'property-keys', table: 'log_entries', column: 'properties', range: RANGE },
  {
    kind: 'values',
    table: 'otel_spans',
    instanceId: ID,
    column: 'properties',
    property: 'k',
    search: 's',
    range: RANGE,
  },
  { kind: 'processes', range: RANGE },
  { kind: 'processes', search: 'ember', range: RANGE },
  { kind: 'processes', has: 'cpu', range: RANGE },
  { kind: 'telemetry', range: RANGE },
  { kind: 'streams', processId: ID },
  { kind: 'measures', search: 'frame', processId: ID, range: RANGE },
])('reads $kind', (request) => {
  expect(read(request)).toEqual(request);
});

it('drops unknown fields, and treats an empty string as missing', () => {
  const request = { kind: 'processes', search: '', range: { ...RANGE, step: 1 }, sql: 'DROP TABLE t', limit: 1e9 };
  expect(read(request)).toEqual({ kind: 'processes', range: RANGE });
});

it('clamps times to the limits of 64-bit nanoseconds with a margin of a day, because lookups extend a range by a day', () => {
  const { range } = read({ kind: 'processes', range: { fromMs: -1e300, toMs: 1e300 } }) as { range: typeof RANGE };
  expect(new Date(range.fromMs).getUTCFullYear()).toBe(1677);
  expect(BigInt(range.toMs + 86_400_000) * 1_000_000n).toBeLessThan(2n ** 63n);
});

const VALUES = { kind: 'values', table: 't', column: 'c', range: RANGE };

it.each([
  { name: 'no body', body: '', expected: 'The body is not JSON.' },
  { name: 'bytes that are not JSON', body: '{"kind":', expected: 'The body is not JSON.' },
  { name: 'a string', body: '"values"', expected: 'The body is not a JSON object.' },
  { name: 'null', body: 'null', expected: 'The body is not a JSON object.' },
  { name: 'no kind', body: {}, expected: 'The field kind must be one of view-sets' },
  { name: 'an unknown kind', body: { kind: 'tables' }, expected: 'The field kind must be one of view-sets' },
  { name: 'a list as kind', body: { kind: ['values'] }, expected: 'The field kind must be one of view-sets' },
  {
    name: 'a kind that is a property of the prototype',
    body: { kind: 'constructor' },
    expected: 'The field kind must be one of',
  },
  { name: '__proto__ as kind', body: { kind: '__proto__' }, expected: 'The field kind must be one of' },
  { name: 'a kind in __proto__', body: '{"__proto__":{"kind":"functions"}}', expected: 'The field kind must be' },
  { name: 'no table', body: { ...VALUES, table: undefined }, expected: 'The field table is missing.' },
  { name: 'a number as table', body: { ...VALUES, table: 1 }, expected: 'The field table must be a string.' },
  {
    name: 'an object as column',
    body: { ...VALUES, column: { a: 1 } },
    expected: 'The field column must be a string.',
  },
  {
    name: 'a long column',
    body: { ...VALUES, column: 'x'.repeat(1001) },
    expected: 'The field column has 1001 characters; at most 1000 are allowed.',
  },
  { name: 'a list as search', body: { ...VALUES, search: ['a'] }, expected: 'The field search must be a string.' },
  {
    name: 'SQL as id',
    body: { kind: 'streams', processId: "' OR 1=1 --" },
    expected: 'The field processId must be the id of a process or stream',
  },
  { name: 'no id', body: { kind: 'streams' }, expected: 'The field processId is missing.' },
  {
    name: 'an unknown tag',
    body: { kind: 'processes', has: 'log', range: RANGE },
    expected: 'The field has must be one of cpu, trace, image.',
  },
  { name: 'no range', body: { kind: 'processes' }, expected: 'The field range.fromMs must be a number' },
  {
    name: 'a string as time',
    body: { kind: 'processes', range: { fromMs: '1', toMs: 2 } },
    expected: 'The field range.fromMs must be a number',
  },
  {
    name: 'null as time',
    body: { kind: 'processes', range: { fromMs: 1, toMs: null } },
    expected: 'The field range.toMs must be a number',
  },
  {
    name: 'a range that ends before it begins',
    body: { kind: 'processes', range: { fromMs: 2, toMs: 1 } },
    expected: 'The field range.fromMs must not be later than range.toMs.',
  },
  {
    name: 'a body that is too long',
    body: JSON.stringify({ ...VALUES, more: 'x'.repeat(MAX_BODY_BYTES) }),
    expected: 'at most 65536 are allowed.',
  },
  { name: 'deep nesting', body: '['.repeat(MAX_BODY_BYTES), expected: 'The body is not JSON.' },
])('rejects $name', ({ body, expected }) => {
  expect(rejection(body)).toContain('resource_invalid: ');
  expect(rejection(body)).toContain(expected);
});
