/**
 * The errors of the lakehouse. DuckDB's errors are converted to the messages, stages and gRPC codes of Micromegas
 * (DataFusion 55).
 */
import { status } from '@grpc/grpc-js';
import { isSqlWord, sqlTokenValue } from '../../contract/sql/sql-scan';
import { GLOBAL_TABLES } from './catalogue';
import { codeTokens, lineAndColumn, placeOf } from './sql-tokens';

/** An error of the server: a gRPC code and a message. */
export class LakeError extends Error {
  override readonly name = 'LakeError';

  constructor(
    readonly code: status,
    message: string
  ) {
    super(message);
  }
}

/** Stage in which a query failed, as the server writes it. */
export type Stage =
  | 'error building dataframe'
  | 'error building dataframe with limit'
  | 'error creating physical plan'
  | 'error building data stream';

type Translation = [pattern: RegExp, translate: (match: RegExpExecArray, sql: string, stage: Stage) => LakeError];

const TRANSLATIONS: readonly Translation[] = [
  [/Parser Error: syntax error at or near "(.*)"/s, ([, found = ''], sql) => syntaxError(sql, found)],
  [/Parser Error: syntax error at end of input/, () => parserError('Expected: an expression, found: EOF')],
  [/Parser Error: (.*)/, ([, message = '']) => parserError(message)],
  [
    /Referenced column "(.*?)" (?:not found|was not found).*?(?:Candidate bindings: (.*))?$/m,
    ([, name = ''], sql) => noField(name, sql),
  ],
  [
    /(?:table|Values list) "(.*?)" does not have a column named "(.*?)"/i,
    ([, table, name], sql) => noField(`${table}.${name}`, sql),
  ],
  [/Referenced table "(.*?)" not found/, ([, name = ''], sql) => noField(name, sql)],
  [
    /Table with name (.*?) does not exist/,
    ([, name = ''], sql) => planning(`table 'datafusion.public.${name.toLowerCase()}' not found${placeOf(sql, name)}`),
  ],
  [
    /Table Function with name "?(.*?)"? does not exist/,
    ([, name = '']) => planning(`table function '${name}' not found`),
  ],
  [
    /(?:Scalar|Aggregate|Macro|Scalar Macro)? ?Function with name "?(.*?)"? does not exist/,
    ([, name = ''], sql) => planning(`Invalid function '${name}'${placeOf(sql, name)}`),
  ],
  [
    /(?:file|directory) ".*?" - file system operations are disabled/,
    (_match, sql) => planning(`table function '${fileFunction(sql)}' not found`),
  ],
  [/Permission Error/, () => planning('access outside of the lake is disabled')],
  [/Divide by zero error/, () => arrowError('error building data stream', 'Divide by zero error')],
  [
    /Conversion Error: Could not convert string '(.*?)' to (\w+)/,
    ([, value, type = ''], _sql, stage) =>
      arrowError(stage, `Cast error: Cannot cast string '${value}' to value of ${arrowTypeName(type)} type`),
  ],
  [/Conversion Error: (.*)/, ([, message], _sql, stage) => arrowError(stage, `Cast error: ${message}`)],
  [
    /(?:Out of Range Error|Overflow[^:]*): (.*)/,
    ([, message], _sql, stage) => arrowError(stage, `Arithmetic overflow: ${message}`),
  ],
  [
    /Out of Memory Error/,
    () => new LakeError(status.RESOURCE_EXHAUSTED, 'error building data stream: Resources exhausted'),
  ],
  [/(?:Binder|Catalog) Error: (.*)/, ([, message = '']) => planning(message)],
];

/**
 * The error with the code and message of Micromegas.
 *
 * @param stage Where the error occurred, for errors that may occur in several stages.
 */
export function translateError(reason: unknown, sql: string, stage: Stage): LakeError {
  if (reason instanceof LakeError) {
    return reason;
  }
  const message = reason instanceof Error ? reason.message : String(reason);
  for (const [pattern, translate] of TRANSLATIONS) {
    const match = pattern.exec(message);
    if (match !== null) {
      return translate(match, sql, stage === 'error building dataframe' ? 'error creating physical plan' : stage);
    }
  }
  return new LakeError(status.INTERNAL, `${stage}: External error: ${message.split('\n')[0]}`);
}

/** The error of a statement that cannot be planned, such as one with an unknown table. */
export function planning(detail: string): LakeError {
  return new LakeError(status.INVALID_ARGUMENT, `error building dataframe: Error during planning: ${detail}`);
}

/** The error of a statement that DataFusion does not implement. */
export function notImplemented(detail: string): LakeError {
  return new LakeError(status.UNIMPLEMENTED, `error building dataframe: This feature is not implemented: ${detail}`);
}

/** The error of a view or a table function of Micromegas. */
export function externalError(detail: string): LakeError {
  return new LakeError(status.INTERNAL, `error creating physical plan: External error: ${detail}`);
}

/** An error of a table function that runs queries itself. */
export function internalError(detail: string): LakeError {
  return new LakeError(
    status.INTERNAL,
    `error building data stream: Internal error: ${detail}.\nThis issue was likely caused by a bug in DataFusion's code. ` +
      'Please help us to resolve this by filing a bug report in our issue tracker: https://github.com/apache/datafusion/issues'
  );
}

/** The error of a failed sign-in. The message is the same for all causes. */
export function invalidToken(): LakeError {
  return new LakeError(status.UNAUTHENTICATED, 'invalid token');
}

function parserError(detail: string): LakeError {
  return new LakeError(status.INVALID_ARGUMENT, `error building dataframe: SQL error: ParserError("${detail}")`);
}

function syntaxError(sql: string, found: string): LakeError {
  const token = codeTokens(sql).find(({ raw }) => raw.toLowerCase() === found.toLowerCase());
  const expected = token?.start === sql.search(/\S/) ? 'an SQL statement' : 'end of statement';
  const { line, column } = lineAndColumn(sql, token?.start ?? 0);
  return parserError(`Expected: ${expected}, found: ${found} at Line: ${line}, Column: ${column}`);
}

function noField(name: string, sql: string): LakeError {
  const last = name.split('.').at(-1) ?? name;
  return new LakeError(
    status.INVALID_ARGUMENT,
    `error building dataframe: Schema error: No field named ${name}.${validFields(sql)}${placeOf(sql, last)}`
  );
}

/** The end of a message, with the columns of the tables in the SQL. Empty if the SQL has no known table. */
function validFields(sql: string): string {
  const tokens = codeTokens(sql);
  const fields = tokens.flatMap((token, index) => {
    const before = tokens[index - 1];
    const table = token.kind === 'word' || token.kind === 'quoted-name' ? sqlTokenValue(token) : '';
    const columns = isSqlWord(before, 'from', 'join') || before?.raw === ',' ? GLOBAL_TABLES.get(table) : undefined;
    return (columns ?? []).map(({ name }) => `${table}.${name.includes('.') ? `"${name}"` : name}`);
  });
  return fields.length === 0 ? '' : `\nValid fields are ${fields.join(', ')}.`;
}

function arrowError(stage: Stage, detail: string): LakeError {
  return new LakeError(status.INTERNAL, `${stage}: Arrow error: ${detail}`);
}

function arrowTypeName(type: string): string {
  const names: Record<string, string> = {
    INT32: 'Int32',
    INT64: 'Int64',
    DOUBLE: 'Float64',
    FLOAT: 'Float32',
    BOOL: 'Boolean',
  };
  return names[type] ?? type;
}

function fileFunction(sql: string): string {
  return /\b(\w+)\s*\(\s*'/.exec(sql)?.[1]?.toLowerCase() ?? 'file';
}
