import { type TailRequest } from '../../../contract/logs/tail-request';
import { loadParser } from '../../../contract/sql/testing/load-parser';
import { readTailable } from '../../sql/edit/tailable-query';
import { tailSql } from './tail';

const parse = loadParser();

const AUTHORS_SQL = 'SELECT time, msg, process_id FROM log_entries WHERE level <= 3 ORDER BY time DESC LIMIT 500';

/** The SQL that a step of the tail sends for `AUTHORS_SQL`, with line breaks that make it easy to read. */
function stepSql(request: TailRequest): string {
  const { sql } = tailSql(AUTHORS_SQL, readTailable(AUTHORS_SQL, parse), request);
  return sql.replace(/, (log_entries|CAST)\b/g, ',\n  $1').replace(/ (FROM log_entries|WHERE \(|AND \()/g, '\n  $1');
}

const EDITED = `SELECT time, msg, process_id,
  log_entries.block_id AS block_id,
  log_entries.target AS target,
  CAST(log_entries.insert_time AS BIGINT) / 1000000000 AS __tail_second,
  CAST(log_entries.insert_time AS BIGINT) % 1000000000 AS __tail_nanos
  FROM log_entries
  WHERE (level <= 3)
  AND (log_entries.insert_time >= date_trunc('second', now() - interval '180 seconds')
  AND (log_entries.target <> 'flightsql_query_audit' OR log_entries.msg NOT LIKE '%"entrypoint":"live-tail"%'))`;

it('reads the lines of the seconds in which the number of lines has changed', () => {
  const known = { firstSecond: 1_767_225_600, lines: [4, 0, 7] };
  expect(stepSql({ kind: 'lines', ageSeconds: 180, limit: 1000, known })).toBe(`WITH tail_lines AS (
${EDITED}
), tail_changes AS (
SELECT counted.s AS s, counted.n AS n FROM (SELECT __tail_second AS s, count(*) AS n FROM tail_lines GROUP BY __tail_second) AS counted
WHERE CAST(counted.n AS VARCHAR) <> split_part('4,,7', ',', CASE WHEN counted.s < 1767225600 THEN 4 ELSE counted.s - 1767225599 END)
), tail_page AS (
SELECT tail_lines.*, tail_changes.n AS __tail_lines,
  CAST(row_number() OVER (ORDER BY tail_lines.__tail_second DESC, tail_lines.__tail_nanos DESC) AS BIGINT) AS __tail_rank,
  CAST(row_number() OVER (PARTITION BY tail_lines.__tail_second ORDER BY tail_lines.__tail_nanos DESC) AS BIGINT) AS __tail_nth
FROM tail_lines JOIN tail_changes ON tail_lines.__tail_second = tail_changes.s
)
SELECT tail_page.*, date_part('epoch', now()) AS __tail_now FROM tail_page WHERE __tail_rank <= 1000 OR __tail_nth = 1
ORDER BY __tail_second, __tail_nanos`);
});

it('counts the lines of each second', () => {
  expect(stepSql({ kind: 'counts', ageSeconds: 180 })).toBe(
    `SELECT __tail_second AS second, count(*) AS lines, date_part('epoch', now()) AS "now" FROM (
${EDITED}
) AS tail_lines GROUP BY __tail_second`
  );
});
