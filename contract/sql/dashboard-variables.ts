/** Finds references to dashboard variables in SQL, for places in which Grafana does not replace them. */
import { StringSet } from '../string-map';
import { type SqlToken, tokenizeSql } from './sql-scan';

/** `$name`, `${name}` and `[[name]]`, but not macros such as `$__timeFilter`. */
const VARIABLE = /\$(?!__)([A-Za-z_]\w*)|\$\{(?!__)[A-Za-z_][^}]{0,200}\}|\[\[(?!__)([A-Za-z_]\w*)(?::\w+)?\]\]/g;

/** Matches any SQL that has variables. Most SQL with macros but no variables does not match, so it is not tokenized. */
const MAY_HAVE_VARIABLES = /\$(?!__|\{__)|\[\[/;

/**
 * The variables in a token. Quoted regular expressions also contain `$` and `[[…]]`. So `$name` and `[[name]]` inside
 * quotes count only if they are the whole string, or if the dashboard has the variable.
 */
function* variablesInToken({ kind, raw }: SqlToken, known: ReadonlySet<string>): Generator<string> {
  const isQuoted = kind === 'string' || kind === 'quoted-name';
  for (const [variable, plain, bracketed] of raw.matchAll(VARIABLE)) {
    const name = plain ?? bracketed;
    const isWhole = !isQuoted || variable.length === raw.length - 2;
    if (name === undefined || isWhole || known.has(name)) {
      yield variable;
    }
  }
}

/**
 * Merges adjacent tokens of code, because `[[name]]` consists of several tokens. Quoted strings stay separate, and
 * comments are removed.
 */
function codeAndQuotes(sql: string): SqlToken[] {
  const parts: SqlToken[] = [];
  for (const token of tokenizeSql(sql)) {
    const last = parts.at(-1);
    const isCode = token.kind !== 'string' && token.kind !== 'quoted-name' && token.kind !== 'comment';
    if (isCode && last?.kind === 'symbol') {
      last.end = token.end;
    } else {
      parts.push({ ...token, kind: isCode ? 'symbol' : token.kind });
    }
  }
  return parts
    .filter(({ kind }) => kind !== 'comment')
    .map((part) => ({ ...part, raw: sql.slice(part.start, part.end) }));
}

/**
 * The first dashboard variables outside of comments, each once, in the notation of the SQL.
 *
 * @param max   Maximum number of variables.
 * @param known Names of the variables of the dashboard. Empty outside of dashboards.
 */
export function variablesIn(sql: string, max: number, known: readonly string[] = []): string[] {
  const found = new StringSet();
  if (MAY_HAVE_VARIABLES.test(sql)) {
    const names = new StringSet(known);
    for (const part of codeAndQuotes(sql)) {
      for (const variable of variablesInToken(part, names)) {
        found.add(variable);
        if (found.size === max) {
          return [...found];
        }
      }
    }
  }
  return [...found];
}
