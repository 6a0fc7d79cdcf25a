/** The notice for a panel of the type _Heatmap_ whose query returns no distribution. */
import { sqlTokenValue, tokenizeSql } from '../../contract/sql/sql-scan';
import { type Notice } from '../frames/data-frames/frame-options';
import { MAX_ANALYSED_CHARACTERS } from '../sql/edit/filterable-columns';
import { type RequestHeaders } from './plugin-request';

/** Aggregate functions whose result is one of the values, or lies between them. A heatmap needs numbers of values. */
const OF_VALUES: ReadonlySet<string> = new Set(
  'percentile_cont quantile_cont approx_percentile_cont approx_percentile_cont_with_weight median approx_median avg mean min max'.split(
    ' '
  )
);
/** Aggregate functions whose result may be a number of values. */
const OF_COUNTS: ReadonlySet<string> = new Set(
  'count sum approx_distinct make_histogram sum_histograms expand_histogram count_from_histogram'.split(' ')
);

/**
 * The notice for a time series that has values, such as percentiles, but no counts. A heatmap panel draws such a
 * series as one row of cells or, with _Calculate from data_, counts how often its values occur. Undefined for other
 * panels and for Explore. Also undefined for SQL with a count or a sum, which may be a distribution, and for long SQL,
 * which is not searched.
 *
 * @param sql     The SQL that is sent.
 * @param headers Headers of Grafana's request. One of them names the type of the panel.
 */
export function heatmapNotice(sql: string, headers: RequestHeaders): Notice | undefined {
  if (headers['x-panel-plugin-id'] !== 'heatmap' || sql.length > MAX_ANALYSED_CHARACTERS) {
    return undefined;
  }
  const tokens = tokenizeSql(sql).filter(({ kind }) => kind !== 'comment');
  const calls = tokens.flatMap((token, index) =>
    token.kind === 'word' && tokens[index + 1]?.raw === '(' ? [sqlTokenValue(token)] : []
  );
  const name = calls.find((call) => OF_VALUES.has(call));
  return name === undefined || calls.some((call) => OF_COUNTS.has(call))
    ? undefined
    : {
        severity: 'warning',
        text:
          `This heatmap shows no distribution of the values: its query returns the result of ${name}, not numbers of values. ` +
          'For a distribution, use a query that counts the rows of each time and range of values: docs/user/sql.md, ' +
          'Distributions. To see the series of this query, choose the panel type Time series.',
      };
}
