/**
 * Functions that completion and hover describe: those of Micromegas (function reference of its `analytics` crate) and
 * the common ones of DataFusion. The server's list of functions adds the others. Functions that change data are not
 * offered.
 */
import { StringSet } from '../../../contract/string-map';
import { type FunctionList } from '../../../contract/resources/lookups';
import { type ColumnInfo } from '../../../contract/resources/resources';
import { PROCESS_SPAN_COLUMNS } from './known-tables';

/** The help for one function. */
export interface FunctionInfo {
  name: string;
  /** Arguments as shown in the list. Completion puts the cursor between the parentheses. */
  args: string;
  description: string;
  /** Columns of a table function that always returns the same columns. */
  columns?: readonly ColumnInfo[];
}

/** Reads columns in the format `name type, name type`. */
function columns(list: string): ColumnInfo[] {
  return list.split(', ').map((column) => {
    const [name = '', type = ''] = column.split(' ');
    return { name, type };
  });
}

/** Usable after FROM and JOIN. */
export const TABLE_FUNCTIONS: readonly FunctionInfo[] = [
  { name: 'view_instance', args: "'view set', 'id'", description: 'One instance of a view, by process or stream id.' },
  {
    name: 'process_spans',
    args: "'process id', 'both'",
    description: "Spans of a process: 'thread', 'async' or 'both'.",
    columns: PROCESS_SPAN_COLUMNS,
  },
  {
    name: 'list_partitions',
    args: '',
    description: 'Materialized partitions.',
    columns: columns(
      'view_set_name Utf8, view_instance_id Utf8, begin_insert_time Timestamp, end_insert_time Timestamp, min_event_time Timestamp, max_event_time Timestamp, updated Timestamp, file_path Utf8, file_size Int64, num_rows Int64'
    ),
  },
  {
    name: 'list_view_sets',
    args: '',
    description: 'View sets of the server, also those without a global table.',
    columns: columns(
      'view_set_name Utf8, current_schema_hash Binary, schema Utf8, has_view_maker Boolean, global_instance_available Boolean'
    ),
  },
  {
    name: 'list_audience_grants',
    args: '',
    description: 'Who may read which audience.',
    columns: columns('audience Utf8, axis Utf8, selector Utf8, created_at Timestamp, created_by Utf8'),
  },
  {
    name: 'perfetto_trace_chunks',
    args: "'process id', 'both', begin, end",
    description: 'A Perfetto trace in pieces.',
    columns: columns('chunk_id Int32, chunk_data Binary'),
  },
  {
    name: 'parse_block',
    args: "'block id'",
    description: 'Decoded raw events of a block.',
    columns: columns('object_index Int64, type_name Utf8, value Jsonb'),
  },
  {
    name: 'jsonb_each',
    args: 'json',
    description: 'Key and value of each member.',
    columns: columns('key Utf8, value Jsonb'),
  },
  {
    name: 'jsonb_array_elements',
    args: 'json',
    description: 'One row for each element.',
    columns: columns('value Jsonb'),
  },
  {
    name: 'expand_histogram',
    args: 'histogram',
    description: 'bin_center and count of each bin.',
    columns: columns('bin_center Float64, count UInt64'),
  },
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

/** Reads functions in the format `name(arguments): description`, one per line. */
function described(list: string): FunctionInfo[] {
  return [...list.matchAll(/^ *(\w+)\((.*?)\): (.*)$/gm)].map(([, name = '', args = '', description = '']) => ({
    name,
    args,
    description,
  }));
}

const DATAFUSION: readonly FunctionInfo[] = described(`
  count(*): Aggregate: number of rows, or of the values that are not NULL.
  sum(value): Aggregate: sum of the values.
  avg(value): Aggregate: mean of the values.
  min(value): Aggregate: smallest value.
  max(value): Aggregate: largest value.
  median(value): Aggregate: median of the values.
  stddev(value): Aggregate: standard deviation of a sample.
  var_pop(value): Aggregate: variance of a population.
  corr(a, b): Aggregate: correlation of two columns.
  first_value(value ORDER BY time): Aggregate: value of the first row.
  last_value(value ORDER BY time): Aggregate: value of the last row.
  array_agg(value): Aggregate: the values as a list.
  string_agg(text, ', '): Aggregate: the texts, joined.
  bool_and(condition): Aggregate: true if all are true.
  bool_or(condition): Aggregate: true if one is true.
  approx_distinct(value): Aggregate: approximate number of distinct values.
  approx_median(value): Aggregate: approximate median.
  percentile_cont(value, 0.95): Aggregate: exact percentile; the share is between 0 and 1. Keeps all values in memory.
  approx_percentile_cont(value, 0.95): Aggregate: estimated percentile, in little memory. Far off if a few values are much larger.
  row_number(): Window: number of the row, from 1. Needs OVER.
  rank(): Window: rank with gaps after equal rows. Needs OVER.
  dense_rank(): Window: rank without gaps. Needs OVER.
  lag(value, 1): Window: value of an earlier row. Needs OVER.
  lead(value, 1): Window: value of a later row. Needs OVER.
  ntile(n): Window: number of the bucket, out of n. Needs OVER.
  now(): Current time.
  date_bin(interval '1 minute', time): Start of the interval that contains the time, in UTC.
  date_trunc('hour', time): The time, truncated to a unit.
  date_part('hour', time): One part of the time, as a number.
  to_timestamp(text): Text or seconds since 1970 as a time.
  to_timestamp_millis(number): Milliseconds since 1970 as a time.
  to_unixtime(time): Seconds since 1970.
  from_unixtime(seconds): Seconds since 1970 as a time.
  to_char(time, '%Y-%m-%d'): The time as text.
  lower(text): The text in lower case.
  upper(text): The text in upper case.
  trim(text): The text without spaces at both ends.
  length(text): Number of characters.
  concat(a, b): The texts, joined. NULL counts as empty.
  substr(text, start, length): Part of the text. The first character is 1.
  left(text, n): The first n characters.
  right(text, n): The last n characters.
  split_part(text, '/', 1): One part of the text. The first part is 1.
  replace(text, 'from', 'to'): The text with all occurrences replaced.
  regexp_match(text, 'pattern'): Groups of the first match, as a list.
  regexp_replace(text, 'pattern', 'to'): The text with the first match replaced; with the fourth argument 'g', all.
  regexp_like(text, 'pattern'): True if the pattern matches.
  starts_with(text, 'prefix'): True if the text begins with the prefix.
  strpos(text, 'part'): Position of the part, from 1; 0 if it is missing.
  encode(binary, 'hex'): Bytes as text, in hex or base64.
  decode('text', 'hex'): Text in hex or base64 as bytes.
  abs(x): Absolute value.
  round(x, digits): Rounded to a number of digits.
  floor(x): Rounded down to an integer.
  ceil(x): Rounded up to an integer.
  sqrt(x): Square root.
  power(x, y): x to the power of y.
  ln(x): Natural logarithm.
  log10(x): Logarithm to the base of 10.
  greatest(a, b): The largest of the values.
  least(a, b): The smallest of the values.
  coalesce(a, b): The first value that is not NULL.
  nullif(a, b): NULL if both are equal, else a.
  arrow_cast(value, 'Utf8'): The value as another Arrow type.
  arrow_typeof(value): Name of the Arrow type of the value.
  cast(value AS bigint): The value as another SQL type.
  unnest(list): One row for each element of the list.
  array_has(list, value): True if the list contains the value.
  array_length(list): Number of elements.
  array_to_string(list, ', '): The elements as one text.
`);

/** Usable in expressions. */
export const SCALAR_FUNCTIONS: readonly FunctionInfo[] = [...MICROMEGAS, ...DATAFUSION];

const DESCRIBED = new Map([...TABLE_FUNCTIONS, ...SCALAR_FUNCTIONS].map((info) => [info.name, info]));

/** Functions that change or delete data, and functions that change the server's access rules. */
const NOT_OFFERED = /^(retire|regenerate|materialize|deny|remove)_/;

/** Functions that the server lists and this file does not describe. Functions that change data are left out. */
export function otherFunctions({ items, help }: FunctionList, isTable: boolean): FunctionInfo[] {
  const isOffered = (name: string) =>
    /^[a-z_]\w*$/.test(name) &&
    !DESCRIBED.has(name) &&
    !NOT_OFFERED.test(name) &&
    isTable === isTableFunction(help, name);
  return [...new StringSet(items)].filter(isOffered).map((name) => serverFunction(name, help));
}

function isTableFunction(help: FunctionList['help'], name: string): boolean {
  return Object.hasOwn(help, name) && help[name].kind === 'table';
}

/** The server's description of a function. */
export function serverFunction(name: string, help: FunctionList['help']): FunctionInfo {
  const { syntax = '', description = '' } = Object.hasOwn(help, name) ? help[name] : {};
  return { name, args: /^[^(]*\((.*)\)/s.exec(syntax)?.[1] ?? '', description };
}

/** The help for a function in this file, by its name in lower case. Undefined for other functions. */
export function functionInfo(name: string): FunctionInfo | undefined {
  return DESCRIBED.get(name);
}
