/** Rewrites Micromegas's SQL for DuckDB. Works on tokens, so text literals do not change. */
import { status } from '@grpc/grpc-js';
import { isSqlWord, type SqlToken, sqlTokenValue } from '../../contract/sql-scan';
import { type Column, GLOBAL_TABLES, INSTANCE_TABLES } from './catalogue';
import { LakeError } from './error-texts';
import { codeTokens } from './sql-tokens';

export interface InstanceCall {
  set: string;
  id: string;
}

export interface Rewritten {
  sql: string;
  /** Calls of `view_instance`. */
  instances: InstanceCall[];
  /** Columns of the tables that the SQL names. */
  origins: Array<readonly Column[]>;
  joins: boolean;
}

interface Edit {
  start: number;
  end: number;
  text: string;
}

const ARROW_CASTS: ReadonlyMap<string, string> = new Map([
  ['Utf8', 'VARCHAR'],
  ['LargeUtf8', 'VARCHAR'],
  ['Boolean', 'BOOLEAN'],
  ['Int8', 'TINYINT'],
  ['Int16', 'SMALLINT'],
  ['Int32', 'INTEGER'],
  ['Int64', 'BIGINT'],
  ['UInt8', 'UTINYINT'],
  ['UInt16', 'USMALLINT'],
  ['UInt32', 'UINTEGER'],
  ['UInt64', 'UBIGINT'],
  ['Float32', 'FLOAT'],
  ['Float64', 'DOUBLE'],
  ['Binary', 'BLOB'],
  ['Date32', 'DATE'],
]);

const TIME_COLUMNS: ReadonlySet<string> = new Set(
  [...GLOBAL_TABLES.values(), ...INSTANCE_TABLES.values()]
    .flat()
    .flatMap(({ name, type }) => (type === 'ts' ? [name] : []))
);

/** @throws {LakeError} InvalidArgument if `view_instance` names a set or an id that cannot exist. */
export function rewrite(sql: string): Rewritten {
  const tokens = codeTokens(sql);
  const result: Rewritten = {
    sql,
    instances: [],
    origins: [],
    joins: tokens.some((token) => isSqlWord(token, 'join')),
  };
  const edits: Edit[] = [];
  tokens.forEach((_token, index) => {
    const edit =
      viewInstance(tokens, index, result) ??
      informationSchema(tokens, index) ??
      nanoseconds(tokens, index) ??
      arrowCast(tokens, index, sql) ??
      regularExpression(tokens, index) ??
      divisionByZero(tokens, index);
    if (edit !== undefined) {
      edits.push(edit);
    }
    noteTable(tokens, index, result);
  });
  result.sql = catalogueQuery(tokens) ?? apply(sql, edits);
  return result;
}

function apply(sql: string, edits: readonly Edit[]): string {
  let result = '';
  let at = 0;
  for (const { start, end, text } of edits) {
    if (start >= at) {
      result += sql.slice(at, start) + text;
      at = end;
    }
  }
  return result + sql.slice(at);
}

/** Rewrites SHOW TABLES, SHOW COLUMNS FROM and DESCRIBE, which DataFusion answers from its information_schema. */
function catalogueQuery(all: readonly SqlToken[]): string | undefined {
  const tokens = all.filter(({ text }) => text !== ';');
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
  if (table !== undefined && (isSqlWord(before, 'from', 'join') || before?.text === ',')) {
    result.origins.push(table);
  }
}

function viewInstance(tokens: readonly SqlToken[], index: number, result: Rewritten): Edit | undefined {
  const [name, open, set, comma, id, close] = tokens.slice(index, index + 6);
  const isCall = isSqlWord(name, 'view_instance') && open?.text === '(' && comma?.text === ',' && close?.text === ')';
  if (!isCall || set?.kind !== 'string' || id?.kind !== 'string') {
    return undefined;
  }
  const call = { set: sqlTokenValue(set), id: sqlTokenValue(id) };
  checkInstance(call);
  result.instances.push(call);
  result.origins.push(INSTANCE_TABLES.get(call.set) ?? GLOBAL_TABLES.get(call.set) ?? []);
  const text = ['log_entries', 'measures'].includes(call.set) || INSTANCE_TABLES.has(call.set);
  return { start: name!.start, end: close!.end, text: text ? `lake.instance_${call.set}(${id.text})` : call.set };
}

function checkInstance({ set, id }: InstanceCall): void {
  const refuse = (detail: string): LakeError =>
    new LakeError(
      status.INVALID_ARGUMENT,
      `error building dataframe: Error during planning: error making view ${detail}`
    );
  if (!GLOBAL_TABLES.has(set) && !INSTANCE_TABLES.has(set)) {
    throw refuse(`view set ${set} not found`);
  }
  if (id === 'global') {
    if (INSTANCE_TABLES.has(set)) {
      const view = set.split('_').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
      throw refuse(`${view.join('')}View does not support global view access`);
    }
    return;
  }
  const stranger = [...id].findIndex((char) => !/[0-9a-fA-F-]/.test(char));
  if (stranger >= 0) {
    throw refuse(`Uuid::parse_str\n\nCaused by:\n    invalid character: found \`${id[stranger]}\` at ${stranger}`);
  }
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) {
    throw refuse(
      `Uuid::parse_str\n\nCaused by:\n    invalid length: expected length 32 for simple format, found ${id.length}`
    );
  }
}

function informationSchema(tokens: readonly SqlToken[], index: number): Edit | undefined {
  const [schema, dot, table] = tokens.slice(index, index + 3);
  if (isSqlWord(schema, 'information_schema') && dot?.text === '.' && isSqlWord(table, 'tables', 'columns')) {
    return { start: schema!.start, end: table!.end, text: `lake.info_${table!.text.toLowerCase()}` };
  }
  return undefined;
}

/** In DataFusion, `cast(time as bigint)` returns nanoseconds. */
function nanoseconds(tokens: readonly SqlToken[], index: number): Edit | undefined {
  const [cast, open, column, as, type, close] = tokens.slice(index, index + 6);
  const isCast =
    isSqlWord(cast, 'cast') &&
    open?.text === '(' &&
    isSqlWord(as, 'as') &&
    isSqlWord(type, 'bigint') &&
    close?.text === ')';
  if (isCast && column !== undefined && TIME_COLUMNS.has(sqlTokenValue(column))) {
    return { start: cast!.start, end: close!.end, text: `epoch_ns(${column.text})` };
  }
  return undefined;
}

function arrowCast(tokens: readonly SqlToken[], index: number, sql: string): Edit | undefined {
  if (!isSqlWord(tokens[index], 'arrow_cast') || tokens[index + 1]?.text !== '(') {
    return undefined;
  }
  const close = closingParenthesis(tokens, index + 1);
  const [comma, name] = tokens.slice(close - 2, close);
  const type = name?.kind === 'string' ? ARROW_CASTS.get(sqlTokenValue(name)) : undefined;
  if (comma?.text !== ',' || type === undefined) {
    return undefined;
  }
  const value = sql.slice(tokens[index + 1]!.end, comma.start);
  return { start: tokens[index]!.start, end: tokens[close]!.end, text: `CAST(${value} AS ${type})` };
}

function closingParenthesis(tokens: readonly SqlToken[], open: number): number {
  let depth = 0;
  for (let index = open; index < tokens.length; index += 1) {
    depth += tokens[index]!.text === '(' ? 1 : 0;
    depth -= tokens[index]!.text === ')' ? 1 : 0;
    if (depth === 0) {
      return index;
    }
  }
  return tokens.length;
}

/** In DataFusion, `~` finds a part of the text, and `~*` ignores the case. In DuckDB, `~` compares the whole text. */
function regularExpression(tokens: readonly SqlToken[], index: number): Edit | undefined {
  const operator = tokens[index];
  if (operator?.text !== '~') {
    return undefined;
  }
  const ignoresCase = tokens[index + 1]?.text === '*';
  const pattern = tokens[index + (ignoresCase ? 2 : 1)];
  if (pattern?.kind !== 'string') {
    return undefined;
  }
  const text = `~ '(?s${ignoresCase ? 'i' : ''}).*(?:${pattern.text.slice(1, -1)}).*'`;
  return { start: operator.start, end: pattern.end, text };
}

/** DataFusion fails on a division by zero, DuckDB returns null. Only integers divided by a literal zero are handled. */
function divisionByZero(tokens: readonly SqlToken[], index: number): Edit | undefined {
  const [left, sign, zero] = tokens.slice(index, index + 3);
  const integers = left?.kind === 'number' && /^\d+$/.test(left.text) && zero?.text === '0';
  return integers && (sign?.text === '/' || sign?.text === '%')
    ? { start: left.start, end: zero.end, text: `CAST(error('Divide by zero error') AS BIGINT)` }
    : undefined;
}
