/**
 * A Flight server with the demo's telemetry in which almost every string is hostile: each program, target, message,
 * operation, thread and property has one of `HOSTILE_STRINGS` at its end. Equal strings stay equal.
 */
import { Binary, DataType, Table, Utf8, type Vector, vectorFromArray } from 'apache-arrow';
import { startLakehouse } from '../../demo/lakehouse/lakehouse';
import { encodeJsonb } from '../../demo/lakehouse/jsonb';
import { statementTicket, tablesCommand, TestClient } from '../../demo/lakehouse/test-client';
import { messagesOf } from '../../proxy/frames/data-frames/testing/arrow-messages';
import { ByteSink, writeJsonb } from '../../proxy/frames/arrow-ipc';
import {
  type DataCall,
  failCall,
  finish,
  flightData,
  startFlightServer,
} from '../../proxy/lakehouse/flight-sql/testing/flight-test-server';
import { unlimitedAccount } from '../../proxy/observe/memory/testing/accounts';
import { HOSTILE_STRINGS } from './hostile-strings';

/** Columns whose values the views compare with known values. */
const KNOWN_VALUES =
  /(?:^|_)(?:id|trace|part|kind|status|format|level|unit|data_type|column_name|table_name|name_kind)$/;

/** The string with a hostile string at its end. Always the same for the same string. */
function hostile(string: string): string {
  let sum = 0;
  for (let index = 0; index < string.length; index++) {
    sum = (sum * 31 + string.charCodeAt(index)) % 1_000_003;
  }
  return `${string} ${HOSTILE_STRINGS[sum % HOSTILE_STRINGS.length]}`;
}

type Json = Parameters<typeof encodeJsonb>[0];

/** Makes all strings in properties hostile, and adds a hostile property to each object. */
function hostileJson(value: Json): Json {
  if (typeof value === 'string') {
    return hostile(value);
  }
  if (Array.isArray(value)) {
    return value.map(hostileJson);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const pairs = Object.entries(value).map(([key, child]) => [
    key,
    /^otel\.|time|_id$/.test(key) ? child : hostileJson(child),
  ]);
  const key = HOSTILE_STRINGS[pairs.length % HOSTILE_STRINGS.length];
  return Object.fromEntries([...pairs, [key, key]]);
}

function hostileJsonb(bytes: Uint8Array): Uint8Array {
  const sink = new ByteSink(unlimitedAccount(), bytes.length * 2);
  return writeJsonb(bytes, sink) === undefined
    ? encodeJsonb(hostileJson(JSON.parse(Buffer.from(sink.finish()).toString())))
    : bytes;
}

function hostileColumn(name: string, column: Vector): Vector {
  const type: DataType = DataType.isDictionary(column.type) ? column.type.dictionary : column.type;
  if (DataType.isUtf8(type) && !KNOWN_VALUES.test(name)) {
    return vectorFromArray(
      Array.from(column, (value: string | null) => value && hostile(value)),
      new Utf8()
    );
  }
  if (DataType.isBinary(type) && /properties|events|links/.test(name)) {
    const known = new Map<string, Uint8Array>();
    const changed = (bytes: Uint8Array) => {
      const key = Buffer.from(bytes).toString('latin1');
      const found = known.get(key) ?? hostileJsonb(bytes);
      known.set(key, found);
      return found;
    };
    return vectorFromArray(
      Array.from(column, (value: Uint8Array | null) => value && changed(value)),
      new Binary()
    );
  }
  return column;
}

const hostileTable = (table: Table): Table =>
  new Table(
    Object.fromEntries(
      table.schema.fields.map(({ name }, index) => [name, hostileColumn(name, table.getChildAt(index)!)])
    )
  );

export interface HostileLakehouse {
  /** `host:port`. Needs no sign-in. */
  address: string;
  startMs: number;
  close(): Promise<void>;
}

export async function startHostileLakehouse(): Promise<HostileLakehouse> {
  const lakehouse = await startLakehouse({ apiKeys: [] });
  const client = new TestClient(lakehouse.address);
  const relay = async (sql: string, call: DataCall) => {
    const names = Object.entries(call.metadata.getMap()).filter(([name]) => name.startsWith('query_'));
    const headers = Object.fromEntries(names.map(([name, value]) => [name, String(value)]));
    if (sql === 'tables') {
      const { endpoint } = await client.flightInfo(tablesCommand({ includeSchema: true }));
      const messages = await client.messages(endpoint[0].ticket!.ticket);
      finish(call, ...messages.map(({ dataHeader, dataBody }) => flightData(dataHeader, dataBody)));
      return;
    }
    const messages = await client.messages(statementTicket(sql), headers);
    const table = hostileTable(await client.query(sql, headers));
    const changed =
      table.numRows === 0
        ? messages.map((m) => flightData(m.dataHeader, m.dataBody))
        : messagesOf(table).map(({ header, body }) => flightData(header, body));
    finish(call, ...changed);
  };
  const server = await startFlightServer({
    doGet: (sql, call) =>
      void relay(sql, call).catch((reason: { code?: number; details?: string }) =>
        failCall(call, reason.code ?? 13, hostile(reason.details ?? String(reason)))
      ),
  });
  return {
    address: `127.0.0.1:${server.port}`,
    startMs: lakehouse.startMs,
    async close() {
      server.kill();
      client.close();
      await lakehouse.close();
    },
  };
}
