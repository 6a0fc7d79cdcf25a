/**
 * Functions that completion offers: those of Micromegas (function reference of its `analytics` crate) and common ones of
 * DataFusion. Functions that delete or rebuild data are not offered.
 */

export interface FunctionInfo {
  name: string;
  /** Arguments as shown in the list. Completion puts the cursor between the parentheses. */
  args: string;
  description: string;
}

/** Usable after FROM and JOIN. */
export const TABLE_FUNCTIONS: readonly FunctionInfo[] = [
  { name: 'view_instance', args: "'view set', 'id'", description: 'One instance of a view, by process or stream id.' },
  {
    name: 'process_spans',
    args: "'process id', 'both'",
    description: "Spans of a process: 'thread', 'async' or 'both'.",
  },
  { name: 'list_partitions', args: '', description: 'Materialized partitions.' },
  { name: 'list_view_sets', args: '', description: 'View sets of the server, also those without a global table.' },
  { name: 'list_audience_grants', args: '', description: 'Who may read which audience.' },
  {
    name: 'perfetto_trace_chunks',
    args: "'process id', 'both', begin, end",
    description: 'A Perfetto trace in pieces.',
  },
  { name: 'parse_block', args: "'block id'", description: 'Decoded raw events of a block.' },
  { name: 'jsonb_each', args: 'json', description: 'Key and value of each member.' },
  { name: 'jsonb_array_elements', args: 'json', description: 'One row for each element.' },
  { name: 'expand_histogram', args: 'histogram', description: 'bin_center and count of each bin.' },
];

const MICROMEGAS: readonly FunctionInfo[] = [
  {
    name: 'property_get',
    args: "properties, 'name'",
    description: 'A property as text; the name may be in upper or lower case.',
  },
  { name: 'properties_length', args: 'properties', description: 'Number of properties.' },
  { name: 'properties_to_array', args: 'properties', description: 'Properties without dictionary encoding.' },
  { name: 'properties_to_dict', args: 'properties', description: 'Properties with dictionary encoding.' },
  { name: 'properties_to_jsonb', args: 'properties', description: 'Properties of the older encoding as JSON.' },
  { name: 'jsonb_parse', args: 'text', description: 'Text read as JSON; NULL for text that is not JSON.' },
  { name: 'jsonb_format_json', args: 'json', description: 'JSON as text.' },
  { name: 'jsonb_get', args: "json, 'name'", description: 'A member of an object.' },
  { name: 'jsonb_as_string', args: 'json', description: 'A JSON string as text; NULL for other types.' },
  { name: 'jsonb_as_i64', args: 'json', description: 'A JSON integer; NULL for other types.' },
  { name: 'jsonb_as_f64', args: 'json', description: 'A JSON number; NULL for other types.' },
  { name: 'jsonb_array_length', args: 'json', description: 'Number of elements.' },
  { name: 'jsonb_object_keys', args: 'json', description: 'Keys of an object, as a list.' },
  { name: 'jsonb_path_query_first', args: "json, '$.path'", description: 'First match of a JSONPath.' },
  { name: 'jsonb_path_query', args: "json, '$.path'", description: 'All matches of a JSONPath, as an array.' },
  { name: 'jsonb_entries', args: 'json', description: 'Keys and values as a list, for unnest.' },
  { name: 'jsonb_elements', args: 'json', description: 'Elements as a list, for unnest.' },
  { name: 'jsonb_path_elements', args: "json, '$.path'", description: 'Matches of a JSONPath as a list, for unnest.' },
  { name: 'make_histogram', args: 'start, end, bins, value', description: 'Aggregate: a histogram of the values.' },
  { name: 'sum_histograms', args: 'histogram', description: 'Aggregate: histograms merged into one.' },
  { name: 'quantile_from_histogram', args: 'histogram, 0.95', description: 'An estimated quantile.' },
  { name: 'variance_from_histogram', args: 'histogram', description: 'Variance of the values.' },
  { name: 'sum_from_histogram', args: 'histogram', description: 'Sum of the values.' },
  { name: 'count_from_histogram', args: 'histogram', description: 'Number of the values.' },
  { name: 'make_hll', args: 'value', description: 'Aggregate: a sketch for counting distinct values.' },
  { name: 'merge_hll', args: 'sketch', description: 'Aggregate: sketches merged into one.' },
  { name: 'hll_cardinality', args: 'sketch', description: 'Approximate number of distinct values.' },
  { name: 'get_payload', args: 'process_id, stream_id, block_id', description: 'The raw stored block.' },
  { name: 'bin_center', args: 'x, size', description: 'Centre of the bin that x falls into.' },
  { name: 'lerp', args: 'a, b, t', description: 'Value between a and b.' },
  { name: 'unlerp', args: 'a, b, x', description: 'Where x lies between a and b.' },
  { name: 'rgba', args: 'r, g, b, a', description: 'A colour from parts between 0 and 1.' },
  { name: 'lerp_color', args: 'c1, c2, t', description: 'A colour between two colours.' },
  { name: 'color_scale', args: "'viridis', t, 1", description: 'A colour of a named scale.' },
];

function plain(description: string, names: string): FunctionInfo[] {
  return names.split(' ').map((name) => ({ name, args: '', description }));
}

const DATAFUSION: readonly FunctionInfo[] = [
  ...plain(
    'Aggregate',
    'count sum avg min max median stddev var_pop first_value last_value array_agg string_agg bool_and bool_or'
  ),
  ...plain('Aggregate, approximate', 'approx_distinct approx_median approx_percentile_cont'),
  ...plain('Window', 'row_number rank dense_rank lag lead ntile'),
  ...plain('Time', 'now date_bin date_trunc date_part to_timestamp to_unixtime from_unixtime'),
  ...plain(
    'Text',
    'lower upper trim length concat substr split_part replace regexp_match regexp_replace regexp_like starts_with strpos encode'
  ),
  ...plain('Number', 'abs round floor ceil sqrt power ln log10 greatest least'),
  ...plain('Null and type', 'coalesce nullif arrow_cast arrow_typeof cast'),
  ...plain('List', 'unnest array_has array_length array_to_string'),
];

/** Usable in expressions. */
export const SCALAR_FUNCTIONS: readonly FunctionInfo[] = [...MICROMEGAS, ...DATAFUSION];
