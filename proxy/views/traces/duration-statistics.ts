/**
 * SQL that counts calls, and estimates the 95th percentile of their durations with logarithmic buckets. Each bucket
 * ends at 1.02 times its start. The percentile is the geometric middle of the bucket that contains the value of the
 * nearest rank, so its error is at most √1.02 − 1 = 0.995 % for durations from 1 ns. The error of
 * `approx_percentile_cont` has no such bound. The server keeps one row for each bucket in use, not each duration.
 */

/** The end of a bucket, divided by its start. */
const RATIO = 1.02;

const BUCKET = `CAST(floor(ln(greatest(CAST(duration AS DOUBLE), 1)) / ln(${RATIO})) AS INT)`;

/**
 * A SELECT that can follow a CTE. Its columns: those of `keys`, `calls`, `errors`, `mean_ns` and `p95_ns`.
 *
 * @param from A table or subquery with the columns of `keys`, `duration` in nanoseconds, and `failed`, which is 1 or 0.
 * @param keys The columns by which the calls are grouped.
 */
export function durationStatisticsSql(from: string, keys: readonly string[]): string {
  const group = keys.join(', ');
  return `SELECT ${group}, sum(n) AS calls, sum(failures) AS errors, sum(total) / sum(n) AS mean_ns,
  power(${RATIO}, min(bucket) FILTER (WHERE up_to >= 0.95 * of_all) + 0.5) AS p95_ns
FROM (
  SELECT *, sum(n) OVER (PARTITION BY ${group} ORDER BY bucket) AS up_to, sum(n) OVER (PARTITION BY ${group}) AS of_all
  FROM (
    SELECT ${group}, ${BUCKET} AS bucket, count(*) AS n, sum(failed) AS failures, sum(CAST(duration AS DOUBLE)) AS total
    FROM ${from}
    GROUP BY ${group}, bucket
  )
)
GROUP BY ${group}`;
}
