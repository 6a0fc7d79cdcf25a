/** Reads SQL that was typed in code mode back into a builder state. */
import { type BuilderState } from '../../contract/builder/builder-state';
import { readBuilderSql } from '../../contract/builder/read-sql';
import { ParserCrash, type ParseStatements } from '../../contract/sql-syntax/sql-parser';

/** The kinds of the query builder, in the order in which a text is tried. Any table can express most of the others. */
const KINDS: ReadonlyArray<BuilderState['kind']> = ['metrics', 'logs', 'processes', 'spans', 'values', 'table'];

export type ReadText =
  | { kind: 'read'; state: BuilderState }
  /** The builder cannot express the text. */
  | { kind: 'unreadable' }
  /** The parser is not available, so the text cannot be read. */
  | { kind: 'no-parser' };

/**
 * @param sql        The author's text.
 * @param preferred  The kind that the builder showed last. It is tried first.
 * @param loadParser Loads the SQL parser.
 */
export async function readText(
  sql: string,
  preferred: BuilderState['kind'] | undefined,
  loadParser: () => Promise<ParseStatements | undefined>
): Promise<ReadText> {
  const parse = await loadParser();
  if (parse === undefined) {
    return { kind: 'no-parser' };
  }
  const kinds = preferred === undefined ? KINDS : [preferred, ...KINDS.filter((kind) => kind !== preferred)];
  try {
    for (const kind of kinds) {
      const state = readBuilderSql(sql, kind, parse);
      if (state !== undefined) {
        return { kind: 'read', state };
      }
    }
  } catch (reason) {
    if (reason instanceof ParserCrash) {
      return { kind: 'no-parser' };
    }
    throw reason;
  }
  return { kind: 'unreadable' };
}
