import { Binary, Dictionary, Float64, Int32, Table, Utf8, vectorFromArray } from 'apache-arrow';
import { queryProblem } from '../../contract/query-bounds';
import { readQuery } from '../../contract/query';
import { buildOne, columnOf, messagesOf, type ReadField, type ReadFrame, timeColumn } from './testing/arrow-messages';

const TARGET = { uid: 'lake', name: 'Micromegas' };

interface Link {
  title: string;
  url: string;
  internal: { datasourceUid: string; datasourceName: string; query: Record<string, unknown> };
}

const texts = (...values: string[]) => vectorFromArray(values, new Dictionary(new Utf8(), new Int32()));

function table(columns: Record<string, unknown>, options = {}): Promise<ReadFrame> {
  return buildOne(messagesOf(new Table(columns as never)), { linkTarget: TARGET, ...options });
}

const linksOf = ({ config }: ReadField): Link[] => (config?.links ?? []) as Link[];
const fieldNamed = ({ fields }: ReadFrame, name: string) => fields.find((field) => field.name === name);

async function linksFrom(column: string): Promise<Link[]> {
  const frame = await table({ [column]: texts('a') });
  return linksOf(frame.fields[0]);
}

it.each([
  ['process_id', ['Logs of the process', 'Metrics of the process'], 'process_id'],
  ['parent_process_id', ['Logs of the process', 'Metrics of the process'], 'process_id'],
  ['stream_id', ['Logs of the stream', 'The stream'], 'stream_id'],
  ['trace_id', ['Logs of the trace'], 'properties.otel.trace_id'],
])('links %s to its rows', async (column, titles, key) => {
  const links = await linksFrom(column);
  expect(links.map(({ title }) => title)).toEqual(titles);
  for (const { internal, url } of links) {
    expect(url).toBe('');
    expect(internal).toMatchObject({ datasourceUid: 'lake', datasourceName: 'Micromegas' });
    expect(internal.query.filters).toEqual([{ key, operator: '=', value: '${__value.raw}' }]);
  }
});

it.each(['process_id', 'stream_id', 'trace_id'])(
  'has the value of %s in a filter only, not in the SQL',
  async (column) => {
    for (const { internal } of await linksFrom(column)) {
      const { filters, ...others } = internal.query;
      expect(JSON.stringify(filters)).toContain('${__value.raw}');
      expect(JSON.stringify(others)).not.toContain('${');
      expect(queryProblem(internal.query)).toBeUndefined();
      expect(readQuery(internal.query)).toMatchObject({ filters, autoLimit: false });
    }
  }
);

it('keeps the display options of the column, and sets no links elsewhere', async () => {
  const frame = await table({
    process_id: texts('a'),
    level: columnOf(new Int32(), Int32Array.of(2)),
    value: vectorFromArray([1], new Float64()),
    unit: texts('ms'),
    exe: texts('a'),
  });
  expect(frame.fields.map((field) => linksOf(field).length)).toEqual([2, 0, 0, 0, 0]);
  expect(fieldNamed(frame, 'level')?.config).toHaveProperty('mappings');
  expect(fieldNamed(frame, 'value')?.config).toEqual({ unit: 'ms' });
});

it('sets no links on ids in bytes, whose text in Grafana is not that of the server', async () => {
  const frame = await table({ trace_id: vectorFromArray([Uint8Array.of(1, 2, 3)], new Binary()) });
  expect(frame.fields.map(linksOf)).toEqual([[]]);
});

it('sets no links on a column of the name of a method', async () => {
  expect(await linksFrom('toString')).toEqual([]);
});

it('sets no links without a data source', async () => {
  const frame = await table({ process_id: texts('a') }, { linkTarget: undefined });
  expect(frame.fields.map(({ config }) => config)).toEqual([undefined]);
});

describe('of log lines', () => {
  const lines = { time: timeColumn([1n, 2n]), msg: texts('m', 'n'), exe: texts('a', 'a') };
  const logs = (columns: object, options = {}) => table({ ...lines, ...columns }, { format: 'logs', ...options });

  it('are on fields beside the labels', async () => {
    const frame = await logs({ process_id: texts('p', 'q'), stream_id: texts('s', 't') });
    const process = fieldNamed(frame, 'process_id');
    expect(process?.values).toEqual(['p', 'q']);
    expect(process && linksOf(process)).toHaveLength(2);
    expect(fieldNamed(frame, 'stream_id')?.config).toHaveProperty('links');
    expect(fieldNamed(frame, 'labels')?.values.map(String)).toEqual([
      '{"exe":"a","process_id":"p"}',
      '{"exe":"a","process_id":"q"}',
    ]);
    expect(fieldNamed(frame, 'exe')).toBeUndefined();
  });

  it('are not there without a data source', async () => {
    expect(
      fieldNamed(await logs({ process_id: texts('p', 'q') }, { linkTarget: undefined }), 'process_id')
    ).toBeUndefined();
  });
});
