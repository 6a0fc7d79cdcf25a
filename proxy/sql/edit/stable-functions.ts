/** Functions whose value depends only on their arguments. */
import { MACROS } from '../../../contract/sql/macros';

const FUNCTIONS: ReadonlySet<string> = new Set(
  // Aggregates.
  (
    'count sum avg mean min max median stddev stddev_pop stddev_samp var var_pop var_samp var_population var_sample ' +
    'first_value last_value nth_value array_agg string_agg bool_and bool_or bit_and bit_or bit_xor corr covar covar_pop ' +
    'covar_samp regr_slope regr_intercept regr_count regr_r2 regr_avgx regr_avgy regr_sxx regr_syy regr_sxy ' +
    'approx_distinct approx_median approx_percentile_cont approx_percentile_cont_with_weight percentile_cont ' +
    'quantile_cont make_histogram sum_histograms make_hll merge_hll ' +
    // Conditions and conversions.
    'coalesce nullif nvl nvl2 ifnull greatest least arrow_cast arrow_typeof try_cast ' +
    // Numbers.
    'abs acos acosh asin asinh atan atan2 atanh cbrt ceil ceiling cos cosh cot degrees exp factorial floor gcd isnan ' +
    'iszero lcm ln log log10 log2 mod nanvl pi pow power radians round sign signum sin sinh sqrt tan tanh trunc ' +
    // Strings.
    'ascii bit_length btrim char_length character_length chr concat concat_ws contains ends_with find_in_set initcap ' +
    'instr left length levenshtein lower lpad ltrim md5 octet_length overlay position regexp_count regexp_like ' +
    'regexp_match regexp_replace repeat replace reverse right rpad rtrim sha224 sha256 sha384 sha512 split_part ' +
    'starts_with strpos substr substr_index substring substring_index to_hex translate trim upper encode decode digest ' +
    // Times.
    'date_bin date_format date_part date_trunc datepart datetrunc extract from_unixtime make_date to_char to_date ' +
    'to_timestamp to_timestamp_micros to_timestamp_millis to_timestamp_nanos to_timestamp_seconds to_unixtime ' +
    // Properties and histograms of Micromegas.
    'property_get properties_to_dict properties_to_array properties_to_jsonb properties_length jsonb_get ' +
    'jsonb_as_string jsonb_as_i64 jsonb_as_f64 jsonb_format_json jsonb_object_keys jsonb_parse jsonb_path_query ' +
    'jsonb_path_query_first jsonb_array_length quantile_from_histogram variance_from_histogram count_from_histogram ' +
    'sum_from_histogram hll_count'
  ).split(' ')
);

/**
 * Macros depend only on the range, the interval and the variables of the query. All of these are equal for all parts of
 * an incremental refresh.
 */
const MACRO_NAMES: ReadonlySet<string> = new Set(MACROS.map(({ name }) => `$__${name}`));

/** @param name The name in lower case, or a macro as written. @returns False for unknown functions. */
export function isStable(name: string): boolean {
  return FUNCTIONS.has(name) || MACRO_NAMES.has(name);
}
