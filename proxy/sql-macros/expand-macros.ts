/**
 * Replaces macros in a query: `$__name`, `$__name(arg, arg)` and Grafana's `${__name}`.
 *
 * Arguments may hold nested calls, quoted text and other macros. Nothing is replaced in comments; in quoted text only
 * Grafana's globals are, since an SQL expression would make no sense there.
 */
import { ProxyError } from '../errors/proxy-error';
import { MACROS, QUOTED_MACROS, type MacroContext } from './macros';
import { scanSql } from './scan-sql';

const NAME = /\$(?:__(\w+)|\{__(\w+)\})/y;
const IN_QUOTES = /\$(?:__(\w+)|\{__(\w+)\})/g;

/** Length of the code from `start`, just behind an opening parenthesis, to behind the closing one; -1 when it is missing. */
function argumentsEnd(sql: string, start: number): number {
  let depth = 1;
  let at = start;
  for (const part of scanSql(sql.slice(start))) {
    if (part.kind === 'code') {
      for (let i = 0; i < part.text.length; i++) {
        depth += part.text[i] === '(' ? 1 : part.text[i] === ')' ? -1 : 0;
        if (depth === 0) {
          return at + i + 1;
        }
      }
    }
    at += part.text.length;
  }
  return -1;
}

/** Splits at the commas that stand in no parentheses or quotes. */
function splitArguments(text: string): string[] {
  if (text.trim() === '') {
    return [];
  }
  const args = [''];
  let depth = 0;
  for (const part of scanSql(text)) {
    if (part.kind !== 'code') {
      args[args.length - 1] += part.kind === 'comment' ? ' ' : part.text;
      continue;
    }
    for (const char of part.text) {
      depth += char === '(' || char === '[' ? 1 : char === ')' || char === ']' ? -1 : 0;
      if (char === ',' && depth === 0) {
        args.push('');
      } else {
        args[args.length - 1] += char;
      }
    }
  }
  return args.map((arg) => arg.trim());
}

function expandOne(name: string, args: string[], context: MacroContext): string {
  const macro = Object.hasOwn(MACROS, name) ? MACROS[name] : undefined;
  if (macro === undefined) {
    const known = Object.keys(MACROS).filter((key) => key !== 'table' && key !== 'column');
    throw new ProxyError('macro_invalid', {
      detail: `There is no macro $__${name}. Known are ${known.map((key) => `$__${key}`).join(', ')}.`,
    });
  }
  const [least, most] = macro.args;
  if (args.length < least || args.length > most || args.some((arg) => arg === '')) {
    throw new ProxyError('macro_invalid', { detail: `$__${name} is written ${macro.usage}.` });
  }
  return macro.expand(context, args);
}

/** True for macros that take arguments: `(` behind the others belongs to the SQL, unless it is empty. */
function takesArguments(name: string): boolean {
  return Object.hasOwn(MACROS, name) ? MACROS[name].args[1] > 0 : true;
}

function expandInQuotes(text: string, context: MacroContext): string {
  return text.replace(IN_QUOTES, (whole: string, plain?: string, braced?: string) => {
    const name = plain ?? braced ?? '';
    return Object.hasOwn(QUOTED_MACROS, name) ? QUOTED_MACROS[name](context) : whole;
  });
}

/** Where each part that is no code ends, so that the walk over the text can step over it. */
function protectedParts(sql: string): Map<number, { end: number; kind: 'string' | 'identifier' | 'comment' }> {
  const parts = new Map<number, { end: number; kind: 'string' | 'identifier' | 'comment' }>();
  let at = 0;
  for (const part of scanSql(sql)) {
    if (part.kind !== 'code') {
      parts.set(at, { end: at + part.text.length, kind: part.kind });
    }
    at += part.text.length;
  }
  return parts;
}

/** The arguments behind a macro's name that ends at `at`, and where the SQL goes on. */
function readArguments(sql: string, at: number, name: string, context: MacroContext): { args: string[]; end: number } {
  const open = /\s*\(/y;
  open.lastIndex = at;
  if (!open.test(sql)) {
    return { args: [], end: at };
  }
  const end = argumentsEnd(sql, open.lastIndex);
  if (end === -1) {
    throw new ProxyError('macro_invalid', { detail: `The parenthesis behind $__${name} is not closed.` });
  }
  const inner = sql.slice(open.lastIndex, end - 1);
  if (!takesArguments(name)) {
    return inner.trim() === '' ? { args: [], end } : { args: [], end: at };
  }
  return { args: splitArguments(expandMacros(inner, context)), end };
}

/**
 * Expands all macros of a query.
 *
 * @param sql     The query as saved or as the browser sent it.
 * @param context Time range and interval in milliseconds.
 * @throws {ProxyError} 'macro_invalid' for an unknown macro or wrong arguments.
 */
export function expandMacros(sql: string, context: MacroContext): string {
  if (!sql.includes('$')) {
    return sql;
  }
  const skipped = protectedParts(sql);
  let out = '';
  for (let at = 0; at < sql.length;) {
    const part = skipped.get(at);
    if (part !== undefined) {
      const text = sql.slice(at, part.end);
      out += part.kind === 'string' ? expandInQuotes(text, context) : text;
      at = part.end;
      continue;
    }
    NAME.lastIndex = at;
    const match = NAME.exec(sql);
    if (match === null) {
      out += sql[at];
      at++;
      continue;
    }
    const name = match[1] ?? match[2];
    const { args, end } = readArguments(sql, at + match[0].length, name, context);
    out += expandOne(name, args, context);
    at = end;
  }
  return out;
}
