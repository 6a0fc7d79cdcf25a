/**
 * Requests that a viewer can send, over the plugin protocol: queries, time ranges and resource paths that are too long,
 * too deep or malformed. Invalid requests fail with an expected code and status. Unusual but valid requests succeed.
 */
import { type MessageInitShape } from '@bufbuild/protobuf';
import { type DataQuerySchema, type DataResponse } from '../../proxy/generated/pluginv2/backend_pb';
import { ERRORS, type ErrorCode } from '../../proxy/base/errors/catalogue';
import { useSharedPlugin } from '../support/shared-plugin';
import { onlyFrame } from '../support/frames';
import { dataQuery, pluginContext, runQuery } from '../support/plugin';
import { expectNoSecretsAtEnd } from '../support/secret-watch';
import { codeOf } from '../support/error-code';

const VIEWER = { login: 'vera', name: 'Vera', email: 'vera@example.com', role: 'Viewer' };

const lab = useSharedPlugin(VIEWER);

expectNoSecretsAtEnd();

const ask = (model: object, options = {}) =>
  runQuery(lab.plugin, lab.source, { version: 2, autoLimit: false, ...model }, options);

function expectFailure(response: DataResponse, code: ErrorCode, message: RegExp): void {
  expect(codeOf(response.error)).toBe(code);
  expect(response.error).toMatch(message);
  expect(response.error).toContain(ERRORS[code].advice);
  expect(response.status).toBe(ERRORS[code].status);
  const bytes = response.frames.reduce((sum, frame) => sum + frame.length, 0);
  expect(bytes).toBeLessThan(4 * 1024 * 1024);
}

const nested = (macro: string, depth: number) => `${`$__${macro}(`.repeat(depth)}time${')'.repeat(depth)}`;

interface Rejected {
  name: string;
  model: Record<string, unknown>;
  code: ErrorCode;
  message: RegExp;
}

const rejected: Rejected[] = [
  {
    name: 'SQL of 1.1 MB',
    model: { query: `SELECT 1 ${'x'.repeat(1_100_000)}` },
    code: 'query_too_long',
    message: /1,100,009 characters; at most 1,048,576/,
  },
  {
    name: 'a model of 8 MB',
    model: { query: 'SELECT 1', other: 'x'.repeat(8_000_000) },
    code: 'query_too_long',
    message: /8 MB with all of its fields/,
  },
  {
    name: '24 nested macros, each of which doubles the SQL',
    model: { query: nested('timeFilter', 24) },
    code: 'macro_invalid',
    message: /nested 17 deep; at most 16/,
  },
  {
    name: 'macros that expand to 9 MB',
    model: { query: `SELECT ${nested('timeFilter', 16)}, '${'x'.repeat(1000)}', ${nested('timeFilter', 16)}` },
    code: 'query_too_long',
    message: /more than 2,097,152 characters/,
  },
  {
    name: '3,000 nested macros',
    model: { query: nested('timeRangeFrom', 3000) },
    code: 'macro_invalid',
    message: /nested 17 deep/,
  },
  {
    name: 'a million label columns',
    model: { query: 'SELECT 1', labelColumns: new Array<string>(1_000_000).fill('') },
    code: 'query_model_invalid',
    message: /Label columns \(labelColumns\) has 1,000,000 entries; at most 100/,
  },
  {
    name: 'a label column of a megabyte',
    model: { query: 'SELECT 1', labelColumns: ['x'.repeat(1_000_000)] },
    code: 'query_model_invalid',
    message: /\(number 1\) that has 1,000,000 characters/,
  },
  {
    name: 'SQL that is a list',
    model: { query: ['SELECT 1'] },
    code: 'query_model_invalid',
    message: /The SQL \(query\) is not a string, but a list/,
  },
  {
    name: 'a row limit that is an object',
    model: { query: 'SELECT 1', rowLimit: {} },
    code: 'query_model_invalid',
    message: /Row limit \(rowLimit\)/,
  },
  {
    name: 'an unknown fill mode',
    model: { query: 'SELECT 1', fillMode: 'spline' },
    code: 'query_model_invalid',
    message: /Fill gaps \(fillMode\)/,
  },
];

it.each(rejected)('rejects $name', async ({ model, code, message }) => {
  const response = await ask(model);
  expectFailure(response, code, message);
});

it('ignores 30,000 macros in a comment, and expands 30,000 macros of a query', async () => {
  const sql = `SELECT 1 AS one WHERE ${'$__timeFrom() < $__timeTo() AND '.repeat(15_000)} true`;
  const response = await ask({ query: `SELECT 1 AS one -- ${'$__timeFilter('.repeat(30_000)}` });
  expect(onlyFrame(response).rowCount).toBe(1);
  // The macros are expanded before the statement is checked.
  expect(codeOf((await ask({ query: sql })).error)).toBe('statement_too_large');
});

it('rejects CTEs that double the tables of the previous one before the server plans them', async () => {
  const next = (index: number) => `c${index} AS (SELECT a.v FROM c${index - 1} AS a, c${index - 1} AS b)`;
  const ctes = Array.from({ length: 20 }, (_, index) => next(index + 1));
  const sql = `WITH c0 AS (SELECT 1 AS v), ${ctes.join(', ')} SELECT count(*) FROM c20`;
  expect(codeOf((await ask({ query: sql })).error)).toBe('statement_too_large');
});

const NOW = Date.UTC(2026, 0, 2);

describe('time ranges', () => {
  it.each([
    {
      name: 'the year 300000',
      range: { fromMs: NOW, toMs: 9.4e15 },
      message: /end of the time range is 9400000000000000 ms/,
    },
    {
      name: 'a start before the earliest date of JavaScript',
      range: { fromMs: -9.2e18, toMs: NOW },
      message: /start of the time range is/,
    },
    { name: 'an end before the start', range: { fromMs: NOW, toMs: NOW - 1 }, message: /ends earlier/ },
    { name: 'an interval of centuries', intervalMs: Number.MAX_SAFE_INTEGER, message: /ten years/ },
  ])('rejects $name', async ({ range, intervalMs, message }) => {
    const response = await ask({ query: 'SELECT 1 WHERE $__timeFilter(now())' }, { range, intervalMs });
    expectFailure(response, 'time_range_invalid', message);
  });

  it.each([
    { name: 'of no length', range: { fromMs: NOW, toMs: NOW } },
    { name: 'before 1970', range: { fromMs: -1e10, toMs: -1 } },
    { name: 'from the year 1000 to 9999', range: { fromMs: Date.UTC(1000, 0), toMs: Date.UTC(9999, 0) } },
    { name: 'from the earliest to the latest date of JavaScript', range: { fromMs: -8.64e15, toMs: 8.64e15 } },
    { name: 'with an interval of 0', range: { fromMs: NOW, toMs: NOW }, intervalMs: 0 },
    { name: 'with a negative interval', range: { fromMs: NOW, toMs: NOW }, intervalMs: -5 },
  ])('accepts a range $name', async ({ range, intervalMs }) => {
    for (const format of ['table', 'time_series', 'logs']) {
      const query = 'SELECT $__dateBin(time) AS time, msg, 1 AS n FROM log_entries WHERE $__timeFilter(time) LIMIT 1';
      const response = await ask({ query, format, fillMode: 'zero' }, { range, intervalMs });
      expect(response.error).toBe('');
    }
  });
});

describe('requests', () => {
  const many = (count: number): Array<MessageInitShape<typeof DataQuerySchema>> =>
    Array.from({ length: count }, (_, index) => dataQuery(`Q${index}`, { query: '' }));

  it('rejects a request with 50,000 queries, and returns no more responses than the limit', async () => {
    const { responses } = await lab.plugin.queryData({
      pluginContext: pluginContext(lab.source),
      queries: many(50_000),
    });
    expect(Object.keys(responses)).toHaveLength(200);
    expectFailure(responses.Q0, 'too_many_queries', /The request has 50000 queries; at most 200/);
  });

  it('runs a request with the maximum number of queries', async () => {
    const { responses } = await lab.plugin.queryData({ pluginContext: pluginContext(lab.source), queries: many(200) });
    expect(Object.values(responses).map(({ status }) => status)).toEqual(new Array(200).fill(200));
  });
});

describe('resources', () => {
  const call = async (path: string, url: string, method = 'GET') => {
    const { status, body } = await lab.plugin.callResource({ context: pluginContext(lab.source), path, url, method });
    const json = new TextDecoder().decode(body);
    const payload: { code?: string; message?: string; columns?: unknown[] } = JSON.parse(json);
    return { status, payload, bytes: json.length };
  };

  it.each([
    {
      name: 'a host in place of a path',
      path: 'columns',
      url: '//host:99999/x?table=',
      status: 400,
      code: 'resource_invalid',
    },
    { name: 'a host and no parameter', path: 'columns', url: '//host:99999/x', status: 400, code: 'resource_invalid' },
    { name: 'half of an IPv6 address', path: 'columns', url: 'http://[::1', status: 400, code: 'resource_invalid' },
    { name: 'a control character', path: 'columns', url: '\u0000', status: 400, code: 'resource_invalid' },
    {
      name: 'a parameter in the fragment',
      path: 'columns',
      url: 'columns#?table=a',
      status: 400,
      code: 'resource_invalid',
    },
    {
      name: 'a query string of a megabyte',
      path: 'columns',
      url: `columns?${'a=1&'.repeat(250_000)}table=log_entries`,
      status: 400,
      code: 'resource_invalid',
    },
    {
      name: 'a long table name',
      path: 'columns',
      url: `columns?table=${'x'.repeat(2000)}`,
      status: 400,
      code: 'resource_invalid',
    },
    {
      name: 'bytes that are not UTF-8',
      path: 'columns',
      url: 'columns?table=%ff%fe%00',
      status: 400,
      code: 'query_invalid',
    },
    { name: 'half of an escape', path: 'columns', url: 'columns?table=log%', status: 400, code: 'query_invalid' },
    { name: 'a host as path', path: '//host:99999/x', url: '//host:99999/x', status: 404, code: 'resource_unknown' },
    { name: 'a parent folder', path: '..', url: '..', status: 404, code: 'resource_unknown' },
    {
      name: 'a path with parent folders',
      path: '../../tables',
      url: '../../tables',
      status: 404,
      code: 'resource_unknown',
    },
    {
      name: 'the name of a property of every JavaScript object',
      path: '__proto__',
      url: '__proto__',
      status: 404,
      code: 'resource_unknown',
    },
    { name: 'an empty path', path: '', url: '', status: 404, code: 'resource_unknown' },
    { name: 'a path of a megabyte', path: 'x'.repeat(1_000_000), url: 'x', status: 404, code: 'resource_unknown' },
  ])('responds to $name with $status', async ({ path, url, status, code }) => {
    const response = await call(path, url);
    expect(response).toMatchObject({ status, payload: { code } });
    expect(response.bytes).toBeLessThan(10_000);
  });

  it('ignores the URL before the question mark', async () => {
    const { status, payload } = await call('columns', '//host:99999/x?table=log_entries');
    expect(status).toBe(200);
    expect(payload.columns?.length).toBeGreaterThan(5);
  });

  it('rejects an unknown HTTP method', async () => {
    expect(await call('tables', 'tables', 'X'.repeat(100_000))).toMatchObject({
      status: 400,
      payload: { code: 'resource_invalid' },
    });
  });
});
