/**
 * Parses SQL with the server's own parser. The proxy and the editor load the parser in different ways, so this file takes it
 * as a function.
 *
 * The tree serves only to find positions in the author's text. SQL is never printed from the tree, because comments, macros
 * and layout must stay as written.
 */
import { type InputProblem, parserInput } from './parser-input';

/**
 * `parse_sql` of `@guanmingchiu/sqlparser-ts`, with the dialect `generic`: the statements, as the Rust crate `sqlparser`
 * serializes them.
 *
 * @throws {unknown} With the parser's message for invalid SQL.
 */
export type ParseStatements = (sql: string) => unknown;

/** A node of the tree: an enum of Rust is an object with one key, or a text. */
export type TreeNode = unknown;

export interface ParsedSql {
  kind: 'parsed';
  /** The only statement. Undefined if the text has none. */
  statement: TreeNode;
  /** Converts positions of the tree to offsets. */
  positions: LinePositions;
}

export interface SyntaxProblem {
  kind: 'invalid';
  /** The parser's message, without its position. */
  message: string;
  /** UTF-16 offset in the author's text. Undefined if the parser names no position. */
  offset: number | undefined;
}

/** The text is too large to be parsed. It may be correct. */
export interface TooLarge {
  kind: 'too-large';
  problem: InputProblem;
}

export type ParseResult = ParsedSql | SyntaxProblem | TooLarge;

/** Line and column as the parser counts them: both from 1, a column is one Unicode character. */
export interface LineColumn {
  line: number;
  column: number;
}

/** Converts between UTF-16 offsets and the parser's lines and columns. */
export class LinePositions {
  readonly #text: string;
  readonly #starts: readonly number[];

  constructor(text: string) {
    this.#text = text;
    const starts = [0];
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
      starts.push(at + 1);
    }
    this.#starts = starts;
  }

  /** UTF-16 offset of a position. A position outside of the text becomes the nearest one inside. */
  offsetOf({ line, column }: LineColumn): number {
    const index = Math.min(Math.max(line, 1), this.#starts.length) - 1;
    const start = this.#starts[index];
    const end = this.#starts[index + 1] ?? this.#text.length;
    let offset = start;
    for (let left = column - 1; left > 0 && offset < end; left--) {
      offset += (this.#text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
    }
    return Math.min(offset, end);
  }

  positionOf(offset: number): LineColumn {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.#starts[middle] <= offset) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    const before = this.#text.slice(this.#starts[low], offset);
    return { line: low + 1, column: Array.from(before).length + 1 };
  }
}

/** The parser gives the position of an error only in its message. Its fields for line and column are never set. */
const POSITION = /^(?:sql parser error: )?(.*?)(?: at Line: (\d+), Column: (\d+))?$/s;

function hasMessage(reason: unknown): reason is { message: unknown } {
  return reason !== null && typeof reason === 'object' && 'message' in reason;
}

function syntaxProblem(reason: unknown, positions: LinePositions): SyntaxProblem {
  const text = hasMessage(reason) ? String(reason.message) : String(reason);
  const [, message = text, line, column] = POSITION.exec(text) ?? [];
  const offset = line === undefined ? undefined : positions.offsetOf({ line: Number(line), column: Number(column) });
  return { kind: 'invalid', message, offset };
}

/** The parser itself failed, which is not a problem of the SQL. It must not be used again. */
export class ParserCrash extends Error {}

/**
 * Parses one statement.
 *
 * @param sql   As the author wrote it, with macros and variables.
 * @param parse The parser.
 * @throws {ParserCrash}
 */
export function parseSql(sql: string, parse: ParseStatements): ParseResult {
  const input = parserInput(sql);
  if ('problem' in input) {
    return { kind: 'too-large', problem: input.problem };
  }
  const positions = new LinePositions(sql);
  let statements: unknown;
  try {
    statements = parse(input.text);
  } catch (reason) {
    if (reason instanceof RangeError || reason instanceof WebAssembly.RuntimeError) {
      throw new ParserCrash('The SQL parser crashed.', { cause: reason });
    }
    return syntaxProblem(reason, positions);
  }
  if (!Array.isArray(statements) || statements.length > 1) {
    return { kind: 'invalid', message: 'Only one statement is allowed', offset: undefined };
  }
  return { kind: 'parsed', statement: statements[0], positions };
}
