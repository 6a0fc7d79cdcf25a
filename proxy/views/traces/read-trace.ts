/**
 * Reads all spans of one trace in the time range of the query. If there are none in this range, searches a wider range.
 */
import { StringMap } from '../../../contract/string-map';
import { quoteLiteral } from '../../../contract/sql/sql-names';
import { HeapCount, stringBytes } from '../lake-reader/heap-count';
import { type TimeRangeMs } from '../lake-reader/lake-reader';
import { type ResultColumns } from '../lake-reader/result-columns';
import { type ViewContext } from '../view-context';
import { JsonColumn, type RowBatch } from '../lake-reader/row-batch';
import { type Span, type SpanProcess } from './span';
import { eventsJson, referencesOf, serviceTags, spanTags } from './span-tags';
import { findProcesses, MAX_TRACE_PROCESSES, readAtOnce, roundsOf, spansOf } from './trace-processes';

/** Maximum number of shown spans of a trace. Browsers need some seconds for a tenth of this number. */
export const MAX_SPANS = 100_000;

const MINUTE_MS = 60_000;
/** Milliseconds by which the first range is extended. Spans of a trace may begin before the range and end after it. */
const MARGIN_MS = 2 * MINUTE_MS;
/**
 * Milliseconds by which the second range extends the first range on both sides. The server may have to build views of
 * whole days, so the second range is searched for few processes only.
 */
const WIDER_MS = 24 * 60 * MINUTE_MS;
const WIDER_PROCESSES = 32;

/** Bytes of the objects of a span, without its strings. */
const SPAN_BYTES = 600;

const COLUMNS = `process_id, exe, username, computer, process_properties, encode(span_id, 'hex') AS span_id,
  encode(parent_span_id, 'hex') AS parent_span_id, CAST(start_time AS BIGINT) AS start_ns, duration, name, kind, status, status_message,
  properties, events, links`;
const NAMES = `process_id, exe, username, computer, process_properties, span_id, parent_span_id, start_ns, duration, name, kind, status,
  status_message, properties, events, links`;

/** The columns of `NAMES`. */
const READ_COLUMNS: ResultColumns = {
  process_id: 'string',
  exe: 'string',
  username: 'string',
  computer: 'string',
  process_properties: 'json',
  span_id: 'string',
  parent_span_id: 'string',
  start_ns: 'int64',
  duration: 'int64',
  name: 'string',
  kind: 'string',
  status: 'string',
  status_message: 'string',
  properties: 'json',
  events: 'json',
  links: 'json',
};

/** Matches a span id that means no id: empty, or only zeros. */
const NO_ID = /^0*$/;

/** The found spans of a trace. `spans` is empty if the trace was not found. */
export interface ReadTrace {
  /** Sorted by start. */
  spans: Span[];
  /** True if the trace has more than `MAX_SPANS` spans. */
  isTruncated: boolean;
  /** The range that was searched. */
  searched: TimeRangeMs;
  /** Number of processes that were searched. */
  processes: number;
  /** True if further processes were not searched. */
  hasMoreProcesses: boolean;
}

/**
 * @param traceId 32 hexadecimal digits in lower case. @returns The trace. It has no spans if the trace was not found.
 */
export async function readTrace(lake: ViewContext, traceId: string): Promise<ReadTrace> {
  const near = widened(lake.range, MARGIN_MS);
  const first = await readIn(lake, traceId, near, MAX_TRACE_PROCESSES);
  return first.spans.length > 0 ? first : readIn(lake, traceId, widened(near, WIDER_MS), WIDER_PROCESSES);
}

function widened({ fromMs, toMs }: TimeRangeMs, byMs: number): TimeRangeMs {
  return { fromMs: fromMs - byMs, toMs: toMs + byMs };
}

async function readIn(
  lake: ViewContext,
  traceId: string,
  range: TimeRangeMs,
  maxProcesses: number
): Promise<ReadTrace> {
  const found = await findProcesses(lake, range);
  const processes = found.processes.slice(0, maxProcesses);
  const reader = new SpanReader(lake);
  let searched = 0;
  for (const round of roundsOf(processes)) {
    if (reader.spans.length > MAX_SPANS) {
      break;
    }
    const statements = round.map((group) => ({
      sql: traceSql(
        traceId,
        group.map(({ id }) => id)
      ),
      range,
      maxRows: MAX_SPANS + 1,
      columns: READ_COLUMNS,
    }));
    await readAtOnce(lake, statements, (batch) => reader.add(batch));
    searched += round.flat().length;
  }
  const spans = await lake.pace.sorted(reader.spans, (a, b) => a.startUs - b.startUs);
  return {
    spans: spans.slice(0, MAX_SPANS),
    isTruncated: spans.length > MAX_SPANS,
    searched: range,
    processes: searched,
    hasMoreProcesses: found.isTruncated || found.processes.length > searched,
  };
}

function traceSql(traceId: string, processIds: readonly string[]): string {
  const ofTrace = `trace_id = decode(${quoteLiteral(traceId)}, 'hex')`;
  return `SELECT ${NAMES} FROM (
  ${spansOf(processIds, COLUMNS, [ofTrace])}
)
ORDER BY start_ns
LIMIT ${MAX_SPANS + 1}`;
}

/** Converts rows to spans. */
class SpanReader {
  readonly spans: Span[] = [];
  readonly #processes = new StringMap<SpanProcess>();
  readonly #heap: HeapCount;
  readonly #tags = new JsonColumn('properties', (json) => {
    const { tags, ...scope } = spanTags(json);
    return { ...scope, tags: JSON.stringify(tags) };
  });
  readonly #events = new JsonColumn('events', eventsJson);
  readonly #links = new JsonColumn('links', (json) => ({ references: referencesOf(json), characters: json.length }));
  readonly #processProperties = new JsonColumn('process_properties', (json) => json);

  constructor(lake: ViewContext) {
    this.#heap = new HeapCount(lake.memory);
  }

  add(batch: RowBatch): void {
    const processIds = batch.ids('process_id');
    const [spanIds, parentIds] = ['span_id', 'parent_span_id'].map((name) => batch.strings(name));
    const [names, kinds, statuses, messages] = ['name', 'kind', 'status', 'status_message'].map((name) =>
      batch.strings(name)
    );
    const [properties, events, links] = [batch.json(this.#tags), batch.json(this.#events), batch.json(this.#links)];
    const [starts, durations] = [batch.int64('start_ns'), batch.int64('duration')];
    const processOf = this.#processReader(batch);
    for (let row = 0; row < batch.length; row++) {
      const { tags, scopeName, scopeVersion } = properties(row);
      const { references, characters } = links(row);
      const parentId = parentIds(row) ?? '';
      const span: Span = {
        id: spanIds(row) ?? '',
        parentId: NO_ID.test(parentId) ? undefined : parentId,
        process: processOf(processIds(row), row),
        startUs: Number(starts[row] / 1000n),
        durationNs: Math.max(0, Number(durations[row])),
        endsEarly: durations[row] < 0n,
        name: names(row) ?? '',
        kind: kinds(row) ?? '',
        status: statuses(row) ?? '',
        statusMessage: messages(row),
        scopeName,
        scopeVersion,
        tags,
        events: events(row),
        references,
      };
      this.spans.push(span);
      const { id, name, kind, status, statusMessage, events: eventsJson } = span;
      const stringsSize = stringBytes(id, parentId, name, kind, status, statusMessage, scopeName, scopeVersion);
      this.#heap.add(SPAN_BYTES + stringsSize + stringBytes(tags, eventsJson) + characters * 2);
    }
    this.#heap.note();
  }

  /** All spans of a process share one object. */
  #processReader(batch: RowBatch): (id: string, row: number) => SpanProcess {
    const [exes, users, computers] = ['exe', 'username', 'computer'].map((name) => batch.strings(name));
    const properties = batch.json(this.#processProperties);
    return (id, row) => {
      const known = this.#processes.get(id);
      if (known !== undefined) {
        return known;
      }
      const [exe, username, computer] = [exes(row) ?? '', users(row) ?? '', computers(row) ?? ''];
      const tags = serviceTags(properties(row), { process_id: id, exe, computer, username });
      const process: SpanProcess = { id, exe, computer, tags: JSON.stringify(tags) };
      this.#processes.set(id, process);
      this.#heap.add(SPAN_BYTES + stringBytes(id, exe, computer, process.tags));
      return process;
    };
  }
}
