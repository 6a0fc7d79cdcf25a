/**
 * Queries of the type `processes` over the plugin protocol, in the demo's lakehouse, where a server crashes after it
 * sent images, and restarts.
 */
import { type ProcessesQuery } from '../../contract/query-types/processes';
import { PROCESSES, processByKey } from '../../demo/lakehouse/story';
import { useSharedPlugin } from '../support/shared-plugin';
import { codeOf } from '../support/error-code';
import { onlyFrame, type ReadFrame, readFrames } from '../support/frames';
import { type QueryOptions, runQuery } from '../support/plugin';
import { expectNoSecretsAtEnd } from '../support/secret-watch';

const lab = useSharedPlugin();

expectNoSecretsAtEnd();

const CRASHED = processByKey('server');
const RESTARTED = processByKey('server-restarted');
const LAKE = processByKey('lake');
const PANEL = { 'X-Dashboard-Uid': 'board', 'X-Panel-Id': '7' };

const ask = (processes: ProcessesQuery, options: QueryOptions = {}, source = lab.source) =>
  runQuery(lab.plugin, source, { queryType: 'processes', processes } as never, options);

async function list(conditions: Partial<ProcessesQuery> = {}, options: QueryOptions = {}): Promise<ReadFrame> {
  const [frame] = readFrames(await ask({ view: 'list', ...conditions }, options));
  return frame;
}

const sql = async (query: string): Promise<ReadFrame> =>
  onlyFrame(await runQuery(lab.plugin, lab.source, { query, version: 2, timeFilter: false, autoLimit: false }));

const minutes = (count: number) => count * 60_000;
const around = (minute: number, half: number) => {
  const at = lab.demo.lakehouseStartMs + minutes(minute);
  return { fromMs: at - minutes(half), toMs: at + minutes(half) };
};

interface LinkedFrame {
  title: string;
  url: string;
  internal?: { query: Record<string, unknown> };
}

const linksOf = (frame: ReadFrame, field: string) => frame.config(field).links as LinkedFrame[];

describe('the list', () => {
  it('has the processes of the range, with states and versions', async () => {
    const frame = await list();
    const start = frame.column('start_time').map(Number);
    expect(start).toEqual(start.toSorted((a, b) => b - a));
    expect(frame.column('process_id').toSorted()).toEqual(PROCESSES.map(({ id }) => id).toSorted());
    const states = new Map(frame.column('process_id').map((id, row) => [id, frame.column('state')[row]]));
    expect([...states].filter(([, state]) => state !== 'running')).toEqual([[CRASHED.id, 'crashed']]);
    const row = frame.column('process_id').indexOf(CRASHED.id);
    expect(['exe', 'computer', 'username', 'version'].map((name) => frame.column(name)[row])).toEqual([
      CRASHED.exe,
      CRASHED.computer,
      CRASHED.username,
      CRASHED.properties['build-version'],
    ]);
    expect(frame.column('version')[frame.column('process_id').indexOf(LAKE.id)]).toBe('0.33.0');
  });

  it('has the numbers of lines that log_entries has', async () => {
    const range = around(-60, 50);
    const frame = await list({}, { range });
    const counted = await sql(`SELECT process_id, level, count(*) AS n FROM log_entries WHERE level <= 3
      AND time >= '${new Date(range.fromMs).toISOString()}' AND time <= '${new Date(range.toMs).toISOString()}' GROUP BY 1, 2`);
    const expected = counted.column('process_id').map((id, row) => {
      const field = ['fatal', 'error', 'warn'][Number(counted.column('level')[row]) - 1];
      return `${String(id)} ${field} ${Number(counted.column('n')[row])}`;
    });
    const actual = ['fatal', 'error', 'warn'].flatMap((field) =>
      frame
        .column(field)
        .map((lines, row) => `${String(frame.column('process_id')[row])} ${field} ${Number(lines)}`)
        .filter((row) => !row.endsWith(' 0'))
    );
    expect(expected.length).toBeGreaterThan(4);
    expect(actual.toSorted()).toEqual(expected.toSorted());
  });

  it.each([
    { name: 'crashed processes', conditions: { state: 'crashed' }, keys: ['server'] },
    { name: 'ended processes', conditions: { state: 'ended' }, keys: [] },
    { name: 'a program', conditions: { exe: 'ember-server', state: 'running' }, keys: ['server-restarted'] },
    { name: 'part of a user name in any letter case', conditions: { search: 'ROW' }, keys: ['editor'] },
    { name: 'a string with wildcards of LIKE', conditions: { search: "%'_" }, keys: [] },
    { name: 'a computer and a user', conditions: { computer: 'borealis-03', username: 'app' }, keys: ['web-gateway'] },
    { name: 'a version', conditions: { version: '0.33.0' }, keys: ['lake'] },
    { name: 'an id', conditions: { processId: LAKE.id.toUpperCase() }, keys: ['lake'] },
  ] as Array<{ name: string; conditions: Partial<ProcessesQuery>; keys: string[] }>)(
    'is restricted to $name',
    async ({ conditions, keys }) => {
      const frame = await list(conditions);
      expect(frame.column('process_id')).toEqual(keys.map((key) => processByKey(key).id));
    }
  );

  it('has the processes that were active in the range, with their state at the end of the range', async () => {
    const before = await list({ exe: 'ember-server' }, { range: around(-120, 5) });
    expect(before.column('process_id')).toEqual([CRASHED.id]);
    expect(before.column('state')).toEqual(['running']);
    const after = await list({ exe: 'ember-server' }, { range: around(-15, 5) });
    expect(after.column('process_id')).toEqual([RESTARTED.id]);
  });

  it('is limited to the newest processes, with a notice', async () => {
    const frame = await list({ limit: 2 });
    expect(frame.column('process_id')).toEqual([RESTARTED.id, processByKey('editor').id]);
    expect(frame.meta.notices?.map(({ text }) => text)).toEqual([
      'More processes were active. The 2 that started last are shown.',
    ]);
    expect(frame.meta.executedQueryString).toContain('LIMIT 3');
  });

  it('links each process to its telemetry, and the links to logs, metrics and parents return rows', async () => {
    const range = around(-41, 1);
    const frame = await list({}, { range });
    // One link for each cell: Grafana shows a cell with several links as plain text.
    const links = Object.keys(frame.types).flatMap((name) => linksOf(frame, name) ?? []);
    expect(Object.keys(frame.types).flatMap((name) => linksOf(frame, name)?.length ?? [])).toEqual(links.map(() => 1));
    expect(links.map(({ title }) => title)).toEqual([
      'Logs of the process',
      'Metrics of the process',
      'Traces of the process',
      'Flame graph of the process',
      'Timeline of the process',
      'What changed',
      'Images of the process',
      'Download Perfetto trace',
      'Parents and children',
    ]);
    expect(linksOf(frame, 'process_id')[0].title).toBe('Parents and children');
    const id = '${__data.fields["process_id"]}';
    for (const { internal } of links.filter(({ title }) => /^(Logs|Metrics|Parents)/.test(title))) {
      const model = JSON.parse(JSON.stringify(internal?.query).replaceAll(JSON.stringify(id).slice(1, -1), CRASHED.id));
      const response = await runQuery(lab.plugin, lab.source, model, { range });
      expect(response.error).toBe('');
      expect(readFrames(response)[0].rowCount).toBeGreaterThan(1);
    }
    expect(links.at(-2)).toMatchObject({
      url: `/api/datasources/uid/${lab.source.uid}/resources/perfetto?process=${id}&from=${range.fromMs}&to=${range.toMs}&spans=both`,
      targetBlank: true,
    });
  });
});

it('colors the state and the number of errors in the first columns, even in Explore', async () => {
  const frame = await list();
  // Explore keeps the colors of cells only in this panel.
  expect(frame.meta.preferredVisualisationPluginId).toBe('table');
  const colored = Object.keys(frame.types).slice(0, 5);
  expect(colored).toEqual(['exe', 'state', 'fatal', 'error', 'warn']);
  for (const name of colored.slice(1)) {
    expect(frame.config(name)).toMatchObject({ custom: { cellOptions: { type: 'color-text' } } });
  }
});

describe('the tree', () => {
  const tree = async (changes: Partial<ProcessesQuery> = {}, options: QueryOptions = {}, source = lab.source) => {
    const response = await ask({ view: 'tree', ...changes }, options, source);
    expect(response.error).toBe('');
    const [nodes, edges] = readFrames(response);
    return { nodes, edges };
  };

  it.each([
    { name: 'the parent', of: CRASHED.id },
    { name: 'the child', of: RESTARTED.id },
  ])('has parent and child with their states, if the query names $name', async ({ of }) => {
    const { nodes, edges } = await tree({ processId: of });
    expect(nodes.column('id').toSorted()).toEqual([CRASHED.id, RESTARTED.id].toSorted());
    const row = nodes.column('id').indexOf(CRASHED.id);
    expect(['title', 'subtitle', 'mainstat', 'secondarystat'].map((name) => nodes.column(name)[row])).toEqual([
      CRASHED.exe,
      CRASHED.computer,
      'crashed',
      '2 errors',
    ]);
    expect(['arc__running', 'arc__ended', 'arc__crashed'].map((name) => nodes.column(name)[row])).toEqual([0, 0, 1]);
    expect(linksOf(nodes, 'id').length).toBeGreaterThan(5);
    expect([edges.column('source'), edges.column('target')]).toEqual([[CRASHED.id], [RESTARTED.id]]);
  });

  it('has the listed processes and their parents', async () => {
    const all = await tree();
    expect(all.nodes.rowCount).toBe(PROCESSES.length);
    const restarted = await tree({ exe: 'ember-server', state: 'running' });
    expect(restarted.nodes.column('id')).toEqual([RESTARTED.id, CRASHED.id]);
    expect(restarted.edges.rowCount).toBe(1);
  });

  describe('with a process that sent its newest data more than a day before the range', () => {
    // The crashed server ended 38 minutes before the lakehouse started, the restarted one still runs.
    const range = () => around(24 * 60 - 5, 5);

    it.each([
      { name: 'the process', of: { processId: CRASHED.id }, ids: [CRASHED.id, RESTARTED.id] },
      { name: 'a parent of the process', of: { processId: RESTARTED.id }, ids: [RESTARTED.id, CRASHED.id] },
    ])('has $name', async ({ of, ids }) => {
      const { nodes, edges } = await tree(of, { range: range() });
      expect(nodes.column('id')).toEqual(ids);
      expect([edges.column('source'), edges.column('target')]).toEqual([[CRASHED.id], [RESTARTED.id]]);
    });

    it.each([
      { hours: 24, ids: [RESTARTED.id] },
      { hours: 96, ids: [RESTARTED.id, CRASHED.id] },
    ])('looks for the process only within `maxRangeHours`: $hours', async ({ hours, ids }) => {
      const source = { ...lab.source, jsonData: { ...lab.source.jsonData, maxRangeHours: hours } };
      const { nodes } = await tree({ processId: RESTARTED.id }, { range: range() }, source);
      expect(nodes.column('id')).toEqual(ids);
    });
  });

  it('is empty for an unknown process', async () => {
    const { nodes, edges } = await tree({ processId: '00000000-0000-4000-8000-000000000000' });
    expect([nodes.rowCount, edges.rowCount]).toEqual([0, 0]);
  });
});

describe('the images', () => {
  const images = async (options: QueryOptions = {}, changes: Partial<ProcessesQuery> = {}) =>
    onlyFrame(await ask({ view: 'images', processId: CRASHED.id, ...changes }, options));

  it('are data URIs in panels, the newest first', async () => {
    const frame = await images({ headers: PANEL });
    expect(frame.column('name')[0]).toBe('crash_harbor');
    const times = frame.column('time').map(Number);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    const uris = frame.column('image').map(String);
    expect(uris.every((uri) => uri.startsWith('data:image/png;base64,iVBORw0KGgo'))).toBe(true);
    expect(frame.column('size').map(Number)).toEqual(
      uris.map((uri) => Buffer.from(uri.slice(uri.indexOf(',')), 'base64').length)
    );
    expect(frame.config('image').custom).toEqual({ cellOptions: { type: 'image' } });
    expect(frame.config('id').custom).toMatchObject({ hidden: true, hideFrom: { viz: true } });
  });

  it('are links in Explore', async () => {
    const frame = await images();
    expect(Object.keys(frame.types)).toEqual(['time', 'name', 'format', 'size', 'id']);
    const [{ url }] = linksOf(frame, 'name');
    expect(url).toBe(`/api/datasources/uid/${lab.source.uid}/resources/image?\${__data.fields["id"]}`);
    expect(frame.meta).toMatchObject({ preferredVisualisationPluginId: 'table' });
    expect(frame.config('id').custom).toMatchObject({ hidden: true, hideFrom: { viz: true } });
  });

  it('are limited to the newest, with a notice', async () => {
    const frame = await images({}, { limit: 2 });
    expect(frame.rowCount).toBe(2);
    expect(frame.meta.notices?.map(({ text }) => text)).toEqual(['There are more images. The newest 2 are shown.']);
  });

  it('are a single image without a notice if only the newest image is requested', async () => {
    const frame = await images({}, { limit: 1 });
    expect(frame.column('name')).toEqual(['crash_harbor']);
    expect(frame.meta.notices ?? []).toEqual([]);
  });

  it('are an empty list for a process without images', async () => {
    expect((await images({ headers: PANEL }, { processId: LAKE.id })).rowCount).toBe(0);
  });
});

it.each([
  { view: 'images', processId: "x'; DROP TABLE processes" },
  { view: 'tree', processId: 'nothing' },
  { view: 'list', processId: '1' },
] as ProcessesQuery[])('rejects an id that is not a UUID: $view', async (query) => {
  const { error } = await ask(query);
  expect(codeOf(error)).toBe('query_field_invalid');
  expect(error).toContain('The process id is not a UUID.');
});
