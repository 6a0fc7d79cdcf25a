/**
 * Expands the macros of a query: `$__name`, `$__name(arg, arg)` and Grafana's `${__name}`.
 *
 * Arguments may contain calls, quoted text and other macros. Comments are not changed. In quoted text only Grafana's
 * globals are replaced, since an SQL expression has no meaning there.
 *
 * Viewers may write queries, so time and memory must be linear in the length of the query and in the limits below: the text
 * is read once, with a stack for macros in arguments, and the length of the result is known before it is built.
 */
import { isComment, sqlPartAt } from '../../contract/sql-scan';
import { shortText } from '../errors/foreign-text';
import { ProxyError } from '../errors/proxy-error';
import { MACROS, QUOTED_MACROS, type Macro, type MacroContext } from './macros';
import { Rope } from './rope';

/** Longest expanded SQL, in UTF-16 units: twice the limit for a query. */
const MAX_EXPANDED_CHARACTERS = 2 * 1024 * 1024;

/** Maximum depth of macros in arguments of macros. */
export const MAX_MACRO_DEPTH = 16;

const NAME = /\$(?:__(\w+)|\{__(\w+)\})/y;
const IN_QUOTES = /\$(?:__(\w+)|\{__(\w+)\})/g;

/** A macro whose arguments are being read. The entry at the bottom of the stack is the query itself. */
interface OpenMacro {
  macro: Macro | undefined;
  name: string;
  /** Complete arguments. */
  args: Rope[];
  /** Parts of the current argument. */
  parts: Array<string | Rope>;
  /** Length of all parts and arguments, in UTF-16 units. */
  length: number;
  /** Open parentheses and brackets in the current argument. */
  parentheses: number;
  brackets: number;
}

function opened(name: string, macro: Macro | undefined): OpenMacro {
  return { macro, name, args: [], parts: [], length: 0, parentheses: 0, brackets: 0 };
}

/** @throws {ProxyError} 'macro_invalid' */
function macroNamed(name: string): Macro {
  if (Object.hasOwn(MACROS, name)) {
    return MACROS[name];
  }
  const known = Object.keys(MACROS).filter((key) => key !== 'table' && key !== 'column');
  throw new ProxyError('macro_invalid', {
    detail: `There is no macro $__${shortText(name)}. Known macros: ${known.map((key) => `$__${key}`).join(', ')}.`,
  });
}

function wrongArguments(name: string, { usage }: Macro): ProxyError {
  return new ProxyError('macro_invalid', { detail: `$__${name} is written ${usage}.` });
}

function expandInQuotes(text: string, context: MacroContext): string {
  return text.replace(IN_QUOTES, (whole: string, plain?: string, braced?: string) => {
    const name = plain ?? braced ?? '';
    return Object.hasOwn(QUOTED_MACROS, name) ? QUOTED_MACROS[name](context) : whole;
  });
}

/** One pass over a query. */
class Expansion {
  readonly #sql: string;
  readonly #context: MacroContext;
  readonly #stack: OpenMacro[] = [opened('', undefined)];
  #at = 0;
  /** Start of the code that was read but not added yet. */
  #codeStart = 0;

  constructor(sql: string, context: MacroContext) {
    this.#sql = sql;
    this.#context = context;
  }

  run(): Rope {
    while (this.#at < this.#sql.length) {
      this.#step();
    }
    this.#addCode();
    const top = this.#top;
    if (top.macro !== undefined) {
      throw new ProxyError('macro_invalid', { detail: `The parenthesis after $__${top.name} is not closed.` });
    }
    return Rope.joined(top.parts);
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

  /** Reads a character of an argument that starts no quoted text, comment or macro. */
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

  /** Reads quoted text, a comment, or a single `-` or `/`. */
  #quotedOrComment(): void {
    const part = sqlPartAt(this.#sql, this.#at);
    if (part === undefined) {
      this.#at++;
      return;
    }
    this.#addCode();
    const text = this.#sql.slice(this.#at, part.end);
    if (part.kind === 'string') {
      this.#add(expandInQuotes(text, this.#context));
    } else {
      this.#add(isComment(part) && this.#top.macro !== undefined ? ' ' : text);
    }
    this.#at = part.end;
    this.#codeStart = this.#at;
  }

  #dollar(): void {
    NAME.lastIndex = this.#at;
    const match = NAME.exec(this.#sql);
    if (match === null) {
      this.#at++;
      return;
    }
    this.#addCode();
    const name = match[1] ?? match[2];
    const macro = macroNamed(name);
    const nameEnd = this.#at + match[0].length;
    const open = this.#skipSpace(nameEnd);
    const hasParenthesis = this.#sql[open] === '(';
    this.#at = hasParenthesis ? open + 1 : nameEnd;
    if (hasParenthesis && macro.args[1] > 0) {
      this.#push(name, macro);
    } else {
      // Parentheses after a macro without arguments belong to the SQL unless they are empty.
      const end = hasParenthesis ? this.#skipSpace(this.#at) : 0;
      this.#at = hasParenthesis && this.#sql[end] === ')' ? end + 1 : nameEnd;
      this.#expand(opened(name, macro), macro);
    }
    this.#codeStart = this.#at;
  }

  #push(name: string, macro: Macro): void {
    if (this.#stack.length > MAX_MACRO_DEPTH) {
      throw new ProxyError('macro_invalid', {
        detail: `Macros are nested ${this.#stack.length} deep; at most ${MAX_MACRO_DEPTH} levels are expanded.`,
      });
    }
    this.#stack.push(opened(name, macro));
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

  #expand({ name, args }: OpenMacro, macro: Macro): void {
    const [least, most] = macro.args;
    if (args.length < least || args.length > most || args.some(({ length }) => length === 0)) {
      throw wrongArguments(name, macro);
    }
    const expansion = macro.expand(this.#context, args);
    const items = expansion instanceof Rope ? [expansion] : expansion;
    items.forEach((item, index) => {
      const top = this.#top;
      if (index > 0 && top.macro !== undefined && top.parentheses + top.brackets === 0) {
        this.#nextArgument(top);
      } else if (index > 0) {
        this.#add(',');
      }
      this.#add(item);
    });
  }

  #addCode(): void {
    this.#add(this.#sql.slice(this.#codeStart, this.#at));
  }

  /** @throws {ProxyError} 'query_too_long', before a text of that length is built. */
  #add(part: string | Rope): void {
    if (part.length === 0) {
      return;
    }
    const top = this.#top;
    top.parts.push(part);
    top.length += part.length;
    if (top.length > MAX_EXPANDED_CHARACTERS) {
      const limit = MAX_EXPANDED_CHARACTERS.toLocaleString('en-US');
      throw new ProxyError('query_too_long', {
        detail: `It has more than ${limit} characters with its macros expanded.`,
      });
    }
  }
}

/** A query with its macros expanded. `toString` builds the text. The length is known before the text is built. */
export interface ExpandedSql {
  /** In UTF-16 units. */
  readonly length: number;
  toString(): string;
}

/**
 * Expands all macros of a query without building the text of the result.
 *
 * @param sql     The query as saved or as the browser sent it.
 * @param context Time range and interval in milliseconds.
 * @throws {ProxyError} 'macro_invalid' for an unknown macro, wrong arguments or more than 16 levels; 'query_too_long' for
 *   a result of more than 2 Mi characters.
 */
export function measureMacros(sql: string, context: MacroContext): ExpandedSql {
  return sql.includes('$') ? new Expansion(sql, context).run() : sql;
}

/** Expands all macros of a query. Limits and errors are those of `measureMacros`. */
export function expandMacros(sql: string, context: MacroContext): string {
  return measureMacros(sql, context).toString();
}
