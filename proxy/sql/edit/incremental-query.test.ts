import { loadParser } from '../../../contract/sql/testing/load-parser';
import { growth } from '../../../tests/support/growth';
import {
  binsSql,
  type IncrementalQuery,
  type NotIncremental,
  readIncremental,
  withCondition,
  withoutRange,
} from './incremental-query';

const parse = loadParser();

function read(sql: string): IncrementalQuery {
  const result = readIncremental(sql, parse);
  if (result.kind !== 'incremental') {
    throw new Error(`${result.reason}: ${sql}`);
  }
  return result;
}

const BY_MINUTE =
  'SELECT $__dateBin(time) AS time, count(*) AS n FROM log_entries WHERE $__timeFilter(time) GROUP BY 1';

describe('a query that can be refreshed in parts', () => {
  it.each([
    BY_MINUTE,
    `${BY_MINUTE} ORDER BY 1`,
    `${BY_MINUTE} ORDER BY time DESC, n`,
    'SELECT $__dateBin(time), count(*) FROM log_entries GROUP BY $__dateBin(time)',
    "SELECT $__dateBinAlias(time, '5m'), count(*) FROM log_entries GROUP BY time_binned ORDER BY time_binned",
    "SELECT $__timeGroupAlias(time, '5m', NULL), count(*) FROM log_entries GROUP BY 1",
    "SELECT date_bin(interval '1 minute', time) AS t, exe, count(DISTINCT msg) FROM log_entries GROUP BY t, exe ORDER BY t",
    'SELECT date_bin($__interval, time) AS t, avg(value) FROM measures GROUP BY t',
    "SELECT date_trunc('hour', m.time) AS t, max(m.value) FROM measures AS m WHERE m.name = 'x' GROUP BY 1 HAVING max(m.value) > 3",
    "SELECT $__dateBin(time) AS time, count(*) FROM view_instance('log_entries', 'ab-1') WHERE time >= $__timeFrom() AND (time <= $__timeTo) GROUP BY 1",
    "SELECT level, $__dateBin(time) AS t, property_get(properties, 'a') AS a, count(*) FILTER (WHERE level < 3) * 1000.0 / $__interval_ms FROM log_entries WHERE time BETWEEN $__timeFrom() AND $__timeTo() AND $__conditionalAll(exe IN ('a'), 'a') GROUP BY 2, 1, 3",
    'SELECT $__dateBin(time) AS T, count(*) FROM log_entries GROUP BY t ORDER BY "t"',
    'SELECT $__dateBin(time) AS time, count(*) -- all\nFROM log_entries -- lines\n GROUP BY 1;',
  ])('%s', (sql) => {
    const query = read(sql);
    const added = `${query.source}time >= timestamp '2026-01-01T00:00:00Z'`;
    expect(withCondition(sql, query, added).sql).toContain(added);
    expect(binsSql(sql, query, added)).toContain(added);
    expect(withoutRange(sql, query).sql).not.toMatch(/\$__time(?:Filter|From|To)/);
  });

  it('gets an additional condition', () => {
    // As an operand of OR, the time condition does not restrict all rows to the range.
    const sql = `${BY_MINUTE.replace('WHERE ', 'WHERE level < 3 OR true AND ')} ORDER BY 1`;
    expect(() => read(sql)).toThrow('range');
    const query = read(`${BY_MINUTE} ORDER BY 1 DESC`);
    expect(query).toMatchObject({ column: 0, order: 'descending', source: 'log_entries.', bin: { width: 'macro' } });
    expect(withCondition(`${BY_MINUTE} ORDER BY 1 DESC`, query, 'time < 5').sql).toBe(
      'SELECT $__dateBin(time) AS time, count(*) AS n FROM log_entries WHERE ($__timeFilter(time)) AND (time < 5) GROUP BY 1 ORDER BY 1 DESC'
    );
    expect(binsSql(BY_MINUTE, query, 'time < 5')).toBe(
      'SELECT $__dateBin(time) FROM log_entries WHERE ($__timeFilter(time)) AND (time < 5) GROUP BY 1'
    );
    expect(withoutRange(BY_MINUTE, query).sql).toBe(
      'SELECT $__dateBin(time) AS time, count(*) AS n FROM log_entries WHERE true GROUP BY 1'
    );
  });
});

describe('a query that is read as a whole', () => {
  const from = (rest: string) => `SELECT $__dateBin(time) AS time, count(*) FROM ${rest} GROUP BY 1`;

  it.each<[NotIncremental, string]>([
    ['statement', 'SELECT'],
    ['statement', `${BY_MINUTE} LIMIT 5`],
    ['statement', `${BY_MINUTE} OFFSET 5`],
    ['statement', `${BY_MINUTE} UNION ALL ${BY_MINUTE}`],
    ['statement', `WITH a AS (SELECT 1) ${BY_MINUTE}`],
    ['statement', `EXPLAIN ${BY_MINUTE}`],
    ['statement', `(${BY_MINUTE})`],
    ['source', from('log_stats')],
    ['source', from('my.log_entries')],
    ['source', from('log_entries l JOIN processes p ON l.process_id = p.process_id')],
    ['source', from('log_entries, processes')],
    ['source', from('(SELECT * FROM log_entries) AS log_entries')],
    ['source', from("view_instance('log_entries', $id)")],
    ['source', from("view_instance('thread_spans', 'a')")],
    ['source', from('log_entries AS l (a, b)')],
    ['source', from('log_entries TABLESAMPLE (10)')],
    ['source', from('log_entries WHERE process_id IN (SELECT process_id FROM processes)')],
    ['source', from('log_entries WHERE EXISTS (SELECT 1)')],
    ['source', BY_MINUTE.replace('count(*)', '(SELECT count(*) FROM processes)')],
    ['across-bins', BY_MINUTE.replace('SELECT', 'SELECT DISTINCT')],
    ['across-bins', BY_MINUTE.replace('count(*)', 'sum(count(*)) OVER (ORDER BY $__dateBin(time))')],
    ['across-bins', BY_MINUTE.replace('count(*)', 'lag(count(*)) OVER w')],
    ['across-bins', BY_MINUTE.replace('GROUP BY 1', 'GROUP BY ROLLUP(1)')],
    ['across-bins', BY_MINUTE.replace('GROUP BY 1', 'GROUP BY GROUPING SETS ((1), ())')],
    ['across-bins', BY_MINUTE.replace('GROUP BY 1', 'GROUP BY CUBE(1)')],
    ['across-bins', BY_MINUTE.replace(' GROUP BY 1', '')],
    ['across-bins', `${BY_MINUTE} QUALIFY row_number() OVER () = 1`],
    ['across-bins', 'SELECT * FROM log_entries GROUP BY 1'],
    ['function', BY_MINUTE.replace('count(*)', 'now()')],
    ['function', BY_MINUTE.replace('count(*)', 'current_timestamp')],
    ['function', BY_MINUTE.replace('count(*)', 'max(random())')],
    ['function', BY_MINUTE.replace('count(*)', 'uuid()')],
    ['function', BY_MINUTE.replace('count(*)', 'unknown_function(1)')],
    ['function', from("log_entries WHERE time > now() - interval '1 hour'")],
    ['function', `${BY_MINUTE} HAVING count(*) > random()`],
    ['function', `${BY_MINUTE} ORDER BY 1, random()`],
    ['bin', 'SELECT time, count(*) FROM log_entries GROUP BY time'],
    ['bin', 'SELECT $__dateBin(insert_time) AS time, count(*) FROM log_entries GROUP BY 1'],
    ['bin', 'SELECT $__dateBin(time) AS time, exe FROM log_entries GROUP BY exe'],
    ['bin', 'SELECT count(*) FROM log_entries GROUP BY $__dateBin(time)'],
    ['bin', 'SELECT max($__dateBin(time)) AS t, count(*) FROM log_entries GROUP BY exe'],
    ['bin', "SELECT $__timeGroup(time, 'hour'), $__dateBin(time) AS t FROM log_entries GROUP BY t"],
    ['bin', "SELECT date_bin(interval '1 minute', time, timestamp '2026-01-01') AS t FROM log_entries GROUP BY 1"],
    ['bin', "SELECT date_trunc('month', time) AS t, count(*) FROM log_entries GROUP BY 1"],
    ['order', `${BY_MINUTE} ORDER BY 2`],
    ['order', `${BY_MINUTE} ORDER BY n, time`],
    ['order', 'SELECT $__dateBin(time) AS "Level", level FROM log_entries GROUP BY 1, level ORDER BY Level'],
    ['range', BY_MINUTE.replace('count(*)', 'min($__timeFrom())')],
    ['range', from('log_entries WHERE $__timeFilter(time) OR level = 1')],
    ['range', from('log_entries WHERE NOT $__timeFilter(time)')],
    ['range', from('log_entries WHERE time > $__timeFrom()')],
    ['range', from('log_entries WHERE time <= $__timeFrom()')],
    ['range', from('log_entries WHERE $__timeFilter(insert_time)')],
    ['range', from("log_entries WHERE $__timeFilter(time + interval '1 hour')")],
  ])('%s: %s', (reason, sql) => {
    expect(readIncremental(sql, parse)).toEqual({ kind: 'not-incremental', reason });
  });
});

it('takes linear time for many bins and groups', async () => {
  const list = (item: string, length: number) => Array<string>(length).fill(item).join(', ');
  const sqlOf = (length: number) =>
    `SELECT ${list("date_bin('1 s', time)", length)} FROM measures GROUP BY ${list("date_bin('1 s', hour)", length)}`;
  // Reads the SQL five times: V8's compilation of the functions takes longer than one reading of the short SQL.
  const readOften = (sql: string) => Array.from({ length: 5 }, () => readIncremental(sql, parse));
  expect(await growth(readOften, sqlOf, 40)).toBeLessThan(8);
});
