import {
  Binary,
  Float64,
  Int64,
  LargeUtf8,
  Table,
  tableToIPC,
  TimestampNanosecond,
  Utf8,
  Utf8View,
  vectorFromArray,
} from 'apache-arrow';
import { frameToJson } from './frame-json';

function arrowFile(columns: Table): Uint8Array {
  return tableToIPC(columns, 'file');
}

it('splits times into milliseconds and nanoseconds', () => {
  const time = vectorFromArray([0, 1], new TimestampNanosecond());
  time.data[0].values.set([1_700_000_000_123_456_789n, -1n]);
  const { schema, data } = frameToJson(arrowFile(new Table({ time })), 'A');
  expect(schema.fields[0]).toMatchObject({ name: 'time', type: 'time', typeInfo: { frame: 'time.Time' } });
  expect(data.values[0]).toEqual([1_700_000_000_123, -1]);
  expect(data.nanos).toEqual([[456_789, 999_999]]);
});

it('lists the rows with numbers that JSON cannot express', () => {
  const value = vectorFromArray([1, NaN, Infinity, -Infinity, null], new Float64());
  const { data } = frameToJson(arrowFile(new Table({ value })), 'A');
  expect(data.values).toEqual([[1, null, null, null, null]]);
  expect(data.entities).toEqual([{ NaN: [1], Inf: [2], NegInf: [3] }]);
});

it('reads binary columns as JSON and integers as numbers, and leaves strings unchanged', () => {
  const encode = (value: string) => new TextEncoder().encode(value);
  const table = new Table({
    labels: vectorFromArray([encode('{"a":"b"}'), encode('no JSON')], new Binary()),
    count: vectorFromArray([1n, null], new Int64()),
    text: vectorFromArray(['x', null], new Utf8()),
    view: vectorFromArray(['a text that is longer than a view', null], new Utf8View()),
  });
  const { schema, data } = frameToJson(arrowFile(table), 'A');
  expect(schema.fields.map(({ type, typeInfo }) => [type, typeInfo.frame])).toEqual([
    ['other', 'json.RawMessage'],
    ['number', 'int64'],
    ['string', 'string'],
    ['string', 'string'],
  ]);
  expect(data.values).toEqual([
    [{ a: 'b' }, null],
    [1, null],
    ['x', null],
    ['a text that is longer than a view', null],
  ]);
});

it('uses the refId of the response if the frame has none, and keeps the meta data', () => {
  const table = new Table({ value: vectorFromArray([1], new Float64()) });
  table.schema.metadata.set('meta', '{"type":"table"}');
  expect(frameToJson(arrowFile(table), 'B').schema).toMatchObject({ refId: 'B', meta: { type: 'table' } });
});

it('rejects a type that Grafana rejects, and names the column', () => {
  const table = new Table({ note: vectorFromArray(['x'], new LargeUtf8()) });
  expect(() => frameToJson(arrowFile(table), 'A')).toThrow('"note"');
});

it('rejects bytes that are not an Arrow file', () => {
  expect(() => frameToJson(new Uint8Array(16), 'A')).toThrow('not an Arrow file');
});

it('drops the same properties of a link as Grafana does', () => {
  const internal = { datasourceUid: 'a', query: { refId: 'A' } };
  const link = {
    title: 'a',
    url: '',
    internal: { ...internal, range: { raw: { from: '1', to: '2' } } },
    oneClick: true,
  };
  const table = new Table({ id: vectorFromArray(['x'], new Utf8()) });
  table.schema.fields[0].metadata.set('config', JSON.stringify({ unit: 's', links: [link] }));
  const { schema } = frameToJson(arrowFile(table), 'A');
  expect(schema.fields[0].config).toEqual({ unit: 's', links: [{ title: 'a', url: '', internal }] });
});
