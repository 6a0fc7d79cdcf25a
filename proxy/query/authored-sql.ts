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

/** The SQL of an author before its macros are expanded. */
export class AuthoredSql {
  readonly #written: string;
  readonly #sourceOffset: ((offset: number) => number) | undefined;
  /** The parts that edits inserted, by offset in `current`. */
  readonly #inserted: readonly InsertedPart[];
  /** The author's SQL, trimmed. */
  readonly original: string;
  /** The SQL after all edits. */
  readonly current: string;

  /** @param written The saved SQL, not trimmed. Positions for the editor refer to this string. */
  constructor(
    written: string,
    original = written.trim(),
    edited?: Pick<EditedSql, 'sql' | 'sourceOffset'>,
    inserted: readonly InsertedPart[] = []
  ) {
    this.#written = written;
    this.original = original;
    this.current = edited?.sql ?? original;
    this.#sourceOffset = edited && ((offset) => edited.sourceOffset(offset));
    this.#inserted = inserted;
  }

  /** The SQL after an edit of `current`. @param by The origin of the new parts. */
  edited({ sql, sourceOffset, pieces }: EditedSql, by: InsertedPart['by'] = 'data source'): AuthoredSql {
    const before = this.#sourceOffset ?? ((offset: number) => offset);
    const edit = { sql, sourceOffset: (offset: number) => before(sourceOffset(offset)) };
    return new AuthoredSql(this.#written, this.original, edit, insertedParts(pieces(), this.#inserted, by));
  }

  /** @param offset In `current`, in UTF-16 units. @returns The position in the saved SQL. */
  #positionOf(offset: number): SqlPosition {
    const start = this.#written.length - this.#written.trimStart().length;
    const inWritten = start + (this.#sourceOffset?.(offset) ?? offset);
    return { ...new LinePositions(this.#written).positionOf(inWritten), offset: inWritten };
  }

  /** The SQL to send, with expanded macros. @throws {ProxyError} 'macro_invalid', 'query_too_long' */
  expanded(context: MacroContext): SqlToSend {
    return this.#toSend(expandMacros(this.current, context, (offset) => this.#positionOf(offset)));
  }

  /**
   * The SQL to send, with unchanged macros. For SQL that the backend writes: it contains telemetry as string literals,
   * which may look like macros.
   */
  withoutMacros(): SqlToSend {
    return this.#toSend(unchangedSql(this.current));
  }

  #toSend(expanded: ExpandedSql): SqlToSend {
    return {
      expanded,
      inserted: () => insertedParts(expanded.pieces(), this.#inserted, 'macro'),
      writtenPosition: (sent, at) => this.#positionOf(expanded.sourceOffset(new LinePositions(sent).offsetOf(at))),
    };
  }
}

/** The SQL that is sent, not yet as a string: `writeSql` builds the string when there is memory for it. */
export interface SqlToSend {
  readonly expanded: ExpandedSql;
  /** The parts that filters, macros and the data source inserted, by offset in the SQL that is sent. */
  inserted(): InsertedPart[];
  /** Converts a position in the sent SQL to a position in the saved SQL. */
  writtenPosition(sent: string, at: LineColumn): SqlPosition;
}

/** The number of copies of the SQL while a query runs: the string, the ticket, the message, and the bytes to send. */
const SQL_COPIES = 4;

/**
 * Waits for memory, then writes and returns the SQL. A short query may expand to long SQL, and a request may have many
 * queries.
 *
 * @throws {ProxyError} 'memory_busy', 'query_cancelled', 'result_too_large'
 */
export async function writeSql({ expanded }: SqlToSend, memory: MemoryAccount): Promise<string> {
  const bytes = expanded.length * SQL_COPIES;
  await memory.reserve(bytes);
  memory.adopt(bytes);
  return expanded.toString();
}
