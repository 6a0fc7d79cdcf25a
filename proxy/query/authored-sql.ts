/**
 * The author's SQL, its edits, and the SQL that is sent to the server. Each edit can map an offset back to the author's
 * SQL, so that the editor can mark errors.
 */
import { type InsertedPart } from '../../contract/resources/query-costs';
import { type LineColumn, LinePositions } from '../../contract/sql/sql-parser';
import { type EditedSql, type SqlPosition } from '../../contract/sql/sql-edits';
import { type MacroContext } from '../sql/macros/macros';
import { type MemoryAccount } from '../observe/memory/memory-account';
import { insertedParts } from '../sql/edit/inserted-parts';
import { expandMacros, unchangedSql } from '../sql/macros/expand-macros';
import { type ExpandedSql } from '../sql/macros/expansion';

/** The SQL of an author, before macros are expanded. */
export class AuthoredSql {
  readonly #saved: string;
  readonly #sourceOffset: ((offset: number) => number) | undefined;
  /** The parts that edits inserted, by offset in `current`. */
  readonly #inserted: readonly InsertedPart[];
  /** The author's SQL, trimmed. */
  readonly original: string;
  /** The SQL after all edits. */
  readonly current: string;

  /** @param saved The saved SQL, not trimmed. Positions for the editor refer to this string. */
  constructor(
    saved: string,
    original = saved.trim(),
    edited?: Pick<EditedSql, 'sql' | 'sourceOffset'>,
    inserted: readonly InsertedPart[] = []
  ) {
    this.#saved = saved;
    this.original = original;
    this.current = edited?.sql ?? original;
    this.#sourceOffset = edited && ((offset) => edited.sourceOffset(offset));
    this.#inserted = inserted;
  }

  /** The SQL after an edit of `current`. @param by The origin of the new parts. */
  edited({ sql, sourceOffset, pieces }: EditedSql, by: InsertedPart['by'] = 'data source'): AuthoredSql {
    const before = this.#sourceOffset ?? ((offset: number) => offset);
    const edit = { sql, sourceOffset: (offset: number) => before(sourceOffset(offset)) };
    return new AuthoredSql(this.#saved, this.original, edit, insertedParts(pieces(), this.#inserted, by));
  }

  /** @param offset In `current`, in UTF-16 units. @returns The position in the saved SQL. */
  #positionOf(offset: number): SqlPosition {
    const start = this.#saved.length - this.#saved.trimStart().length;
    const inSaved = start + (this.#sourceOffset?.(offset) ?? offset);
    return { ...new LinePositions(this.#saved).positionOf(inSaved), offset: inSaved };
  }

  /** The SQL to send, with expanded macros. @throws {ProxyError} 'macro_invalid', 'query_too_long' */
  toSend(context: MacroContext): SqlToSend {
    return this.#sqlToSend(expandMacros(this.current, context, (offset) => this.#positionOf(offset)));
  }

  /**
   * The SQL to send, in which macros are not expanded. For SQL that the backend writes, because string literals in that
   * SQL contain telemetry, which may look like macros.
   */
  toSendUnchanged(): SqlToSend {
    return this.#sqlToSend(unchangedSql(this.current));
  }

  #sqlToSend(expanded: ExpandedSql): SqlToSend {
    return {
      expanded,
      inserted: () => insertedParts(expanded.pieces(), this.#inserted, 'macro'),
      savedPosition: (sent, at) => this.#positionOf(expanded.sourceOffset(new LinePositions(sent).offsetOf(at))),
    };
  }
}

/** The SQL to send. `buildSqlString` waits for memory, and then builds the string. */
export interface SqlToSend {
  readonly expanded: ExpandedSql;
  /** The parts that filters, macros and the data source inserted, by offset in the SQL that is sent. */
  inserted(): InsertedPart[];
  /** Converts a position in the sent SQL to a position in the saved SQL. */
  savedPosition(sent: string, at: LineColumn): SqlPosition;
}

/** The number of copies of the SQL while a query runs: the string, the ticket, the message, and the bytes to send. */
const SQL_COPIES = 4;

/**
 * Waits for memory, then builds the string of the SQL. The memory is counted, because a short query may expand to long
 * SQL, and a request may have many queries.
 *
 * @throws {ProxyError} 'memory_busy', 'query_cancelled', 'result_too_large'
 */
export async function buildSqlString({ expanded }: SqlToSend, memory: MemoryAccount): Promise<string> {
  const bytes = expanded.length * SQL_COPIES;
  await memory.reserve(bytes);
  memory.adopt(bytes);
  return expanded.toString();
}
