import { Footer } from 'apache-arrow/ipc/metadata/file';
import { Message } from 'apache-arrow/ipc/metadata/message';
import { type Schema } from 'apache-arrow/schema';
import { type PlainKind } from './plain-column';
import { footer, type PlainSchema, schemaMessage, schemaTables } from './write-metadata';

const KINDS: Record<PlainKind, string> = {
  int8: 'Int8',
  int16: 'Int16',
  int32: 'Int32',
  int64: 'Int64',
  uint8: 'Uint8',
  uint16: 'Uint16',
  uint32: 'Uint32',
  uint64: 'Uint64',
  float32: 'Float32',
  float64: 'Float64',
  bool: 'Bool',
  timestamp: 'Timestamp<NANOSECOND>',
  utf8: 'Utf8',
  utf8View: 'Utf8View',
  json: 'Binary',
};
const LONG = 'ü'.repeat(3000);
const SCHEMA: PlainSchema = {
  fields: Object.keys(KINDS).map((kind, index) => ({
    name: `${kind} ${'ä'.repeat(index)}`,
    kind: kind as PlainKind,
    nullable: index % 2 === 0,
    metadata: new Map(index === 3 ? [] : [['config', `{"unit":"${kind}"}`]]),
  })),
  metadata: new Map([
    ['name', 'A'],
    ['meta', LONG],
  ]),
};

function contentOf(schema: Schema): unknown {
  return {
    fields: schema.fields.map(({ name, type, nullable, metadata }) => ({
      name,
      type: String(type),
      nullable,
      metadata: [...metadata],
    })),
    metadata: [...schema.metadata],
  };
}

function expected({ fields, metadata }: PlainSchema): unknown {
  return {
    fields: fields.map((field) => ({
      ...field,
      kind: undefined,
      type: KINDS[field.kind],
      metadata: [...field.metadata],
    })),
    metadata: [...metadata],
  };
}

const EMPTY: PlainSchema = { fields: [], metadata: new Map() };

it.each([
  ['no columns', EMPTY],
  ['columns of each kind', SCHEMA],
])('writes schemas that the reference implementation reads: %s', (_, schema) => {
  const bytes = schemaMessage(schemaTables(schema));
  expect(bytes.length % 8).toBe(0);
  const message = Message.decode(bytes);
  const header = message.isSchema() ? message.header() : undefined;
  expect(header && contentOf(header)).toEqual(expected(schema));
});

/**
 * The writer begins with a buffer of 1024 bytes, and replaces it by a larger one. With a longer name of the first
 * column, the FlatBuffers tables of the second column are nearer to the end of this buffer, and finally beyond it.
 */
it.each(Object.keys(KINDS) as PlainKind[])('writes a column of kind %s wherever its tables begin', (kind) => {
  for (let length = 0; length < 1100; length += 4) {
    const fields = ['a'.repeat(length), 'value'].map((name) => ({ name, kind, nullable: true, metadata: new Map() }));
    const schema = { fields, metadata: new Map() };
    const message = Message.decode(schemaMessage(schemaTables(schema)));
    const header = message.isSchema() ? message.header() : undefined;
    expect(header && contentOf(header)).toEqual(expected(schema));
  }
});

it.each([0, 1, 3])('writes footers that the reference implementation reads: %d batches', (count) => {
  const blocks = Array.from({ length: count }, (_, index) => ({
    offset: 2 ** 33 + index * 8,
    metadataBytes: 16 + index * 8,
    bodyBytes: 2 ** 34 + index * 8,
  }));
  const bytes = footer(schemaTables(SCHEMA), blocks);
  expect(bytes.length % 8).toBe(0);
  const read = Footer.decode(bytes);
  expect(contentOf(read.schema)).toEqual(expected(SCHEMA));
  expect(read.numDictionaries).toBe(0);
  expect(
    [...read.recordBatches()].map(({ offset, metaDataLength, bodyLength }) => ({
      offset,
      metadataBytes: metaDataLength,
      bodyBytes: bodyLength,
    }))
  ).toEqual(blocks);
});
