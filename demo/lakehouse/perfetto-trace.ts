/**
 * `perfetto_trace_chunks`: the spans of a process as a Perfetto trace, which ui.perfetto.dev and trace_processor read.
 *
 * A trace is a list of packets: descriptions of the process and its threads, then the begin and the end of each span.
 * DuckDB writes the packets as hexadecimal digits. The field numbers come from google/perfetto, folder
 * protos/perfetto/trace: trace_packet.proto, track_event/track_event.proto and track_event/track_descriptor.proto.
 */
import { isSqlWord } from '../../contract/sql/sql-scan';
import { codeTokens } from './sql-tokens';
import { type TimeRange } from './query-headers';

/** Number of packets in one chunk. */
const PACKETS = 1000;

/**
 * SQL that writes the number `x` as a protobuf varint of this many bytes: groups of seven bits, the lowest first. The
 * highest bit of a byte is set if another byte follows.
 */
function varint(bytes: number): string {
  const groups = Array.from(
    { length: bytes },
    (_, index) => `(x >> ${7 * index}) & 127${index < bytes - 1 ? ' | 128' : ''}`
  );
  return `printf('${'%02x'.repeat(bytes)}', ${groups.join(', ')})`;
}

/**
 * DuckDB copies the expression of a macro's argument to each place that uses the argument. To compute expressions only
 * once, arguments are columns, and nested messages are columns of nested SELECTs. Lengths and thread ids are encoded in
 * one or two bytes, times (nanoseconds) and track ids in nine.
 */
const WIRE = `
CREATE MACRO lake.varint(x) AS CASE WHEN x < ${2 ** 7} THEN ${varint(1)} ELSE ${varint(2)} END;
CREATE MACRO lake.varint9(x) AS ${varint(9)};
CREATE MACRO lake.length_of(digits) AS CAST(length(digits) // 2 AS BIGINT);
CREATE MACRO lake.track_uuid(t) AS CAST((hash(t) >> 8) + ${2n ** 56n} AS BIGINT);
`;

/**
 * The process, each of its threads and each tree of asynchronous spans has a track. Packets are sorted so that an inner
 * span begins after the outer span, and ends before the outer span ends.
 */
const CHUNKS = `
CREATE MACRO perfetto_trace_chunks(pid, kind, range_begin, range_end) AS TABLE
  WITH span AS MATERIALIZED (SELECT *, lake.track_uuid(track) AS uuid FROM (
    SELECT if(thread_name = 'async', 'async ' || id // 8, stream_id) AS track, lake.nanos("begin") AS b, lake.nanos("end") AS e, depth::INTEGER AS depth,
      hex(name) AS name, hex(target) AS target FROM process_spans(pid, kind) WHERE "begin" < "end")),
  event AS (
    SELECT b AS t, 1 AS is_begin, depth, track, '480158' || lake.varint9(uuid) || 'b201' || lake.varint(lake.length_of(target)) || target
      || 'ba01' || lake.varint(lake.length_of(name)) || name AS event FROM span
    UNION ALL SELECT e, 0, -depth, track, '480258' || lake.varint9(uuid) FROM span),
  track AS (SELECT *, lake.varint9(uuid) AS uuid_digits, lake.varint9(lake.track_uuid(pid)) AS parent_digits, lake.varint(number) AS number_digits,
      lake.varint(lake.length_of(name)) AS name_length
    FROM (SELECT 0 AS part, pid AS track, lake.track_uuid(pid) AS uuid, 1 AS number, hex(exe) AS name FROM lake.process WHERE process_id = pid
      UNION ALL SELECT 1, stream_id, lake.track_uuid(stream_id), CAST(thread_id AS BIGINT), hex(thread_name) FROM lake.stream
        WHERE process_id = pid AND array_contains(tags, 'cpu') AND kind IN ('thread', 'both')
      UNION ALL SELECT DISTINCT 2, track, uuid, 1, hex('async') FROM span WHERE starts_with(track, 'async '))),
  description AS (
    SELECT part, track, '08' || uuid_digits || CASE part WHEN 0 THEN '1a' || lake.varint(lake.length_of(of_process)) || of_process
        WHEN 1 THEN '28' || parent_digits || '22' || lake.varint(lake.length_of(of_thread)) || of_thread
        ELSE '28' || parent_digits || '12' || name_length || name END AS description
    FROM (SELECT *, '080132' || name_length || name AS of_process, '080110' || number_digits || '2a' || name_length || name AS of_thread FROM track)),
  packet AS (
    SELECT part, 0 AS t, 0 AS is_begin, 0 AS depth, track, '5001e203' || lake.varint(lake.length_of(description)) || description AS packet FROM description
    UNION ALL SELECT 3, t, is_begin, depth, track, '500140' || lake.varint9(t) || '5a' || lake.varint(lake.length_of(event)) || event FROM event)
  SELECT CAST(n // ${PACKETS} AS INTEGER) AS chunk_id,
    unhex(string_agg('0a' || lake.varint(lake.length_of(packet)) || packet, '' ORDER BY n)) AS chunk_data
  FROM (SELECT packet, row_number() OVER (ORDER BY part, t, is_begin, depth, track) - 1 AS n FROM packet)
  GROUP BY 1 ORDER BY 1;
`;

/** The statements that create the function. They need `process_spans`. */
export function perfettoTrace(): string {
  return [WIRE, CHUNKS].join('\n');
}

/**
 * The time range in the arguments of `perfetto_trace_chunks`. For the spans, this range replaces the range of the
 * query.
 */
export function traceRange(sql: string): TimeRange | undefined {
  const tokens = codeTokens(sql);
  const call = tokens.findIndex((token) => isSqlWord(token, 'perfetto_trace_chunks'));
  const times = tokens
    .slice(call)
    .filter(({ kind }) => kind === 'string')
    .slice(2, 4);
  const [begin, end] = times.map(({ raw }) => Date.parse(raw.slice(1, -1)));
  if (call < 0 || begin === undefined || end === undefined || Number.isNaN(begin + end)) {
    return undefined;
  }
  const [first, last] = [new Date(begin).toISOString(), new Date(end).toISOString()];
  return { begin: first, end: last, beginUs: BigInt(begin) * 1000n, endUs: BigInt(end) * 1000n };
}
