/** Tests the calls of threads, asynchronous spans and images in the demo's telemetry. */
import { inflateSync } from 'node:zlib';
import { useLakehouse } from './lakehouse-fixture';
import { processByKey, streamId } from './story';

const fixture = useLakehouse();
const SERVER = processByKey('server');
const MAIN = `view_instance('thread_spans', '${streamId(SERVER.id, 'cpu')}')`;
const CALM = { query_range_begin: '2026-11-24T09:10:00Z', query_range_end: '2026-11-24T09:10:05Z' };
const INCIDENT = { query_range_begin: '2026-11-24T11:19:00Z', query_range_end: '2026-11-24T11:19:05Z' };
const DAY = { query_range_begin: '2026-11-24T00:00:00Z', query_range_end: '2026-11-24T12:00:00Z' };

interface Call {
  id: number;
  parent: number;
  depth: number;
  begin: number;
  end: number;
  name: string;
}

async function calls(table: string, range: Record<string, string>): Promise<Call[]> {
  const sql = `SELECT id, parent, depth, name, cast("begin" AS bigint) AS b, cast("end" AS bigint) AS e FROM ${table} ORDER BY "begin", depth`;
  return (await fixture.client.rows(sql, range)).map((row) => {
    const [id, parent, depth, begin, end] = ['id', 'parent', 'depth', 'b', 'e'].map((name) => Number(row[name]));
    return { id, parent, depth, begin, end, name: String(row['name']) } as Call;
  });
}

describe.each([
  ['the main thread in a calm minute', MAIN, CALM],
  ['the main thread in the incident', MAIN, INCIDENT],
  ['a network thread', `view_instance('thread_spans', '${streamId(SERVER.id, 'cpu/net-io')}')`, INCIDENT],
  ['the editor', `view_instance('thread_spans', '${streamId(processByKey('editor').id, 'cpu')}')`, CALM],
  ['the lake', `view_instance('thread_spans', '${streamId(processByKey('lake').id, 'cpu')}')`, CALM],
])('calls of %s', (_name, table, range) => {
  it('form a tree that nests in time, with the thread as root', async () => {
    const all = await calls(table, range);
    const known = new Map(all.map((call) => [call.id, call]));
    expect(known.size).toBe(all.length);
    expect(all.filter(({ depth }) => depth === 0)).toMatchObject([
      { id: -1, parent: 0, name: expect.stringMatching(/^[\w-]+-\d{4}$/) as string },
    ]);
    const outside = all.filter(({ parent, depth, begin, end }) => {
      const outer = known.get(parent);
      return depth > 0 && outer !== undefined && (outer.depth !== depth - 1 || outer.begin > begin || outer.end < end);
    });
    expect(outside).toEqual([]);
    const frames = all.filter(({ depth }) => depth === 1);
    expect(frames.length).toBeGreaterThan(20);
    expect(frames.slice(1).filter((frame, index) => frame.begin < frames[index]!.end)).toEqual([]);
    expect(all.some(({ depth }) => depth > 1)).toBe(true);
  });
});

it('has calls with a duration of end minus begin', async () => {
  const sql = `SELECT count(*) AS n FROM ${MAIN} WHERE duration <> cast("end" AS bigint) - cast("begin" AS bigint)`;
  expect(await fixture.client.rows(sql, INCIDENT)).toEqual([{ n: 0n }]);
});

it('has long frames during the incident, because each frame scans the join queue', async () => {
  const sql = `SELECT name, avg(duration) / 1e6 AS ms FROM ${MAIN} GROUP BY name`;
  const averages = async (range: Record<string, string>) =>
    new Map((await fixture.client.rows(sql, range)).map((row) => [String(row['name']), Number(row['ms'])]));
  const minutes = { query_range_begin: '2026-11-24T11:19:00Z', query_range_end: '2026-11-24T11:21:00Z' };
  const [calm, incident] = [await averages(CALM), await averages(minutes)];
  expect(calm.get('frame')).toBeLessThan(21);
  expect(incident.get('frame')).toBeGreaterThan(50);
  expect(incident.get('rescan_waiting_players')).toBeGreaterThan(30);
  expect(Math.abs(incident.get('simulate')! - calm.get('simulate')!)).toBeLessThan(1);
  const [measured] = await fixture.client.rows(
    `SELECT avg(value) AS ms FROM measures WHERE name = 'frame_time_ms' AND process_id = '${SERVER.id}'`,
    minutes
  );
  expect(Math.abs(Number(measured?.['ms']) - incident.get('frame')!)).toBeLessThan(12);
});

it('has several consecutive root spans in a thread, all with the same id', async () => {
  const sql = `SELECT id, "begin", "end" FROM ${MAIN} WHERE depth = 0 ORDER BY "begin"`;
  const roots = await fixture.client.rows(sql, DAY);
  expect(roots.length).toBeGreaterThan(5);
  expect(new Set(roots.map(({ id }) => Number(id)))).toEqual(new Set([-1]));
  roots.slice(1).forEach((root, index) => expect(root['begin']).toEqual(roots[index]!['end']));
});

it('computes the same rows for a range and for a longer range that contains it', async () => {
  const wide = { ...INCIDENT, query_range_begin: '2026-11-24T11:17:03Z' };
  const [from, to] = [Date.parse(INCIDENT.query_range_begin), Date.parse(INCIDENT.query_range_end)].map(
    (ms) => ms * 1e6
  );
  const views: Array<[view: string, columns: string, begin: string, end: string]> = [
    [MAIN, 'id, parent, name', '"begin"', '"end"'],
    [`view_instance('async_events', '${SERVER.id}')`, 'span_id, event_type, name', 'time', 'time'],
    [`view_instance('net_spans', '${SERVER.id}')`, 'span_id, name', 'begin_time', 'end_time'],
    [
      `view_instance('otel_spans', '${processByKey('matchmaker').id}')`,
      `encode(span_id, 'hex') AS id, name`,
      'start_time',
      'end_time',
    ],
  ];
  for (const [view, columns, begin, end] of views) {
    const sql = `SELECT * FROM (SELECT ${columns}, cast(${begin} AS bigint) AS b, cast(${end} AS bigint) AS e FROM ${view}) t
      WHERE b >= ${from} AND e <= ${to} ORDER BY 1, 2, b`;
    const rows = await fixture.client.rows(sql, INCIDENT);
    expect(rows.length).toBeGreaterThan(5);
    expect(await fixture.client.rows(sql, wide)).toEqual(rows);
  }
});

describe('asynchronous spans of the game server', () => {
  interface Open {
    id: number;
    parent: number;
    begin: number;
    end?: number;
  }

  async function spans(range: Record<string, string>): Promise<Map<number, Open>> {
    const sql = `SELECT event_type, span_id, parent_span_id, cast(time AS bigint) AS ns, stream_id FROM view_instance('async_events', '${SERVER.id}') ORDER BY time`;
    const open = new Map<number, Open>();
    for (const row of await fixture.client.rows(sql, range)) {
      const [id, parent, ns] = [Number(row['span_id']), Number(row['parent_span_id']), Number(row['ns'])];
      const span = open.get(id);
      const isEnd = row['event_type'] === 'end';
      expect(row['stream_id']).toBe(streamId(SERVER.id, isEnd ? 'cpu' : 'cpu/net-io'));
      if (isEnd) {
        // A range may begin after the begin of a span.
        span === undefined ? open.set(id, { id, parent, begin: -Infinity, end: ns }) : (span.end = ns);
      } else {
        open.set(id, { id, parent, begin: ns });
      }
    }
    return open;
  }

  it('nest in time', async () => {
    const all = await spans(INCIDENT);
    const children = [...all.values()].filter(({ parent }) => parent !== 0);
    expect(children.length).toBeGreaterThan(5);
    for (const child of children) {
      const parent = all.get(child.parent);
      expect(child.begin).toBeGreaterThanOrEqual(parent?.begin ?? -Infinity);
      expect(child.end ?? Infinity).toBeLessThanOrEqual(parent?.end ?? Infinity);
    }
  });

  it('never end if the crash comes first', async () => {
    const crashed = await spans({ query_range_begin: '2026-11-24T11:21:40Z', query_range_end: '2026-11-24T11:30:00Z' });
    expect([...crashed.values()].filter(({ end }) => end === undefined).length).toBeGreaterThan(3);
    const calm = await spans({
      query_range_begin: '2026-11-24T09:00:00Z',
      query_range_end: '2026-11-24T09:00:20.400Z',
    });
    expect([...calm.values()].filter(({ end }) => end === undefined)).toEqual([]);
  });
});

describe('images', () => {
  const imagesOf = (key: string) =>
    fixture.client.rows(
      `SELECT time, name, format, payload_size, data FROM view_instance('images', '${processByKey(key).id}') ORDER BY time`,
      DAY
    );

  it('show the map when the game server crashes', async () => {
    const images = await imagesOf('server');
    const last = images.at(-1);
    expect(last).toMatchObject({ name: 'crash_harbor', format: 'png' });
    const [fatal] = await fixture.client.rows('SELECT time FROM log_entries WHERE level = 1');
    const beforeMs = Number(fatal?.['time']) - Number(last?.['time']);
    expect(beforeMs).toBeGreaterThan(0);
    expect(beforeMs).toBeLessThan(5000);
    expect((await imagesOf('server-restarted')).map(({ name }) => name)).not.toContain('crash_harbor');
    expect(await imagesOf('matchmaker')).toEqual([]);
  });

  it('are PNG files', async () => {
    for (const { data, payload_size: size } of [
      ...(await imagesOf('server')).slice(-2),
      ...(await imagesOf('editor')).slice(0, 10),
    ]) {
      const bytes = Buffer.from(data as Uint8Array);
      expect(Number(size)).toBe(bytes.length);
      expect(bytes.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a');
      const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
      const at = bytes.indexOf('IDAT');
      const pixels = inflateSync(bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at - 4)));
      expect(pixels).toHaveLength((width + 1) * height);
    }
  });
});
