/** @jest-environment jsdom */
import { createDataFrame, DataFrameType, type DataLink, FieldType } from '@grafana/data';
import { type StreamTag } from '../../../contract/resources/lookups';
import { isRequestOf } from '../../../contract/query-types/view-request';
import { KnownTelemetry } from './known-telemetry';
import { withMomentLinks } from './moment-links';

const SOURCE = { type: 'mm', uid: 'lake' };
const TIME_MS = 1_767_225_600_000;

const MINUTE = 60_000;
/** The time range of the request. */
const RANGE = { fromMs: TIME_MS - 600 * MINUTE, toMs: TIME_MS };
const process = (processId: string, exe: string, has: StreamTag[], minutes = [-60, 60]) => {
  const [startMs, lastUpdateMs] = minutes.map((minute) => TIME_MS + minute * MINUTE);
  return { processId, exe, has, startMs, lastUpdateMs };
};
const KNOWN = new KnownTelemetry({
  items: [
    process('new', 'game', ['cpu'], [10, 60]),
    process('old', 'game', ['cpu'], [-60, 9]),
    process('older', 'game', [], [-90, 9]),
    process('api-1', 'api', ['trace']),
    process('tool-1', 'tool', []),
  ],
  isTruncated: false,
});

function linksOf(
  labels: Record<string, string>,
  known = new KnownTelemetry(),
  type: DataFrameType = DataFrameType.TimeSeriesWide
): DataLink[] {
  const frame = createDataFrame({
    meta: { type },
    fields: [
      { name: 'time', type: FieldType.time, values: [TIME_MS] },
      { name: 'value', type: FieldType.number, values: [1], labels, config: { unit: 'ms' } },
    ],
  });
  const [field] = withMomentLinks(frame, { datasource: SOURCE, range: RANGE }, known).fields.slice(1);
  expect(field.config.unit).toBe('ms');
  return field.config.links ?? [];
}

/** The pane that Explore opens for a link. @param variables Values with which Grafana replaces variables. */
function opened(link: DataLink, variables: Record<string, string>) {
  const replaceVariables = (template: string) => variables[template] ?? template;
  return panesOf(link.onBuildUrl?.({ origin: undefined, replaceVariables }) ?? '');
}

function panesOf(url: string) {
  return JSON.parse(new URLSearchParams(url.split('?')[1]).get('panes') ?? '').moment;
}

it.each([
  ['a panel', { '${__value.time}': String(TIME_MS) }],
  ['Explore', { '${__data.fields[0].numeric}': String(TIME_MS) }],
])('for a point in %s, opens five minutes (for traces, one minute) before and after the point', (_name, variables) => {
  const links = linksOf({ process_id: 'p1', exe: 'game' });
  expect(links.map(({ title }) => title)).toEqual([
    'Logs around this time',
    'Traces around this time',
    'Flame graph around this time',
    'What changed',
  ]);
  const [logs, traces, profile, changed] = links.map((link) => opened(link, variables));
  const range = { from: String(TIME_MS - 300_000), to: String(TIME_MS + 300_000) };
  expect(logs).toMatchObject({ datasource: 'lake', range });
  expect(logs.queries).toMatchObject([
    { refId: 'A', datasource: SOURCE, format: 'logs', filters: [{ key: 'process_id', operator: '=', value: 'p1' }] },
  ]);
  const minutes = { from: String(TIME_MS - 60_000), to: String(TIME_MS + 60_000) };
  expect(traces).toMatchObject({ datasource: 'lake', range: minutes });
  expect(traces.queries).toMatchObject([
    { queryType: 'traces', traces: { view: 'search', processId: 'p1' }, datasource: SOURCE },
  ]);
  expect(isRequestOf('traces', traces.queries[0].traces)).toBe(true);
  expect(profile).toMatchObject({ range, queries: [{ profile: { view: 'flame-graph', processId: 'p1' } }] });
  expect(changed).toMatchObject({
    range: { from: String(TIME_MS - 1_800_000), to: range.to },
    queries: [{ 'what-changed': { processIds: ['p1'], scope: 'callers-and-callees', atMs: String(TIME_MS) } }],
  });
});

it.each<{ labels: Record<string, string>; expected: string[] }>([
  { labels: { process_id: 'old' }, expected: ['Logs', 'Flame graph'] },
  { labels: { process_id: 'api-1' }, expected: ['Logs', 'Traces'] },
  { labels: { process_id: 'tool-1' }, expected: ['Logs'] },
  { labels: { process_id: 'unknown' }, expected: ['Logs', 'Traces', 'Flame graph'] },
  { labels: { exe: 'game' }, expected: ['Logs', 'Flame graph'] },
  { labels: { exe: 'api' }, expected: ['Logs', 'Traces'] },
  { labels: { exe: 'tool' }, expected: ['Logs'] },
  // A flame graph needs a process, which the viewer chooses in the list of processes.
  { labels: { exe: 'unknown' }, expected: ['Logs', 'Traces', 'Processes'] },
])('offers links to the telemetry of $labels', ({ labels, expected }) => {
  expect(linksOf(labels, KNOWN).map(({ title }) => title)).toEqual([
    ...expected.map((name) => `${name} around this time`),
    'What changed',
  ]);
});

it.each([
  ['no result of the lookup', undefined],
  ['a truncated result of the lookup', { items: [process('tool-1', 'tool', [])], isTruncated: true }],
])('links to the list of processes if the telemetry of a program is unknown: %s', (_name, list) => {
  const links = linksOf({ exe: 'tool' }, new KnownTelemetry(list));
  expect(links.map(({ title }) => title)).toEqual([
    'Logs around this time',
    'Traces around this time',
    'Processes around this time',
    'What changed',
  ]);
  const { queries, range } = opened(links[2], { '${__value.time}': String(TIME_MS) });
  expect(queries).toMatchObject([{ queryType: 'processes', processes: { view: 'list', exe: 'tool' } }]);
  expect(isRequestOf('processes', queries[0].processes)).toBe(true);
  expect(range).toEqual({ from: String(TIME_MS - 300_000), to: String(TIME_MS + 300_000) });
});

it.each([
  { minute: 0, expected: 'old' },
  { minute: 20, expected: 'new' },
  { minute: 90, expected: 'new' },
])(
  'opens the flame graph of the process that ran in minute $minute, or else of the newest process',
  ({ minute, expected }) => {
    const link = linksOf({ exe: 'game' }, KNOWN).find(({ title }) => title.startsWith('Flame'))!;
    const at = opened(link, { '${__value.time}': String(TIME_MS + minute * MINUTE) });
    expect(at.queries[0].profile.processId).toBe(expected);
  }
);

it('opens the range of the request if the time of the point is unknown, also in a snapshot without functions', () => {
  const range = { from: String(RANGE.fromMs), to: String(RANGE.toMs) };
  const links: DataLink[] = JSON.parse(JSON.stringify(linksOf({ exe: 'game' }, KNOWN)));
  expect(links.map((link) => panesOf(link.url).range)).toEqual(links.map(() => range));
  expect(panesOf(links[1]?.url ?? '').queries).toMatchObject([{ profile: { processId: 'new' } }]);
});

it('opens the lines and traces of a program with special characters in its name', () => {
  const exe = 'a ${b} [[c]] & "d"';
  const [logs, traces] = linksOf({ exe }).map((link) => opened(link, {}));
  expect(logs.queries[0].filters).toEqual([{ key: 'exe', operator: '=', value: exe }]);
  expect(traces.queries[0].traces).toEqual({ view: 'search', services: [exe], failedFirst: true });
  expect(traces.range).toEqual({ from: String(RANGE.fromMs), to: String(RANGE.toMs) });
});

it('encodes labels that look like variables, so that Grafana does not replace them in URLs', () => {
  const [link] = linksOf({ exe: '${b} [[c]] $d' });
  const built = link.onBuildUrl?.({ origin: undefined, replaceVariables: (template) => template });
  expect(`${link.url} ${built}`).not.toMatch(/\$|\[\[/);
});

it('adds links only to time series, and only if they have a process or a program', () => {
  expect(linksOf({ host: 'a', exe: '' })).toEqual([]);
  expect(linksOf({ exe: 'game' }, KNOWN, DataFrameType.NumericWide)).toEqual([]);
});
