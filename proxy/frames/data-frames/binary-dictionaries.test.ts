/** Converts dictionaries of binary values, such as the properties of Micromegas. The first values are empty. */
import { type IpcMessage } from '../arrow-ipc';
import { batchMessageOf, dictionaryMessageOf, field, int32s, schemaMessageOf } from '../arrow-ipc/testing/write-ipc';
import { type FramePart, streamFrames } from './build-frames';
import { type FrameOptions } from './frame-options';
import { build, buildOne, OPTIONS, readFrame, stream } from './testing/arrow-messages';
import { shortJsonb } from './testing/short-jsonb';

const NONE = new Uint8Array(0);
const JSONB = shortJsonb({ a: 'b' });

const index = { kind: 'int', bits: 32, signed: true } as const;
const schema = schemaMessageOf([field('b', { kind: 'dictionary', id: 0, index, value: { kind: 'binary' } })]);

/** A dictionary of one value, which replaces or extends the previous dictionary. */
function dictionary(value: Uint8Array, isDelta = false): IpcMessage {
  const buffers = [NONE, int32s(0, value.length), value];
  return dictionaryMessageOf({ length: 1, nodes: [[1, 0]], buffers }, { isDelta });
}

/** A batch of one row. */
function row(at: number): IpcMessage {
  return batchMessageOf({ length: 1, nodes: [[1, 0]], buffers: [NONE, int32s(at)] });
}

const REPLACED = [schema, dictionary(NONE), row(0), dictionary(JSONB), row(0)];
const EXTENDED = [schema, dictionary(NONE), row(0), dictionary(JSONB, true), row(1)];

async function parts(messages: readonly IpcMessage[], options: FrameOptions): Promise<FramePart[]> {
  const all: FramePart[] = [];
  for await (const part of streamFrames(stream(messages), options)) {
    all.push(part);
  }
  return all;
}

const JSON_FRAME = {
  schema: { fields: [{ type: 'other', typeInfo: { frame: 'json.RawMessage' } }] },
  data: { values: [[null, { a: 'b' }]] },
};

describe.each([
  { name: 'replaces', messages: REPLACED },
  { name: 'extends', messages: EXTENDED },
])('an empty value in a dictionary, if a later message $name the dictionary with JSONB,', ({ messages }) => {
  it('is null in the whole result', async () => {
    expect((await buildOne(messages)).fields[0]).toMatchObject({ type: 'Binary', values: [null, '{"a":"b"}'] });
    const { frames } = await build(messages, { encoding: 'json' });
    expect(JSON.parse(Buffer.concat(frames[0]).toString())).toMatchObject(JSON_FRAME);
  });

  it('is sent only after the kind of the column is known', async () => {
    const [arrow, ...moreArrow] = await parts(messages, OPTIONS);
    expect(readFrame(arrow.pieces).fields[0]).toMatchObject({ type: 'Binary', values: [null, '{"a":"b"}'] });
    const [json, ...moreJson] = await parts(messages, { ...OPTIONS, encoding: 'json' });
    expect(JSON.parse(Buffer.concat(json.pieces).toString())).toMatchObject(JSON_FRAME);
    expect([...moreArrow, ...moreJson]).toEqual([]);
  });
});
