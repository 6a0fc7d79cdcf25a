/** Finds queries that aggregate rows. */
import { isSqlWord, sqlTokenValue, tokenizeSql } from './sql-scan';

/** Names of the most used aggregate functions of DataFusion and Micromegas. */
const AGGREGATES = new Set(
  (
    'count sum avg mean min max median stddev stddev_pop stddev_samp var var_pop var_samp first_value last_value array_agg ' +
    'string_agg bool_and bool_or bit_and bit_or bit_xor corr covar_pop covar_samp approx_distinct approx_median ' +
    'approx_percentile_cont approx_percentile_cont_with_weight percentile_cont quantile_cont nth_value grouping ' +
    'make_histogram sum_histograms make_hll merge_hll'
  ).split(' ')
);

/** True for the name of a common aggregate function. @param name In lower case. */
export function isAggregateFunction(name: string): boolean {
  return AGGREGATES.has(name);
}

/** True for SQL with GROUP BY or a call of an aggregate function, also in a subquery. */
export function mentionsAggregate(sql: string): boolean {
  const tokens = tokenizeSql(sql).filter(({ kind }) => kind !== 'comment');
  return tokens.some(
    (token, index) =>
      (isSqlWord(token, 'group') && isSqlWord(tokens[index + 1], 'by')) ||
      (token.kind === 'word' && tokens[index + 1]?.raw === '(' && isAggregateFunction(sqlTokenValue(token)))
  );
}
