import { create, toBinary } from '@bufbuild/protobuf';
import { anyPack, AnySchema } from '@bufbuild/protobuf/wkt';
import { status } from '@grpc/grpc-js';
import { tableFromIPC } from 'apache-arrow';
import {
  ActionCreatePreparedStatementRequestSchema,
  CommandGetSqlInfoSchema,
} from '../../proxy/generated/arrow/flight/flight_sql_pb';
import { useLakehouse } from './lakehouse-fixture';
import { processByKey, streamId } from './story';
import { statementCommand, statementTicket, tablesCommand, toTable, wrappedTicket } from './test-client';

const fixture = useLakehouse();

describe('the Flight service', () => {
  it('responds to GetFlightInfo with a bare ticket and an empty schema, and does not parse the SQL', async () => {
    const info = await fixture.client.flightInfo(statementCommand('selec nonsense'));
    expect(info).toMatchObject({ totalRecords: -1n, totalBytes: -1n, ordered: false });
    expect(info.flightDescriptor).toBeUndefined();
    expect(info.endpoint).toHaveLength(1);
    expect(Buffer.from(info.endpoint[0]!.ticket!.ticket)).toEqual(Buffer.from(statementTicket('selec nonsense')));
    expect(tableFromIPC(info.schema).schema.fields).toEqual([]);
  });

  it('accepts a ticket that is wrapped in Any', async () => {
    expect(
      toTable(await fixture.client.messages(wrappedTicket('SELECT 1 AS one')))
        .toArray()[0]
        ?.toJSON()
    ).toEqual({ one: 1 });
  });

  it.each([
    [{}, ['blocks', 'log_entries', 'log_stats', 'measures', 'processes', 'streams']],
    [{ tableNameFilterPattern: 'log\\_%' }, ['log_entries', 'log_stats']],
    [{ tableNameFilterPattern: '%s_r%' }, ['measures', 'processes', 'streams'].filter((name) => /s.r/.test(name))],
    [{ catalog: 'datafusion' }, []],
    [
      { catalog: '', dbSchemaFilterPattern: '%' },
      ['blocks', 'log_entries', 'log_stats', 'measures', 'processes', 'streams'],
    ],
    [{ tableTypes: ['TABLE'] }, []],
    [{ tableTypes: ['table'], tableNameFilterPattern: 'block_' }, ['blocks']],
  ])('lists the tables that the filter %j selects', async (filter, names) => {
    const info = await fixture.client.flightInfo(tablesCommand(filter));
    const table = toTable(await fixture.client.messages(info.endpoint[0]!.ticket!.ticket));
    expect(table.toArray().map((row) => row['table_name'] as string)).toEqual(names);
  });

  it('creates and closes a prepared statement', async () => {
    const request = create(ActionCreatePreparedStatementRequestSchema, {
      query: 'SELECT exe, count(*) FROM log_entries GROUP BY exe',
    });
    const body = toBinary(AnySchema, anyPack(ActionCreatePreparedStatementRequestSchema, request));
    expect(await fixture.client.doAction('CreatePreparedStatement', body)).toHaveLength(1);
    expect(await fixture.client.doAction('ClosePreparedStatement', new Uint8Array())).toHaveLength(0);
  });

  it.each([
    [[], [0, 1, 2, 508, 509, 510, 511, 512]],
    [
      [0, 510],
      [0, 510],
    ],
  ])('responds to GetSqlInfo for the numbers %j', async (info, numbers) => {
    const command = toBinary(AnySchema, anyPack(CommandGetSqlInfoSchema, create(CommandGetSqlInfoSchema, { info })));
    const { endpoint } = await fixture.client.flightInfo(command);
    const rows = toTable(await fixture.client.messages(endpoint[0]!.ticket!.ticket)).toArray();
    expect(rows.map((row) => row['info_name'] as number)).toEqual(numbers);
    expect(rows[0]?.['value']).toBe('Micromegas Flight SQL Server');
    const functions = rows.find((row) => row['info_name'] === 510)?.['value'] as Iterable<string>;
    expect([...functions]).toContain('strpos');
  });

  it('prepares a statement without a time range, even if its view requires a time range', async () => {
    const query = `SELECT * FROM view_instance('thread_spans', '${streamId(processByKey('server').id, 'cpu')}')`;
    const body = toBinary(
      AnySchema,
      anyPack(ActionCreatePreparedStatementRequestSchema, create(ActionCreatePreparedStatementRequestSchema, { query }))
    );
    expect(await fixture.client.doAction('CreatePreparedStatement', body)).toHaveLength(1);
  });

  it('rejects other commands and actions', async () => {
    const typeUrl = 'type.googleapis.com/arrow.flight.protocol.sql.CommandGetCatalogs';
    const command = toBinary(AnySchema, create(AnySchema, { typeUrl }));
    await expect(fixture.client.flightInfo(command)).rejects.toMatchObject({ code: status.UNIMPLEMENTED });
    await expect(fixture.client.doAction('BeginTransaction', new Uint8Array())).rejects.toMatchObject({
      code: status.UNIMPLEMENTED,
    });
    await expect(fixture.client.doAction('CancelFlightInfo', new Uint8Array())).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
    });
  });

  it('uses the names of DataFusion in information_schema and SHOW TABLES', async () => {
    const columns = await fixture.client.rows(
      `SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'streams' LIMIT 1`
    );
    expect(columns).toEqual([{ column_name: 'stream_id', data_type: 'Utf8' }]);
    expect((await fixture.client.rows('SHOW TABLES'))[0]).toMatchObject({
      table_catalog: 'datafusion',
      table_schema: 'public',
      table_name: 'blocks',
    });
  });

  it('describes a table', async () => {
    const columns = await fixture.client.rows('SHOW COLUMNS FROM log_entries');
    expect(columns[0]).toMatchObject({
      column_name: 'process_id',
      data_type: 'Dictionary(Int32, Utf8)',
      is_nullable: 'NO',
    });
    expect((await fixture.client.rows('DESCRIBE measures')).map((row) => row['column_name'])).toContain('value');
  });
});
