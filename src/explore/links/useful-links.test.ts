/** @jest-environment jsdom */
import { createDataFrame, DataFrameType, type DataLink, type DataQueryResponse, FieldType } from '@grafana/data';
import { lastValueFrom, toArray } from 'rxjs';
import { type LookupRequest } from '../../../contract/resources/lookups';
import { type MicromegasQueryFields } from '../../../contract/queries/query';
import { type Lookups } from '../../shared/lookups/lookups';
import { withUsefulLinks } from './useful-links';

const CELL = '${__value.raw}';
const RANGE = { fromMs: 1000, toMs: 2000 };
const SOURCE = { type: 'mm', uid: 'lake' };

const internal = (title: string, query: MicromegasQueryFields): DataLink => ({
  title,
  url: '',
  internal: { query: { refId: 'A', ...query }, datasourceUid: 'lake', datasourceName: 'Lake' },
});

const LINKS: DataLink[] = [
  internal('Logs', { query: 'SELECT 1' }),
  internal('Traces', { queryType: 'traces', traces: { view: 'search', processId: CELL } }),
  internal('Trace', { queryType: 'traces', traces: { view: 'trace', traceId: CELL } }),
  internal('Flame graph', { queryType: 'profile', profile: { view: 'flame-graph', processId: CELL } }),
  internal('Call', { queryType: 'profile', profile: { view: 'timeline', processId: 'fixed' } }),
  internal('Images', { queryType: 'processes', processes: { view: 'images', processId: CELL } }),
  { title: 'Perfetto', url: `/api/datasources/uid/lake/resources/perfetto?process=${CELL}&from=1` },
];

const table = (ids: Array<string | null>, links = LINKS): DataQueryResponse => ({
  data: [
    createDataFrame({
      fields: [{ name: 'process_id', type: FieldType.string, values: ids, config: { links, displayName: 'Process' } }],
    }),
  ],
});

const info = (processId: string, has: string[]) => ({ processId, exe: 'game', startMs: 0, lastUpdateMs: 1, has });
const list = async () => ({
  items: [info('native', ['cpu', 'image']), info('otel', ['trace']), info('none', [])],
  isTruncated: false,
});

async function titles(given: DataQueryResponse, get: (request: LookupRequest) => Promise<unknown> = list) {
  const lookups = { get } as unknown as Pick<Lookups, 'get'>;
  const { data } = await lastValueFrom(withUsefulLinks(given, lookups, RANGE, SOURCE, true));
  const { config } = data[0].fields.at(-1) as { config: { displayName?: string; links?: DataLink[] } };
  return config.links?.map(({ title }) => title);
}

const ALL = LINKS.map(({ title }) => title);

it.each([
  [
    ['native', 'native'],
    ['Logs', 'Trace', 'Flame graph', 'Call', 'Images', 'Perfetto'],
  ],
  [['otel'], ['Logs', 'Traces', 'Trace', 'Call']],
  [['none'], ['Logs', 'Trace', 'Call']],
  [['native', 'otel'], ALL],
  [['none', 'unknown'], ALL],
  [
    ['native', null, ''],
    ['Logs', 'Trace', 'Flame graph', 'Call', 'Images', 'Perfetto'],
  ],
  [[], ALL],
])('keeps the links to existing telemetry for %j', async (ids, expected) => {
  expect(await titles(table(ids))).toEqual(expected);
});

it('empties the cells of a link column if the process lacks the linked data', async () => {
  const id = '${__data.fields["process_id"]}';
  const links = [internal('Flame graph', { queryType: 'profile', profile: { view: 'flame-graph', processId: id } })];
  const frame = createDataFrame({
    fields: [
      { name: 'process_id', type: FieldType.string, values: ['native', 'otel', 'unknown', null] },
      { name: 'profile', type: FieldType.string, values: Array<string>(4).fill('Profile'), config: { links } },
    ],
  });
  const lookups = { get: list } as unknown as Pick<Lookups, 'get'>;
  const { data } = await lastValueFrom(withUsefulLinks({ data: [frame] }, lookups, RANGE, SOURCE, true));
  expect(data[0].fields[1]).toMatchObject({ values: ['Profile', null, 'Profile', null], config: { links } });
});

it('sends one lookup for the range of the request, and none for results without links to telemetry', async () => {
  const asked: LookupRequest[] = [];
  const get = async (request: LookupRequest) => {
    asked.push(request);
    return list();
  };
  await titles(table(['native'], [LINKS[0]]), get);
  expect(asked).toEqual([]);
  await titles(table(['native']), get);
  expect(asked).toEqual([{ kind: 'telemetry', range: RANGE }]);
});

it('keeps all links if the lookup fails', async () => {
  expect(await titles(table(['none']), () => Promise.reject(new Error('no server')))).toEqual(ALL);
});

it('keeps all links if the lookup is slow', async () => {
  jest.useFakeTimers();
  try {
    const shown = titles(table(['none']), () => new Promise(() => undefined));
    await jest.advanceTimersByTimeAsync(250);
    expect(await shown).toEqual(ALL);
  } finally {
    jest.useRealTimers();
  }
});

describe('while the lookup runs', () => {
  const points = (): DataQueryResponse => ({
    data: [
      createDataFrame({
        meta: { type: DataFrameType.TimeSeriesWide },
        fields: [
          { name: 'time', type: FieldType.time, values: [0] },
          { name: 'value', type: FieldType.number, values: [1], labels: { exe: 'game' } },
        ],
      }),
    ],
  });

  async function slowResponses(delayMs: number, given: DataQueryResponse, showsEach = true) {
    const get = () => new Promise((resolve) => setTimeout(() => resolve(list()), delayMs));
    const lookups = { get } as unknown as Pick<Lookups, 'get'>;
    const all = lastValueFrom(withUsefulLinks(given, lookups, RANGE, SOURCE, showsEach).pipe(toArray()));
    await jest.advanceTimersByTimeAsync(20_000);
    return all;
  }

  /** Titles of the links of each response. */
  async function responses(...args: Parameters<typeof slowResponses>): Promise<string[][]> {
    return (await slowResponses(...args)).map(({ data }) =>
      data[0].fields.at(-1).config.links.map(({ title }: DataLink) => title)
    );
  }

  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  const [FIRST, LAST] = ['Processes around this time', 'Flame graph around this time'];

  it.each([
    ['once, if the lookup is fast', 200, [LAST]],
    ['again with a link to the flame graph, if the lookup returns within ten seconds', 9000, [FIRST, LAST]],
    ['once, if the lookup takes longer', 10_300, [FIRST]],
  ])('sends a response with points %s', async (_name, delayMs, expected) => {
    const titlesOfEach = await responses(delayMs, points());
    expect(titlesOfEach).toEqual(expected.map((title) => expect.arrayContaining([title])));
  });

  it('sends a table again without links to missing telemetry, if a lookup takes six seconds', async () => {
    const id = '${__data.fields["process_id"]}';
    const links = [internal('Traces', { queryType: 'traces', traces: { view: 'search', processId: id } })];
    const frame = createDataFrame({
      fields: [
        { name: 'process_id', type: FieldType.string, values: ['native', 'otel'] },
        { name: 'Traces', type: FieldType.string, values: ['Traces', 'Traces'], config: { links } },
      ],
    });
    const cells = (await slowResponses(6000, { data: [frame] })).map(({ data }) => data[0].fields[1].values);
    expect(cells).toEqual([
      ['Traces', 'Traces'],
      [null, 'Traces'],
    ]);
  });

  it('sends a table of linked ids once', async () => {
    expect(await responses(1000, table(['none']))).toEqual([ALL]);
  });

  it('sends a response once, if Grafana waits for the last response', async () => {
    expect(await responses(1000, points(), false)).toEqual([expect.arrayContaining([FIRST])]);
  });
});

it('links points to the kinds of telemetry that their process has', async () => {
  const frame = createDataFrame({
    meta: { type: DataFrameType.TimeSeriesWide },
    fields: [
      { name: 'time', type: FieldType.time, values: [1] },
      { name: 'value', type: FieldType.number, values: [1], labels: { process_id: 'otel' } },
    ],
  });
  expect(await titles({ data: [frame] })).toEqual(['Logs around this time', 'Traces around this time', 'What changed']);
});
