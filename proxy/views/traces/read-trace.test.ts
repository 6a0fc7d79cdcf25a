/** Tests the limits for reading a trace: the memory of its strings, and the number of searched processes. */
import { Binary, Dictionary, Int32, Int64, Table, TimestampNanosecond, Utf8, vectorFromArray } from 'apache-arrow';
import { readerOf } from '../lake-reader/testing/reader';
import { type ViewContext } from '../view-context';
import { accountOf } from '../../observe/memory/testing/accounts';
import { readTrace } from './read-trace';

const TRACE = 'ab'.repeat(16);
const PROCESS = '0b6f5a52-51c4-4d0c-9a3e-6d1d0b7f4a01';
const SPANS = 50;
/** JSONB: an object without properties. */
const NO_PROPERTIES = Uint8Array.of(0x40, 0, 0, 0);

/** @param values Values of some columns. Other columns have short values. */
function spansWith(values: Readonly<Record<string, string>>, rows = SPANS): Table {
  const all = (value: string) => vectorFromArray(new Array<string>(rows).fill(value), new Utf8());
  const numbers = (value: bigint) => vectorFromArray(new Array<bigint>(rows).fill(value), new Int64());
  const strings = (name: string, value = 'a') => all(values[name] ?? value);
  const names = [
    'exe',
    'username',
    'computer',
    'span_id',
    'parent_span_id',
    'name',
    'kind',
    'status',
    'status_message',
  ];
  const bag = vectorFromArray(new Array<Uint8Array>(rows).fill(NO_PROPERTIES), new Binary());
  const bags = ['process_properties', 'properties', 'events', 'links'];
  return new Table({
    process_id: all(PROCESS),
    ...Object.fromEntries(names.map((name) => [name, strings(name)])),
    ...Object.fromEntries(bags.map((name) => [name, bag])),
    start_ns: numbers(1n),
    duration: numbers(1n),
  });
}

function lakeOf(spans: Table, processIds: readonly string[] = [PROCESS]): ViewContext {
  const processes = new Table({
    process_id: vectorFromArray(processIds, new Utf8()),
    exe: vectorFromArray(new Array<string>(processIds.length).fill('a'), new Utf8()),
    last_seen: vectorFromArray(new Array<number>(processIds.length).fill(1), new TimestampNanosecond()),
  });
  return readerOf(({ sql }) => (sql.includes('FROM blocks') ? processes : spans));
}

it.each(['name', 'kind', 'status', 'status_message', 'span_id', 'parent_span_id'])(
  'counts the memory of the strings of %s',
  async (column) => {
    const lake = lakeOf(spansWith({ [column]: 'x'.repeat(100_000) }));
    const { spans } = await readTrace(lake, TRACE);
    expect(spans).toHaveLength(SPANS);
    expect(lake.memory.heldBytes).toBeGreaterThan(SPANS * 100_000);
  }
);

/** JSONB: an object with one string. */
function bagOf(characters: number): Uint8Array {
  const bytes = Buffer.alloc(4 + 8 + 1 + characters, 'x');
  bytes.writeUInt32BE(0x40000001, 0);
  bytes.writeUInt32BE(0x10000001, 4);
  bytes.writeUInt32BE(0x10000000 + characters, 8);
  return bytes;
}

it('fails within one batch if spans share a large dictionary value', async () => {
  const rows = 500;
  const bag = bagOf(200_000);
  const shared = new Dictionary(new Binary(), new Int32());
  const properties = vectorFromArray(new Array<Uint8Array>(rows).fill(bag), shared);
  const constant = spansWith({}, rows);
  const spans = new Table({
    ...Object.fromEntries(constant.schema.fields.map(({ name }) => [name, constant.getChild(name)!])),
    properties,
  });
  const memory = accountOf(10_000_000);
  await expect(readTrace({ ...lakeOf(spans), memory }, TRACE)).rejects.toMatchObject({ code: 'result_too_large' });
  expect(memory.heldBytes).toBeLessThan(15_000_000);
});

it('counts only the searched processes when it stops at the maximum number of spans', async () => {
  const ids = Array.from({ length: 24 }, (_, index) => PROCESS.slice(0, -2) + String(index).padStart(2, '0'));
  const trace = await readTrace(lakeOf(spansWith({}, 60_000), ids), TRACE);
  expect(trace.spans).toHaveLength(100_000);
  expect(trace).toMatchObject({ isTruncated: true, processes: 16, hasMoreProcesses: true });
});
