import { AUDIT_TARGET } from '../../contract/audit';
import { type AuditRecord } from './audit';
import { useLakehouse } from './lakehouse-fixture';
import { processByKey, streamId } from './story';

const fixture = useLakehouse();
const [SERVER, GATEWAY, EDITOR] = ['server', 'web-gateway', 'editor'].map((key) => processByKey(key).id);
const other = useLakehouse(Date.parse('2026-11-17T03:24:05.678Z'));

describe('the story', () => {
  it('has log lines and measures, up to now', async () => {
    const [row] = await fixture.client.rows(
      'SELECT (SELECT count(*) FROM log_entries) AS logs, (SELECT count(*) FROM measures) AS measures, max(time) AS last FROM measures'
    );
    expect(Number(row?.['logs'])).toBeGreaterThan(50_000);
    expect(Number(row?.['measures'])).toBeGreaterThan(50_000);
    expect(Number(row?.['last'])).toBeGreaterThan(fixture.clockMs - 10_000);
  });

  it.each([
    ['log lines', `SELECT time, level, target, msg FROM log_entries WHERE target <> '${AUDIT_TARGET}' AND`],
    ['measures', 'SELECT time, name, value FROM measures WHERE'],
    ['net spans', `SELECT begin_time AS time, name, bit_size FROM view_instance('net_spans', '${SERVER}') WHERE`],
    [
      'spans of traces',
      `SELECT start_time AS time, name, duration FROM view_instance('otel_spans', '${GATEWAY}') WHERE`,
    ],
    ['async events', `SELECT time, name, event_type, span_id FROM view_instance('async_events', '${SERVER}') WHERE`],
    ['images', `SELECT time, name FROM view_instance('images', '${EDITOR}') WHERE`],
    [
      'thread spans',
      `SELECT "begin" AS time, name, duration FROM view_instance('thread_spans', '${streamId(SERVER, 'cpu')}') WHERE depth > 0 AND`,
    ],
  ])('has the same %s in lakehouses that start at different times', async (_name, select) => {
    const [mine, theirs] = await Promise.all(
      [fixture, other].map(async ({ client, lakehouse: { startMs } }) => {
        const range = {
          query_range_begin: new Date(startMs - 50 * 60_000).toISOString(),
          query_range_end: new Date(startMs - 40 * 60_000).toISOString(),
        };
        const rows = await client.rows(`${select} true ORDER BY ALL LIMIT 2000`, range);
        return rows.map(({ time, ...row }) => ({ ...row, afterStartMs: Number(time) - startMs }));
      })
    );
    expect(mine.length).toBeGreaterThan(5);
    expect(theirs).toEqual(mine);
  });

  it('has a latency peak, a crash, and log messages with the cause', async () => {
    const [worst] = await fixture.client.rows(
      `SELECT date_bin('10 minute', time) AS t, property_get(properties, 'region') AS region, avg(value) AS ms FROM measures
       WHERE name = 'request_latency' GROUP BY t, region ORDER BY ms DESC LIMIT 1`
    );
    expect(worst).toMatchObject({ region: 'eu-west' });
    const fatal = await fixture.client.rows('SELECT exe, computer FROM log_entries WHERE level = 1');
    expect(fatal).toEqual([{ exe: 'ember-server', computer: 'atlas-07' }]);
    const causes = await fixture.client.rows(`SELECT msg FROM log_entries WHERE target = 'ember.config' ORDER BY time`);
    expect(causes).toHaveLength(2);
  });

  it('has the same counts in log_stats as in log_entries', async () => {
    const counted = await fixture.client.rows(
      `SELECT level, process_id, target, sum(count) AS n FROM log_stats WHERE time_bin < '2026-11-24T12:00:00Z' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`
    );
    expect(counted).toEqual(
      await fixture.client.rows(
        `SELECT level, process_id, target, count(*) AS n FROM log_entries WHERE time < '2026-11-24T12:00:00Z' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`
      )
    );
    expect(new Set(counted.map(({ level }) => level))).toEqual(new Set([1, 2, 3, 4, 5, 6]));
  });

  it('has a stream with blocks for each kind of telemetry', async () => {
    const streams = await fixture.client.rows(
      `SELECT array_to_string(s.tags, ',') AS tags, s.format, count(DISTINCT p.exe) AS programs, count(DISTINCT b.stream_id) = count(DISTINCT s.stream_id) AS stored
       FROM streams s JOIN processes p ON p.process_id = s.process_id LEFT JOIN blocks b ON b.stream_id = s.stream_id GROUP BY 1, 2 ORDER BY 1, 2`
    );
    expect(streams.map(({ tags, format, programs, stored }) => [tags, format, Number(programs), stored])).toEqual([
      ['cpu', 'micromegas-transit', 3, true],
      ['image', 'micromegas-transit', 2, true],
      ['log', 'micromegas-transit', 3, true],
      ['log', 'otlp/v1/logs', 3, true],
      ['metrics', 'micromegas-transit', 3, true],
      ['metrics', 'otlp/v1/metrics', 3, true],
      ['net', 'micromegas-transit', 1, true],
      ['trace', 'otlp/v1/traces', 3, true],
    ]);
  });

  it('ends the log of the crashed process with the line about the crash', async () => {
    const sql = `SELECT msg FROM log_entries WHERE process_id = '${processByKey('server').id}' ORDER BY time DESC LIMIT 1`;
    expect(await fixture.client.rows(sql)).toEqual([{ msg: expect.stringMatching(/, aborting$/) }]);
  });

  it('has audit records of the users who looked for the cause', async () => {
    const sql = `SELECT msg FROM log_entries WHERE target = 'flightsql_query_audit' AND time < '2026-11-24T11:30:00Z' ORDER BY time`;
    const records = (await fixture.client.rows(sql)).map(({ msg }) => JSON.parse(String(msg)) as AuditRecord);
    expect(records.map(({ user, entrypoint, status }) => `${user} ${entrypoint} ${status}`)).toEqual([
      ...Array.from({ length: 3 }, () => 'grafana alerting ok'),
      'rowan dashboard ok',
      'imke explore error',
      'imke explore ok',
      'imke explore ok',
      'rowan explore ok',
      'imke explore ok',
    ]);
    for (const { sql: recorded, status, error, range_begin: _none } of records) {
      const range = { query_range_begin: '2026-11-24T11:20:00Z', query_range_end: '2026-11-24T11:21:00Z' };
      if (status === 'ok') {
        expect((await fixture.client.query(recorded, range)).schema.fields.length).toBeGreaterThan(0);
      } else {
        const details = (await fixture.client.failure(recorded, range)).details;
        expect(details.replace(/\nValid fields are .*\./, '').replace(/ \(query_id=.*/, '')).toBe(error);
      }
    }
  });

  it('adds rows as time passes', async () => {
    const count = async (): Promise<number> =>
      Number((await fixture.client.rows('SELECT count(*) AS n FROM log_entries'))[0]?.['n']);
    const before = await count();
    fixture.clockMs += 60_000;
    await fixture.lakehouse.advance();
    expect(await count()).toBeGreaterThan(before + 100);
  });
});
