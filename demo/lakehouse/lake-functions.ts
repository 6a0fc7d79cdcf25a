/** Functions of Micromegas and DataFusion that DuckDB lacks or defines differently, as macros over JSON text. */

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
CREATE MACRO jsonb_path_query_first(j, path) AS coalesce(json_extract(j, replace(path, '[*]', '[0]')));
CREATE MACRO jsonb_path_query(j, path) AS to_json(json_extract(j, path));
CREATE MACRO jsonb_each(j) AS TABLE SELECT key, value FROM json_each(CAST(j AS JSON));
`;

const TIME = `
CREATE MACRO now() AS CAST(make_timestamp(CAST(getvariable('query_now_us') AS BIGINT)) AS TIMESTAMP);
CREATE MACRO date_bin(width, t) AS time_bucket(CAST(width AS INTERVAL), t, '1970-01-01 00:00:00+00'::TIMESTAMPTZ),
  (width, t, origin) AS time_bucket(CAST(width AS INTERVAL), t, CAST(origin AS TIMESTAMPTZ));
CREATE MACRO to_timestamp(t) AS CAST(t AS TIMESTAMP);
CREATE MACRO from_unixtime(n) AS CAST(make_timestamp(CAST(n AS BIGINT) * 1000000) AS TIMESTAMP_S);
CREATE MACRO to_timestamp_millis(n) AS CAST(make_timestamp(CAST(n AS BIGINT) * 1000) AS TIMESTAMP_MS);
`;

const OTHER = `
CREATE MACRO encode(x, form) AS CASE form WHEN 'hex' THEN lower(hex(x)) WHEN 'base64' THEN rtrim(base64(CAST(x AS BLOB)), '=') END;
CREATE MACRO version() AS 'Apache DataFusion 55.2.0, x86_64 on linux';
CREATE MACRO bin_center(x, size) AS floor(x / size) * size + size / 2.0;
CREATE MACRO lerp(a, b, t) AS CAST(a + (b - a) * t AS DOUBLE);
CREATE MACRO unlerp(a, b, x) AS CAST(x - a AS DOUBLE) / (b - a);
CREATE MACRO approx_distinct(x) AS CAST(approx_count_distinct(x) AS UBIGINT);
CREATE MACRO approx_percentile_cont(x, q) AS approx_quantile(x, q);
CREATE MACRO regexp_like(x, pattern) AS regexp_matches(x, pattern);
`;

export function lakeFunctions(): string {
  return [LOOKUP, JSONB, TIME, OTHER].join('\n');
}
