/** Messages whose bodies come in pieces, as long ones do: they give the same frames, and the same errors. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Field, Float64, Int64, Schema, Table, TimestampNanosecond, Utf8, vectorFromArray } from 'apache-arrow';
import { generator } from '../arrow-ipc/testing/ipc-bytes';
import { type IpcMessage } from '../arrow-ipc/ipc-message';
import { ProxyError } from '../errors/proxy-error';
import { ReceivedBytes } from '../flight-sql/received-bytes';
import { type FrameOptions } from './build-frames';
import { build, columnOf, messagesOf, splitStream } from './testing/arrow-messages';

/** A body in pieces of up to `size` bytes, none of them at an aligned address. */
function inPieces(body: Uint8Array, size: number): ReceivedBytes {
  const moved = new Uint8Array(body.length + 3).subarray(3);
  moved.set(body);
  const count = Math.ceil(body.length / size);
  const pieces = Array.from({ length: count }, (_, index) => moved.subarray(index * size, (index + 1) * size));
  return new ReceivedBytes(pieces, body.length);
}

function split(messages: ReadonlyArray<{ header: Uint8Array; body: Uint8Array }>, size: number): IpcMessage[] {
  return messages.map(({ header, body }) => ({ header, body: inPieces(body, size) }));
}

/** The frames as bytes, or the code of the error. */
async function outcome(messages: Iterable<IpcMessage>, options: Partial<FrameOptions> = {}): Promise<string> {
  try {
    const { frames } = await build(messages, options);
    return frames.map((pieces) => Buffer.concat(pieces).toString('base64')).join(' ');
  } catch (reason) {
    return ProxyError.from(reason).code;
  }
}

function points(rows: number): Table {
  const times = BigInt64Array.from({ length: rows }, (_, row) => 1_700_000_000_000_000_000n + BigInt(row));
  return new Table(
    new Schema([new Field('time', new TimestampNanosecond(), true), new Field('value', new Float64(), true)]),
    {
      time: columnOf(new TimestampNanosecond(), times),
      value: columnOf(
        new Float64(),
        Float64Array.from({ length: rows }, (_, row) => row / 7)
      ),
    }
  );
}

describe('the same frames', () => {
  const formats: Array<FrameOptions['format']> = ['table', 'time_series', 'logs'];

  it.each(['every-type.arrows', 'every-type-lz4.arrows', 'nested.arrows', 'delta-dictionaries.arrows'])(
    '%s',
    async (file) => {
      const messages = splitStream(readFileSync(join(__dirname, 'golden', file)));
      for (const format of formats) {
        expect(await outcome(split(messages, 61), { format })).toBe(await outcome(messages, { format }));
      }
    }
  );

  it.each<{ name: string; options: Partial<FrameOptions> }>([
    { name: 'a table', options: {} },
    { name: 'a time series', options: { format: 'time_series' } },
    { name: 'a cut result', options: { maxRows: 3500 } },
    { name: 'JSON', options: { encoding: 'json' } },
    { name: 'big integers as text', options: { bigIntegersAsText: true } },
  ])('points as $name', async ({ options }) => {
    const messages = [...messagesOf(points(3000)), ...messagesOf(points(1000)).slice(1)];
    expect(await outcome(split(messages, 4099), options)).toBe(await outcome(messages, options));
  });
});

it('hands the pieces of columns on that need no look', async () => {
  const messages = split(messagesOf(points(3000)), 10_000);
  const { frames } = await build(messages);
  const { body } = messages[1] ?? {};
  const pieces = body instanceof Uint8Array ? [] : (body?.pieces ?? []);
  expect(pieces).toHaveLength(5);
  expect(frames[0]).toEqual(expect.arrayContaining([...pieces]));
  expect(pieces.every((piece) => frames[0]?.includes(piece))).toBe(true);
});

it('finds big integers', async () => {
  const table = new Table({
    n: columnOf(
      new Int64(),
      BigInt64Array.from({ length: 3000 }, () => 2n ** 60n)
    ),
  });
  const { frames } = await build(split(messagesOf(table), 5000));
  expect(Buffer.concat(frames.flat()).toString('latin1')).toContain('holds integers beyond');
});

it('fails when texts lie outside of their buffer', async () => {
  const [schema, batch] = messagesOf(new Table({ t: vectorFromArray(['abc', 'd'], new Utf8()) }));
  const body = Buffer.from(batch?.body ?? []);
  body.writeInt32LE(1000, body.indexOf(Buffer.from([3, 0, 0, 0])));
  const messages = [schema, batch && { ...batch, body }].flatMap((message) => message ?? []);
  expect(await outcome(split(messages, 10))).toBe('result_malformed');
});

it('judges every header as it does with a body in one place', async () => {
  const messages = messagesOf(points(500));
  const random = generator(7);
  const codes = new Set<string>();
  for (let round = 0; round < 1500; round++) {
    const header = Uint8Array.from(messages[1]?.header ?? []);
    for (let change = random(2); change >= 0; change--) {
      header[random(header.length)] = random(256);
    }
    const body = (messages[1]?.body ?? header).subarray(0, random(4) === 0 ? random(8000) : undefined);
    const changed = messages.with(1, { header, body });
    const whole = await outcome(changed);
    expect(await outcome(split(changed, 1000))).toBe(whole);
    codes.add(/^[a-z_]+$/.test(whole) ? whole : 'ok');
  }
  expect([...codes].sort()).toEqual(expect.arrayContaining(['ok', 'result_malformed']));
});
