/**
 * Macros for the functions of Micromegas and DataFusion that DuckDB lacks or defines differently. JSONB values are JSON
 * strings.
 */

/** Keys are case-insensitive. The exact spelling is looked up first, because it usually exists. */
const LOOKUP = `
CREATE MACRO lake.path_of(j, name) AS '$."' || replace(name, '"', '\\"') || '"';
CREATE MACRO lake.key_like(j, name) AS list_filter(json_keys(j), lambda k: lower(k) = lower(name))[1];
CREATE MACRO jsonb_get(j, name) AS coalesce(json_extract(CAST(j AS JSON), lake.path_of(j, name)),
  json_extract(CAST(j AS JSON), lake.path_of(j, lake.key_like(j, name))));
CREATE MACRO property_get(j, name) AS coalesce(json_extract_string(j, lake.path_of(j, name)),
  json_extract_string(j, lake.path_of(j, lake.key_like(j, name))));
`;

const JSONB = `
CREATE MACRO properties_length(j) AS CAST(len(json_keys(j)) AS INTEGER);
CREATE MACRO properties_to_array(j) AS CAST(j AS JSON);
CREATE MACRO properties_to_jsonb(j) AS CAST(j AS JSON);
CREATE MACRO properties_to_dict(j) AS CAST(j AS JSON);
CREATE MACRO jsonb_parse(t) AS CASE WHEN json_valid(t) THEN CAST(t AS JSON) END;
CREATE MACRO jsonb_format_json(j) AS CAST(j AS VARCHAR);
CREATE MACRO jsonb_as_string(j) AS CASE WHEN json_type(j) = 'VARCHAR' THEN json_extract_string(j, '$') END;
CREATE MACRO jsonb_as_i64(j) AS CASE WHEN json_type(j) IN ('BIGINT', 'UBIGINT') THEN TRY_CAST(CAST(j AS VARCHAR) AS BIGINT) END;
CREATE MACRO jsonb_as_f64(j) AS CASE WHEN json_type(j) IN ('BIGINT', 'UBIGINT', 'DOUBLE') THEN TRY_CAST(CAST(j AS VARCHAR) AS DOUBLE) END;
CREATE MACRO jsonb_array_length(j) AS CASE WHEN json_type(j) = 'ARRAY' THEN CAST(json_array_length(j) AS BIGINT) END;
CREATE MACRO jsonb_object_keys(j) AS CASE WHEN json_type(j) = 'OBJECT' THEN json_keys(j) END;
CREATE MACRO jsonb_elements(j) AS CASE WHEN json_type(j) = 'ARRAY' THEN json_extract(CAST(j AS JSON), '$[*]') END;
CREATE MACRO jsonb_entries(j) AS CASE WHEN json_type(j) = 'OBJECT' THEN
  list_transform(json_keys(j), lambda k: {'key': k, 'value': json_extract(CAST(j AS JSON), lake.path_of(j, k))}) END;
CREATE MACRO jsonb_path_elements(j, path) AS CAST(CASE WHEN contains(path, '*') THEN to_json(json_extract(CAST(j AS JSON), path))
  ELSE json_array(json_extract(CAST(j AS JSON), path)) END AS JSON[]);
CREATE MACRO jsonb_array_elements(j) AS TABLE SELECT unnest(jsonb_elements(j)) AS value;
CREATE MACRO jsonb_path_query_first(j, path) AS coalesce(json_extract(j, replace(path, '[*]', '[0]')));
CREATE MACRO jsonb_path_query(j, path) AS to_json(json_extract(j, path));
CREATE MACRO jsonb_each(j) AS TABLE SELECT key, value FROM json_each(CAST(j AS JSON));
`;

/**
 * Macros replace the functions that DuckDB calls for `~`, LIKE and their variants. DuckDB's own `~` matches the whole
 * string, and its LIKE has no escape character. In DataFusion, the escape character is the backslash. The other macros
 * are DataFusion's functions for regular expressions.
 */
const OPERATORS = `
CREATE MACRO regexp_full_match(x, pattern) AS regexp_matches(x, pattern);
CREATE MACRO "~*"(x, pattern) AS regexp_matches(x, pattern, 'i');
CREATE MACRO "!~*"(x, pattern) AS NOT regexp_matches(x, pattern, 'i');
CREATE MACRO "~~"(x, pattern) AS like_escape(x, pattern, '\\');
CREATE MACRO "!~~"(x, pattern) AS not_like_escape(x, pattern, '\\');
CREATE MACRO "~~*"(x, pattern) AS ilike_escape(x, pattern, '\\');
CREATE MACRO "!~~*"(x, pattern) AS not_ilike_escape(x, pattern, '\\');
CREATE MACRO regexp_like(x, pattern) AS regexp_matches(x, pattern),
  (x, pattern, flags) AS regexp_matches(x, '(?' || flags || ')' || pattern);
CREATE MACRO regexp_match(x, pattern) AS nullif([regexp_extract(x, pattern)], ['']);
CREATE MACRO regexp_count(x, pattern) AS CAST(len(regexp_extract_all(x, pattern)) AS BIGINT);
`;

/**
 * `lake.moment` reads a string as a time, and a number as the count of a unit since 1970. As in DataFusion, `date_bin`
 * returns a time with a zone only if its argument has a zone. Bins of months begin at the day and time of the origin.
 * DuckDB would ignore this day and time.
 */
const TIME = `
CREATE MACRO now() AS CAST(make_timestamp(CAST(getvariable('query_now_us') AS BIGINT)) AS TIMESTAMP);
CREATE MACRO lake.moment(t, us_per_unit) AS coalesce(TRY_CAST(CAST(t AS VARCHAR) AS TIMESTAMP),
  make_timestamp(CAST(TRY_CAST(CAST(t AS VARCHAR) AS DECIMAL(38, 9)) * us_per_unit AS BIGINT)));
CREATE MACRO lake.months(width) AS CAST(date_part('year', width) * 12 + date_part('month', width) AS BIGINT);
CREATE MACRO lake.months_since(t, origin) AS (year(t) - year(origin)) * 12 + month(t) - month(origin);
CREATE MACRO lake.month_bin(n, t, origin, diff) AS if(origin + to_months(CAST(diff - (diff % n + n) % n AS INTEGER)) > t,
  origin + to_months(CAST(diff - (diff % n + n) % n - n AS INTEGER)), origin + to_months(CAST(diff - (diff % n + n) % n AS INTEGER)));
CREATE MACRO lake.bin(width, t, origin) AS CASE WHEN lake.months(width) > 0
  THEN lake.month_bin(lake.months(width), t, origin, lake.months_since(t, origin)) ELSE time_bucket(width, t, origin) END;
CREATE MACRO date_bin(width, t) AS t - (CAST(t AS TIMESTAMPTZ) - lake.bin(CAST(width AS INTERVAL), CAST(t AS TIMESTAMPTZ), '1970-01-01 00:00:00+00'::TIMESTAMPTZ)),
  (width, t, origin) AS t - (CAST(t AS TIMESTAMPTZ) - lake.bin(CAST(width AS INTERVAL), CAST(t AS TIMESTAMPTZ), CAST(origin AS TIMESTAMPTZ)));
CREATE MACRO to_timestamp(t) AS lake.moment(t, 1000000);
CREATE MACRO to_timestamp_seconds(t) AS CAST(lake.moment(t, 1000000) AS TIMESTAMP_S);
CREATE MACRO to_timestamp_millis(t) AS CAST(lake.moment(t, 1000) AS TIMESTAMP_MS);
CREATE MACRO to_timestamp_micros(t) AS lake.moment(t, 1);
CREATE MACRO to_timestamp_nanos(t) AS CAST(lake.moment(t, 0.001) AS TIMESTAMP_NS);
CREATE MACRO from_unixtime(n) AS CAST(make_timestamp(CAST(n AS BIGINT) * 1000000) AS TIMESTAMP_S);
CREATE MACRO to_unixtime(t) AS CAST(epoch(lake.moment(t, 1000000)) AS BIGINT);
CREATE MACRO to_local_time(t) AS CAST(t AS TIMESTAMP);
CREATE MACRO to_char(t, format) AS strftime(CAST(t AS TIMESTAMP), format);
`;

/**
 * DuckDB does not allow an aggregate in a lambda. So the aggregate is computed in a list of one element, and the lambda
 * gets this element.
 */
const HISTOGRAMS = `
CREATE MACRO lake.bin_of(first, last, bins, x) AS greatest(0, least(bins - 1, CAST(floor((x - first) / CAST(last - first AS DOUBLE) * bins) AS BIGINT)));
CREATE MACRO make_histogram(first, last, bins, x) AS {
  'start': CAST(first AS DOUBLE), 'end': CAST(last AS DOUBLE), 'min': CAST(min(x) AS DOUBLE), 'max': CAST(max(x) AS DOUBLE),
  'sum': CAST(sum(x) AS DOUBLE), 'sum_sq': CAST(sum(x * x) AS DOUBLE), 'count': CAST(count(x) AS UBIGINT),
  'bins': list_transform([histogram(lake.bin_of(first, last, bins, x))],
    lambda m: list_transform(range(bins), lambda b: CAST(coalesce(m[b], 0) AS UBIGINT)))[1]};
CREATE MACRO lake.add_bins(lists) AS list_transform(range(1, len(lists[1]) + 1),
  lambda b: CAST(list_sum(list_transform(lists, lambda l: l[b])) AS UBIGINT));
CREATE MACRO sum_histograms(h) AS {
  'start': min(h['start']), 'end': max(h['end']), 'min': min(h['min']), 'max': max(h['max']), 'sum': sum(h['sum']),
  'sum_sq': sum(h['sum_sq']), 'count': CAST(sum(h['count']) AS UBIGINT),
  'bins': list_transform([list(h['bins'])], lambda lists: lake.add_bins(lists))[1]};
CREATE MACRO lake.rank_bin(h, ratio) AS list_position(list_transform(range(1, len(h['bins']) + 1),
  lambda b: list_sum(h['bins'][1:b]) >= ratio * h['count']), true);
CREATE MACRO quantile_from_histogram(h, ratio) AS h['start'] + (h['end'] - h['start']) / len(h['bins']) * (lake.rank_bin(h, ratio) - 1
  + (ratio * h['count'] - coalesce(list_sum(h['bins'][1:lake.rank_bin(h, ratio) - 1]), 0)) / h['bins'][lake.rank_bin(h, ratio)]);
CREATE MACRO variance_from_histogram(h) AS (h['sum_sq'] - h['sum'] * h['sum'] / h['count']) / (h['count'] - 1.0::DOUBLE);
CREATE MACRO sum_from_histogram(h) AS h['sum'];
CREATE MACRO count_from_histogram(h) AS h['count'];
CREATE MACRO expand_histogram(h) AS TABLE
  SELECT g['start'] + (i + 0.5) * (g['end'] - g['start']) / len(g['bins']) AS bin_center, g['bins'][i + 1] AS count
  FROM (SELECT g, unnest(range(len(g['bins']))) AS i FROM (SELECT h AS g));
`;

/** Here, a HyperLogLog sketch is the list of all distinct values. So the counts are exact. */
const SKETCHES = `
CREATE MACRO lake.sketch(texts) AS unhex(hex(CAST(to_json(texts) AS VARCHAR)));
CREATE MACRO lake.sketched(b) AS CAST(CAST(system.main.decode(b) AS JSON) AS VARCHAR[]);
CREATE MACRO make_hll(x) AS lake.sketch(list(DISTINCT CAST(x AS VARCHAR)));
CREATE MACRO merge_hll(b) AS lake.sketch(list_distinct(flatten(list(lake.sketched(b)))));
CREATE MACRO hll_cardinality(b) AS CAST(len(lake.sketched(b)) AS UBIGINT);
`;

const OTHER = `
CREATE MACRO encode(x, form) AS CASE form WHEN 'hex' THEN lower(hex(x)) WHEN 'base64' THEN rtrim(base64(CAST(x AS BLOB)), '=') END;
CREATE MACRO decode(x, form) AS CASE form WHEN 'hex' THEN unhex(x) WHEN 'base64' THEN from_base64(x) END;
CREATE MACRO version() AS 'Apache DataFusion 55.2.0, x86_64 on linux';
CREATE MACRO bin_center(x, size) AS floor(x / size) * size + size / 2.0;
CREATE MACRO lerp(a, b, t) AS CAST(a + (b - a) * t AS DOUBLE);
CREATE MACRO unlerp(a, b, x) AS CAST(x - a AS DOUBLE) / (b - a);
CREATE MACRO rgba(r, g, b, a) AS CAST(round(r * 255) * 16777216 + round(g * 255) * 65536 + round(b * 255) * 256 + round(a * 255) AS UINTEGER);
CREATE MACRO approx_distinct(x) AS CAST(approx_count_distinct(x) AS UBIGINT);
CREATE MACRO approx_median(x) AS approx_quantile(x, 0.5);
CREATE MACRO nanvl(x, other) AS CASE WHEN isnan(x) THEN other ELSE x END;
CREATE MACRO signum(x) AS sign(x);
CREATE MACRO initcap(t) AS array_to_string(list_transform(string_split(t, ' '), lambda w: upper(w[1:1]) || lower(w[2:])), ' ');
`;

/** The statements that create the macros. They need the schema `lake`. */
export function lakeFunctions(): string {
  return [LOOKUP, JSONB, OPERATORS, TIME, HISTOGRAMS, SKETCHES, OTHER].join('\n');
}
