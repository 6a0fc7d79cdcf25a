/**
 * Inserts the values of dashboard variables into SQL.
 *
 * Saved dashboards depend on these rules, which are those of Grafana's own SQL data sources:
 *
 * - The value of a variable with one value is inserted with its quotes doubled, because the author writes quotes around it.
 * - A variable that may have several values becomes a list of literals, for `IN ($var)`. Numbers are not quoted.
 * - `${var:csv}` and the other formats are Grafana's, except those that escape wrongly for SQL.
 *
 * A place in which these rules give no valid SQL has rules of its own: quoted text, quoted names, and comments. Each
 * reference is replaced separately, so a value is never read as a reference.
 */
import { TextMap } from '../../contract/text-map';
import { type ScopedVars, type TypedVariableModel } from '@grafana/data';
import { type TemplateSrv } from '@grafana/runtime';
import { isEscapeString, type SqlToken, tokenizeSql } from '../../contract/sql-scan';
import { escapeLiteral, quoteLiteral } from '../../contract/sql-syntax/sql-names';
import { applyEdits, type EditedText, type TextEdit } from '../../contract/sql-syntax/text-edits';
import { listsAllValues } from './all-values';
import { type InList, inListAround } from './in-lists';

type Templates = Pick<TemplateSrv, 'replace' | 'getVariables'>;

/** Settings of the variable whose value is inserted. Grafana's own variables (`__interval`) have none. */
export interface VariableTraits {
  multi?: boolean;
  includeAll?: boolean;
}

/** A format function for Grafana's `templateSrv.replace`. The value may be a list. */
type Format = (value: unknown, variable?: VariableTraits) => string;

/** The notations that Grafana replaces: `$name`, `[[name:format]]`, `${name.field:format}`. */
const REFERENCE = /\$(\w+)|\[\[(\w+?)(?::(\w+))?\]\]|\$\{(\w+)(?:\.([^:^}]+))?(?::([^}]+))?\}/g;

interface Reference {
  text: string;
  start: number;
  end: number;
  name: string;
  /** The same reference without a format. */
  bare: string;
  format: string | undefined;
}

function referencesIn(sql: string): Reference[] {
  return [...sql.matchAll(REFERENCE)].map((match) => {
    const [text, plain, bracketed, bracketFormat, braced, field, braceFormat] = match;
    const name = plain ?? bracketed ?? braced;
    const format = bracketFormat ?? braceFormat;
    return {
      text,
      start: match.index,
      end: match.index + text.length,
      name,
      bare: format === undefined ? text : `\${${field === undefined ? name : `${name}.${field}`}}`,
      format,
    };
  });
}

function listed(value: unknown, textOf: (item: unknown) => string, separator: string): string {
  const items: unknown[] = Array.isArray(value) ? value : [value];
  return items.map(textOf).join(separator);
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

/** Inside of quotes. Several values become several quoted texts, for `IN ('$var')`. */
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

/** Formats with which authors write quotes into a text on purpose, such as `${var:join:','}`. */
const VERBATIM = /^(raw|join)\b/;

/** The format inside of a quoted text. Undefined for code. */
function formatInside(sql: string, token: SqlToken | undefined): Format | undefined {
  switch (token?.kind) {
    case 'string':
      return token.text.startsWith('$') ? inDollars : isEscapeString(sql, token.start) ? inEscapeString : inLiteral;
    case 'quoted-name':
      return inName(token.text[0]);
    default:
      return undefined;
  }
}

/** @param inPlace The format inside of a quoted text. */
function replacement(
  reference: Reference,
  inPlace: Format | undefined,
  templates: Templates,
  scoped: ScopedVars
): string {
  const { bare, text, format } = reference;
  const ours =
    format === undefined ? formatVariable : Object.hasOwn(SQL_FORMATS, format) ? SQL_FORMATS[format] : undefined;
  if (ours !== undefined) {
    const inserted = templates.replace(bare, scoped, inPlace ?? ours);
    return inserted === bare ? text : inserted;
  }
  const inserted = templates.replace(text, scoped, formatVariable);
  return inserted === text || inPlace === undefined || VERBATIM.test(format ?? '') ? inserted : inPlace(inserted);
}

/** The part of Grafana's variable models that is needed here. The types of some variables lack some fields. */
interface VariableModel {
  name: string;
  type?: string;
  current?: { value?: unknown };
  allValue?: string | null;
  regex?: string;
  query?: unknown;
}

function isAll(value: unknown): boolean {
  return value === '$__all' || (Array.isArray(value) && value[0] === '$__all');
}

/** What is known about the variables of a request. */
class Variables {
  readonly #templates: Templates;
  readonly #scoped: ScopedVars;
  readonly #models: ReadonlyMap<string, VariableModel>;

  constructor(templates: Templates, scoped: ScopedVars) {
    this.#templates = templates;
    this.#scoped = scoped;
    this.#models = new TextMap(templates.getVariables().map((model: TypedVariableModel) => [model.name, model]));
  }

  /** True if the variable has a value here. */
  isKnown({ bare }: Reference): boolean {
    return this.#templates.replace(bare, this.#scoped, () => '') !== bare;
  }

  /**
   * All values, if All is selected and stands for a list of values, not for a text that the author has set. A panel that is
   * repeated for a value has that value instead.
   */
  #selectedByAll({ name, bare }: Reference): unknown[] | undefined {
    const model = this.#models.get(name);
    if (this.#scoped[name] !== undefined || !isAll(model?.current?.value) || (model?.allValue ?? '') !== '') {
      return undefined;
    }
    return this.#listOf(bare);
  }

  #listOf(bare: string): unknown[] | undefined {
    let list: unknown[] | undefined;
    this.#templates.replace(bare, this.#scoped, (value: unknown) => {
      list = Array.isArray(value) ? value : undefined;
      return '';
    });
    return list;
  }

  isAllSelected(reference: Reference): boolean {
    return this.#selectedByAll(reference) !== undefined;
  }

  /** True if the value is a list without values. */
  isNothingSelected({ bare }: Reference): boolean {
    return this.#listOf(bare)?.length === 0;
  }

  /**
   * True if All is selected in a variable that lists all values. It does not if its query, a regular expression or another
   * variable restricts its values, or if the author has listed them.
   */
  isEverythingSelected(reference: Reference): boolean {
    const { type, regex, query } = this.#models.get(reference.name) ?? {};
    const isRestricted =
      type !== 'query' ||
      (regex ?? '') !== '' ||
      referencesIn(JSON.stringify(query ?? '')).some(({ name }) => this.#models.has(name));
    const values = isRestricted ? undefined : this.#selectedByAll(reference);
    return values !== undefined && listsAllValues(query, values.length);
  }
}

/** A part of the SQL that an edit of a larger part removes. */
interface Removed {
  start: number;
  end: number;
}

interface Call {
  open: SqlToken;
  /** Commas between the arguments. */
  commas: SqlToken[];
  close: SqlToken;
}

/** The call whose opening parenthesis is the token at `index`. Undefined if it is not closed. */
function callAt(tokens: readonly SqlToken[], index: number): Call | undefined {
  const commas: SqlToken[] = [];
  let depth = 0;
  for (const token of tokens.slice(index)) {
    depth += '(['.includes(token.text) ? 1 : ')]'.includes(token.text) ? -1 : 0;
    if (token.text === ',' && depth === 1) {
      commas.push(token);
    } else if (depth === 0) {
      return token.text === ')' ? { open: tokens[index], commas, close: token } : undefined;
    }
  }
  return undefined;
}

/** The only reference in an argument, with or without quotes. */
function referenceOf(argument: string): Reference | undefined {
  const bare = argument.trim().replace(/^(['"])(.*)\1$/s, '$2');
  const [reference, ...others] = referencesIn(bare);
  return others.length === 0 && reference?.text === bare ? reference : undefined;
}

/** One pass over a query. */
class Interpolation {
  readonly #sql: string;
  readonly #tokens: SqlToken[];
  readonly #templates: Templates;
  readonly #scoped: ScopedVars;
  readonly #variables: Variables;
  readonly #edits: TextEdit[] = [];
  readonly #removed: Removed[] = [];

  constructor(sql: string, templates: Templates, scoped: ScopedVars) {
    this.#sql = sql;
    this.#tokens = tokenizeSql(sql).filter(
      ({ kind, text }) => kind !== 'comment' || text.includes('$') || text.includes('[[')
    );
    this.#templates = templates;
    this.#scoped = scoped;
    this.#variables = new Variables(templates, scoped);
  }

  run(): EditedText {
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

  #edit(start: number, end: number, text: string): void {
    this.#edits.push({ at: start, removed: end - start, text });
  }

  /** Replaces `$__conditionalAll(condition, $var)`. The proxy does not know the variables. */
  #resolveConditions(): void {
    const code = this.#tokens.filter(({ kind }) => kind !== 'comment');
    code.forEach((token, index) => {
      const isMacro = token.text === '$__conditionalAll' && code[index + 1]?.text === '(';
      const call = isMacro && !this.#isRemoved(token) ? callAt(code, index + 1) : undefined;
      if (call?.commas.length === 1) {
        this.#resolveCondition(token, call);
      }
    });
  }

  #isRemoved({ start }: SqlToken): boolean {
    return this.#removed.some((removed) => removed.start <= start && start < removed.end);
  }

  #resolveCondition({ start }: SqlToken, { open, commas: [comma], close }: Call): void {
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
    const canBeAll = reference.format === undefined || /^(sqlstring|singlequote)$/.test(reference.format);
    if (canBeAll && this.#tokens[index - 1]?.text === '(' && this.#variables.isEverythingSelected(reference)) {
      const list = this.#listAround(index, end);
      if (list?.close !== undefined && list.isCondition && !list.isNegated) {
        // A list of all values may have thousands of entries.
        this.#replaceByTrue(start, end, list.close);
        return;
      }
    }
    const text = replacement(reference, formatInside(this.#sql, token), this.#templates, this.#scoped);
    const isNothing = text === '' && token?.kind !== 'string' && this.#variables.isNothingSelected(reference);
    const list = isNothing ? this.#listAround(index, end) : undefined;
    if (list !== undefined) {
      this.#replaceEmptyList(reference, list);
    } else if (text !== reference.text) {
      this.#edit(reference.start, reference.end, text);
    }
  }

  /** Makes `operand IN (list)` true for every row, also for those without a value. */
  #replaceByTrue(start: number, end: number, close: SqlToken): void {
    this.#edit(start, end, 'NULL');
    this.#edit(close.end, close.end, ' IS NULL');
  }

  /** The server rejects `IN ()`. No value is in an empty list, and every value is not in it. */
  #replaceEmptyList({ start, end }: Reference, { close, isNegated, isCondition }: InList): void {
    if (!isNegated) {
      this.#edit(start, end, 'NULL');
    } else if (close !== undefined && isCondition) {
      this.#replaceByTrue(start, end, close);
    } else {
      // With NULL in the list, NOT IN is true for no row. The error of the server is better than a wrong result.
      this.#edit(start, end, '');
    }
  }

  /** The reference, with its quotes if it is the whole of a quoted text. */
  #placeOf({ start, end, text }: Reference, token: SqlToken | undefined): Removed {
    return token?.kind === 'string' && token.text === `'${text}'` ? token : { start, end };
  }

  /** The list of `IN` that contains the text from the token at `index` up to `end`. */
  #listAround(index: number, end: number): InList | undefined {
    let next = index;
    while (next < this.#tokens.length && this.#tokens[next].start < end) {
      next++;
    }
    return inListAround(this.#tokens, index, next);
  }
}

/**
 * The SQL with the values of variables, and with places that can be traced back to the author's SQL.
 *
 * @param scoped Variables of the request. They have precedence over those of the dashboard.
 */
export function interpolatedSql(sql: string, templates: Templates, scoped: ScopedVars = {}): EditedText {
  return new Interpolation(sql, templates, scoped).run();
}

/** The SQL with the values of variables. Macros of the proxy stay, except `$__conditionalAll`. */
export function interpolateSql(sql: string, templates: Templates, scoped: ScopedVars = {}): string {
  return interpolatedSql(sql, templates, scoped).text;
}
