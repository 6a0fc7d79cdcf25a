/** `information_schema.routines` as Micromegas shows it to callers who are not administrators: one row per function. */

/**
 * Functions that the demo lists without description and syntax. On the server, this is so for Micromegas's own
 * functions.
 */
const NAMES = {
  SCALAR:
    'abs array_has array_length array_to_string arrow_cast arrow_typeof bin_center cardinality ceil coalesce concat contains date_part ' +
    'encode exp floor from_unixtime greatest jsonb_array_length jsonb_as_f64 jsonb_as_i64 jsonb_as_string jsonb_format_json jsonb_get ' +
    'jsonb_object_keys jsonb_parse jsonb_path_query jsonb_path_query_first least left length lerp ln log10 log2 lower lpad ltrim md5 now nullif ' +
    'position pow power properties_length properties_to_array properties_to_dict properties_to_jsonb property_get regexp_replace ' +
    'repeat replace reverse right round rpad rtrim split_part sqrt starts_with strpos substr to_timestamp to_timestamp_millis trim trunc unlerp ' +
    'upper version',
  AGGREGATE: 'any_value array_agg avg bool_and bool_or count max median min stddev string_agg sum var_pop var_samp',
  WINDOW: 'cume_dist dense_rank first_value lag last_value lead ntile percent_rank rank row_number',
  TABLE:
    'generate_series jsonb_each list_audience_grants list_partitions list_view_sets parse_block perfetto_trace_chunks process_spans range view_instance',
} as const;

/** Functions of DataFusion that are listed with documentation. */
const DOCUMENTED = [
  [
    'approx_distinct',
    'AGGREGATE',
    'approx_distinct(expression)',
    'Returns the approximate number of distinct input values, calculated with the HyperLogLog algorithm.',
  ],
  [
    'approx_percentile_cont',
    'AGGREGATE',
    'approx_percentile_cont(percentile [, centroids]) WITHIN GROUP (ORDER BY expression)',
    'Returns the approximate percentile of input values, calculated with the t-digest algorithm.',
  ],
  [
    'percentile_cont',
    'AGGREGATE',
    'percentile_cont(percentile) WITHIN GROUP (ORDER BY expression)',
    'Returns the exact percentile of input values, interpolated between values. Keeps all values in memory.',
  ],
  [
    'date_bin',
    'SCALAR',
    'date_bin(interval, expression[, origin_timestamp])',
    '\nReturns the start of the interval that contains a timestamp.\n\nUse it to group rows into time windows.',
  ],
  ['date_trunc', 'SCALAR', 'date_trunc(precision, expression)', 'Truncates a timestamp to a precision.'],
  ['regexp_like', 'SCALAR', 'regexp_like(str, regexp[, flags])', 'True if a regular expression matches the text.'],
] as const;

function literal(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** The statement that creates `lake.info_routines`. */
export function routinesView(): string {
  const named = Object.entries(NAMES).flatMap(([kind, names]) =>
    names.split(' ').map((name) => `(${literal(name)}, ${literal(kind)}, NULL, NULL)`)
  );
  const documented = DOCUMENTED.map((row) => `(${row.map(literal).join(', ')})`);
  return `
CREATE VIEW lake.info_routines AS SELECT 'datafusion' AS routine_catalog, 'public' AS routine_schema, routine_name, 'FUNCTION' AS routine_type,
  function_type, description, syntax_example
  FROM (VALUES ${[...documented, ...named].join(', ')}) AS t(routine_name, function_type, syntax_example, description);`;
}
