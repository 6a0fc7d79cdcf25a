/** The dashboard "Micromegas query cost and audit": who queries what, and what it costs. */
import { type DynamicConfigValue } from '@grafana/grafana-foundation-sdk/dashboard';
import { AUDIT_TARGET } from '../../contract/audit';
import { dashboard } from './dashboard';
import { color, colored, decimals, INSPECTED, named, TIME, unit, width } from './fields';
import { stat, table, timeSeries } from './panels';
import { sqlQuery } from './queries';

/** SQL of a field of a record of the audit log. `record`: SQL of the record as JSON. */
const text = (record: string, field: string) => `jsonb_as_string(jsonb_get(${record}, '${field}'))`;
const number = (record: string, field: string) => `coalesce(jsonb_as_f64(jsonb_get(${record}, '${field}')), 0)`;
const textColumn = (field: string) => `${text('record', field)} AS ${field}`;
const numberColumn = (field: string) => `${number('record', field)} AS ${field}`;

/**
 * CTE. It has one row with the number of records. A table that joins it has a row that states that nothing was found,
 * and no row if the server recorded no query at all.
 */
const LOOKED = 'looked AS (\n  SELECT count(*) AS recorded FROM records\n)';
const noneOf = (what: string) => `concat('None of the ', cast(recorded AS varchar), ' recorded queries ${what}')`;

/** A record as JSON. */
const RECORD = 'jsonb_parse(msg)';
const RECORDS = `FROM log_entries
WHERE $__timeFilter(time) AND target = '${AUDIT_TARGET}'`;

/**
 * CTEs. The last CTE, `queries`, has a row for each query that the server recorded. `range_begin` is NULL if the query
 * had no time range.
 */
const QUERIES = `WITH records AS (
  SELECT time, ${RECORD} AS record
  ${RECORDS}
), queries AS (
  SELECT time, ${['client', 'entrypoint', 'notebook', 'cell', 'email'].map(textColumn).join(', ')},
    ${text('record', 'user')} AS user_id, ${['sql', 'sql_hash', 'status', 'error', 'error_class', 'range_begin'].map(textColumn).join(', ')},
    ${['total_ms', 'bytes_scanned', 'peak_memory_bytes', 'spilled_bytes'].map(numberColumn).join(', ')}
  FROM records
)`;

const COSTS = `count(*) AS queries, sum(bytes_scanned) AS scanned, max(peak_memory_bytes) AS memory, sum(total_ms) AS total,
  count(*) FILTER (WHERE status = 'error') AS failed`;
const BY_COST = 'ORDER BY scanned DESC, total DESC\nLIMIT 50';

const COST_COLUMNS: Readonly<Record<string, DynamicConfigValue[]>> = {
  queries: [named('Queries'), unit('locale'), width(75)],
  scanned: [named('Scanned'), unit('bytes'), width(90)],
  memory: [named('Peak memory'), unit('bytes'), width(110)],
  total: [named('Time'), unit('ms'), decimals(1), width(80)],
  failed: [named('Failed'), unit('locale'), width(75)],
};

const summary = stat({
  title: 'Queries',
  description:
    'The queries of all clients. The server records a query when it ends. Scanned: bytes that the server read from its storage.',
  query: sqlQuery(`${QUERIES}
SELECT ${COSTS}, count(*) FILTER (WHERE range_begin IS NULL) AS unbounded, max(total_ms) AS longest, count(DISTINCT user_id) AS users
FROM queries
HAVING count(*) > 0`),
  overrides: {
    queries: [named('Queries'), unit('locale'), color('text')],
    scanned: [named('Scanned'), unit('bytes'), color('text')],
    memory: [named('Largest peak memory'), unit('bytes'), color('text')],
    total: [named('Time'), unit('ms'), color('text')],
    longest: [named('Longest'), unit('ms'), color('text')],
    failed: [named('Failed'), unit('locale'), ...colored('red')],
    unbounded: [named('Without a time filter'), unit('locale'), ...colored('orange')],
    users: [named('Users'), unit('locale'), color('text')],
  },
});

/**
 * The sum of a field of the records, by origin: client and entry point. The query does not use the CTEs: with WITH,
 * each refresh would read the whole range.
 */
function byOrigin(
  field: string,
  name: string,
  panel: Pick<Parameters<typeof timeSeries>[0], 'title' | 'description' | 'unit'>
) {
  return timeSeries({
    ...panel,
    style: 'bars',
    query: sqlQuery(
      `SELECT $__dateBin(time) AS time, concat(${text(RECORD, 'client')}, ', ', ${text(RECORD, 'entrypoint')}) AS origin,
  sum(${number(RECORD, field)}) AS ${name}
${RECORDS}
GROUP BY 1, 2
ORDER BY 1`,
      { format: 'time_series', fillMode: 'zero', legend: '{{origin}}' }
    ),
    minInterval: '1m',
  });
}

const scanned = byOrigin('bytes_scanned', 'scanned', {
  title: 'Bytes scanned, by origin',
  description: 'Origin: where in the client the query comes from, such as a dashboard, Explore or an alert rule.',
  unit: 'bytes',
});

const duration = byOrigin('total_ms', 'total', {
  title: 'Time, by origin',
  description: 'The sum of the times that the server needed for queries, by the end of the query.',
  unit: 'ms',
});

const origins = table({
  title: 'Dashboards, panels and alert rules',
  description:
    'The uid of the dashboard and the id of the panel, or the uid of the alert rule. Sorted by the bytes scanned, at most 50 rows.',
  query: sqlQuery(`${QUERIES}
SELECT entrypoint, notebook, cell, ${COSTS}
FROM queries
GROUP BY 1, 2, 3
${BY_COST}`),
  overrides: {
    entrypoint: [named('Origin'), width(100)],
    notebook: [named('Dashboard or rule')],
    cell: [named('Panel'), width(70)],
    ...COST_COLUMNS,
  },
});

const users = table({
  title: 'Users',
  description: 'Sorted by the bytes scanned, at most 50 rows.',
  query: sqlQuery(`${QUERIES}
SELECT user_id, email, ${COSTS}
FROM queries
GROUP BY 1, 2
${BY_COST}`),
  overrides: {
    user_id: [named('User')],
    email: [named('Email')],
    ...COST_COLUMNS,
  },
});

/**
 * SQL condition: the hash is hexadecimal. Any process can log a record. Without this check, the hash in such a record
 * could contain SQL, which an administrator would run with `DENY`.
 */
const IS_HASH = `translate(sql_hash, '0123456789abcdef', '') = ''`;
/** SQL of the statement with which an administrator makes the server reject further queries with this hash. */
const DENY = `CASE WHEN ${IS_HASH} THEN concat('SELECT msg AS rule_id FROM deny_queries(''sql_hash = ''''', sql_hash, ''''''', ''too expensive'')') END`;

const statements = table({
  title: 'Most expensive statements',
  description:
    'Statements that differ only in literals have the same hash and are one row. Deny: the statement with which an administrator makes the server reject all statements with this hash. remove_query_denial lifts the denial.',
  query: sqlQuery(`${QUERIES}
SELECT sql_hash, ${COSTS}, min(sql) AS sample, ${DENY} AS deny
FROM queries
WHERE sql_hash IS NOT NULL
GROUP BY sql_hash
${BY_COST}`),
  overrides: {
    sql_hash: [named('Hash'), width(150)],
    ...COST_COLUMNS,
    sample: [named('Statement'), INSPECTED],
    deny: [named('Deny'), INSPECTED],
  },
});

const unbounded = table({
  title: 'Queries without a time filter',
  description:
    'The server scans its whole lakehouse for a query without a time range, unless the query only lists processes or streams. Sorted by the bytes scanned, at most 50 rows.',
  query: sqlQuery(`${QUERIES}, ${LOOKED}, found AS (
  SELECT sql_hash, entrypoint, min(user_id) AS user_id, ${COSTS}, min(sql) AS sample
  FROM queries
  WHERE range_begin IS NULL
  GROUP BY 1, 2
)
SELECT sql_hash, entrypoint, user_id, queries, scanned, memory, total, failed,
  CASE WHEN queries IS NULL THEN ${noneOf('lacked a time filter')} ELSE sample END AS sample
FROM looked LEFT JOIN found ON true
WHERE recorded > 0
${BY_COST}`),
  overrides: {
    sql_hash: [named('Hash'), width(150)],
    entrypoint: [named('Origin'), width(100)],
    user_id: [named('User'), width(100)],
    ...COST_COLUMNS,
    sample: [named('Statement'), INSPECTED],
  },
});

const failures = table({
  title: 'Failed queries',
  description:
    'The newest 50. Class: user (the statement), resource (memory), internal (the server), denied (a deny rule).',
  query: sqlQuery(`${QUERIES}, ${LOOKED}, found AS (
  SELECT time, error_class, user_id, entrypoint, error, sql
  FROM queries
  WHERE status = 'error'
)
SELECT time, error_class, user_id, entrypoint,
  CASE WHEN time IS NULL THEN ${noneOf('failed')} ELSE error END AS error, sql
FROM looked LEFT JOIN found ON true
WHERE recorded > 0
ORDER BY time DESC
LIMIT 50`),
  overrides: {
    time: [named('Time'), TIME],
    error_class: [named('Class'), width(85)],
    user_id: [named('User'), width(100)],
    entrypoint: [named('Origin'), width(100)],
    error: [named('Error'), INSPECTED],
    sql: [named('Statement'), INSPECTED],
  },
});

export const queryCost = dashboard({
  uid: 'micromegas-query-cost',
  title: 'Micromegas query cost and audit',
  description: 'Who queries what, the bytes, memory and time that it costs, and which queries fail.',
  revision: 4,
  from: 'now-3h',
  variables: [],
  rows: [
    { height: 5, panels: [summary] },
    { height: 8, panels: [scanned, duration] },
    { height: 8, panels: [origins] },
    { height: 7, panels: [users] },
    { height: 9, panels: [statements] },
    { height: 7, panels: [unbounded] },
    { height: 7, panels: [failures] },
  ],
});
