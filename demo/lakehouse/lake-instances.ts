/**
 * The views of one process or stream, as macros: `view_instance('<set>', id)` is rewritten to
 * `lake.instance_<set>(id)`.
 *
 * Spans, events and images are not stored. Each query computes the rows of its time range from the story, so the rows
 * need no memory, and no time at the start. The rows repeat at fixed intervals, counted from the beginning of the
 * story.
 */
import { createHash } from 'node:crypto';
import { perfettoTrace } from './perfetto-trace';
import { LOG_TEMPLATES } from './story-logs';
import { ASYNC_TREES, type AsyncTree, STORY_THREADS, type StoryThread } from './story-threads';
import { processByKey, STORY_MS } from './story';
import { type StorySpan, type TraceSource } from './story-trace-spans';
import { TRACE_SOURCES } from './story-traces';
import { VIEWPORTS } from './pictures';

/** Length of a slot in microseconds: two frames of a screen with 60 Hz, or one frame of the game server at 30 Hz. */
const SLOT_US = 33_000;
/**
 * Number of slots in a group. Within a group, the number of slots from one frame to the next (`stride`) is constant.
 */
const GROUP_SLOTS = 6;
/**
 * Number of slots in a root span: about an hour, because Micromegas has one root span per hour. A multiple of
 * `GROUP_SLOTS`.
 */
const ROOT_SLOTS = 108_000;
/** Longer than any tree of spans, in microseconds. */
const LONGEST_US = 20_000_000;

const MACROS = `
CREATE MACRO lake.begins_us() AS CAST(getvariable('lake_begin_us') AS BIGINT);
CREATE MACRO lake.story_time(us) AS make_timestamptz(lake.begins_us() + CAST(us AS BIGINT));
CREATE MACRO lake.first_tick(every_us, margin_us) AS greatest(lake.first_us() - lake.begins_us() - margin_us, 0) // every_us;
CREATE MACRO lake.last_tick(every_us) AS (lake.last_us() - lake.begins_us()) // every_us;
CREATE MACRO lake.ms_later(t, ms) AS t + to_microseconds(CAST((ms) * 1000 AS BIGINT));
CREATE MACRO lake.nanos(t) AS epoch_us(t) * 1000;
CREATE MACRO lake.in_range(b, e) AS b <= lake.range_end() AND e >= lake.range_begin();
`;

const ROWS = `
CREATE MACRO lake.instance_log_entries(id) AS TABLE SELECT * FROM log_entries WHERE id = 'global' OR process_id = id;
CREATE MACRO lake.instance_measures(id) AS TABLE SELECT * FROM measures WHERE id = 'global' OR process_id = id;
`;

const NET_AND_IMAGES = `
CREATE MACRO lake.instance_net_spans(pid) AS TABLE
  SELECT process_id, stream_id, i * 4 + k AS span_id, if(k = 0, -1, i * 4 + k - 1) AS parent_span_id, k::UINTEGER AS depth, kind, name,
    'client-' || i % 16 AS connection_name, i % 2 = 0 AS is_outgoing, k * 64 AS begin_bits, k * 64 + bits AS end_bits, bits AS bit_size,
    begin_time, begin_time + to_microseconds(4000 - k * 900) AS end_time
  FROM (SELECT p.process_id, s.stream_id, i, k::BIGINT AS k, kind, name, CAST((2048 >> k) + hash(i) % 512 AS BIGINT) AS bits,
      lake.story_time(i * 500000 + k * 300) AS begin_time, p.start_time AS born, lake.alive_until(p.end_time) AS died
    FROM lake.process p JOIN lake.stream s USING (process_id), (SELECT range AS i FROM range(lake.first_tick(500000, 0), lake.last_tick(500000) + 1)),
      (VALUES (0, 'connection', 'session'), (1, 'object', 'Player'), (2, 'property', 'position'), (3, 'rpc', 'Move')) AS span(k, kind, name)
    WHERE p.process_id = pid AND array_contains(s.tags, 'net'))
  WHERE begin_time BETWEEN born AND died AND lake.in_range(begin_time, begin_time + INTERVAL 4 MILLISECOND);
CREATE MACRO lake.instance_images(pid) AS TABLE
  SELECT process_id, stream_id, lake.block_of(stream_id, time) AS block_id, time + INTERVAL 2 SECOND AS insert_time, exe, username, computer, time,
    name, 'png' AS format, octet_length(data)::BIGINT AS payload_size, data
  FROM (SELECT p.process_id, s.stream_id, p.exe, p.username, p.computer, p.end_time, shot.time, shot.name, p.start_time AS born,
      lake.alive_until(p.end_time) AS died
    FROM lake.process p JOIN lake.stream s USING (process_id), (
      SELECT 'ember-editor' AS exe, lake.story_time(range * 60000000) AS time, 'viewport_' || range % ${VIEWPORTS} AS name
        FROM range(lake.first_tick(60000000, 0), lake.last_tick(60000000) + 1)
      UNION ALL SELECT 'ember-server', lake.story_time(range * 600000000), 'harbor_overview'
        FROM range(lake.first_tick(600000000, 0), lake.last_tick(600000000) + 1)
      UNION ALL SELECT exe, end_time - INTERVAL 1 SECOND, 'crash_harbor' FROM lake.process WHERE exe = 'ember-server' AND end_time IS NOT NULL) shot
    WHERE p.process_id = pid AND shot.exe = p.exe AND array_contains(s.tags, 'image')
      AND (shot.name <> 'crash_harbor' OR p.end_time IS NOT NULL)) JOIN lake.picture USING (name)
  WHERE time BETWEEN born AND died AND time BETWEEN lake.range_begin() AND lake.range_end();
`;

const PROCESS_SPANS = `
CREATE MACRO process_spans(pid, kind) AS TABLE
  SELECT * FROM (
    SELECT t.stream_id, s.thread_name || '-' || s.thread_id AS thread_name, t.* EXCLUDE (stream_id, process_id)
    FROM lake.thread_span t JOIN lake.stream s USING (stream_id) WHERE t.process_id = pid AND kind IN ('thread', 'both')
    UNION ALL
    SELECT '', 'async', e.span_id, e.parent_span_id, e.depth, e.hash, b.time, e.time, epoch_us(e.time) * 1000 - epoch_us(b.time) * 1000, e.name,
      e.target, e.filename, e.line, e.properties
    FROM lake.instance_async_events(pid) b JOIN lake.instance_async_events(pid) e USING (span_id)
    WHERE b.event_type = 'begin' AND e.event_type = 'end' AND kind IN ('async', 'both'));
`;

/** Identifies a call site, as the server's hash does. */
function siteHash(...site: readonly string[]): string {
  return `${createHash('sha256').update(site.join('\n')).digest().readUInt32BE(0)}::UINTEGER`;
}

function literal(value: string | undefined): string {
  return value === undefined ? 'CAST(NULL AS VARCHAR)' : `'${value.replaceAll("'", "''")}'`;
}

/**
 * The calls of threads. A frame takes about 17 ms. During the incident, a frame takes up to 61 ms more, so only every
 * second or third slot has a frame.
 */
function threadSpans(): string {
  const calls = STORY_THREADS.flatMap((thread) =>
    thread.calls.map((each, index) => {
      const site = [each.name, each.target, each.file].map(literal).join(', ');
      const shares = [...each.begin, ...each.end].map((share) => `${share}::DOUBLE`).join(', ');
      return `(${literal(thread.exe)}, ${literal(thread.thread)}, ${thread.everySlots}, ${thread.late}, ${index}, ${each.caller}, ${depthOf(thread, index)}, ${site},
        ${each.line}, ${siteHash(each.target, each.name)}, ${shares})`;
    })
  );
  return `
CREATE VIEW lake.thread_life AS SELECT stream_id, process_id, exe, thread_name, thread_id, start_time AS born, lake.alive_until(end_time) AS died
  FROM lake.stream JOIN lake.process USING (process_id) WHERE array_contains(tags, 'cpu');
CREATE VIEW lake.thread_frame AS SELECT *, CASE WHEN trouble < 0.2 THEN 1 WHEN trouble < 0.7 THEN 2 ELSE 3 END AS stride
  FROM (SELECT range AS slot, 17000 * (0.8 + 0.4 * (hash(range) % 1000 / 1000.0::DOUBLE)) AS work, 0.6 + hash(range, 1) % 1000 / 1000.0::DOUBLE AS more,
      lake.trouble((range // ${GROUP_SLOTS} * ${GROUP_SLOTS * SLOT_US} - ${STORY_MS * 1000}) / 1e6) AS trouble
    FROM range(lake.first_tick(${SLOT_US}, ${3 * SLOT_US}), lake.last_tick(${SLOT_US}) + 1));
CREATE VIEW lake.thread_call AS SELECT stream_id, process_id, born, died, slot, slot * 16 + k AS id, if(caller < 0, -1, slot * 16 + caller) AS parent,
    depth::UINTEGER AS depth, hash, name, target, file, line::UINTEGER AS line, work + if(late, 38000 * trouble * more, 0) AS taken,
    b0 * work + if(late, b1 * 38000 * trouble * more, 0) AS b, e0 * work + if(late, e1 * 38000 * trouble * more, 0) AS e
  FROM lake.thread_frame, (VALUES ${calls.join(', ')})
      AS call(exe, thread_name, every, late, k, caller, depth, name, target, file, line, hash, b0, b1, e0, e1) JOIN lake.thread_life USING (exe, thread_name)
  WHERE slot % if(late, stride, every) = 0;
CREATE VIEW lake.thread_root AS SELECT stream_id, process_id, thread_name || '-' || thread_id AS name,
    greatest(lake.story_time(range * ${ROOT_SLOTS * SLOT_US}), born) AS b, least(lake.story_time((range + 1) * ${ROOT_SLOTS * SLOT_US}), died) AS e
  FROM lake.thread_life, range(lake.first_tick(${ROOT_SLOTS * SLOT_US}, 0), lake.last_tick(${ROOT_SLOTS * SLOT_US}) + 1);
CREATE VIEW lake.thread_span AS
  SELECT stream_id, process_id, id, parent, depth, hash, "begin", "end", lake.nanos("end") - lake.nanos("begin") AS duration, name, target, filename, line,
    json_object() AS properties
  FROM (SELECT stream_id, process_id, id, parent, depth, hash, lake.story_time(slot * ${SLOT_US} + CAST(b AS BIGINT)) AS "begin",
      lake.story_time(slot * ${SLOT_US} + CAST(e AS BIGINT)) AS "end", name, target, file AS filename, line
    FROM lake.thread_call WHERE lake.story_time(slot * ${SLOT_US}) >= born AND lake.story_time(slot * ${SLOT_US} + CAST(taken AS BIGINT)) <= died
    UNION ALL SELECT stream_id, process_id, -1, 0, 0::UINTEGER, CAST(hash(name) % 4294967296 AS UINTEGER), b, e, name, '', '', 0::UINTEGER
    FROM lake.thread_root WHERE b < e)
  WHERE lake.in_range("begin", "end");
CREATE MACRO lake.instance_thread_spans(sid) AS TABLE SELECT * EXCLUDE (stream_id, process_id) FROM lake.thread_span WHERE stream_id = sid;
`;
}

/** The depth of a call in the tree of its thread. The root span has depth 0. */
function depthOf({ calls }: StoryThread, index: number): number {
  const caller = calls[index]?.caller ?? -1;
  return caller < 0 ? 1 : depthOf({ calls } as StoryThread, caller) + 1;
}

function asyncEvents(): string {
  return `
CREATE MACRO lake.instance_async_events(pid) AS TABLE
  SELECT stream_id, lake.block_of(stream_id, time) AS block_id, time, event_type, span_id, parent_span_id, depth, hash, name, filename, target, line,
    properties
  FROM (${ASYNC_TREES.map(asyncTree).join('\n    UNION ALL ')})
  WHERE begun >= born AND time <= died AND time BETWEEN lake.range_begin() AND lake.range_end();
`;
}

function asyncTree({ exe, everyMs, threads: [beginsOn, endsOn], spans }: AsyncTree): string {
  const everyUs = everyMs * 1000;
  const depths: number[] = [];
  const members = spans.map((span, index) => {
    depths[index] = span.parent < 0 ? 0 : (depths[span.parent] ?? 0) + 1;
    return `{'k': ${index}, 'parent': ${span.parent}, 'depth': ${depths[index]}, 'name': ${literal(span.name)}, 'target': ${literal(span.target)},
        'file': ${literal(span.file)}, 'line': ${span.line}, 'hash': ${siteHash(span.target, span.name)},
        'b': CAST((${span.begin}) * 1000 AS BIGINT), 'e': CAST((${span.end}) * 1000 AS BIGINT), 'properties': ${span.properties}}`;
  });
  return `SELECT st.stream_id, born, died, lake.story_time(i * ${everyUs}) AS begun, lake.story_time(i * ${everyUs} + if(ev = 'begin', x.b, x.e)) AS time,
      ev AS event_type, i * 8 + x.k AS span_id, if(x.parent < 0, 0, i * 8 + x.parent) AS parent_span_id, x.depth::UINTEGER AS depth, x.hash AS hash,
      x.name AS name, x.file AS filename, x.target AS target, x.line::UINTEGER AS line, if(ev = 'end', x.properties, json_object()) AS properties
    FROM (SELECT p.process_id, p.start_time AS born, lake.alive_until(p.end_time) AS died, i, unnest([${members.join(', ')}]) AS x
      FROM lake.process p, (SELECT range AS i, hash(range, 7) % 1000 / 1000.0::DOUBLE AS v,
          lake.trouble((range * ${everyMs} - ${STORY_MS}) / 1000.0::DOUBLE) AS trouble
        FROM range(lake.first_tick(${everyUs}, ${LONGEST_US}), lake.last_tick(${everyUs}) + 1))
      WHERE p.process_id = pid AND p.exe = ${literal(exe)}) tree
    JOIN lake.stream st USING (process_id) JOIN (VALUES ('begin', ${literal(beginsOn)}), ('end', ${literal(endsOn)})) AS kinds(ev, thread_name)
      USING (thread_name)`;
}

/** Each service records its own spans of each trace, with the clock of its computer. */
function otelSpans(): string {
  const parts = TRACE_SOURCES.flatMap((source) =>
    [...new Set(source.spans.map(({ service }) => service))].map((service) => servedSpans(source, service))
  );
  const attributes = `json_object('exception.type', x.exception, 'exception.message', x.error)`;
  return `
CREATE MACRO lake.instance_otel_spans(pid) AS TABLE
  SELECT process_id, stream_id, lake.block_of(stream_id, start_time) AS block_id, ended + INTERVAL 2 SECOND AS insert_time, exe, username, computer,
    process_properties, unhex(trace_hex) AS trace_id, unhex(lake.span_hex(trace_hex, x.key)) AS span_id,
    unhex(lake.span_hex(trace_hex, x.parent)) AS parent_span_id, start_time, end_time, lake.nanos(end_time) - lake.nanos(start_time) AS duration,
    x.name AS name, x.kind AS kind, CASE WHEN x.error IS NOT NULL THEN 'ERROR' WHEN x.kind IN ('SERVER', 'CONSUMER') THEN 'OK' ELSE 'UNSET' END AS status,
    x.error AS status_message, x.properties AS properties,
    if(x.error IS NULL OR x.exception IS NULL, '[]'::JSON,
      json_array(json_object('attributes', ${attributes}, 'name', 'exception', 'time', lake.nanos(end_time)))) AS events,
    if(x.link IS NULL, '[]'::JSON, json_array(json_object('attributes', json_object('retry.of', x.link),
      'span_id', lake.span_hex(trace_hex, x.link), 'trace_id', trace_hex))) AS links
  FROM (SELECT *, started + to_microseconds(x.e) AS ended, lake.ms_later(started, clock_ahead_ms) + to_microseconds(x.b) AS start_time,
      lake.ms_later(started, clock_ahead_ms) + to_microseconds(x.e) AS end_time
    FROM (${parts.join('\n      UNION ALL ')}))
  WHERE x.shown AND ended <= lake.query_now() AND lake.in_range(start_time, end_time);
`;
}

function servedSpans(source: TraceSource, service: StorySpan['service']): string {
  const seed = LOG_TEMPLATES.findIndex(({ trace }) => trace === source.trace);
  const template = LOG_TEMPLATES[seed];
  if (template === undefined) {
    throw new Error(`no log message has the trace ${source.trace}`);
  }
  const everyUs = template.everyMs * 1000;
  const { region, ...columns } = source.columns;
  const derived = Object.entries(columns).map(([name, sql]) => `${sql} AS ${name}`);
  const members = source.spans.filter((span) => span.service === service).map(spanMember);
  const oldest = `lake.first_tick(${everyUs}, ${everyUs + 1_000_000})`;
  // Log message `i` of the template is written at `i * everyUs`. Its time is up to 0.9 * `everyUs` earlier
  // (`lake.tick`).
  const written = `(CAST(getvariable('query_now_us') AS BIGINT) - lake.begins_us() + ${everyUs - 1}) // ${everyUs}`;
  const newest = `least(${written}, (lake.last_us() + ${LONGEST_US} - lake.begins_us()) // ${everyUs} + 2)`;
  return `SELECT p.process_id, s.stream_id, p.exe, p.username, p.computer, p.properties AS process_properties, p.clock_ahead_ms, t.trace_hex,
        lake.ms_later(t.time, ${source.endsAfterMs} - t.ms) AS started, unnest([${members.join(', ')}]) AS x
      FROM lake.process p JOIN lake.stream s USING (process_id), (
        SELECT *, ${derived.join(', ')} FROM (SELECT *${region === undefined ? '' : ` REPLACE (${region} AS region)`}
          FROM lake.tick(${oldest}, ${newest}, ${template.everyMs}, ${seed}, lake.begins_us() // 1000) WHERE ${template.when ?? 'true'})) t
      WHERE p.process_id = pid AND p.process_id = ${literal(processByKey(service).id)} AND array_contains(s.tags, 'trace')`;
}

function spanMember(span: StorySpan): string {
  return `{'key': ${literal(span.key)}, 'parent': ${span.parent ?? 'CAST(NULL AS VARCHAR)'}, 'name': ${literal(span.name)}, 'kind': ${literal(span.kind)},
          'b': CAST((${span.begin}) * 1000 AS BIGINT), 'e': CAST((${span.end}) * 1000 AS BIGINT), 'shown': ${span.when ?? 'true'},
          'error': ${span.error ?? 'CAST(NULL AS VARCHAR)'}, 'exception': ${literal(span.exception)}, 'link': ${literal(span.link)},
          'properties': json_object(${span.properties})}`;
}

/**
 * The statements that create the macros `lake.instance_…`, `process_spans` and `perfetto_trace_chunks`. They need the
 * schema of `lakeSchema`.
 */
export function instanceViews(): string {
  return [MACROS, ROWS, threadSpans(), asyncEvents(), otelSpans(), NET_AND_IMAGES, PROCESS_SPANS, perfettoTrace()].join(
    '\n'
  );
}
