/**
 * The tables of the demo, and the views that clients see.
 *
 * The tables are in the schema `lake` and are normalized. The views join the tables, and filter rows by the time range
 * of the query. Variables of the connection contain the range and other times, in microseconds since 1970:
 * `range_begin_us` and `range_end_us` (both or none), `query_now_us` and `lake_begin_us`.
 */
import { GLOBAL_TABLES, INSTANCE_TABLES } from './catalogue';
import { routinesView } from './routines';
import { STORY_MS } from './story';

const TABLES = `
CREATE SCHEMA lake;
CREATE TABLE lake.process (
  process_id VARCHAR, exe VARCHAR, username VARCHAR, realname VARCHAR, computer VARCHAR, distro VARCHAR, cpu_brand VARCHAR,
  start_time TIMESTAMPTZ, end_time TIMESTAMPTZ, parent_process_id VARCHAR, properties JSON, clock_ahead_ms INTEGER);
CREATE TABLE lake.stream (stream_id VARCHAR, process_id VARCHAR, tags VARCHAR[], format VARCHAR,
  thread_name VARCHAR, thread_id VARCHAR);
CREATE TABLE lake.block (
  block_id VARCHAR, stream_id VARCHAR, process_id VARCHAR, begin_time TIMESTAMPTZ, end_time TIMESTAMPTZ,
  nb_objects INTEGER, object_offset BIGINT, payload_size BIGINT);
CREATE TABLE lake.log_row (
  process_id VARCHAR, stream_id VARCHAR, block_id VARCHAR, time TIMESTAMPTZ, target VARCHAR, level INTEGER, msg VARCHAR,
  properties JSON, arrived TIMESTAMPTZ);
CREATE TABLE lake.measure_row (
  process_id VARCHAR, stream_id VARCHAR, block_id VARCHAR, time TIMESTAMPTZ, target VARCHAR, name VARCHAR, unit VARCHAR,
  value DOUBLE, properties JSON);
CREATE TABLE lake.picture (name VARCHAR, data BLOB);
`;

const RANGE = `
CREATE MACRO lake.range_begin() AS coalesce(make_timestamptz(CAST(getvariable('range_begin_us') AS BIGINT)), '-infinity'::TIMESTAMPTZ);
CREATE MACRO lake.range_end() AS coalesce(make_timestamptz(CAST(getvariable('range_end_us') AS BIGINT)), 'infinity'::TIMESTAMPTZ);
CREATE MACRO lake.query_now() AS make_timestamptz(CAST(getvariable('query_now_us') AS BIGINT));
CREATE MACRO lake.first_us() AS greatest(coalesce(CAST(getvariable('range_begin_us') AS BIGINT), 0), CAST(getvariable('lake_begin_us') AS BIGINT));
CREATE MACRO lake.last_us() AS least(coalesce(CAST(getvariable('range_end_us') AS BIGINT), 9000000000000000), CAST(getvariable('query_now_us') AS BIGINT));
CREATE MACRO lake.alive_until(ended) AS coalesce(ended, lake.query_now());
CREATE MACRO lake.span_hex(trace, key) AS CASE WHEN key IN ('request', 'assemble') THEN substr(trace, 17, 16)
  WHEN key IS NOT NULL THEN lpad(lower(to_hex(hash(trace || key))), 16, '0') END;
CREATE MACRO lake.block_of(stream, t) AS CAST(CAST(md5(stream || CAST(epoch_us(t) // 60000000 AS VARCHAR)) AS UUID) AS VARCHAR);
`;

const STORY = `
CREATE MACRO lake.trouble(s) AS CASE WHEN s < -2700 OR s > -1900 THEN 0.0 WHEN s < -2460 THEN (s + 2700) / 240.0
  WHEN s < -2040 THEN 1.0 ELSE (-1900 - s) / 140.0 END;
CREATE MACRO lake.latency(region, v, trouble) AS (18 + 30 * v * v) * (1 + trouble * if(region = 'eu-west', 42, 1.5));
CREATE MACRO lake.tick(first, last, every_ms, seed, begin_ms) AS TABLE
  SELECT i, u, v, s, time, lake.trouble(s) AS trouble, sin(s / 860.0) * 0.6 + sin(s / 86400.0 * 2 * pi()) * 0.4 AS wave,
    ['us-east', 'eu-west', 'ap-south'][1 + CAST(floor(w * 2.999) AS INTEGER)] AS region,
    substr(md5(CAST(i * 31 + seed AS VARCHAR)), 1, 12) AS request_id, md5(CAST(i * 31 + seed AS VARCHAR)) AS trace_hex, 'p' || CAST(hash(i, seed) % 4000 AS VARCHAR) AS player
  FROM (SELECT *, (i * every_ms - u * every_ms * 0.9 - ${STORY_MS}) / 1000.0 AS s,
      make_timestamptz((begin_ms + i * every_ms) * 1000 - CAST(u * every_ms * 900 AS BIGINT)) AS time
    FROM (SELECT range AS i, hash(range, seed, 1) % 1000003 / 1000003.0::DOUBLE AS u, hash(range, seed, 2) % 1000003 / 1000003.0::DOUBLE AS v,
      hash(range, seed, 3) % 1000003 / 1000003.0::DOUBLE AS w FROM range(first, last)));
`;

/**
 * The SELECT items that `log_entries` and `measures` share. @param insertTime SQL expression of the column
 * `insert_time`.
 */
const sharedColumns = (insertTime: string) =>
  `r.process_id, r.stream_id, r.block_id, ${insertTime} AS insert_time, p.exe, p.username, p.computer, r.time, r.target`;
const USUAL_INSERT_TIME = 'r.time + INTERVAL 2 SECOND';

const VIEWS = `
CREATE VIEW lake.all_log_entries AS SELECT ${sharedColumns(`coalesce(r.arrived, ${USUAL_INSERT_TIME})`)}, r.level, r.msg, r.properties, p.properties AS process_properties,
  'public' AS audience FROM lake.log_row r JOIN lake.process p USING (process_id);
CREATE VIEW log_entries AS SELECT * FROM lake.all_log_entries WHERE time BETWEEN lake.range_begin() AND lake.range_end();
CREATE VIEW measures AS SELECT ${sharedColumns(USUAL_INSERT_TIME)}, r.name, r.unit, r.value, r.properties, p.properties AS process_properties,
  'public' AS audience FROM lake.measure_row r JOIN lake.process p USING (process_id)
  WHERE time BETWEEN lake.range_begin() AND lake.range_end();
CREATE VIEW lake.all_processes AS SELECT process_id, exe, username, realname, computer, distro, cpu_brand,
  3000000000::BIGINT AS tsc_frequency, start_time, epoch_us(start_time) * 3000 AS start_ticks, start_time + INTERVAL 1 SECOND AS insert_time,
  parent_process_id, properties, lake.alive_until(end_time) AS last_update_time, epoch_us(lake.alive_until(end_time)) * 3000 AS last_block_end_ticks,
  lake.alive_until(end_time) AS last_block_end_time, 'public' AS audience FROM lake.process;
CREATE VIEW processes AS SELECT * FROM lake.all_processes
  WHERE insert_time <= lake.range_end() AND last_update_time >= lake.range_begin();
CREATE VIEW lake.all_streams AS SELECT s.stream_id, s.process_id, '\\xA0'::BLOB AS dependencies_metadata, '\\xA0'::BLOB AS objects_metadata,
  s.tags, if(s.thread_name IS NULL, json_object(), json_object('thread-name', s.thread_name, 'thread-id', s.thread_id)) AS properties, p.insert_time, s.format, p.last_update_time, 'public' AS audience
  FROM lake.stream s JOIN lake.all_processes p USING (process_id);
CREATE VIEW streams AS SELECT * FROM lake.all_streams
  WHERE insert_time <= lake.range_end() AND last_update_time >= lake.range_begin();
CREATE VIEW blocks AS SELECT b.block_id, b.stream_id, b.process_id, b.begin_time, epoch_us(b.begin_time) * 3000 AS begin_ticks,
  b.end_time, epoch_us(b.end_time) * 3000 AS end_ticks, b.nb_objects, b.object_offset, b.payload_size,
  b.end_time + INTERVAL 2 SECOND AS insert_time, s.dependencies_metadata AS "streams.dependencies_metadata",
  s.objects_metadata AS "streams.objects_metadata", s.tags AS "streams.tags", s.properties AS "streams.properties",
  s.insert_time AS "streams.insert_time", s.format AS "streams.format", p.start_time AS "processes.start_time",
  p.start_ticks AS "processes.start_ticks", p.tsc_frequency AS "processes.tsc_frequency", p.exe AS "processes.exe",
  p.username AS "processes.username", p.realname AS "processes.realname", p.computer AS "processes.computer",
  p.distro AS "processes.distro", p.cpu_brand AS "processes.cpu_brand", p.insert_time AS "processes.insert_time",
  p.parent_process_id AS "processes.parent_process_id", p.properties AS "processes.properties", 'public' AS audience
  FROM lake.block b JOIN lake.all_streams s USING (stream_id) JOIN lake.all_processes p ON p.process_id = b.process_id
  WHERE b.begin_time <= lake.range_end() AND b.end_time + INTERVAL 2 SECOND >= lake.range_begin();
CREATE VIEW log_stats AS SELECT * FROM (SELECT time_bucket(INTERVAL 1 MINUTE, time, '1970-01-01 00:00:00+00'::TIMESTAMPTZ) AS time_bin,
  process_id, level, target, count(*) AS count, 'public' AS audience FROM lake.log_row GROUP BY ALL)
  WHERE time_bin BETWEEN lake.range_begin() AND lake.range_end();
`;

/** Table functions of Micromegas that are not view sets. */
const TABLE_FUNCTIONS = `
CREATE MACRO parse_block(bid) AS TABLE SELECT row_number() OVER (ORDER BY time) - 1 AS object_index, 'LogStringInteropEvent' AS type_name,
  json_object('msg', msg, 'level', level, 'target', target) AS value FROM lake.log_row WHERE block_id = bid;
CREATE MACRO list_partitions() AS TABLE
  SELECT name AS view_set_name, 'global' AS view_instance_id, t AS begin_insert_time, t + INTERVAL 1 HOUR AS end_insert_time, t AS min_event_time,
    t + INTERVAL 1 HOUR AS max_event_time, t + INTERVAL 70 MINUTE AS updated, 'views/' || name || '/' || strftime(t, '%Y-%m-%d-%H') AS file_path,
    CAST(90000 + hash(name, t) % 900000 AS BIGINT) AS file_size, '\\x01'::BLOB AS file_schema_hash, '\\x02'::BLOB AS source_data_hash,
    CAST(1000 + hash(t, name) % 9000 AS BIGINT) AS num_rows, 1 AS partition_format_version, ['time'] AS sort_order, t + INTERVAL 1 HOUR AS max_sort_key_time
  FROM (SELECT view_set_name AS name FROM list_view_sets() WHERE global_instance_available),
    (SELECT make_timestamptz(range * 3600000000) AS t FROM range(CAST(getvariable('lake_begin_us') AS BIGINT) // 3600000000,
      (CAST(getvariable('query_now_us') AS BIGINT) - 600000000) // 3600000000));
CREATE MACRO list_audience_grants() AS TABLE SELECT * FROM (VALUES ('public', 'read', 'group:developers', make_timestamptz(CAST(getvariable('lake_begin_us') AS BIGINT)),
  'admin')) AS t(audience, axis, selector, created_at, created_by);
`;

/** Names of the Arrow types of the catalogue, as DataFusion prints them. */
const TYPE_NAMES = {
  ts: 'Timestamp(ns, "+00:00")',
  dict: 'Dictionary(Int32, Utf8)',
  djsonb: 'Dictionary(Int32, Binary)',
  jsonb: 'Binary',
  text: 'Utf8',
  i32: 'Int32',
  i64: 'Int64',
  u32: 'UInt32',
  f64: 'Float64',
  bool: 'Boolean',
  bytes: 'Binary',
  bytes8: 'FixedSizeBinary(8)',
  bytes16: 'FixedSizeBinary(16)',
  texts: 'List(Utf8)',
} as const;

/** A schema as Rust prints it for debugging. */
function debugString(table: string): string {
  const fields = (GLOBAL_TABLES.get(table) ?? INSTANCE_TABLES.get(table) ?? []).map(
    ({ name, type, nullable }) =>
      `Field { name: "${name}", data_type: ${TYPE_NAMES[type]}${nullable ? ', nullable: true' : ''} }`
  );
  return `Schema { fields: [${fields.join(', ')}], metadata: {} }`;
}

/** `information_schema` as DataFusion shows it, and the list of view sets. */
function informationSchema(): string {
  const names = [...GLOBAL_TABLES.keys()];
  const tables = names.map((name) => `('datafusion', 'public', '${name}', 'BASE TABLE')`);
  const columns = [...GLOBAL_TABLES].flatMap(([table, list]) =>
    list.map(
      ({ name, type, nullable }, index) =>
        `('datafusion', 'public', '${table}', '${name}', ${index}::UBIGINT, '${nullable ? 'YES' : 'NO'}', '${TYPE_NAMES[type]}')`
    )
  );
  const sets = [...names, ...INSTANCE_TABLES.keys()].map(
    (name) =>
      `('${name}', '\\x01'::BLOB, '${debugString(name)}', ${!['blocks', 'processes', 'streams', 'log_stats'].includes(name)}, ${names.includes(name)})`
  );
  return `
CREATE VIEW lake.info_tables AS SELECT * FROM (VALUES ${tables.join(', ')}) AS t(table_catalog, table_schema, table_name, table_type);
CREATE VIEW lake.info_columns AS SELECT * FROM (VALUES ${columns.join(', ')})
  AS t(table_catalog, table_schema, table_name, column_name, ordinal_position, is_nullable, data_type);
CREATE MACRO list_view_sets() AS TABLE SELECT * FROM (VALUES ${sets.join(', ')})
  AS t(view_set_name, current_schema_hash, schema, has_view_maker, global_instance_available);`;
}

/**
 * Returns the statements that create an empty lake.
 *
 * @param functions Macros for the views and for queries. They need the schema `lake`, so they are created after it.
 */
export function lakeSchema(functions: string): string {
  return [TABLES, RANGE, functions, STORY, VIEWS, informationSchema(), routinesView(), TABLE_FUNCTIONS].join('\n');
}
