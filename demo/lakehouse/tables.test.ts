import { DataType, tableFromIPC } from 'apache-arrow';
import { GLOBAL_TABLES, INSTANCE_TABLES } from './catalogue';
import { useLakehouse } from './lakehouse-fixture';
import { processByKey, streamId } from './story';
import { statementTicket, tablesCommand, toTable } from './test-client';

const fixture = useLakehouse();
const GATEWAY = processByKey('web-gateway');

describe('tables and columns', () => {
  it.each([...GLOBAL_TABLES.keys()])('shows %s with the types of Micromegas', async (table) => {
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

  it.each([
    ['thread_spans', streamId(processByKey('server-restarted').id, 'cpu')],
    ['async_events', processByKey('editor').id],
    ['otel_spans', GATEWAY.id],
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

  it('sends dictionaries only if the client asks for them', async () => {
    const { schema } = await fixture.client.query('SELECT exe, properties, time, level FROM log_entries LIMIT 1');
    expect(schema.fields.map(({ type }) => String(type))).toEqual([
      'Utf8',
      'Binary',
      'Timestamp<NANOSECOND, +00:00>',
      'Int32',
    ]);
  });

  it('replaces the dictionary of a column in each batch', async () => {
    const sql = 'SELECT target, msg FROM log_entries ORDER BY time LIMIT 20000';
    const kept = await fixture.client.rows(sql, { preserve_dictionary: 'true' });
    expect(kept).toEqual(await fixture.client.rows(sql));
  });

  it('writes properties as JSONB', async () => {
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
