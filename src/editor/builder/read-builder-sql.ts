/** Converts the SQL of code mode to a state of the query builder. */
import { type BuilderState } from '../../../contract/builder/builder-state';
import { type NoResult, type BrowserSqlParser } from '../sql-parser/browser-parser';

/**
 * The kinds of the query builder, in the order in which the parser tries them. `table` comes last, because it can
 * express most other kinds.
 */
const KINDS: ReadonlyArray<BuilderState['kind']> = ['metrics', 'logs', 'processes', 'spans', 'values', 'table'];

export type ReadSqlResult =
  | { kind: 'read'; state: BuilderState }
  /** The SQL was not read as a builder state. */
  | { kind: 'unread'; reason: UnreadReason };

/** `unreadable`: the builder cannot express the SQL, or the SQL has a syntax error. */
export type UnreadReason = 'unreadable' | NoResult;

/**
 * @param sql       The SQL of the author.
 * @param preferred The kind that the builder showed last. It is tried first.
 * @returns The builder state whose SQL has the same meaning, or the reason why none was found. Never rejects.
 */
export async function toBuilderState(
  sql: string,
  preferred: BuilderState['kind'] | undefined,
  parser: BrowserSqlParser
): Promise<ReadSqlResult> {
  const kinds = preferred === undefined ? KINDS : [preferred, ...KINDS.filter((kind) => kind !== preferred)];
  const end = await parser.run({ kind: 'read', sql, kinds });
  if (end.kind === 'none') {
    return { kind: 'unread', reason: end.reason };
  }
  return end.value === undefined ? { kind: 'unread', reason: 'unreadable' } : { kind: 'read', state: end.value };
}
