/**
 * The route `query-costs?session=<id>&started=<ms>`: returns what the server recorded about the statements of a query.
 * The records are read with the sign-in of the requesting user, who could also read them with a query.
 */
import { AUDIT_TARGET } from '../../contract/audit';
import { type QueryCost, type QueryCostsPayload } from '../../contract/resources/query-costs';
import { isInstanceId } from '../../contract/resources/lookups';
import { quoteLiteral } from '../../contract/sql/sql-names';
import { type StartTimer, TimeoutError, withLimits } from '../base/async/with-limits';
import { foreignString } from '../base/errors/foreign-string';
import { ProxyError } from '../base/errors/proxy-error';
import { readRows } from '../frames/arrow-ipc';
import { type Instance, type InstanceCall } from '../lakehouse/instances/instance';
import { AUDIT_TABLE, CLOCKS_MS, firstColumn } from './health/audit-log';

/** Time limit in milliseconds for the two statements of a search together. */
const LIMIT_MS = 10_000;
/** Maximum number of statements that are returned for a query. */
const MAX_STATEMENTS = 20;
/** Maximum length of a returned error and of the returned start of a statement, in characters. */
const MAX_CHARACTERS = 500;
/** The latest time of a JavaScript date, in milliseconds since 1970. */
const MAX_TIME_MS = 8.64e15;

interface QueryCostsRequest {
  session: string;
  /** Start of the query in milliseconds since 1970. */
  startedMs: number;
}

/** The numbers in the result, and their fields in the audit record. */
const NUMBERS = {
  rows: 'output_rows',
  bytesScanned: 'bytes_scanned',
  peakMemoryBytes: 'peak_memory_bytes',
  spilledBytes: 'spilled_bytes',
  totalMs: 'total_ms',
  contextInitMs: 'context_init_ms',
  planningMs: 'planning_ms',
  executionMs: 'execution_ms',
  setupMs: 'setup_ms',
} as const satisfies Partial<Record<keyof QueryCost, string>>;

/** The fields of the audit record that are returned as strings. */
const STRINGS = ['status', 'error', 'sql'] as const;

const stringField = (field: string) => `jsonb_as_string(jsonb_get(record, '${field}'))`;

/**
 * SQL that reads the records of one run of a query. It reads only the start of each string, because the SQL in a record
 * may be megabytes long.
 *
 * @param session The id of the run, see `CallOrigin.session`.
 */
function recordsSql(session: string): string {
  const columns = STRINGS.map((field) => `substr(${stringField(field)}, 1, ${MAX_CHARACTERS}) AS "${field}"`);
  const numbers = Object.values(NUMBERS).map((field) => `jsonb_as_f64(jsonb_get(record, '${field}')) AS "${field}"`);
  return `SELECT ${[...columns, ...numbers].join(', ')}
FROM (SELECT time, jsonb_parse(msg) AS record FROM ${AUDIT_TABLE} WHERE target = '${AUDIT_TARGET}' AND msg LIKE ${quoteLiteral(`%${session}%`)}) AS records
WHERE ${stringField('session')} = ${quoteLiteral(session)}
ORDER BY time
LIMIT ${MAX_STATEMENTS}`;
}

/**
 * Reads the parameters of the route.
 *
 * @param parameter Returns the value of a parameter. Empty if it is missing.
 * @throws {ProxyError} 'resource_invalid'
 */
export function readCostsRequest(parameter: (name: string) => string): QueryCostsRequest {
  const session = parameter('session');
  const started = parameter('started');
  if (!isInstanceId(session)) {
    throw new ProxyError('resource_invalid', { detail: 'The parameter session must be the id of a session.' });
  }
  if (!/^\d{1,16}$/.test(started) || Number(started) > MAX_TIME_MS) {
    throw new ProxyError('resource_invalid', { detail: 'The parameter started is not a time in milliseconds.' });
  }
  return { session, startedMs: Number(started) };
}

/**
 * Reads the records of the statements of a query, the oldest first. If there are none, `hasRecords` tells whether the
 * log has records of other queries.
 *
 * @param call       The call of the requesting user.
 * @param startTimer For tests. Default: the timer of the process.
 * @throws {ProxyError} 'query_timeout', and errors of the server.
 */
export async function readQueryCosts(
  { session, startedMs }: QueryCostsRequest,
  instance: Pick<Instance, 'execute' | 'settings'>,
  call: InstanceCall,
  startTimer?: StartTimer
): Promise<QueryCostsPayload> {
  const range = { fromMs: startedMs - CLOCKS_MS, toMs: startedMs + instance.settings.timeoutMs + CLOCKS_MS };
  const limits = { limitMs: LIMIT_MS, signal: call.signal, awaitsWork: true, startTimer };
  return withLimits(limits, async (signal) => {
    const execute = (sql: string) => instance.execute(sql, { ...call, range, signal });
    try {
      return await findRecords(session, execute, call.memory);
    } catch (reason) {
      throw signal.reason instanceof TimeoutError ? searchTimeout(reason) : reason;
    }
  });
}

/**
 * The error has its own advice, because the catalogue's advice names the setting Query timeout, which does not limit
 * the search.
 */
function searchTimeout(cause: unknown): ProxyError {
  const detail = `The search in the audit log took longer than ${LIMIT_MS / 1000} s.`;
  return new ProxyError('query_timeout', { detail, advice: 'Search again when the server is less busy.', cause });
}

async function findRecords(
  session: string,
  execute: (sql: string) => ReturnType<Instance['execute']>,
  memory: InstanceCall['memory']
): Promise<QueryCostsPayload> {
  const costs: QueryCost[] = [];
  for await (const row of readRows(execute(recordsSql(session)), memory)) {
    costs.push(costOf(row));
    if (costs.length >= MAX_STATEMENTS) {
      break;
    }
  }
  if (costs.length > 0) {
    return { costs, hasRecords: true };
  }
  const any = `SELECT target FROM ${AUDIT_TABLE} WHERE target = '${AUDIT_TARGET}' LIMIT 1`;
  const others = await firstColumn(execute(any), memory);
  return { costs, hasRecords: others.length > 0 };
}

type Row = ReturnType<typeof readRows> extends AsyncGenerator<infer R> ? R : never;

function costOf(row: Row): QueryCost {
  const stringOf = (name: (typeof STRINGS)[number]) => foreignString(row.string(name), MAX_CHARACTERS);
  const cost: QueryCost = { status: stringOf('status') };
  for (const name of ['error', 'sql'] as const) {
    if (stringOf(name) !== '') {
      cost[name] = stringOf(name);
    }
  }
  for (const [name, field] of Object.entries(NUMBERS) as Array<[keyof typeof NUMBERS, string]>) {
    const value = row.value(field);
    if (typeof value === 'number') {
      cost[name] = value;
    }
  }
  return cost;
}
