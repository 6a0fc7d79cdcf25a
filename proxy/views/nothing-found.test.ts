/** Tests what the views say about empty results: what they searched, and which arrivals of data. */
import { Int64, Table, Utf8, vectorFromArray } from 'apache-arrow';
import { type ViewRequest } from '../../contract/query-types/view-request';
import { type ComposedFrame } from '../frames/data-frames/composed-frames';
import { readerOf } from './lake-reader/testing/reader';
import { processesFrames } from './processes/processes-frames';
import { MAX_MAP_PROCESSES } from './traces/service-map';
import { MAX_TRACE_PROCESSES } from './traces/trace-processes';
import { tracesFrames } from './traces/traces-frames';
import { type ViewContext } from './view-context';

const PROCESS = '00000000-0000-4000-8000-000000000001';
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A lakehouse without data. */
const LAKE: ViewContext = {
  ...readerOf(() => new Table({})),
  linkTarget: { uid: 'lake', name: 'Lake', range: { fromMs: 0, toMs: HOUR } },
};

function framesOf(view: ViewRequest, lake: ViewContext): Promise<readonly ComposedFrame[]> {
  switch (view.type) {
    case 'traces':
      return tracesFrames(view.request, lake);
    case 'processes':
      return processesFrames(view.request, lake);
    default:
      throw new Error(view.type);
  }
}

const TIMES = 'from 1970-01-01 00:00:00 to 01:00:00 (UTC)';
const arrived = (since = '') => `All data that arrived ${since}until this query were searched.`;

/** A lakehouse with more processes than one search reads. They have no spans that fulfil a query. */
const MANY = readerOf(({ sql }) => {
  const ids = Array.from({ length: MAX_TRACE_PROCESSES + 1 }, (_, index) => `${PROCESS.slice(0, -4)}${1000 + index}`);
  return sql.includes('FROM blocks')
    ? new Table({
        process_id: vectorFromArray(ids, new Utf8()),
        exe: vectorFromArray(ids, new Utf8()),
        last_seen: vectorFromArray(
          ids.map(() => 0n),
          new Int64()
        ),
      })
    : new Table({});
});

it.each([
  ['search', `No trace in ${MAX_TRACE_PROCESSES} processes fulfils the query`],
  ['service-map', `No calls between services were found in ${MAX_MAP_PROCESSES} processes`],
] as const)('does not say that all data were searched if a limit excluded processes: %s', async (view, text) => {
  const [frame] = await tracesFrames({ view }, MANY);
  expect(frame.notices?.at(-1)).toEqual({
    severity: 'warning',
    text: `${text} ${TIMES}. Not all data of this time were searched.`,
  });
  expect(frame.notices?.at(0)?.text).toContain('processes with the newest data');
});

const searches: Array<{ view: ViewRequest; notice: string; hasWider: boolean }> = [
  {
    view: { type: 'traces', request: { view: 'search' } },
    notice: `No process that can be searched sent OpenTelemetry spans with times ${TIMES}. ${arrived('from 1 hour before the time range ')}`,
    hasWider: true,
  },
  {
    view: { type: 'traces', request: { view: 'service-map' } },
    notice: `No process that can be searched sent OpenTelemetry spans with times ${TIMES}. ${arrived('from 1 hour before the time range ')}`,
    hasWider: true,
  },
  {
    view: { type: 'processes', request: { view: 'list' } },
    notice: `No process that fulfils the query was active ${TIMES}. ${arrived('from 24 hours before the time range ')}`,
    hasWider: true,
  },
  {
    view: { type: 'processes', request: { view: 'tree' } },
    notice: `No process that fulfils the query was active ${TIMES}. ${arrived('from 24 hours before the time range ')}`,
    hasWider: false,
  },
  {
    view: { type: 'processes', request: { view: 'tree', processId: PROCESS } },
    notice: `No process has this id at any time. ${arrived()}`,
    hasWider: false,
  },
  {
    view: { type: 'processes', request: { view: 'images', processId: PROCESS } },
    notice: `The process has no images ${TIMES}. ${arrived()}`,
    hasWider: false,
  },
];

describe.each(searches)('$view.type $view.request.view', ({ view, notice, hasWider }) => {
  it('says what was searched', async () => {
    const [frame] = await framesOf(view, LAKE);
    expect(frame.fields[0].values.length).toBe(0);
    expect(frame.notices?.map(({ text }) => text)).toEqual([notice]);
  });

  it('has a row with this statement in the panel Table', async () => {
    const [frame] = await framesOf(view, { ...LAKE, isPanel: true, isTablePanel: true });
    const isTable = 'view' in view.request && ['search', 'list', 'images'].includes(view.request.view);
    expect(frame.fields.map(({ name, values }) => [name, values.length])).toEqual(
      isTable ? [['result', 1]] : frame.fields.map(({ name }) => [name, 0])
    );
    expect(frame.fields[0].values.at(0)).toBe(isTable ? notice : undefined);
    // Grafana 12.4 wraps the text of a cell with the first of these options, 12.0 with the second.
    const wrapped = { custom: { wrapText: true, cellOptions: { type: 'auto', wrapText: true } } };
    expect(frame.fields[0].config ?? {}).toEqual(isTable ? { displayName: 'Result', ...wrapped } : expect.anything());
    expect(frame.notices?.map(({ text }) => text)).toEqual([notice]);
  });

  it(hasWider ? 'links to a search in a wider range' : 'has no link', async () => {
    const frames = await framesOf(view, LAKE);
    const wider = frames.find(({ name }) => name === 'Wider search');
    expect(wider !== undefined).toBe(hasWider);
    const [link] = (wider?.fields[0].config?.links ?? []) as Array<{ url: string }>;
    const panes = link && JSON.parse(new URL(link.url, 'http://grafana').searchParams.get('panes') ?? '');
    expect(panes?.micromegas).toEqual(
      hasWider
        ? {
            datasource: 'lake',
            queries: [
              { refId: 'A', version: 2, queryType: view.type, [view.type]: view.request, datasource: { uid: 'lake' } },
            ],
            range: { from: String(-DAY), to: String(HOUR + DAY) },
          }
        : undefined
    );
  });

  it('has no link in panels, and none beyond the longest range of the data source', async () => {
    for (const limited of [{ isPanel: true }, { maxRangeMs: DAY }]) {
      const frames = await framesOf(view, { ...LAKE, ...limited });
      expect(frames.map(({ name }) => name)).not.toContain('Wider search');
    }
  });
});
