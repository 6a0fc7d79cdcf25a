import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataType, tableFromIPC } from 'apache-arrow';
import { GLOBAL_TABLES, INSTANCE_TABLES, PROCESS_SPANS } from './catalogue';
import { useLakehouse } from './lakehouse-fixture';
import { processByKey, streamId } from './story';
import { statementTicket, tablesCommand, toTable } from './test-client';

const fixture = useLakehouse();
const GATEWAY = processByKey('web-gateway');
const MINUTE = { query_range_begin: '2026-11-24T11:50:00Z', query_range_end: '2026-11-24T11:51:00Z' };

/** Each FROM clause of `server-columns.txt` with its columns. */
function recordedColumns(): Array<[from: string, columns: string[]]> {
  const [, ...parts] = readFileSync(join(__dirname, 'server-columns.txt'), 'utf8').trimEnd().split('\n\n');
  return parts.map((part) => {
    const [from = '', ...columns] = part.split('\n');
    return [from, columns.map((column) => column.trim())];
  });
}

describe('tables and columns', () => {
  it.each([...GLOBAL_TABLES.keys()])('has the columns of the catalogue in %s', async (table) => {
    const kept = await fixture.client.query(`SELECT * FROM ${table} LIMIT 5`, { preserve_dictionary: 'TRUE' });
    const columns = GLOBAL_TABLES.get(table)!;
    expect(kept.schema.fields.map(({ name }) => name)).toEqual(columns.map(({ name }) => name));
    expect(kept.schema.fields.map(({ nullable }) => nullable)).toEqual(columns.map(({ nullable }) => nullable));
    const dictionaries = columns.filter(({ type }) => type === 'dict' || type === 'djsonb').map(({ name }) => name);
    expect(kept.schema.fields.filter(({ type }) => DataType.isDictionary(type)).map(({ name }) => name)).toEqual(
      dictionaries
    );
    const listed = toTable(
      await fixture.client.messages(tablesCommand({ tableNameFilterPattern: table, includeSchema: true }))
    ).toArray()[0];
    const schema = tableFromIPC(listed?.['table_schema'] as Uint8Array).schema;
    expect(schema.fields.map(String)).toEqual(kept.schema.fields.map(String));
  });

  it.each(recordedColumns())('has the columns of Micromegas 0.33.0 in %s', async (from, recorded) => {
    const ids: Record<string, string> = { process: GATEWAY.id, stream: streamId(processByKey('server').id, 'cpu') };
    if (from.includes('$block')) {
      ids['block'] = String((await fixture.client.rows('SELECT min(block_id) AS id FROM blocks'))[0]?.['id']);
    }
    const sql = `SELECT * FROM ${from.replace(/\$(\w+)/g, (_whole, name: string) => ids[name] ?? '')} LIMIT 0`;
    const { schema } = await fixture.client.query(sql, { ...MINUTE, preserve_dictionary: 'true' });
    expect(schema.fields.map(({ name, type, nullable }) => `${name} ${String(type)}${nullable ? '?' : ''}`)).toEqual(
      recorded
    );
  });

  it.each([
    ['thread_spans', streamId(processByKey('server-restarted').id, 'cpu')],
    ['thread_spans', streamId(processByKey('editor').id, 'cpu')],
    ['async_events', processByKey('editor').id],
    ['async_events', processByKey('server-restarted').id],
    ['otel_spans', GATEWAY.id],
    ['otel_spans', processByKey('matchmaker').id],
    ['otel_spans', processByKey('session-store').id],
    ['async_events', processByKey('lake').id],
    ['net_spans', processByKey('server-restarted').id],
    ['log_entries', GATEWAY.id],
    ['measures', GATEWAY.id],
  ])('has an instance of %s with rows', async (set, id) => {
    const range = { query_range_begin: '2026-11-24T11:50:00Z', query_range_end: '2026-11-24T11:50:20Z' };
    const table = await fixture.client.query(`SELECT * FROM view_instance('${set}', '${id}')`, {
      ...range,
      preserve_dictionary: 'true',
    });
    const columns = INSTANCE_TABLES.get(set) ?? GLOBAL_TABLES.get(set)!;
    expect(table.schema.fields.map(({ name }) => name)).toEqual(columns.map(({ name }) => name));
    expect(table.numRows).toBeGreaterThan(0);
  });

  it('has one image per minute of the process editor', async () => {
    const sql = `SELECT * FROM view_instance('images', '${processByKey('editor').id}')`;
    const table = await fixture.client.query(sql, {
      query_range_begin: '2026-11-24T11:50:30Z',
      query_range_end: '2026-11-24T11:53:00Z',
    });
    expect(table.schema.fields.map(({ name }) => name)).toEqual(INSTANCE_TABLES.get('images')!.map(({ name }) => name));
    expect(table.numRows).toBe(3);
  });

  it.each([
    ['thread', ['main-4103', 'net-io-4104']],
    ['async', ['async']],
    ['both', ['async', 'main-4103', 'net-io-4104']],
  ])('has process_spans of the kind %s', async (kind, threads) => {
    const id = processByKey('server-restarted').id;
    const range = { query_range_begin: '2026-11-24T11:50:00Z', query_range_end: '2026-11-24T11:50:20Z' };
    const all = await fixture.client.query(`SELECT * FROM process_spans('${id}', '${kind}')`, {
      ...range,
      preserve_dictionary: 'true',
    });
    expect(all.schema.fields.map(({ name }) => name)).toEqual(PROCESS_SPANS.map(({ name }) => name));
    expect(DataType.isDictionary(all.schema.fields[1]?.type)).toBe(true);
    const sql = `SELECT DISTINCT thread_name FROM process_spans('${id}', '${kind}') WHERE duration > 0 ORDER BY thread_name`;
    expect(await fixture.client.rows(sql, range)).toEqual(threads.map((name) => ({ thread_name: name })));
  });

  it('lists all view sets, and which of them have a global instance', async () => {
    const sets = await fixture.client.rows(
      'SELECT view_set_name, has_view_maker, global_instance_available AS is_global, schema FROM list_view_sets()'
    );
    const names = (isGlobal: boolean) =>
      sets.filter((set) => set['is_global'] === isGlobal).map((set) => set['view_set_name']);
    expect(names(true)).toEqual([...GLOBAL_TABLES.keys()]);
    expect(names(false)).toEqual([...INSTANCE_TABLES.keys()]);
    expect(sets.find((set) => set['view_set_name'] === 'log_entries')).toMatchObject({
      has_view_maker: true,
      schema: expect.stringContaining('Field { name: "level", data_type: Int32 }') as string,
    });
  });

  it.each(['list_partitions()', 'list_audience_grants()', 'parse_block((SELECT min(block_id) FROM log_entries))'])(
    'has rows in %s',
    async (call) => {
      expect((await fixture.client.query(`SELECT * FROM ${call}`)).numRows).toBeGreaterThan(0);
    }
  );

  it('lists the partitions that were written before now', async () => {
    const [row] = await fixture.client.rows(
      `SELECT count(*) AS n, count(*) FILTER (WHERE updated > '2026-11-24T12:00:00Z') AS later FROM list_partitions()`
    );
    expect(Number(row['n'])).toBeGreaterThan(0);
    expect(Number(row['later'])).toBe(0);
  });

  it('has the name of the thread in the properties of a stream with spans', async () => {
    const sql = `SELECT property_get(properties, 'thread-name') AS thread FROM streams WHERE stream_id = '${streamId(processByKey('server').id, 'cpu')}'`;
    expect(await fixture.client.rows(sql)).toEqual([{ thread: 'main' }]);
  });

  it('sends dictionaries only if the client requests them', async () => {
    const { schema } = await fixture.client.query('SELECT exe, properties, time, level FROM log_entries LIMIT 1');
    expect(schema.fields.map(({ type }) => String(type))).toEqual([
      'Utf8',
      'Binary',
      'Timestamp<NANOSECOND, +00:00>',
      'Int32',
    ]);
  });

  it('returns the same rows with and without dictionaries in a result of several batches', async () => {
    const sql = 'SELECT target, msg FROM log_entries ORDER BY time LIMIT 20000';
    const kept = await fixture.client.rows(sql, { preserve_dictionary: 'true' });
    expect(kept).toEqual(await fixture.client.rows(sql));
  });

  it('sends the result of jsonb_parse as JSONB', async () => {
    const [row] = await fixture.client.rows(`SELECT jsonb_parse('{"a":"b"}') AS j`);
    expect(Buffer.from(row?.['j'] as Uint8Array).toString('hex')).toBe('40000001' + '10000001' + '10000001' + '6162');
  });

  it('sends at most 8192 rows per batch', async () => {
    const messages = await fixture.client.messages(statementTicket('SELECT * FROM range(20000)'));
    expect(messages).toHaveLength(1 + 3);
    expect(toTable(messages).numRows).toBe(20_000);
  });

  it('sends only the schema for an empty result', async () => {
    expect(await fixture.client.messages(statementTicket('SELECT exe FROM processes WHERE false'))).toHaveLength(1);
  });
});
