/**
 * `perfetto_trace_chunks`: the spans of a process as a Perfetto trace, which ui.perfetto.dev and trace_processor read.
 *
 * A trace is a list of packets: descriptions of the process and its threads, then the begin and the end of each span. The packets
 * are written by DuckDB as hexadecimal digits. Tags of fields: protos/perfetto/trace/trace_packet.proto of google/perfetto,
 * track_event/track_event.proto and track_event/track_descriptor.proto.
 */
import { isSqlWord } from '../../contract/sql-scan';
import { codeTokens } from './sql-tokens';
import { type TimeRange } from './query-headers';

/** Packets of one chunk. */
const PACKETS = 1000;

const WIRE = `
CREATE MACRO lake.varint_bytes(x) AS greatest(1, CAST(floor(log2(greatest(x, 1)) / 7) AS INTEGER) + 1);
CREATE MACRO lake.varint(x) AS array_to_string(list_transform(range(lake.varint_bytes(x)),
  lambda i: lpad(lower(to_hex((x >> CAST(7 * i AS INTEGER)) & 127 | if(i < lake.varint_bytes(x) - 1, 128, 0))), 2, '0')), '');
CREATE MACRO lake.number_field(tag, x) AS tag || lake.varint(CAST(x AS BIGINT));
CREATE MACRO lake.bytes_field(tag, digits) AS tag || lake.varint(CAST(length(digits) // 2 AS BIGINT)) || digits;
CREATE MACRO lake.text_field(tag, t) AS lake.bytes_field(tag, hex(CAST(t AS VARCHAR)));
CREATE MACRO lake.track_uuid(t) AS CAST(hash(t) >> 2 AS BIGINT);
CREATE MACRO lake.process_number(pid) AS CAST(1000 + hash(pid) % 30000 AS BIGINT);
`;

/** Packets, in an order in which an inner span begins after and ends before the outer one. */
const PACKET_VIEWS = `
CREATE MACRO lake.trace_track(pid, kind) AS TABLE
  SELECT pid AS track, NULL AS thread_name, NULL AS thread_id, exe AS name FROM lake.process WHERE process_id = pid
  UNION ALL SELECT stream_id, thread_name, thread_id, NULL FROM lake.stream
    WHERE process_id = pid AND array_contains(tags, 'cpu') AND kind IN ('thread', 'both');
CREATE MACRO lake.trace_span(pid, kind) AS TABLE
  SELECT if(thread_name = 'async', 'async ' || id // 8, stream_id) AS track, lake.nanos("begin") AS b, lake.nanos("end") AS e, depth::INTEGER AS depth,
    name, target FROM process_spans(pid, kind) WHERE "begin" < "end";
CREATE MACRO lake.trace_packet(pid, kind) AS TABLE
  SELECT 0 AS part, 0 AS t, if(thread_id IS NULL, 0, 1) AS is_begin, 0 AS depth, track,
    lake.bytes_field('e203', lake.number_field('08', lake.track_uuid(track)) || CASE WHEN thread_id IS NULL
      THEN lake.bytes_field('1a', lake.number_field('08', lake.process_number(pid)) || lake.text_field('32', name))
      ELSE lake.number_field('28', lake.track_uuid(pid)) || lake.bytes_field('22', lake.number_field('08', lake.process_number(pid))
        || lake.number_field('10', thread_id) || lake.text_field('2a', thread_name)) END) AS packet
  FROM lake.trace_track(pid, kind)
  UNION ALL SELECT DISTINCT 1, 0, 0, 0, track, lake.bytes_field('e203', lake.number_field('08', lake.track_uuid(track))
      || lake.text_field('12', 'async') || lake.number_field('28', lake.track_uuid(pid)))
    FROM lake.trace_span(pid, kind) WHERE starts_with(track, 'async ')
  UNION ALL SELECT 2, b, 1, depth, track, lake.number_field('40', b) || lake.bytes_field('5a', lake.number_field('48', 1)
      || lake.number_field('58', lake.track_uuid(track)) || lake.text_field('b201', target) || lake.text_field('ba01', name))
    FROM lake.trace_span(pid, kind)
  UNION ALL SELECT 2, e, 0, -depth, track, lake.number_field('40', e)
      || lake.bytes_field('5a', lake.number_field('48', 2) || lake.number_field('58', lake.track_uuid(track))) FROM lake.trace_span(pid, kind);
`;

const CHUNKS = `
CREATE MACRO perfetto_trace_chunks(pid, kind, range_begin, range_end) AS TABLE
  SELECT CAST(n // ${PACKETS} AS INTEGER) AS chunk_id, unhex(string_agg(lake.bytes_field('0a', '5001' || packet), '' ORDER BY n)) AS chunk_data
  FROM (SELECT packet, row_number() OVER (ORDER BY part, t, is_begin, depth, track) - 1 AS n FROM lake.trace_packet(pid, kind))
  GROUP BY 1 ORDER BY 1;
`;

/** The statements that create the function. They need `process_spans`. */
export function perfettoTrace(): string {
  return [WIRE, PACKET_VIEWS, CHUNKS].join('\n');
}

/** The range in the arguments of `perfetto_trace_chunks`, which applies to its spans in place of the range of the query. */
export function traceRange(sql: string): TimeRange | undefined {
  const tokens = codeTokens(sql);
  const call = tokens.findIndex((token) => isSqlWord(token, 'perfetto_trace_chunks'));
  const times = tokens
    .slice(call)
    .filter(({ kind }) => kind === 'string')
    .slice(2, 4);
  const [begin, end] = times.map(({ text }) => Date.parse(text.slice(1, -1)));
  if (call < 0 || begin === undefined || end === undefined || Number.isNaN(begin + end)) {
    return undefined;
  }
  const [first, last] = [new Date(begin).toISOString(), new Date(end).toISOString()];
  return { begin: first, end: last, beginUs: BigInt(begin) * 1000n, endUs: BigInt(end) * 1000n };
}
