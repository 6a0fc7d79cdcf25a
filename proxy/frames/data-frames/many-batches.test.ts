/**
 * A server may send a result in any number of batches, so the work for a batch depends on its own rows only: not on the
 * length of a dictionary, and not on the rows of earlier batches.
 */
import { growth } from '../../../tests/support/growth';
import { unlimitedAccount } from '../../observe/memory/testing/accounts';
import { type ArrowType, createRawConverter, type IpcMessage } from '../arrow-ipc';
import { batchMessageOf, dictionaryMessageOf, field, int32s, schemaMessageOf } from '../arrow-ipc/testing/write-ipc';
import { type FrameContext } from './frame-builder';
import { type FrameOptions } from './frame-options';
import { LogLabels } from './log-labels';
import { Notices } from './notices';
import { type ResultColumn } from './result-columns';
import { build, OPTIONS } from './testing/arrow-messages';

const NO_BYTES = new Uint8Array(0);
const INT32 = { kind: 'int', bits: 32, signed: true } as const;
const TIME: ArrowType = { kind: 'timestamp', unit: 'nanosecond', timezone: undefined };
/** Rows of a batch. */
const ROWS = 8;
/** Values of the dictionary for each batch. */
const VALUES_PER_BATCH = 64;

/** The offsets of strings of one byte each. */
function offsets(count: number): Uint8Array {
  return new Uint8Array(Int32Array.from({ length: count + 1 }, (_, index) => index).buffer);
}

/** Batches of a time and a dictionary column. Every second row of the column is null. */
function batchesOf(value: ArrowType, dictionaryOf: (values: number) => IpcMessage, batches: number): IpcMessage[] {
  const batch = batchMessageOf({
    length: ROWS,
    nodes: [
      [ROWS, 0],
      [ROWS, ROWS / 2],
    ],
    buffers: [NO_BYTES, new Uint8Array(ROWS * 8), Uint8Array.of(0b10101010), int32s(0, 1, 2, 3, 4, 5, 6, 7)],
  });
  return [
    schemaMessageOf([field('time', TIME), field('value', { kind: 'dictionary', id: 0, index: INT32, value })]),
    dictionaryOf(batches * VALUES_PER_BATCH),
    ...new Array<IpcMessage>(batches).fill(batch),
  ];
}

function strings(values: number): IpcMessage {
  const buffers = [NO_BYTES, offsets(values), new Uint8Array(values).fill(0x61)];
  return dictionaryMessageOf({ length: values, nodes: [[values, 0]], buffers });
}

/** Numbers whose address is not aligned. */
function numbers(values: number): IpcMessage {
  const buffers = [NO_BYTES, new Uint8Array(values * 8 + 1)];
  const places = [
    [0, 0],
    [1, values * 8],
  ] as const;
  return dictionaryMessageOf({ length: values, nodes: [[values, 0]], buffers, places });
}

describe('takes values of a dictionary for many batches in linear time', () => {
  const text = { value: { kind: 'utf8' } as const, dictionaryOf: strings };
  const number = { value: { kind: 'int', bits: 64, signed: true } as const, dictionaryOf: numbers };
  it.each<{ name: string; source: typeof text | typeof number; options: Partial<FrameOptions> }>([
    { name: 'strings of a table', source: text, options: {} },
    { name: 'strings of a table in JSON', source: text, options: { encoding: 'json' } },
    { name: 'strings of log lines', source: text, options: { format: 'logs' } },
    { name: 'numbers of a table', source: number, options: {} },
    { name: 'numbers of a time series', source: number, options: { format: 'time_series' } },
  ])('$name', async ({ source: { value, dictionaryOf }, options }) => {
    const run = (messages: IpcMessage[]) => build(messages, options);
    expect(await growth(run, (batches) => batchesOf(value, dictionaryOf, batches), 400)).toBeLessThan(8);
  });
});

it('takes the labels of a line in constant time, however many label sets there are', async () => {
  const memory = unlimitedAccount();
  const column: ResultColumn = {
    index: 0,
    name: 'target',
    type: { kind: 'utf8' },
    converter: createRawConverter({ kind: 'utf8' }, memory),
  };
  const labelsOf = (count: number) => {
    const context = { options: { ...OPTIONS, memory }, notices: new Notices() } as unknown as FrameContext;
    const labels = new LogLabels([column], [], context);
    const digits = Buffer.from(Array.from({ length: count }, (_, index) => String(index).padStart(8)).join(''));
    const ends = Int32Array.from({ length: count + 1 }, (_, index) => index * 8);
    const buffers = [new Uint8Array(ends.buffer), digits];
    const vector = {
      type: column.type,
      length: count,
      nullCount: 0,
      validity: null,
      buffers,
      children: [],
      dictionary: null,
    };
    return { labels, ids: labels.add([vector], count) };
  };
  const takeOneByOne = ({ labels, ids }: ReturnType<typeof labelsOf>) => {
    for (let line = 0; line < ids.length; line++) {
      labels.column(ids.subarray(line, line + 1));
    }
  };
  expect(await growth(takeOneByOne, labelsOf, 2000)).toBeLessThan(8);
});
