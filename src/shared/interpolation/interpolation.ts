/**
 * Inserts the values of dashboard variables into SQL.
 *
 * Saved dashboards depend on these rules, which are those of Grafana's own SQL data sources:
 *
 * - The value of a variable with one value is inserted with its quotes doubled, because the author writes quotes around
 *   it.
 * - A variable that may have several values becomes a list of literals, for `IN ($var)`. Numbers are not quoted.
 * - `${var:csv}` and the other formats are Grafana's, except those that escape wrongly for SQL.
 *
 * A place in which these rules give no valid SQL has rules of its own: quoted strings, quoted names, comments, and
 * comparisons with several values (`compared-values.ts`). Each reference is replaced separately, so a value is never
 * read as a reference.
 */
import { type ScopedVars } from '@grafana/data';
import { isEscapeString, type SqlToken, tokenizeSql } from '../../../contract/sql/sql-scan';
import { escapeLiteral, quoteLiteral } from '../../../contract/sql/sql-names';
import { applyEdits, type EditedSql, type SqlEdit } from '../../../contract/sql/sql-edits';
import { comparedSql, type Replacement, type RightSide } from './compared-values';
import { type SqlCall, callAt } from '../sql/calls';
import { type Comparison, comparisonAround } from './comparisons';
import { type InList, inListAround } from './in-lists';
import { comparesLevel, hasLevelName, withLevelNumbers } from './level-values';
import { type Reference, referencesIn, type Templates, Variables } from './variables';

/** Settings of the variable whose value is inserted. Grafana's own variables (`__interval`) have none. */
export interface VariableTraits {
  multi?: boolean;
  includeAll?: boolean;
}

/** A format function for Grafana's `templateSrv.replace`. The value may be a list. */
type Format = (value: unknown, variable?: VariableTraits) => string;

function listed(value: unknown, format: (item: unknown) => string, separator: string): string {
  const items: unknown[] = Array.isArray(value) ? value : [value];
  return items.map(format).join(separator);
}

function literal(value: unknown): string {
  return typeof value === 'number' ? String(value) : quoteLiteral(String(value));
}

/**
 * The value of a variable in SQL code.
 *
 * @param value One value, or a list of them.
 */
export function formatVariable(value: unknown, variable?: VariableTraits): string {
  if (value === null || value === undefined) {
    return '';
  }
  const isList = Array.isArray(value) || variable?.multi === true || variable?.includeAll === true;
  return isList
    ? listed(value, literal, ',')
    : typeof value === 'number'
      ? String(value)
      : escapeLiteral(String(value));
}

/** Inside of quotes. Several values become several quoted strings, for `IN ('$var')`. */
const inLiteral: Format = (value) => listed(value ?? '', (item) => escapeLiteral(String(item)), "','");

/** Inside of `E'…'`. */
const inEscapeString: Format = (value) =>
  listed(value ?? '', (item) => escapeLiteral(String(item)).replaceAll('\\', '\\\\'), "',E'");

/** Inside of `$$…$$`, which has no escapes. */
const inDollars: Format = (value) =>
  listed(value ?? '', (item) => String(item).split('$').join("$$ || '$' || $$"), '$$,$$');

const doubled = (value: unknown, quote: string) =>
  String(value)
    .split(quote)
    .join(quote + quote);
/** Inside of a name in double quotes or backticks. */
const inName =
  (quote: string): Format =>
  (value) =>
    listed(value ?? '', (item) => doubled(item, quote), `${quote},${quote}`);

/** Grafana's formats of these names escape quotes with a backslash, which SQL does not know. */
const SQL_FORMATS: Readonly<Record<string, Format>> = {
  sqlstring: (value) => listed(value ?? '', (item) => quoteLiteral(String(item)), ','),
  singlequote: (value) => listed(value ?? '', (item) => quoteLiteral(String(item)), ','),
  doublequote: (value) => listed(value ?? '', (item) => `"${doubled(item, '"')}"`, ','),
};

/** Formats with which authors write quotes into a string on purpose, such as `${var:join:','}`. */
const VERBATIM = /^(raw|join)\b/;

/** The format inside of a quoted string. Undefined for code. */
function formatInside(sql: string, token: SqlToken | undefined): Format | undefined {
  switch (token?.kind) {
    case 'string':
      return token.raw.startsWith('$') ? inDollars : isEscapeString(sql, token.start) ? inEscapeString : inLiteral;
    case 'quoted-name':
      return inName(token.raw[0]);
    default:
      return undefined;
  }
}

/**
 * @param inPlace The format inside of a quoted string.
 * @param convert Changes the value before it is formatted.
 */
function replacement(
  reference: Reference,
  inPlace: Format | undefined,
  templates: Templates,
  scoped: ScopedVars,
  convert: (value: unknown) => unknown
): string {
  const { bare, raw, format } = reference;
  const ours =
    format === undefined ? formatVariable : Object.hasOwn(SQL_FORMATS, format) ? SQL_FORMATS[format] : undefined;
  if (ours !== undefined) {
    const converted: Format = (value, variable) => (inPlace ?? ours)(convert(value), variable);
    const inserted = templates.replace(bare, scoped, converted);
    return inserted === bare ? raw : inserted;
  }
  const inserted = templates.replace(raw, scoped, formatVariable);
  return inserted === raw || inPlace === undefined || VERBATIM.test(format ?? '') ? inserted : inPlace(inserted);
}

/** A part of the SQL that an edit of a larger part removes. */
interface Removed {
  start: number;
  end: number;
}

/** The only reference in an argument, with or without quotes. */
function referenceOf(argument: string): Reference | undefined {
  const bare = argument.trim().replace(/^(['"])(.*)\1$/s, '$2');
  const [reference, ...others] = referencesIn(bare);
  return others.length === 0 && reference?.raw === bare ? reference : undefined;
}

/** One pass over a query. */
class Interpolation {
  readonly #sql: string;
  readonly #tokens: SqlToken[];
  readonly #templates: Templates;
  readonly #scoped: ScopedVars;
  readonly #variables: Variables;
  readonly #edits: SqlEdit[] = [];
  readonly #removed: Removed[] = [];

  constructor(sql: string, templates: Templates, scoped: ScopedVars) {
    this.#sql = sql;
    this.#tokens = tokenizeSql(sql).filter(
      ({ kind, raw }) => kind !== 'comment' || raw.includes('$') || raw.includes('[[')
    );
    this.#templates = templates;
    this.#scoped = scoped;
    this.#variables = new Variables(templates, scoped);
  }

  run(): EditedSql {
    this.#resolveConditions();
    let next = 0;
    for (const reference of referencesIn(this.#sql)) {
      while (next < this.#tokens.length && this.#tokens[next].end <= reference.start) {
        next++;
      }
      if (!this.#removed.some(({ start, end }) => start <= reference.start && reference.start < end)) {
        this.#replace(reference, next);
      }
    }
    return applyEdits(this.#sql, this.#edits);
  }

  #edit(start: number, end: number, sql: string): void {
    this.#edits.push({ at: start, removed: end - start, sql });
  }

  /** Replaces `$__conditionalAll(condition, $var)`. The backend does not know the variables. */
  #resolveConditions(): void {
    const code = this.#code();
    code.forEach((token, index) => {
      const isMacro = token.raw === '$__conditionalAll' && code[index + 1]?.raw === '(';
      const call = isMacro && !this.#isRemoved(token) ? callAt(code, index + 1) : undefined;
      if (call?.commas.length === 1) {
        this.#resolveCondition(token, call);
      }
    });
  }

  #code(): SqlToken[] {
    return this.#tokens.filter(({ kind }) => kind !== 'comment');
  }

  #isRemoved({ start }: SqlToken): boolean {
    return this.#removed.some((removed) => removed.start <= start && start < removed.end);
  }

  #resolveCondition({ start }: SqlToken, { open, commas: [comma], close }: SqlCall): void {
    const reference = referenceOf(this.#sql.slice(comma.end, close.start));
    if (reference === undefined || !this.#variables.isKnown(reference)) {
      return;
    }
    if (this.#variables.isAllSelected(reference)) {
      this.#edit(start, close.end, 'true');
      this.#removed.push({ start, end: close.end });
    } else {
      this.#edit(start, open.end, '(');
      this.#edit(comma.start, close.start, '');
      this.#removed.push({ start, end: open.end }, { start: comma.start, end: close.start });
    }
  }

  /** @param index Index of the token that contains the reference. */
  #replace(reference: Reference, index: number): void {
    const token = this.#tokens[index];
    if (token?.kind === 'comment') {
      // A value with a line break would end the comment.
      return;
    }
    const { start, end } = this.#placeOf(reference, token);
    if (this.#replaceCompared(reference, index)) {
      return;
    }
    const canBeAll = reference.format === undefined || /^(sqlstring|singlequote)$/.test(reference.format);
    if (canBeAll && this.#tokens[index - 1]?.raw === '(' && this.#variables.isEverythingSelected(reference)) {
      const list = this.#listAround(index, end);
      if (list?.close !== undefined && list.isCondition && !list.isNegated) {
        // A list of all values may have thousands of entries.
        this.#replaceByTrue(start, end, list.close);
        return;
      }
    }
    const convert = this.#isLevel(reference, index) ? withLevelNumbers : (value: unknown) => value;
    const replaced = replacement(reference, formatInside(this.#sql, token), this.#templates, this.#scoped, convert);
    const isWhole = token?.kind !== 'string' || start < reference.start;
    const isNothing = replaced === '' && isWhole && this.#variables.isNothingSelected(reference);
    const list = isNothing ? this.#listAround(index, end) : undefined;
    if (list !== undefined) {
      this.#replaceEmptyList({ start, end }, list);
    } else if (replaced !== reference.raw) {
      this.#edit(reference.start, reference.end, replaced);
    }
  }

  /** True if the values are compared with levels, and one of them is the name of a level. */
  #isLevel(reference: Reference, index: number): boolean {
    return hasLevelName(this.#variables.valueOf(reference)) && comparesLevel(this.#code(), this.#tokens[index]);
  }

  /** Replaces a comparison whose right side is the variable, if it needs more than the value. */
  #replaceCompared(reference: Reference, index: number): boolean {
    const token = this.#tokens[index];
    const isString = token?.kind === 'string';
    const isPlainString = isString && token.raw.startsWith("'") && token.isClosed;
    if (isString ? !isPlainString || referencesIn(token.raw).length > 1 : token?.kind === 'quoted-name') {
      return false;
    }
    const { end } = isString ? token : reference;
    const comparison = comparisonAround(this.#tokens, index, this.#indexAfter(index, end));
    const selection = comparison === undefined ? undefined : this.#variables.selectionOf(reference);
    if (comparison === undefined || selection === undefined) {
      return false;
    }
    const side: RightSide = {
      name: reference.name,
      format: reference.format,
      isString,
      before: isString ? this.#sql.slice(token.start + 1, reference.start) : '',
      after: isString ? this.#sql.slice(reference.end, token.end - 1) : '',
    };
    const values = this.#isLevel(reference, index) ? selection.values.map(withLevelNumbers) : selection.values;
    const replaced = comparedSql(comparison, side, { ...selection, values });
    if (replaced !== undefined) {
      this.#writeComparison(comparison, replaced);
    }
    return replaced !== undefined;
  }

  #writeComparison({ operandStart, operandEnd, end }: Comparison, replaced: Replacement): void {
    if ('tail' in replaced) {
      this.#edit(operandEnd, end, replaced.tail);
      return;
    }
    // The left side may have references, which are replaced already.
    const inner = this.#edits.filter(({ at }) => at >= operandStart);
    const moved = inner.map((edit) => ({ ...edit, at: edit.at - operandStart }));
    const { sql: operand } = applyEdits(this.#sql.slice(operandStart, operandEnd), moved);
    const [first, ...others] = replaced.tails;
    const rest = others.map((tail) => ` ${replaced.joiner} ${operand}${tail}`).join('');
    this.#edits.unshift({ at: operandStart, removed: 0, sql: '(' });
    this.#edit(operandEnd, end, `${first}${rest})`);
  }

  /** Makes `operand IN (list)` true for every row, also for those without a value. */
  #replaceByTrue(start: number, end: number, close: SqlToken): void {
    this.#edit(start, end, 'NULL');
    this.#edit(close.end, close.end, ' IS NULL');
  }

  /** The server rejects `IN ()`. No value is in an empty list, and every value is not in it. */
  #replaceEmptyList({ start, end }: Removed, { close, isNegated, isCondition }: InList): void {
    if (!isNegated) {
      this.#edit(start, end, 'NULL');
    } else if (close !== undefined && isCondition) {
      this.#replaceByTrue(start, end, close);
    } else {
      // With NULL in the list, NOT IN is true for no row. The error of the server is better than a wrong result.
      this.#edit(start, end, '');
    }
  }

  /** The reference, with its quotes if it is the whole of a quoted string. */
  #placeOf({ start, end, raw }: Reference, token: SqlToken | undefined): Removed {
    return token?.kind === 'string' && token.raw === `'${raw}'` ? token : { start, end };
  }

  /** The list of `IN` that contains the SQL from the token at `index` up to `end`. */
  #listAround(index: number, end: number): InList | undefined {
    return inListAround(this.#tokens, index, this.#indexAfter(index, end));
  }

  /** Index of the first token from `index` on that begins at the offset or after it. */
  #indexAfter(index: number, end: number): number {
    let next = index;
    while (next < this.#tokens.length && this.#tokens[next].start < end) {
      next++;
    }
    return next;
  }
}

/**
 * The SQL with the values of variables, and with places that can be traced back to the author's SQL.
 *
 * @param scoped Variables of the request. They have precedence over those of the dashboard.
 */
export function interpolatedSql(sql: string, templates: Templates, scoped: ScopedVars = {}): EditedSql {
  return new Interpolation(sql, templates, scoped).run();
}

/** The SQL with the values of variables. Macros of the backend stay, except `$__conditionalAll`. */
export function interpolateSql(sql: string, templates: Templates, scoped: ScopedVars = {}): string {
  return interpolatedSql(sql, templates, scoped).sql;
}
