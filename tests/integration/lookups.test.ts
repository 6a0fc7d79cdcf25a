/** Lookups over the plugin protocol, run on the demo's lakehouse: every kind, its limits, and the audit log. */
import { type LookupResults, type LookupRequest } from '../../contract/resources/lookups';
import { PROCESSES, processByKey } from '../../demo/lakehouse/story';
import { useDemoPlugin } from '../support/demo-plugin';
import { eventually } from '../support/eventually';
import { pluginContext, type Source } from '../support/plugin';

const lake = useDemoPlugin();
const nowMs = Date.now();
const RANGE = { fromMs: nowMs - 3_600_000, toMs: nowMs };
const PANEL = { 'X-Dashboard-Uid': 'board', 'X-Panel-Id': '7' };

async function post(body: string, source: Source = lake.source, headers: Record<string, string> = {}) {
  const call = { context: pluginContext(source), path: 'lookup', method: 'POST', headers, body: Buffer.from(body) };
  const response = await lake.plugin.callResource(call);
  const payload: unknown = JSON.parse(Buffer.from(response.body).toString());
  return { status: response.status, payload };
}

async function lookup<R extends LookupRequest>(request: R, source?: Source): Promise<LookupResults[R['kind']]> {
  const { status, payload } = await post(JSON.stringify(request), source);
  expect({ status, ...(status !== 200 && { payload }) }).toEqual({ status: 200 });
  return payload as LookupResults[R['kind']];
}

async function failure(body: unknown, source?: Source) {
  const { status, payload } = await post(typeof body === 'string' ? body : JSON.stringify(body), source);
  return { status, ...(payload as { code: string; message: string }) };
}

const valuesOf = async (table: string, column: string, more: { property?: string; search?: string } = {}) => {
  const { items } = await lookup({ kind: 'values', table, column, range: RANGE, ...more });
  return items.map(({ value }) => value);
};

const keysOf = async (table: string, column: string) => {
  const { items } = await lookup({ kind: 'property-keys', table, column, range: RANGE });
  return items.map(({ key }) => key);
};

async function processId(exe: string): Promise<string> {
  const { items } = await lookup({ kind: 'processes', search: exe, range: RANGE });
  return items[0].processId;
}

describe('lookups', () => {
  it('list view sets, and whether each has a table or instances', async () => {
    const { items } = await lookup({ kind: 'view-sets' });
    expect(items).toEqual(
      expect.arrayContaining([
        { name: 'log_entries', isGlobal: true, hasInstances: true },
        { name: 'processes', isGlobal: true, hasInstances: false },
        { name: 'otel_spans', isGlobal: false, hasInstances: true },
      ])
    );
  });

  it('list functions with their kind and documentation', async () => {
    const { items, help } = await lookup({ kind: 'functions' });
    expect(items).toEqual([...items].sort());
    expect(items).toEqual(expect.arrayContaining(['avg', 'property_get', 'view_instance']));
    expect(help.date_bin).toEqual({
      kind: 'scalar',
      syntax: 'date_bin(interval, expression[, origin_timestamp])',
      description: 'Returns the start of the interval that contains a timestamp.',
    });
    expect(help.view_instance).toEqual({ kind: 'table' });
  });

  it('list processes, the most recent first', async () => {
    const { items, isTruncated } = await lookup({ kind: 'processes', range: RANGE });
    expect(isTruncated).toBe(false);
    expect(items.map(({ exe }) => exe)).toEqual(expect.arrayContaining(['ember-server', 'ember/matchmaker']));
    for (const { processId: id, computer, username, startMs, lastUpdateMs } of items) {
      expect(id).toMatch(/^[0-9a-f-]{36}$/);
      expect([computer, username]).not.toContain('');
      expect(startMs).toBeLessThanOrEqual(RANGE.toMs);
      expect(lastUpdateMs).toBeGreaterThanOrEqual(RANGE.fromMs);
    }
    const ends = items.map(({ lastUpdateMs }) => lastUpdateMs);
    expect(ends).toEqual([...ends].sort((a, b) => b - a));
  });

  it('list only processes that ran in the range', async () => {
    const { items: all } = await lookup({ kind: 'processes', range: RANGE });
    const lastStart = Math.max(...all.map(({ startMs }) => startMs));
    const { items } = await lookup({ kind: 'processes', range: { fromMs: RANGE.fromMs, toMs: lastStart - 1 } });
    expect(items.length).toBeLessThan(all.length);
    expect(items.every(({ startMs }) => startMs < lastStart)).toBe(true);
  });

  it.each([
    { name: 'program', search: 'EMBER-SERVER' },
    { name: 'computer', search: 'atlas' },
    { name: 'user', search: 'rowan' },
  ])('search processes by $name in any letter case', async ({ search }) => {
    const { items } = await lookup({ kind: 'processes', search, range: RANGE });
    expect(items.length).toBeGreaterThan(0);
    for (const { exe, computer, username } of items) {
      expect([exe, computer, username].join(' ').toLowerCase()).toContain(search.toLowerCase());
    }
  });

  it.each([
    ['cpu', ['editor', 'lake', 'server', 'server-restarted']],
    ['trace', ['matchmaker', 'session-store', 'web-gateway']],
    ['image', ['editor', 'server', 'server-restarted']],
  ] as const)('list processes with a stream of the tag %s', async (has, keys) => {
    const { items } = await lookup({ kind: 'processes', has, range: RANGE });
    const ids = keys.map((key) => processByKey(key).id);
    expect(items.map(({ processId }) => processId).toSorted()).toEqual(ids.toSorted());
  });

  it('list the stream tags of processes', async () => {
    const { items } = await lookup({ kind: 'telemetry', range: RANGE });
    const of = (key: string) => items.find(({ processId }) => processId === processByKey(key).id);
    expect(items).toHaveLength(PROCESSES.length);
    expect(of('server')).toMatchObject({ exe: 'ember-server', has: ['cpu', 'image'] });
    expect(of('matchmaker')).toMatchObject({ exe: 'ember/matchmaker', has: ['trace'] });
    expect(of('server')!.startMs).toBeLessThan(of('server')!.lastUpdateMs);
  });

  it('search processes by id', async () => {
    const id = await processId('ember-server');
    const { items } = await lookup({ kind: 'processes', search: id.slice(0, 8), range: RANGE });
    expect(items.map((item) => item.processId)).toEqual([id]);
  });

  it('list the streams of a process with their tags', async () => {
    const { items } = await lookup({ kind: 'streams', processId: await processId('ember-server') });
    expect(items.map(({ tags }) => tags.join()).sort()).toEqual([...['cpu', 'cpu', 'image', 'log', 'metrics', 'net']]);
  });

  it('list measures with unit, target and program', async () => {
    const { items } = await lookup({ kind: 'measures', range: RANGE });
    const frameTime = { name: 'frame_time_ms', unit: 'ms', target: 'ember::sim', exe: 'ember-server' };
    expect(items).toContainEqual(frameTime);
    expect((await lookup({ kind: 'measures', search: 'FRAME', range: RANGE })).items).toEqual([frameTime]);
    const gateway = await lookup({ kind: 'measures', processId: await processId('web-gateway'), range: RANGE });
    expect([...new Set(gateway.items.map(({ exe }) => exe))]).toEqual(['ember/web-gateway']);
  });

  it.each([
    { table: 'log_entries', column: 'exe', expected: 'ember-server' },
    { table: 'log_entries', column: 'level', expected: '4' },
    { table: 'log_entries', column: 'target', expected: 'ember::sim' },
    { table: 'measures', column: 'computer', expected: 'atlas-07' },
    { table: 'measures', column: 'unit', expected: 'ms' },
    { table: 'processes', column: 'username', expected: 'rowan' },
    { table: 'blocks', column: 'processes.exe', expected: 'ember-server' },
  ])('list values of $column of $table', async ({ table, column, expected }) => {
    expect(await valuesOf(table, column)).toContain(expected);
  });

  it('list values of a property, and search them', async () => {
    const regions = await valuesOf('log_entries', 'properties', { property: 'region' });
    expect([...regions].sort()).toEqual(['ap-south', 'eu-west', 'us-east']);
    expect(await valuesOf('log_entries', 'properties', { property: 'region', search: 'EAST' })).toEqual(['us-east']);
  });

  it('list keys of JSONB columns', async () => {
    expect(await keysOf('log_entries', 'properties')).toEqual(expect.arrayContaining(['region', 'request_id']));
    expect(await keysOf('processes', 'properties')).toContain('build-version');
    expect(await keysOf('log_entries', 'process_properties')).toContain('build-version');
  });

  it('read views of one process', async () => {
    const instanceId = await processId('matchmaker');
    const at = { table: 'otel_spans', instanceId, range: RANGE };
    expect((await lookup({ kind: 'property-keys', column: 'properties', ...at })).items).toContainEqual({
      key: 'region',
    });
    expect((await lookup({ kind: 'values', column: 'kind', ...at })).items).toContainEqual({ value: 'SERVER' });
  });

  it('have at most 1,000 values', async () => {
    const request = { kind: 'values', table: 'log_entries', column: 'properties', property: 'request_id' } as const;
    const { items, isTruncated } = await lookup({ ...request, range: RANGE });
    expect([items.length, isTruncated]).toEqual([1000, true]);
  });
});

describe('strings of a request', () => {
  it.each(["'", '%', '_', '\\', '"', "') OR 1=1 --", '$1', '😀'])(
    'are searched without treating characters as wildcards: %j',
    async (search) => {
      expect((await lookup({ kind: 'processes', search, range: RANGE })).items).toEqual([]);
      expect((await lookup({ kind: 'measures', search: search === '_' ? '__' : search, range: RANGE })).items).toEqual(
        []
      );
    }
  );

  it.each([
    { name: 'a table', request: { table: 'processes"; SELECT 1; --', column: 'exe' } },
    { name: 'a column', request: { table: 'processes', column: 'exe" FROM processes --' } },
    { name: 'an expression', request: { table: 'processes', column: 'upper(exe)' } },
    { name: 'a subquery', request: { table: '(SELECT 1)', column: 'exe' } },
  ])('are names and not SQL: $name', async ({ request }) => {
    expect(await failure({ kind: 'values', range: RANGE, ...request })).toMatchObject({
      status: 400,
      code: 'query_invalid',
    });
  });

  it('find no value for a property whose name has quotes', async () => {
    expect(await valuesOf('log_entries', 'properties', { property: "it's" })).toEqual([]);
  });
});

describe('failures', () => {
  it.each([
    { name: 'no body', body: '', code: 'resource_invalid', message: /not JSON/ },
    { name: 'an unknown kind', body: { kind: 'toString' }, code: 'resource_invalid', message: /kind must be one of/ },
    { name: 'a large body', body: 'x'.repeat(70_000), code: 'resource_invalid', message: /at most 65536/ },
    {
      name: 'an unknown column',
      body: { kind: 'values', table: 'processes', column: 'nope', range: RANGE },
      code: 'query_invalid',
      message: /nope/,
    },
    {
      name: 'an unknown process',
      body: { kind: 'measures', processId: '00000000-0000-4000-8000-000000000000', range: RANGE },
      code: 'query_failed',
      message: /find_process/,
    },
  ])('name the cause: $name', async ({ body, code, message }) => {
    const failed = await failure(body);
    expect(failed).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(failed.status).toBeGreaterThanOrEqual(400);
  });

  it('name a server that does not respond', async () => {
    const jsonData = { host: '127.0.0.1:1', selectedAuthType: 'none' } as const;
    expect(await failure({ kind: 'view-sets' }, { uid: 'down', jsonData })).toMatchObject({
      code: 'connection_refused',
    });
  });
});

describe('a data source that suggests no values', () => {
  const off = (): Source => ({
    ...lake.source,
    uid: 'off',
    jsonData: { ...lake.source.jsonData, suggestValues: false },
  });

  it('rejects lookups of telemetry, and sends no statement', async () => {
    const before = (await lake.demo.audit()).length;
    for (const request of [
      { kind: 'processes', range: RANGE },
      { kind: 'measures', range: RANGE },
      { kind: 'values', table: 'processes', column: 'exe', range: RANGE },
      { kind: 'property-keys', table: 'processes', column: 'properties', range: RANGE },
      { kind: 'streams', processId: '00000000-0000-4000-8000-000000000000' },
    ]) {
      expect(await failure(request, off())).toMatchObject({
        status: 403,
        code: 'lookups_off',
        message: expect.stringContaining('switch on Suggest values'),
      });
    }
    expect((await lake.demo.audit()).length).toBe(before);
  });

  it('still lists view sets and functions', async () => {
    expect(await lookup({ kind: 'view-sets' }, off())).toEqual(await lookup({ kind: 'view-sets' }));
    expect(await lookup({ kind: 'functions' }, off())).toEqual(await lookup({ kind: 'functions' }));
  });
});

describe('the audit log', () => {
  /** Waits for records, because a lookup of columns may end before the lakehouse has written its audit record. */
  const recordsOf = async (work: () => Promise<unknown>) => {
    const before = (await lake.demo.audit()).length;
    await work();
    return eventually('The audit record', 60_000, async () => {
      const records = (await lake.demo.audit()).slice(before);
      return records.length > 0 ? records : undefined;
    });
  };

  it.each<LookupRequest>([
    { kind: 'view-sets' },
    { kind: 'functions' },
    { kind: 'processes', range: RANGE },
    { kind: 'measures', range: RANGE },
    { kind: 'values', table: 'measures', column: 'unit', range: RANGE },
    { kind: 'property-keys', table: 'log_entries', column: 'properties', range: RANGE },
  ])('shows the user and the entrypoint of $kind', async (request) => {
    const records = await recordsOf(() => lookup(request));
    expect(records).toEqual([
      expect.objectContaining({ user: 'ada', email: 'ada@example.com', entrypoint: 'completion', status: 'ok' }),
    ]);
    expect(records[0].range_begin !== undefined).toBe('range' in request);
  });

  it('shows the dashboard whose filter requests values', async () => {
    const body = JSON.stringify({ kind: 'processes', range: RANGE });
    const records = await recordsOf(() => post(body, lake.source, PANEL));
    expect(records).toEqual([expect.objectContaining({ entrypoint: 'completion', notebook: 'board', cell: '7' })]);
  });

  it('shows the user and the entrypoint of lookups of columns', async () => {
    const call = { context: pluginContext(lake.source), path: 'columns', url: 'columns?table=processes' };
    const records = await recordsOf(() => lake.plugin.callResource(call));
    expect(records).toEqual([expect.objectContaining({ user: 'ada', entrypoint: 'completion' })]);
  });
});
