/** Rewrites Micromegas's SQL for DuckDB. Works on tokens, so string literals do not change. */
import { status } from '@grpc/grpc-js';
import { isSqlWord, type SqlToken, sqlTokenValue } from '../../contract/sql/sql-scan';
import { type Column, FUNCTION_TABLES, GLOBAL_TABLES, INSTANCE_TABLES } from './catalogue';
import { LakeError, planning } from './error-messages';
import {
  arrowCast,
  divisionByZero,
  type Edit,
  firstOrLast,
  nanoseconds,
  percentile,
  renamed,
  subqueryArgument,
} from './function-rewrites';
import { codeTokens } from './sql-tokens';

export interface InstanceCall {
  set: string;
  id: string;
  /** Kind of the spans: second argument of `process_spans` and `perfetto_trace_chunks`. */
  spans?: string;
}

export interface Rewritten {
  sql: string;
  /** Calls of `view_instance`, `process_spans` and `perfetto_trace_chunks`. */
  instances: InstanceCall[];
  /** Columns of the tables in the SQL. */
  origins: Array<readonly Column[]>;
  /** True if the SQL has a join. */
  joins: boolean;
}

const SPAN_KINDS: readonly string[] = ['thread', 'async', 'both'];
const REWRITES = [nanoseconds, arrowCast, percentile, firstOrLast, subqueryArgument, renamed, divisionByZero];

/**
 * The SQL for DuckDB, and what it reads.
 *
 * @throws {LakeError} InvalidArgument for a view set, an id or a kind of spans that cannot exist.
 */
export function rewrite(sql: string): Rewritten {
  const tokens = codeTokens(sql);
  const result: Rewritten = {
    sql,
    instances: [],
    origins: [],
    joins: tokens.some((token) => isSqlWord(token, 'join')),
  };
  const edits = tokens.flatMap((_token, index) => {
    noteTable(tokens, index, result);
    return [
      ...viewInstance(tokens, index, result),
      ...informationSchema(tokens, index),
      ...tableFunction(tokens, index, result),
      ...REWRITES.flatMap((each) => each(tokens, index, sql)),
    ];
  });
  result.sql = catalogueQuery(tokens) ?? apply(sql, edits);
  return result;
}

/** If edits overlap, only the first one is applied. */
function apply(sql: string, edits: readonly Edit[]): string {
  let result = '';
  let at = 0;
  for (const { start, end, sql: edited } of edits.toSorted((a, b) => a.start - b.start)) {
    if (start >= at) {
      result += sql.slice(at, start) + edited;
      at = end;
    }
  }
  return result + sql.slice(at);
}

/** Rewrites SHOW TABLES, SHOW COLUMNS FROM and DESCRIBE, which DataFusion reads from its information_schema. */
function catalogueQuery(all: readonly SqlToken[]): string | undefined {
  const tokens = all.filter(({ raw }) => raw !== ';');
  const [first, second, third, fourth] = tokens;
  if (tokens.length === 2 && isSqlWord(first, 'show') && isSqlWord(second, 'tables')) {
    return 'SELECT * FROM lake.info_tables ORDER BY table_name';
  }
  const showsColumns =
    tokens.length === 4 && isSqlWord(first, 'show') && isSqlWord(second, 'columns') && isSqlWord(third, 'from', 'in');
  const describes = tokens.length === 2 && isSqlWord(first, 'describe', 'desc');
  const named = showsColumns ? fourth : describes ? second : undefined;
  const table = named === undefined ? '' : sqlTokenValue(named);
  if (!GLOBAL_TABLES.has(table)) {
    return undefined;
  }
  const columns = showsColumns ? '*' : 'column_name, data_type, is_nullable';
  return `SELECT ${columns} FROM lake.info_columns WHERE table_name = '${table}'`;
}

function noteTable(tokens: readonly SqlToken[], index: number, result: Rewritten): void {
  const before = tokens[index - 1];
  const token = tokens[index]!;
  const table =
    token.kind === 'word' || token.kind === 'quoted-name' ? GLOBAL_TABLES.get(sqlTokenValue(token)) : undefined;
  if (table !== undefined && (isSqlWord(before, 'from', 'join') || before?.raw === ',')) {
    result.origins.push(table);
  }
}

function viewInstance(tokens: readonly SqlToken[], index: number, result: Rewritten): Edit[] {
  const [name, open, set, comma, id, close] = tokens.slice(index, index + 6);
  const isCall = isSqlWord(name, 'view_instance') && open?.raw === '(' && comma?.raw === ',' && close?.raw === ')';
  if (!isCall || set?.kind !== 'string' || id?.kind !== 'string') {
    return [];
  }
  const call = { set: sqlTokenValue(set), id: sqlTokenValue(id) };
  checkInstance(call);
  result.instances.push(call);
  result.origins.push(INSTANCE_TABLES.get(call.set) ?? GLOBAL_TABLES.get(call.set) ?? []);
  const sql = ['log_entries', 'measures'].includes(call.set) || INSTANCE_TABLES.has(call.set);
  return [{ start: name!.start, end: close!.end, sql: sql ? `lake.instance_${call.set}(${id.raw})` : call.set }];
}

function checkInstance({ set, id }: InstanceCall): void {
  const rejected = (detail: string): LakeError =>
    new LakeError(
      status.INVALID_ARGUMENT,
      `error building dataframe: Error during planning: error making view ${detail}`
    );
  if (!GLOBAL_TABLES.has(set) && !INSTANCE_TABLES.has(set)) {
    throw rejected(`view set ${set} not found`);
  }
  if (id === 'global') {
    if (INSTANCE_TABLES.has(set)) {
      const view = set.split('_').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
      throw rejected(`${view.join('')}View does not support global view access`);
    }
    return;
  }
  const stranger = [...id].findIndex((char) => !/[0-9a-fA-F-]/.test(char));
  if (stranger >= 0) {
    throw rejected(`Uuid::parse_str\n\nCaused by:\n    invalid character: found \`${id[stranger]}\` at ${stranger}`);
  }
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) {
    throw rejected(
      `Uuid::parse_str\n\nCaused by:\n    invalid length: expected length 32 for simple format, found ${id.length}`
    );
  }
}

function informationSchema(tokens: readonly SqlToken[], index: number): Edit[] {
  const [schema, dot, table] = tokens.slice(index, index + 3);
  if (
    isSqlWord(schema, 'information_schema') &&
    dot?.raw === '.' &&
    isSqlWord(table, 'tables', 'columns', 'routines')
  ) {
    return [{ start: schema!.start, end: table!.end, sql: `lake.info_${table!.raw.toLowerCase()}` }];
  }
  return [];
}

/**
 * Calls of the functions in `FUNCTION_TABLES` stay unchanged, because the demo's database has macros with these names.
 * Records the columns that the function returns. For functions of spans, also records the process and the kind of
 * spans.
 */
function tableFunction(tokens: readonly SqlToken[], index: number, result: Rewritten): Edit[] {
  const [name, open, id, comma, kind] = tokens.slice(index, index + 5);
  const table = name?.kind === 'word' ? FUNCTION_TABLES.get(name.raw.toLowerCase()) : undefined;
  if (table === undefined || open?.raw !== '(') {
    return [];
  }
  result.origins.push(table);
  if (isSqlWord(name, 'process_spans', 'perfetto_trace_chunks') && id?.kind === 'string') {
    const spans = comma?.raw === ',' && kind?.kind === 'string' ? sqlTokenValue(kind) : 'both';
    if (!SPAN_KINDS.includes(spans)) {
      throw planning(`span_types must be 'thread', 'async', or 'both', given: ${spans}`);
    }
    result.instances.push({ set: name!.raw.toLowerCase(), id: sqlTokenValue(id), spans });
  }
  return [];
}
