import { createDataFrame, DataFrameType, type DataLink, FieldType } from '@grafana/data';
import { isRequestOf } from '../../contract/query-types/typed-request';
import { withMomentLinks } from './moment-links';

const SOURCE = { type: 'mm', uid: 'lake' };
const TIME_MS = 1_767_225_600_000;

function linksOf(labels: Record<string, string>, type: DataFrameType = DataFrameType.TimeSeriesWide): DataLink[] {
  const frame = createDataFrame({
    meta: { type },
    fields: [
      { name: 'time', type: FieldType.time, values: [TIME_MS] },
      { name: 'value', type: FieldType.number, values: [1], labels, config: { unit: 'ms' } },
    ],
  });
  const [field] = withMomentLinks({ data: [frame] }, SOURCE).data[0].fields.slice(1);
  expect(field.config.unit).toBe('ms');
  return field.config.links ?? [];
}

/** What Explore opens. @param variables Grafana replaces these in a panel, or in Explore. */
function opened(link: DataLink, variables: Record<string, string>) {
  const replaceVariables = (text: string) => variables[text] ?? text;
  const url = link.onBuildUrl?.({ origin: undefined, replaceVariables }) ?? '';
  const panes = JSON.parse(new URLSearchParams(url.split('?')[1]).get('panes') ?? '');
  return panes.moment;
}

it.each([
  ['a panel', { '${__value.time}': String(TIME_MS) }],
  ['Explore', { '${__data.fields[0].numeric}': String(TIME_MS) }],
])('opens five minutes before and after a point, in %s', (_name, variables) => {
  const links = linksOf({ process_id: 'p1', exe: 'game' });
  expect(links.map(({ title }) => title)).toEqual(['Logs around this time', 'Traces around this time']);
  const [logs, traces] = links.map((link) => opened(link, variables));
  const range = { from: String(TIME_MS - 300_000), to: String(TIME_MS + 300_000) };
  expect(logs).toMatchObject({ datasource: 'lake', range });
  expect(logs.queries).toMatchObject([
    { refId: 'A', datasource: SOURCE, format: 'logs', filters: [{ key: 'process_id', operator: '=', value: 'p1' }] },
  ]);
  expect(traces).toMatchObject({ datasource: 'lake', range });
  expect(traces.queries).toMatchObject([
    { queryType: 'traces', traces: { view: 'search', processId: 'p1' }, datasource: SOURCE },
  ]);
  expect(isRequestOf('traces', traces.queries[0].traces)).toBe(true);
});

it('opens the lines and traces of a program, whatever its name', () => {
  const exe = 'a ${b} [[c]] & "d"';
  const [logs, traces] = linksOf({ exe }).map((link) => opened(link, {}));
  expect(logs.queries[0].filters).toEqual([{ key: 'exe', operator: '=', value: exe }]);
  expect(traces.queries[0].traces).toEqual({ view: 'search', services: [exe] });
  expect(traces.range).toEqual({ from: 'now-1h', to: 'now' });
});

it('leaves a variable in a label to nobody', () => {
  const [link] = linksOf({ exe: '${b} [[c]] $d' });
  expect(link.onBuildUrl?.({ origin: undefined, replaceVariables: (text) => text })).not.toMatch(/\$|\[\[/);
});

it('leaves other series and frames alone', () => {
  expect(linksOf({ host: 'a', exe: '' })).toEqual([]);
  expect(linksOf({ exe: 'game' }, DataFrameType.NumericWide)).toEqual([]);
});
