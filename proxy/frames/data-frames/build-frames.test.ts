import { Binary, Dictionary, Int32, Null, Table, TimestampSecond, Utf8, vectorFromArray } from 'apache-arrow';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type IpcMessage } from '../arrow-ipc';
import { generator } from '../arrow-ipc/testing/ipc-bytes';
import { schemaMessage, schemaTables } from '../arrow-ipc/write-metadata';
import { ProxyError } from '../../base/errors/proxy-error';
import {
  build,
  buildOne,
  columnOf,
  messagesOf,
  OPTIONS,
  readFrame,
  splitStream,
  stream,
  timeColumn,
} from './testing/arrow-messages';
import { buildFrames } from './build-frames';
import { type FrameOptions } from './frame-options';

function numberColumn(...values: number[]) {
  return columnOf(new Int32(), Int32Array.from(values));
}

function numbers(...values: number[]): Table {
  return new Table({ n: numberColumn(...values) });
}

/** Batches of one Int32 column. */
function numberBatches(...batches: number[][]): IpcMessage[] {
  const [head, ...rest] = batches.map((values) => messagesOf(numbers(...values)));
  return [...(head ?? []), ...rest.flatMap((messages) => messages.slice(1))];
}

describe('the frame', () => {
  it('keeps unconverted columns as views of the received bytes', async () => {
    const body = new Int32Array(2000).map((_, row) => row);
    const messages = messagesOf(new Table({ n: columnOf(new Int32(), body) }));
    const { frames } = await build(messages);
    expect(frames[0]?.filter((piece) => piece.buffer === messages[1]?.body.buffer)).toEqual([messages[1]?.body]);
  });

  it('keeps unconverted columns as views next to converted columns', async () => {
    const messages = messagesOf(
      new Table({
        n: columnOf(
          new Int32(),
          new Int32Array(2000).map((_, row) => row)
        ),
        t: columnOf(new TimestampSecond(), new BigInt64Array(2000)),
      })
    );
    const { frames } = await build(messages);
    expect(frames[0]?.some((piece) => piece.buffer === messages[1]?.body.buffer)).toBe(true);
    expect(readFrame(frames[0] ?? []).fields[0]?.values.slice(0, 3)).toEqual([0, 1, 2]);
  });

  it('contains refId, SQL, custom values and notices of the options', async () => {
    const frame = await buildOne(messagesOf(numbers(1)), {
      refId: 'B',
      executedQueryString: 'SELECT n',
      custom: { limit: 7 },
      notices: [{ severity: 'info', text: 'hello' }],
    });
    expect(frame.refId).toBe('B');
    expect(frame.meta).toEqual({
      type: 'numeric-wide',
      typeVersion: [0, 1],
      executedQueryString: 'SELECT n',
      custom: { limit: 7 },
      notices: [{ severity: 'info', text: 'hello' }],
    });
  });

  it('is returned with its numbers of rows and bytes', async () => {
    const built = await build(numberBatches([1, 2], [3]));
    expect(built).toMatchObject({ rows: 3, truncated: false });
    expect(built.bytes).toBe(Buffer.concat(built.frames[0] ?? []).length);
  });

  it('contains the rows of all batches and skips empty batches', async () => {
    const frame = await buildOne(numberBatches([1, 2], [], [3]));
    expect(frame.fields[0]?.values).toEqual([1, 2, 3]);
  });

  it.each(['table', 'time_series', 'logs'] as const)(
    'is missing if the result has no rows, in the format %s',
    async (format) => {
      const line = { time: timeColumn([1n]), msg: vectorFromArray(['a'], new Utf8()), n: numberColumn(1) };
      const [schema, ...batches] = messagesOf(new Table(line));
      const empty = messagesOf(new Table({ ...line }).slice(0, 0));
      expect(
        await build(
          [schema].flatMap((message) => message ?? []),
          { format }
        )
      ).toMatchObject({ frames: [], rows: 0 });
      expect(await build(empty, { format })).toMatchObject({ frames: [], rows: 0 });
      expect(
        (
          await build(
            [schema, ...batches].flatMap((message) => message ?? []),
            { format }
          )
        ).frames
      ).toHaveLength(1);
    }
  );

  it('is missing for a statement without a result set', async () => {
    const header = schemaMessage(schemaTables({ fields: [], metadata: new Map() }));
    expect(await build([{ header, body: new Uint8Array(0) }])).toEqual({
      frames: [],
      rows: 0,
      bytes: 0,
      truncated: false,
    });
  });

  it('keeps duplicate names, and calls a column without a name by its number', async () => {
    const one = columnOf(new Int32(), Int32Array.of(1));
    const [schema, ...batches] = messagesOf(new Table({ aa: one, bb: one, cc: one }));
    // The reference implementation merges columns with equal names, so the test changes the names in the schema
    // message.
    const header = Buffer.from(schema?.header ?? []);
    header.write('aa', header.indexOf('bb'));
    header.writeUInt32LE(0, header.indexOf('cc') - 4);
    const frame = await buildOne([{ header, body: new Uint8Array(0) }, ...batches]);
    expect(frame.fields.map(({ name }) => name)).toEqual(['aa', 'aa', 'column_3']);
    // Columns with equal names cannot be told apart, so the kind is not `numeric-wide`.
    expect(frame.meta.type).toBe('table');
  });

  it('contains a row of 6 MB', async () => {
    const value = 'x'.repeat(6_000_000);
    const frame = await buildOne(messagesOf(new Table({ t: vectorFromArray([value, 'y'], new Utf8()) })));
    expect(frame.fields[0]?.values).toEqual([value, 'y']);
  });

  it('converts times that Grafana cannot show to null, with a notice', async () => {
    const times = columnOf(new TimestampSecond(), BigInt64Array.of(1n, 2n ** 40n, 3n));
    const frame = await buildOne(messagesOf(new Table({ t: times })));
    expect(frame.fields[0]?.values).toEqual([1_000_000_000n, null, 3_000_000_000n]);
    expect(frame.meta.notices).toMatchObject([{ text: expect.stringContaining('1677 to 2262') }]);
  });
});

describe('binary columns', () => {
  const object = Buffer.from('40000001100000011000000161' + '62', 'hex');

  it('become JSON if the first value is JSONB, and later values that are not JSONB become null', async () => {
    const column = vectorFromArray([null, new Uint8Array(0), object, Buffer.from('oops')], new Binary());
    const frame = await buildOne(messagesOf(new Table({ properties: column })));
    expect(frame.fields[0]).toMatchObject({ type: 'Binary', values: [null, null, '{"a":"b"}', null] });
    expect(frame.meta.notices).toMatchObject([{ text: expect.stringContaining('not valid JSONB') }]);
  });

  it.each([
    ['plain column', new Binary()],
    ['dictionary column', new Dictionary(new Binary(), new Int32())],
  ])('become JSON even if the first value is JSONB that is nested too deep (%s)', async (_, type) => {
    let deep = object;
    for (let depth = 0; depth < 150; depth++) {
      const head = Buffer.alloc(8);
      head.writeUInt32BE(0x80000001, 0);
      head.writeUInt32BE(0x50000000 + deep.length, 4);
      deep = Buffer.concat([head, deep]);
    }
    const frame = await buildOne(messagesOf(new Table({ p: vectorFromArray([deep, object, deep], type) })));
    expect(frame.fields[0]).toMatchObject({ type: 'Binary', values: [null, '{"a":"b"}', null] });
    expect(frame.meta.notices).toMatchObject([
      { text: expect.stringMatching(/^Column "p" .* holds JSONB that is nested deeper than 100 levels; such values/) },
    ]);
  });

  it('become JSON even if batches of nulls precede the first value', async () => {
    const first = messagesOf(new Table({ p: vectorFromArray([null, null], new Binary()) }));
    const second = messagesOf(new Table({ p: vectorFromArray([object], new Binary()) }));
    const frame = await buildOne([...first, ...second.slice(1)]);
    expect(frame.fields[0]).toMatchObject({ type: 'Binary', values: [null, null, '{"a":"b"}'] });
  });

  it('become base64 strings if they contain other bytes', async () => {
    const frame = await buildOne(
      messagesOf(new Table({ p: vectorFromArray([Buffer.from('CBOR'), object], new Binary()) }))
    );
    expect(frame.fields[0]).toMatchObject({ type: 'Utf8', values: ['Q0JPUg==', object.toString('base64')] });
  });
});

describe('the row limit', () => {
  const reason = { maxRows: 3, rowLimitReason: 'the row limit of the query' };

  it('truncates within a batch, adds a notice and stops receiving', async () => {
    let taken = 0;
    let ended = false;
    async function* source(): AsyncGenerator<IpcMessage> {
      try {
        for (const message of numberBatches([1, 2], [3, 4], [5, 6])) {
          taken++;
          yield message;
        }
      } finally {
        ended = true;
      }
    }
    const built = await buildFrames(source(), { ...OPTIONS, ...reason });
    expect(built).toMatchObject({ rows: 3, truncated: true });
    expect({ taken, ended }).toEqual({ taken: 3, ended: true });
    const frame = readFrame(built.frames[0] ?? []);
    expect(frame.fields[0]?.values).toEqual([1, 2, 3]);
    expect(frame.meta.notices).toEqual([
      { severity: 'warning', text: expect.stringMatching(/^Showing the first 3 rows: the row limit of the query\. /) },
    ]);
  });

  it('adds an info instead of a warning if the user can load more rows', async () => {
    const built = await build(numberBatches([1, 2, 3], [4]), { ...reason, isContinued: true });
    expect(readFrame(built.frames[0] ?? []).meta.notices).toEqual([
      {
        severity: 'info',
        text: expect.stringMatching(/^Showing the first 3 rows: the row limit of the query\. Scroll/),
      },
    ]);
  });

  it('does not truncate a result that has exactly as many rows as the limit', async () => {
    const built = await build(numberBatches([1, 2], [3]), reason);
    expect(built).toMatchObject({ rows: 3, truncated: false });
  });

  it('truncates at the end of a batch', async () => {
    const built = await build(numberBatches([1, 2, 3], [4]), reason);
    expect(built).toMatchObject({ rows: 3, truncated: true });
  });

  it.each(['table', 'logs', 'time_series'] as const)(
    'truncates columns of every type in the format %s',
    async (format) => {
      const messages = splitStream(readFileSync(join(__dirname, 'golden', 'every-type.arrows')));
      const built = await build(messages, { format, maxRows: 4 });
      expect(built).toMatchObject({ rows: 4, truncated: true });
    }
  );
});

describe('a result', () => {
  const read = (file: string) => splitStream(readFileSync(join(__dirname, 'golden', file)));
  const golden = read('every-type.arrows');

  async function outcome(messages: IpcMessage[], format: FrameOptions['format']): Promise<string> {
    try {
      await build(messages, { format });
      return 'ok';
    } catch (reason) {
      if (reason instanceof ProxyError) {
        return reason.code;
      }
      throw reason;
    }
  }

  it('fails as malformed or is converted if a message is truncated', async () => {
    for (let index = 0; index < golden.length; index++) {
      const message = golden[index] ?? { header: new Uint8Array(0), body: new Uint8Array(0) };
      for (const share of [0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99]) {
        const header = message.header.subarray(0, Math.floor(message.header.length * share));
        expect(await outcome(golden.with(index, { ...message, header }), 'table')).toMatch(/^(ok|result_malformed)$/);
        const body = message.body.subarray(0, Math.floor(message.body.length * share));
        expect(await outcome(golden.with(index, { ...message, body }), 'table')).toMatch(/^(ok|result_malformed)$/);
      }
    }
  });

  it('fails with a ProxyError or is converted, for any changed bytes', async () => {
    const random = generator(99);
    const codes = new Set<string>();
    for (let round = 0; round < 1500; round++) {
      const index = random(golden.length);
      const message = golden[index];
      if (message === undefined) {
        continue;
      }
      const part = round % 3 === 0 && message.body.length > 0 ? 'body' : 'header';
      const bytes = Uint8Array.from(message[part]);
      bytes[random(bytes.length)] = random(256);
      const format = (['table', 'logs', 'time_series'] as const)[Math.floor(round / 3) % 3] ?? 'table';
      codes.add(await outcome(golden.with(index, { ...message, [part]: bytes }), format));
    }
    expect([...codes].sort()).toEqual(expect.arrayContaining(['ok', 'result_malformed']));
  });

  it.each(['every-type-lz4.arrows', 'every-type-zstd.arrows', 'nested.arrows', 'delta-dictionaries.arrows'])(
    'fails with a ProxyError or is converted, for any changed bytes of %s',
    async (file) => {
      const messages = read(file);
      const random = generator(42);
      for (let round = 0; round < 400; round++) {
        const index = random(messages.length);
        const message = messages[index] ?? { header: new Uint8Array(0), body: new Uint8Array(0) };
        const part = round % 3 !== 0 && message.body.length > 0 ? 'body' : 'header';
        const bytes = Uint8Array.from(message[part]);
        for (let change = random(3); change >= 0; change--) {
          bytes[random(bytes.length)] = random(256);
        }
        expect(await outcome(messages.with(index, { ...message, [part]: bytes }), 'table')).toMatch(
          /^(ok|result_(malformed|too_large|schema_changed))$/
        );
      }
    }
  );

  it('fails if a few bytes announce millions of rows', async () => {
    const [schema, batch] = messagesOf(new Table({ n: vectorFromArray([null, null], new Null()) }));
    const header = Buffer.from(batch?.header ?? []);
    for (let at = 0; at + 8 <= header.length; at += 4) {
      if (header.readBigInt64LE(at) === 2n) {
        header.writeBigInt64LE(2_000_000_000n, at);
      }
    }
    const messages = [schema, { header, body: new Uint8Array(0) }].flatMap((message) => message ?? []);
    await expect(build(messages, { maxRows: Infinity })).rejects.toMatchObject({ code: 'result_malformed' });
  });

  it('fails if strings are outside of their buffer, even in a column that is passed through', async () => {
    const [schema, batch] = messagesOf(new Table({ t: vectorFromArray(['abc', 'd'], new Utf8()) }));
    const body = Buffer.from(batch?.body ?? []);
    body.writeInt32LE(1000, body.indexOf(Buffer.from([3, 0, 0, 0])));
    const messages = [schema, batch && { ...batch, body }].flatMap((message) => message ?? []);
    await expect(build(messages)).rejects.toMatchObject({ code: 'result_malformed' });
  });

  it('fails if the schema is missing', async () => {
    await expect(build([])).rejects.toMatchObject({ code: 'result_malformed' });
    await expect(build(messagesOf(numbers(1)).slice(1))).rejects.toMatchObject({ code: 'result_malformed' });
  });

  it('fails if the columns change between two messages', async () => {
    const other = messagesOf(new Table({ m: columnOf(new Int32(), Int32Array.of(1)) }));
    await expect(build([...messagesOf(numbers(1)), ...other])).rejects.toMatchObject({ code: 'result_schema_changed' });
  });

  it('may repeat the schema, because each endpoint sends it', async () => {
    const frame = await buildOne([...messagesOf(numbers(1)), ...messagesOf(numbers(2))]);
    expect(frame.fields[0]?.values).toEqual([1, 2]);
  });
});

it('stops when the query is cancelled', async () => {
  const signal = AbortSignal.abort();
  await expect(buildFrames(stream(messagesOf(numbers(1))), { ...OPTIONS, signal })).rejects.toMatchObject({
    code: 'query_cancelled',
  });
});

it('rejects with the error of the stream', async () => {
  const failure = new ProxyError('connection_lost');
  async function* broken(): AsyncGenerator<IpcMessage> {
    yield* messagesOf(numbers(1));
    throw failure;
  }
  await expect(buildFrames(broken(), OPTIONS)).rejects.toBe(failure);
});

it('fails as soon as the received rows exceed the limit of a frame', async () => {
  const [schema, batch] = messagesOf(new Table({ text: vectorFromArray(['x'.repeat(2 ** 26)], new Utf8()) }));
  let sent = 0;
  async function* endless(): AsyncGenerator<IpcMessage> {
    yield schema as IpcMessage;
    for (;;) {
      sent += 1;
      yield batch as IpcMessage;
    }
  }
  const failure = await buildFrames(endless(), OPTIONS).catch((reason: unknown) => reason);
  expect(failure).toMatchObject({ code: 'result_too_large' });
  expect(sent).toBeLessThan(40);
});
