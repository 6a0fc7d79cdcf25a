/** The traces of the story: three services record their spans, and log messages name their trace and span. */
import { useLakehouse } from './lakehouse-fixture';
import { processByKey } from './story';

const fixture = useLakehouse();

const SERVICES = ['web-gateway', 'matchmaker', 'session-store'] as const;
/** A time before the incident, the middle of the incident, and its end. */
const TIMES = ['2026-11-24T09:10:00Z', '2026-11-24T11:20:00Z', '2026-11-24T11:27:30Z'] as const;
const LENGTH_MS = 20_000;
/** Longer than any trace, in milliseconds. */
const MARGIN_MS = 12_000;

interface Span {
  service: (typeof SERVICES)[number];
  trace: string;
  id: string;
  parent: string | null;
  /** Milliseconds since 1970, without the error of the computer's clock. */
  begin: number;
  end: number;
  name: string;
  kind: string;
  status: string;
  message: string | null;
  region: string | null;
  events: Array<{ name: string; time: number }>;
  links: Array<{ span_id: string; trace_id: string }>;
}

const SPANS = (
  id: string
) => `SELECT encode(trace_id, 'hex') AS trace, encode(span_id, 'hex') AS id, encode(parent_span_id, 'hex') AS parent,
  cast(start_time AS bigint) AS start_ns, duration, name, kind, status, status_message AS message, property_get(properties, 'region') AS region,
  jsonb_format_json(events) AS events, jsonb_format_json(links) AS links FROM view_instance('otel_spans', '${id}')`;

function rangeOf(time: string, marginMs: number): Record<string, string> {
  const at = Date.parse(time);
  return {
    query_range_begin: new Date(at - marginMs).toISOString(),
    query_range_end: new Date(at + LENGTH_MS + marginMs).toISOString(),
  };
}

const cached = new Map<string, Promise<Span[]>>();

/** The spans of all services, with a margin on both sides. */
function spansAround(time: string): Promise<Span[]> {
  const spans = cached.get(time) ?? readSpans(time);
  cached.set(time, spans);
  return spans;
}

async function readSpans(time: string): Promise<Span[]> {
  const perService = await Promise.all(
    SERVICES.map(async (service) => {
      const { id, clockAheadMs = 0 } = processByKey(service);
      const rows = await fixture.client.rows(SPANS(id), rangeOf(time, MARGIN_MS));
      return rows.map((row): Span => {
        const begin = Number(row['start_ns']) / 1e6 - clockAheadMs;
        const [events, links] = [row['events'], row['links']].map((json) => JSON.parse(String(json)) as unknown);
        return { ...row, service, begin, end: begin + Number(row['duration']) / 1e6, events, links } as unknown as Span;
      });
    })
  );
  return perService.flat();
}

function byTrace(spans: readonly Span[]): Map<string, Map<string, Span>> {
  const traces = new Map<string, Map<string, Span>>();
  for (const span of spans) {
    const trace = traces.get(span.trace) ?? new Map<string, Span>();
    traces.set(span.trace, trace.set(span.id, span));
  }
  return traces;
}

/** The traces that begin between `time` and `time` + `LENGTH_MS`. All their spans are known. */
function completeTraces(spans: readonly Span[], time: string): Array<Map<string, Span>> {
  const at = Date.parse(time);
  return [...byTrace(spans).values()].filter((trace) => {
    const begin = Math.min(...[...trace.values()].map((span) => span.begin));
    return begin >= at && begin < at + LENGTH_MS;
  });
}

describe.each(TIMES)('traces of %s', (time) => {
  let spans: Span[];
  let traces: Array<Map<string, Span>>;
  beforeAll(async () => {
    spans = await spansAround(time);
    traces = completeTraces(spans, time);
  });

  it('have unique span ids, and one span without a recorded parent', () => {
    expect(traces.length).toBeGreaterThan(30);
    expect(traces.reduce((count, trace) => count + trace.size, 0)).toBe(
      new Set(traces.flatMap((trace) => [...trace.values()].map(({ trace: id, id: span }) => id + span))).size
    );
    const roots = traces.map((trace) =>
      [...trace.values()].filter(({ parent }) => parent === null || !trace.has(parent))
    );
    expect(roots.filter((lost) => lost.length !== 1)).toEqual([]);
    // The proxy of ap-south records no spans.
    const unrecorded = roots.flat().filter(({ parent }) => parent !== null);
    expect(unrecorded.length).toBeLessThan(traces.length / 10);
    expect(unrecorded.filter(({ region, name }) => region !== 'ap-south' || name !== 'POST /v1/match')).toEqual([]);
  });

  it('nest in time if the clock of the session store is corrected', () => {
    // As JavaScript numbers, milliseconds since 1970 have a resolution of 0.2 µs.
    const outside = traces.flatMap((trace) =>
      [...trace.values()].filter(({ parent, begin, end }) => {
        const outer = parent === null ? undefined : trace.get(parent);
        return end < begin || (outer !== undefined && (begin < outer.begin - 0.001 || end > outer.end + 0.001));
      })
    );
    expect(outside).toEqual([]);
  });

  it('have a client span and a server span where a process calls another process', () => {
    const crossings = traces.flatMap((trace) =>
      [...trace.values()].flatMap((span) => {
        const parent = span.parent === null ? undefined : trace.get(span.parent);
        return parent === undefined || parent.service === span.service
          ? []
          : [`${parent.service} ${parent.kind} > ${span.service} ${span.kind}`];
      })
    );
    expect(new Set(crossings)).toEqual(
      new Set(['web-gateway CLIENT > matchmaker SERVER', 'matchmaker CLIENT > session-store SERVER'])
    );
  });

  it('have a message for each failure, an exception at the time of the failure, and links to spans of the trace', () => {
    const all = traces.flatMap((trace) => [...trace.values()].map((span) => ({ trace, span })));
    const skew = (span: Span) => processByKey(span.service).clockAheadMs ?? 0;
    expect(all.filter(({ span }) => (span.message === null) !== (span.status !== 'ERROR'))).toEqual([]);
    const events = all.flatMap(({ span }) =>
      span.events.map(({ name, time: ns }) => [name, Math.round(ns / 1e6 - span.end - skew(span))])
    );
    expect(events.filter(([name, late]) => name !== 'exception' || Math.abs(Number(late)) !== 0)).toEqual([]);
    const links = all.flatMap(({ trace, span }) => span.links.map((link) => ({ link, trace, span })));
    expect(links.filter(({ link, trace, span }) => link.trace_id !== span.trace || !trace.has(link.span_id))).toEqual(
      []
    );
  });

  it('include the span that a log message names, at the time of the message', async () => {
    const sql = `SELECT cast(time AS bigint) AS ns, property_get(properties, 'otel.trace_id') AS trace, property_get(properties, 'otel.span_id') AS span,
      property_get(process_properties, 'otel.resource.service.name') AS service FROM log_entries
      WHERE property_get(properties, 'otel.trace_id') IS NOT NULL`;
    const messages = await fixture.client.rows(sql, rangeOf(time, 0));
    expect(messages.length).toBeGreaterThan(30);
    const all = byTrace(spans);
    const lost = messages.filter(({ ns, trace, span: id, service }) => {
      const span = all.get(String(trace))?.get(String(id));
      const atMs = Number(ns) / 1e6;
      return span === undefined || span.service !== service || atMs < span.begin || atMs > span.end + 0.001;
    });
    expect(lost).toEqual([]);
  });
});

it('has requests that fail in the pool during the incident, before they reach the session store', async () => {
  const [calm = [], incident = []] = await Promise.all(TIMES.map(spansAround));
  const failed = (spans: readonly Span[]) => spans.filter(({ status }) => status === 'ERROR');
  expect(failed(calm).length / calm.length).toBeLessThan(0.02);
  expect(failed(incident).length / incident.length).toBeGreaterThan(0.4);
  const acquire = failed(incident).filter(({ name }) => name === 'session_pool.acquire');
  expect(acquire.length).toBeGreaterThan(100);
  expect(acquire.every(({ events }) => events.length === 1)).toBe(true);
  expect(failed(incident).some(({ service }) => service === 'session-store')).toBe(false);
  expect(incident.some(({ links }) => links.length > 0)).toBe(true);
});

it('has requests through a proxy that records no spans', async () => {
  const { id } = processByKey('web-gateway');
  const sql = `SELECT property_get(properties, 'region') AS region, count(*) AS n FROM view_instance('otel_spans', '${id}')
    WHERE kind = 'SERVER' AND parent_span_id IS NOT NULL GROUP BY 1`;
  const hour = { query_range_begin: '2026-11-24T09:00:00Z', query_range_end: '2026-11-24T10:00:00Z' };
  const [row, ...others] = await fixture.client.rows(sql, hour);
  expect([row?.['region'], others]).toEqual(['ap-south', []]);
  expect(Number(row?.['n'])).toBeGreaterThan(50);
});

it('records all kinds of spans', async () => {
  const spans = await spansAround(TIMES[1]);
  expect(new Set(spans.map(({ kind }) => kind))).toEqual(
    new Set(['INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'])
  );
});

it('has a session store whose clock is ahead of the other clocks', async () => {
  const { id, clockAheadMs } = processByKey('session-store');
  const sql = `SELECT avg(c.start_time - p.start_time) AS ahead FROM view_instance('otel_spans', '${id}') c
    JOIN view_instance('otel_spans', '${processByKey('matchmaker').id}') p ON c.parent_span_id = p.span_id AND c.trace_id = p.trace_id`;
  const [row] = await fixture.client.rows(
    sql.replace('c.start_time - p.start_time', 'cast(c.start_time AS bigint) - cast(p.start_time AS bigint)'),
    rangeOf(TIMES[0], 0)
  );
  expect(Number(row?.['ahead']) / 1e6).toBeGreaterThan(clockAheadMs!);
  expect(Number(row?.['ahead']) / 1e6).toBeLessThan(clockAheadMs! + 50);
});
