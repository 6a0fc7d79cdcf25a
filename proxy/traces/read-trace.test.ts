/** The memory of a trace, whose texts come from telemetry. */
import { Int64, Table, TimestampNanosecond, Utf8, vectorFromArray } from 'apache-arrow';
import { readerOf } from '../lake-reader/testing/reader';
import { readTrace } from './read-trace';

const TRACE = 'ab'.repeat(16);
const PROCESS = '0b6f5a52-51c4-4d0c-9a3e-6d1d0b7f4a01';
const SPANS = 50;

const all = (text: string) => vectorFromArray(new Array<string>(SPANS).fill(text), new Utf8());
const numbers = (value: bigint) => vectorFromArray(new Array<bigint>(SPANS).fill(value), new Int64());

/** @param texts Values of columns; others are short. */
function spansWith(texts: Readonly<Record<string, string>>): Table {
  const text = (name: string, value = 'a') => all(texts[name] ?? value);
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
  const bags = ['process_properties', 'properties', 'events', 'links'];
  return new Table({
    process_id: all(PROCESS),
    ...Object.fromEntries(names.map((name) => [name, text(name)])),
    ...Object.fromEntries(bags.map((name) => [name, text(name, '{}')])),
    start_ns: numbers(1n),
    duration: numbers(1n),
  });
}

it.each(['name', 'kind', 'status', 'status_message', 'span_id', 'parent_span_id'])(
  'counts the memory of the texts of %s',
  async (column) => {
    const lake = readerOf(({ sql }) =>
      sql.includes('FROM streams')
        ? new Table({
            process_id: vectorFromArray([PROCESS], new Utf8()),
            exe: vectorFromArray(['a'], new Utf8()),
            last_seen: vectorFromArray([1], new TimestampNanosecond()),
          })
        : spansWith({ [column]: 'x'.repeat(100_000) })
    );
    const { spans } = await readTrace(lake, TRACE);
    expect(spans).toHaveLength(SPANS);
    expect(lake.memory.heldBytes).toBeGreaterThan(SPANS * 100_000);
  }
);
