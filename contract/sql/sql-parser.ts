/**
 * Parses SQL with the server's own parser. The backend and the editor load the parser in different ways, so `parseSql`
 * takes the parser as a function.
 *
 * No code prints SQL from the tree, because comments, macros and layout must stay as the author wrote them. Code that
 * changes SQL finds positions in the tree, and edits the author's SQL there.
 */
import { countBelow, countBelowBy } from '../ascending-list';
import { type InputProblem, parserInput } from './parser-input';

/**
 * `parse_sql` of `@guanmingchiu/sqlparser-ts`, with the dialect `generic`: the statements, as the Rust crate
 * `sqlparser` serializes them.
 *
 * @throws {unknown} For invalid SQL, with the parser's message.
 */
export type ParseStatements = (sql: string) => unknown;

/** A node of the tree: an enum of Rust is an object with one key, or a string. */
export type TreeNode = unknown;

/** SQL without syntax errors. Its names are not checked. */
export interface ParsedSql {
  kind: 'parsed';
  /** The only statement. Undefined if the SQL has no statement. */
  statement: TreeNode;
  /** Converts positions of the tree to offsets. */
  positions: LinePositions;
}

interface SyntaxProblem {
  kind: 'invalid';
  /** The parser's message, without its position. */
  message: string;
  /** UTF-16 offset in the author's SQL. Undefined if the parser names no position. */
  offset: number | undefined;
}

/** The SQL is too large to be parsed. It may be correct. */
export interface TooLarge {
  kind: 'too-large';
  problem: InputProblem;
}

export type ParseResult = ParsedSql | SyntaxProblem | TooLarge;

/** Line and column as the parser counts them, both from 1. Each Unicode character is one column. */
export interface LineColumn {
  line: number;
  column: number;
}

/** Converts between UTF-16 offsets and the parser's lines and columns. Each conversion takes logarithmic time. */
export class LinePositions {
  readonly #length: number;
  /** Offset of the start of each line. */
  readonly #starts: readonly number[];
  /** Offsets of the characters that take two UTF-16 units. */
  readonly #wide: readonly number[];

  constructor(sql: string) {
    this.#length = sql.length;
    this.#starts = [0, ...Array.from(sql.matchAll(/\n/g), ({ index }) => index + 1)];
    this.#wide = Array.from(sql.matchAll(/[\u{10000}-\u{10ffff}]/gu), ({ index }) => index);
  }

  /** UTF-16 offset of a position. A position outside of the SQL becomes the nearest valid position. */
  offsetOf({ line, column }: LineColumn): number {
    const index = Math.min(Math.max(line, 1), this.#starts.length) - 1;
    const start = this.#starts[index];
    const end = this.#starts[index + 1] ?? this.#length;
    const before = countBelow(this.#wide, start);
    // The number of wide characters from the start of the SQL to the position. The parser counts each of them as one
    // column, so an earlier wide character of the line moves a later one by one.
    const moved = countBelowBy(
      this.#wide.length,
      start + column - 1,
      (at) => this.#wide[at] - Math.max(at - before, 0)
    );
    return Math.min(start + Math.max(column - 1, 0) + Math.max(moved - before, 0), end);
  }

  /** Line and column of a UTF-16 offset. */
  positionOf(offset: number): LineColumn {
    const line = Math.max(countBelow(this.#starts, offset + 1), 1);
    const start = this.#starts[line - 1];
    const wide = countBelow(this.#wide, offset) - countBelow(this.#wide, start);
    return { line, column: offset - start - wide + 1 };
  }
}

/** Only the message of an error contains the position: the parser never sets the error's fields for line and column. */
const POSITION = /^(?:sql parser error: )?(.*?)(?: at Line: (\d+), Column: (\d+))?$/s;

function hasMessage(reason: unknown): reason is { message: unknown } {
  return reason !== null && typeof reason === 'object' && 'message' in reason;
}

function syntaxProblem(reason: unknown, positions: LinePositions): SyntaxProblem {
  const problem = hasMessage(reason) ? String(reason.message) : String(reason);
  const [, message = problem, line, column] = POSITION.exec(problem) ?? [];
  const offset = line === undefined ? undefined : positions.offsetOf({ line: Number(line), column: Number(column) });
  return { kind: 'invalid', message, offset };
}

/** True for an error of the parser itself, such as an overflow of its stack. */
function isParserCrash(reason: unknown): boolean {
  return reason instanceof RangeError || reason instanceof WebAssembly.RuntimeError;
}

/** The parser itself failed, for a reason other than invalid SQL. The parser must not be used again. */
export class ParserCrashError extends Error {}

/**
 * Parses one statement.
 *
 * @param sql   As the author wrote it, with macros and variables.
 * @param parse The parser.
 * @throws {ParserCrashError}
 */
export function parseSql(sql: string, parse: ParseStatements): ParseResult {
  const input = parserInput(sql);
  if ('problem' in input) {
    return { kind: 'too-large', problem: input.problem };
  }
  const positions = new LinePositions(sql);
  let statements: unknown;
  try {
    statements = parse(input.sql);
  } catch (reason) {
    if (isParserCrash(reason)) {
      throw new ParserCrashError('The SQL parser crashed.', { cause: reason });
    }
    return syntaxProblem(reason, positions);
  }
  if (!Array.isArray(statements) || statements.length > 1) {
    return { kind: 'invalid', message: 'Only one statement is allowed', offset: undefined };
  }
  return { kind: 'parsed', statement: statements[0], positions };
}
