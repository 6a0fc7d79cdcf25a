/** Tests the frame of a trace: fields, links and notices. */
import { Pace } from '../../base/async/turns';
import { type ComposedFrame } from '../../frames/data-frames/composed-frames';
import { fieldValues } from '../../frames/data-frames/testing/field-values';
import { type ReadTrace } from './read-trace';
import { type Span } from './span';
import { span, THERE } from './testing/spans';
import { traceFrame } from './trace-frame';

const START_MS = 1_700_000_000_000;
const RANGE = { fromMs: START_MS - 1000, toMs: START_MS + 60_000 };
const TARGET = { uid: 'lake/1', name: 'Lake', range: { fromMs: 0, toMs: 3_600_000 } };

function frameOf(spans: Span[], changes: Partial<ReadTrace> = {}, range = RANGE): Promise<ComposedFrame> {
  const trace = { spans, isTruncated: false, searched: range, processes: 2, hasMoreProcesses: false, ...changes };
  return traceFrame('ab'.repeat(16), trace, range, TARGET, new Pace());
}

const messagesOf = ({ notices = [] }: ComposedFrame) => notices.map(({ text }) => text);

it('has times with microseconds, and status codes and kinds in the format of Grafana', async () => {
  const frame = await frameOf([
    span('a', undefined, 0.1234, 1.0005, { status: 'ERROR', kind: 'SERVER', statusMessage: 'broken' }),
    span('b', 'a', 1, 1, { status: 'OK', kind: 'CLIENT' }),
  ]);
  expect(fieldValues(frame, 'startTime')).toEqual([START_MS + 0.123, START_MS + 1]);
  expect(fieldValues(frame, 'duration')).toEqual([1.0005, 1]);
  expect(fieldValues(frame, 'statusCode')).toEqual([2, 1]);
  expect(fieldValues(frame, 'kind')).toEqual(['server', 'client']);
  expect(fieldValues(frame, 'statusMessage')).toEqual(['broken', undefined]);
  expect(fieldValues(frame, 'parentSpanID')).toEqual([undefined, 'a']);
  expect(frame.kind).toEqual({ preferredVisualisationType: 'trace' });
  expect(messagesOf(frame)).toEqual([]);
});

it('keeps a root span with references at the root, and moves the start of a span that starts at 0', async () => {
  const frame = await frameOf([
    span('a', undefined, 0, 1, { references: [{ traceID: 'ab'.repeat(16), spanID: 'b' }], startUs: 0 }),
    span('b', 'a', 0, 1),
  ]);
  expect(fieldValues(frame, 'parentSpanID')).toEqual(['0000000000000000', 'a']);
  expect(fieldValues(frame, 'startTime')[0]).toBeGreaterThan(0);
});

it('reports the problems of a trace', async () => {
  const spans = [
    span('a', 'lost', 0, 10, { kind: 'CLIENT' }),
    span('b', 'a', 100, 5, { kind: 'SERVER', process: THERE }),
    span('c', 'c', 0, 1),
    span('b', 'a', 1, 1),
  ];
  const later = { fromMs: START_MS + 3_600_000, toMs: START_MS + 7_200_000 };
  expect(messagesOf(await frameOf(spans, { isTruncated: true, hasMoreProcesses: true }, later))).toEqual([
    'The trace is outside of the time range. It starts at 2023-11-14T22:13:20.000Z.',
    'The trace has more than 100,000 spans. Only the earliest ones are shown.',
    'Only the 2 processes with the newest data were searched. Spans of other processes may be missing. Choose a shorter time range around the trace.',
    'The parent of 1 span was not found. The span is shown as a root, with a warning.',
    'Parent links form 1 cycle. One link of each cycle is ignored, and its span has a warning.',
    '1 span id occurs more than once. Grafana adds a number to the repeated ids.',
    'The clock of host-2 seems to be 98 ms ahead of host-1 (1 span). The times are shown as recorded.',
  ]);
});

interface Link {
  title: string;
  url: string;
  internal?: { datasourceUid: string; query: Record<string, unknown> };
}

const linksOf = ({ fields }: ComposedFrame) => fields.flatMap(({ config }) => (config?.links ?? []) as Link[]);

it('links a span to logs, metrics, its process and the view of changes', async () => {
  const frame = await frameOf([span('a', undefined, 0, 1)]);
  const links = linksOf(frame);
  expect(links.map(({ title }) => title)).toEqual([
    'Logs of the trace',
    'Logs of the span',
    'Logs of the process',
    'Metrics of the process',
    'The process',
    'What changed',
  ]);
  expect(links.at(-1)?.internal?.query).toMatchObject({
    'what-changed': { processIds: ['${__value.raw}', 'p1'], atMs: '${__data.fields["startTime"].numeric}' },
  });
  expect(links[2].internal?.query.filters).toEqual([
    { key: 'process_id', operator: '=', value: '${__value.raw}' },
    { key: 'time', operator: '>=', value: '${__data.fields["nearBegin"]}' },
    { key: 'time', operator: '<=', value: '${__data.fields["linesEnd"]}' },
  ]);
  expect(links[2].internal?.query.rowLimit).toBe(5000);
  expect(fieldValues(frame, 'linesEnd')).toEqual([String(START_MS + 1 + 10_000)]);
  // Explore hides an internal link that contains an unknown variable.
  const known = /\$\{__(value\.raw|data\.fields\["\w+"\](\.numeric)?)\}|\$__timeFilter/g;
  const strangers = links.filter(({ internal }) =>
    JSON.stringify(internal ?? '')
      .replaceAll('\\"', '"')
      .replace(known, '')
      .includes('$')
  );
  expect(strangers).toEqual([]);
});

it.each([
  {
    title: 'Metrics of the process',
    query: { filters: [{ key: 'process_id', operator: '=', value: 'p1' }], format: 'time_series' },
  },
  { title: 'The process', query: { processes: { view: 'tree', processId: 'p1' } } },
])('opens "$title" with a range around the span', async ({ title, query }) => {
  const frame = await frameOf([span('a', undefined, 0, 1)]);
  const { url } = linksOf(frame).find((link) => link.title === title)!;
  // Replaces variables like Grafana, without encoding.
  const opened = url
    .replaceAll('${__value.raw}', 'p1')
    .replace(/\$\{__data\.fields\["(\w+)"\]\}/g, (_, name: string) => String(fieldValues(frame, name)[0]));
  const { searchParams } = new URL(opened, 'http://grafana');
  const [pane] = Object.values(JSON.parse(searchParams.get('panes')!) as Record<string, unknown>);
  expect(pane).toMatchObject({
    datasource: 'lake/1',
    range: { from: String(START_MS - 300_000), to: String(START_MS + 1 + 300_000) },
    queries: [query],
  });
});

it('has no links if Grafana sent no data source', async () => {
  const trace = {
    spans: [span('a', undefined, 0, 1)],
    isTruncated: false,
    searched: RANGE,
    processes: 1,
    hasMoreProcesses: false,
  };
  expect(linksOf(await traceFrame('ab'.repeat(16), trace, RANGE, undefined, new Pace()))).toEqual([]);
});
