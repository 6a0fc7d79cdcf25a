/**
 * One pass over a query, which expands its macros. Callers use `expandMacros`.
 *
 * Viewers may write queries, so time and memory must be linear in the length of the query and in the limits below. The
 * SQL is read once, with a stack for macros in arguments. The length of the result is known before it is built.
 */
import { readsOwnRange } from '../../../contract/sql/macro-kinds';
import { isComment, sqlPartAt } from '../../../contract/sql/sql-scan';
import { type AssembledPiece, SourceOffsets } from '../../../contract/sql/sql-edits';
import { ProxyError } from '../../base/errors/proxy-error';
import { MacroError } from './macro-error';
import { expandInQuotes, type Macro, type MacroContext, type MacroFill, macroNamed, MacroScope } from './macros';
import { Rope } from './rope';
import { type TimeBins, type TimeRange } from './time-bins';

/** Maximum length of expanded SQL, in UTF-16 units: twice the limit for a query. */
const MAX_EXPANDED_CHARACTERS = 2 * 1024 * 1024;

/**
 * Maximum total length of all expansions, in UTF-16 units. It bounds the work. A nested expansion counts twice: for
 * itself, and as a part of the outer expansion.
 */
const MAX_PRODUCED_CHARACTERS = 2 * MAX_EXPANDED_CHARACTERS;

/** Maximum nesting depth of macros. */
export const MAX_MACRO_DEPTH = 16;

const NAME = /\$(?:__(\w+)|\{__(\w+)\})/y;

/** A query with its macros expanded. `toString` builds the SQL. The length is known before the SQL is built. */
export interface ExpandedSql {
  /** The length of the expanded SQL, in UTF-16 units. */
  readonly length: number;
  /** The bins of the result, see `MacroScope.bins`. Undefined if no macro creates bins. */
  readonly bins?: TimeBins;
  /** The fill of empty bins. Undefined if no macro sets it. */
  readonly fill?: MacroFill;
  /** The range from which the query reads rows. Undefined: the time range of the query. */
  readonly readRange?: TimeRange;
  toString(): string;
  /**
   * Maps an offset in the expanded SQL to an offset in the query, in logarithmic time. An offset within an expansion
   * maps to the start of its macro. Both offsets are UTF-16 units.
   */
  sourceOffset(expandedOffset: number): number;
  /** The pieces of the expanded SQL, in order. Pieces that macros produced have `isCopied: false`. */
  pieces(): Iterable<AssembledPiece>;
}

/** A macro whose arguments are being read. The entry at the bottom of the stack is the query itself. */
interface OpenMacro {
  macro: Macro | undefined;
  name: string;
  /** Offset of the macro in the query. */
  start: number;
  /** Complete arguments. */
  args: Rope[];
  /** Parts of the current argument. */
  parts: Array<string | Rope>;
  /** Length of all parts and arguments, in UTF-16 units. */
  length: number;
  /** Numbers of open parentheses and brackets in the current argument. */
  parentheses: number;
  brackets: number;
}

function opened(name: string, start: number, macro: Macro | undefined): OpenMacro {
  return { macro, name, start, args: [], parts: [], length: 0, parentheses: 0, brackets: 0 };
}

function wrongArguments(name: string, { usage }: Macro): MacroError {
  return new MacroError(`$__${name} is written ${usage}.`);
}

function tooLong(): ProxyError {
  const limit = MAX_EXPANDED_CHARACTERS.toLocaleString('en-US');
  return new ProxyError('query_too_long', {
    detail: `It has more than ${limit} characters with its macros expanded.`,
  });
}

/** The expansion of one query. Call `run` once. */
export class Expansion {
  readonly #sql: string;
  readonly #scope: MacroScope;
  readonly #stack: OpenMacro[] = [opened('', 0, undefined)];
  readonly #offsets = new SourceOffsets();
  #at = 0;
  /** Start of the part of the query that was read but not added yet. */
  #codeStart = 0;
  #macroStart = 0;
  /** Length of all expansions, in UTF-16 units. */
  #produced = 0;

  constructor(sql: string, context: MacroContext) {
    this.#sql = sql;
    this.#scope = new MacroScope(context);
  }

  /** @throws {MacroError} for the macro at `macroStart`. @throws {ProxyError} 'query_too_long' */
  run(): ExpandedSql {
    while (this.#at < this.#sql.length) {
      this.#step();
    }
    this.#addCode();
    const top = this.#top;
    if (top.macro !== undefined) {
      this.#macroStart = top.start;
      throw new MacroError(`The parenthesis after $__${top.name} is not closed.`);
    }
    const rope = Rope.joined(top.parts);
    const { bins, fill, readRange } = this.#scope;
    return {
      length: rope.length,
      bins,
      fill,
      readRange,
      sourceOffset: (offset) => this.#offsets.sourceOffset(offset),
      pieces: () => this.#offsets.pieces(),
      toString: () => rope.toString(),
    };
  }

  /** Start of the macro that was read or expanded last. Errors point to it. */
  get macroStart(): number {
    return this.#macroStart;
  }

  get #top(): OpenMacro {
    return this.#stack[this.#stack.length - 1];
  }

  #step(): void {
    switch (this.#sql[this.#at]) {
      case '$':
        return this.#dollar();
      case "'":
      case '"':
      case '-':
      case '/':
        return this.#quotedOrComment();
      default:
        if (this.#top.macro === undefined) {
          this.#at++;
        } else {
          this.#codeOfArgument(this.#top);
        }
    }
  }

  /** Reads one character of an argument. The character does not start a quoted string, a comment or a macro. */
  #codeOfArgument(open: OpenMacro): void {
    const character = this.#sql[this.#at];
    const isOutside = open.parentheses + open.brackets === 0;
    if ((character === ',' && isOutside) || (character === ')' && open.parentheses === 0)) {
      this.#addCode();
      this.#at++;
      this.#codeStart = this.#at;
      if (character === ',') {
        this.#nextArgument(open);
      } else {
        this.#close(open);
      }
      return;
    }
    this.#at++;
    open.parentheses += character === '(' ? 1 : character === ')' ? -1 : 0;
    open.brackets += character === '[' ? 1 : character === ']' ? -1 : 0;
  }

  /** Reads a quoted string, a comment, or a single `-`, `/` or `$`. */
  #quotedOrComment(): void {
    const part = sqlPartAt(this.#sql, this.#at);
    if (part === undefined) {
      this.#at++;
      return;
    }
    this.#addCode();
    const sql = this.#sql.slice(this.#at, part.end);
    if (part.kind === 'string') {
      const expanded = expandInQuotes(sql, this.#scope.context);
      this.#add(expanded, this.#at, expanded === sql);
    } else {
      const isRemoved = isComment(part) && this.#top.macro !== undefined;
      this.#add(isRemoved ? ' ' : sql, this.#at, !isRemoved);
    }
    this.#at = part.end;
    this.#codeStart = this.#at;
  }

  #dollar(): void {
    NAME.lastIndex = this.#at;
    const match = NAME.exec(this.#sql);
    if (match === null) {
      return this.#quotedOrComment();
    }
    this.#addCode();
    const start = this.#at;
    this.#macroStart = start;
    const name = match[1] ?? match[2];
    const macro = macroNamed(name);
    const nameEnd = this.#at + match[0].length;
    const open = this.#skipSpace(nameEnd);
    const hasParenthesis = this.#sql[open] === '(';
    this.#at = hasParenthesis ? open + 1 : nameEnd;
    if (hasParenthesis && macro.args[1] > 0) {
      this.#push(opened(name, start, macro));
    } else {
      // After a macro without arguments, empty parentheses belong to the macro, and other parentheses belong to the
      // SQL.
      const end = hasParenthesis ? this.#skipSpace(this.#at) : 0;
      this.#at = hasParenthesis && this.#sql[end] === ')' ? end + 1 : nameEnd;
      this.#expand(opened(name, start, macro), macro);
    }
    this.#codeStart = this.#at;
  }

  #push(open: OpenMacro): void {
    if (this.#stack.length > MAX_MACRO_DEPTH) {
      throw new MacroError(
        `Macros are nested ${this.#stack.length} deep; at most ${MAX_MACRO_DEPTH} levels are expanded.`
      );
    }
    this.#stack.push(open);
  }

  #skipSpace(at: number): number {
    let end = at;
    while (end < this.#sql.length && this.#sql[end].trim() === '') {
      end++;
    }
    return end;
  }

  /** Ends the current argument. */
  #nextArgument(open: OpenMacro): void {
    open.args.push(Rope.trimmed(open.parts));
    open.parts = [];
    if (open.macro !== undefined && open.args.length >= open.macro.args[1]) {
      this.#macroStart = open.start;
      throw wrongArguments(open.name, open.macro);
    }
  }

  #close(open: OpenMacro): void {
    this.#stack.pop();
    const last = Rope.trimmed(open.parts);
    if (open.args.length > 0 || last.length > 0) {
      open.args.push(last);
    }
    if (open.macro !== undefined) {
      this.#expand(open, open.macro);
    }
  }

  #expand({ name, start, args }: OpenMacro, macro: Macro): void {
    const [least, most] = macro.args;
    this.#macroStart = start;
    if (args.length < least || args.length > most || args.some(({ length }) => length === 0)) {
      throw wrongArguments(name, macro);
    }
    this.#scope.readsOwnRange ||= readsOwnRange(name);
    const expansion = macro.expand(this.#scope, args);
    const items = expansion instanceof Rope ? [expansion] : expansion;
    this.#produced += items.reduce((sum, { length }) => sum + length, 0);
    if (this.#produced > MAX_PRODUCED_CHARACTERS) {
      throw tooLong();
    }
    items.forEach((item, index) => {
      const top = this.#top;
      if (index > 0 && top.macro !== undefined && top.parentheses + top.brackets === 0) {
        this.#nextArgument(top);
      } else if (index > 0) {
        this.#add(',', start, false);
      }
      this.#add(item, start, false);
    });
  }

  #addCode(): void {
    this.#add(this.#sql.slice(this.#codeStart, this.#at), this.#codeStart, true);
  }

  /**
   * @param source   Offset of the part in the query, or of the macro that produced the part.
   * @param isCopied True if the part is copied from the query.
   * @throws {ProxyError} 'query_too_long', before the string is built.
   */
  #add(part: string | Rope, source: number, isCopied: boolean): void {
    if (part.length === 0) {
      return;
    }
    const top = this.#top;
    top.parts.push(part);
    if (this.#stack.length === 1) {
      this.#offsets.add(part.length, source, isCopied);
    }
    top.length += part.length;
    if (top.length > MAX_EXPANDED_CHARACTERS) {
      throw tooLong();
    }
  }
}
