/**
 * Decides whether the query of a variable lists all values of its column. For such a query, the option All means every
 * row, and no condition is needed. For a query that restricts its rows, All means only the listed values.
 *
 * Only these queries are known to list all values:
 *
 *     [WITH name AS (query), …]
 *     SELECT [DISTINCT] column, … FROM table-or-subquery
 *     [WHERE time macro and IS NOT NULL of the column] [GROUP BY …]
 *     [UNION …] [ORDER BY …] [LIMIT …]
 *
 * A column with the name `text` beside a column `value` may be any expression, because only the values are compared.
 *
 * Any other SQL counts as restricted. For a restricted query, the list of values is inserted, so that rows with other
 * values are never selected. The query is read word by word, so that the result is immediate and needs no parser.
 */
import { readQuery } from '../../../contract/queries/query';
import { TIME_CONDITION_MACROS } from '../../../contract/sql/macro-kinds';
import { isSqlWord, type SqlToken, sqlTokenValue, tokenizeSql } from '../../../contract/sql/sql-scan';
import { toVariableQuery } from './variable-query';

/** Maximum number of tokens of a query. Longer queries count as restricted, because nested parts need a deep stack. */
const MAX_TOKENS = 1000;
/** Maximum number of characters of a query. Longer queries count as restricted, and are not read. */
const MAX_CHARACTERS = 100_000;

/**
 * Functions that may be selected, because each row contributes its own value. Aggregate functions are missing, because
 * they return one value for several rows. `unnest` is missing, because it drops rows.
 */
const FUNCTIONS = [
  ...['property_get', 'jsonb_get', 'jsonb_as_string', 'jsonb_format_json', 'arrow_cast', 'encode', 'date_trunc'],
  ...['lower', 'upper', 'initcap', 'trim', 'btrim', 'ltrim', 'rtrim', 'left', 'right', 'substr', 'substring'],
  ...['concat', 'concat_ws', 'coalesce', 'replace', 'regexp_replace', 'split_part', 'to_char', 'to_hex'],
];

/** Functions with the arguments `expression AS type`. */
const CASTS = ['cast', 'try_cast'];

/** Words that look like the name of a column, but are not. */
const NO_COLUMNS = ['null', 'true', 'false', 'not', 'current_date', 'current_time', 'current_timestamp'];

/** Words that end the list of columns or the name of a table. */
const CLAUSES = ['from', 'where', 'group', 'order', 'limit', 'union'];

/** Names of the column that is used in queries, and of the column that is shown. See `variable-support.ts`. */
const VALUE_NAMES = ['value', '__value'];
const TEXT_NAMES = ['text', '__text'];

/** A part of the SQL that has a value for each row. */
interface Expression {
  /**
   * A form that all spellings of the expression have in common: without qualifiers, white space and unnecessary quotes.
   */
  spelling: string;
  hasColumn: boolean;
  /** The name, if the expression is nothing but a column. */
  column?: string;
}

function joined(parts: readonly Expression[], separator: string): Expression {
  return {
    spelling: parts.map(({ spelling }) => spelling).join(separator),
    hasColumn: parts.some(({ hasColumn }) => hasColumn),
  };
}

/** Index after the parentheses that open at `index`. `index` if there are none. */
function afterParentheses(tokens: readonly SqlToken[], index: number): number {
  let depth = 0;
  for (let at = index; at < tokens.length; at++) {
    depth += tokens[at].raw === '(' ? 1 : tokens[at].raw === ')' ? -1 : 0;
    if (depth <= 0) {
      return at + (at > index ? 1 : 0);
    }
  }
  return tokens.length;
}

/** A selected column. */
interface Item {
  /** The spelling of the expression. `*` for all columns. */
  expression: string;
  /** The alias, or the name of the column, in lower case. Undefined for other expressions without an alias. */
  name: string | undefined;
  /** True if the expression was not read. The values must then come from another column. */
  isAny?: boolean;
}

interface Select {
  isDistinct: boolean;
  items: readonly Item[];
}

/** The columns with values: the column `value` if there is also a column `text`, else all columns. */
function valuesOf(items: readonly Item[]): readonly Item[] {
  const value = items.find(({ name }) => VALUE_NAMES.includes(name ?? ''));
  return value !== undefined && items.some(({ name }) => TEXT_NAMES.includes(name ?? '')) ? [value] : items;
}

/**
 * Reads the SQL of a variable from the start to the end. Each method reads a certain part of the SQL if this part is
 * next, and moves behind it. If another part is next, the method returns `false` or `undefined`, and the query counts
 * as restricted.
 */
class ValuesReader {
  readonly #tokens: readonly SqlToken[];
  #at = 0;

  constructor(tokens: readonly SqlToken[]) {
    this.#tokens = tokens;
  }

  /** True if the whole query lists all values. @param count Number of values of the variable. */
  readAll(count: number): boolean {
    const selects = this.#query(true);
    if (selects === undefined || (this.#word('limit') && !this.#isLimitNotReached(selects, count))) {
      return false;
    }
    return this.#tokens.slice(this.#at).every(({ raw }) => raw === ';');
  }

  /**
   * True if the number after LIMIT cannot have excluded values: the query is one `SELECT DISTINCT` of one column, and
   * the variable has fewer values than the limit. One row of the result may be NULL, which is not a value.
   */
  #isLimitNotReached([first, ...others]: readonly Select[], count: number): boolean {
    const limit = this.#kind('number');
    const isOneColumn = first.items.length === 1 && first.items[0].expression !== '*';
    return others.length === 0 && first.isDistinct && isOneColumn && count + 1 < Number(limit?.raw ?? 0);
  }

  /** @param isOutermost True for the query whose columns are the values of the variable. */
  #query(isOutermost: boolean): Select[] | undefined {
    if (this.#word('with') && !this.#list(() => this.#commonTable())) {
      return undefined;
    }
    const selects: Select[] = [];
    do {
      const select = this.#select(isOutermost && selects.length === 0);
      if (select === undefined) {
        return undefined;
      }
      selects.push(select);
    } while (this.#union());
    return this.#optional('order', () => this.#orderKey()) ? selects : undefined;
  }

  #union(): boolean {
    const isUnion = this.#word('union');
    if (isUnion) {
      this.#word('all', 'distinct');
    }
    return isUnion;
  }

  #commonTable(): boolean {
    return this.#name() !== undefined && this.#word('as') && this.#subquery();
  }

  #subquery(): boolean {
    return this.#symbol('(') && this.#query(false) !== undefined && this.#symbol(')');
  }

  /** @param hasPair True if the SELECT may have a column for the values and a column for their texts. */
  #select(hasPair: boolean): Select | undefined {
    const items: Item[] = [];
    const isSelect = this.#word('select');
    const isDistinct = this.#word('distinct');
    const hasItems = this.#list(() => {
      const item = hasPair ? this.#pairItem() : this.#item();
      return item !== undefined && items.push(item) > 0;
    });
    const isRead =
      isSelect &&
      hasItems &&
      valuesOf(items).every(({ isAny }) => isAny !== true) &&
      this.#word('from') &&
      this.#table() &&
      this.#where(hasPair ? valuesOf(items) : items) &&
      this.#optional('group', () => this.#key());
    return isRead ? { isDistinct, items } : undefined;
  }

  /** A selected column, or any expression with the name `text`. */
  #pairItem(): Item | undefined {
    const start = this.#at;
    const item = this.#item();
    if (item !== undefined && this.#isItemEnd()) {
      return item;
    }
    this.#at = start;
    return this.#anyText();
  }

  /** An expression with the name `text`. Undefined for `unnest` and DISTINCT ON, which drop rows. */
  #anyText(): Item | undefined {
    const start = this.#at;
    while (!this.#isItemEnd()) {
      this.#at = Math.max(this.#at + 1, afterParentheses(this.#tokens, this.#at));
    }
    const tokens = this.#tokens.slice(start, this.#at);
    const last = tokens.at(-1);
    const name = last === undefined ? '' : sqlTokenValue(last).toLowerCase();
    const dropsRows = tokens.some(
      (token, index) => isSqlWord(token, 'unnest') || (index === 0 && isSqlWord(token, 'on'))
    );
    return TEXT_NAMES.includes(name) && !dropsRows ? { expression: name, name, isAny: true } : undefined;
  }

  #isItemEnd(): boolean {
    const token = this.#tokens[this.#at] as SqlToken | undefined;
    return token === undefined || token.raw === ',' || token.raw === ')' || isSqlWord(token, 'from');
  }

  #item(): Item | undefined {
    if (this.#symbol('*')) {
      return { expression: '*', name: undefined };
    }
    const read = this.#expression();
    const name = this.#alias() ?? read?.column;
    return read?.hasColumn === true ? { expression: read.spelling, name: name?.toLowerCase() } : undefined;
  }

  /** One table, or one subquery, with or without an alias. */
  #table(): boolean {
    const isTable = this.#tokens[this.#at]?.raw === '(' ? this.#subquery() : this.#name() !== undefined;
    this.#alias();
    return isTable;
  }

  /**
   * WHERE, if it is next. Its conditions must be time macros, or `IS NOT NULL` of the only column.
   *
   * @param listed The columns with values.
   */
  #where(listed: readonly Item[]): boolean {
    if (!this.#word('where')) {
      return true;
    }
    do {
      if (TIME_CONDITION_MACROS.includes(this.#tokens[this.#at]?.raw ?? '')) {
        this.#at++;
        this.#at = afterParentheses(this.#tokens, this.#at);
      } else {
        const compared = this.#expression()?.spelling;
        const isListed = listed.every(({ expression }) => expression === compared);
        if (!isListed || !this.#word('is') || !this.#word('not') || !this.#word('null')) {
          return false;
        }
      }
    } while (this.#word('and'));
    return true;
  }

  /** Columns, literals, and calls of the functions of `FUNCTIONS`, with `||` between them. */
  #expression(): Expression | undefined {
    let read = this.#operand();
    while (read !== undefined && this.#symbol('|')) {
      const next = this.#symbol('|') ? this.#operand() : undefined;
      read = next && joined([read, next], '||');
    }
    return read;
  }

  /** An operand with the types after `::`. */
  #operand(): Expression | undefined {
    let read = this.#plainOperand();
    while (read !== undefined && this.#symbol(':')) {
      const type = this.#symbol(':') ? this.#type() : undefined;
      read = type === undefined ? undefined : { spelling: `${read.spelling}::${type}`, hasColumn: read.hasColumn };
    }
    return read;
  }

  #plainOperand(): Expression | undefined {
    const literal = this.#kind('string', 'number');
    if (literal !== undefined) {
      return { spelling: literal.raw, hasColumn: false };
    }
    const name = this.#name();
    if (name === undefined || NO_COLUMNS.includes(name)) {
      return undefined;
    }
    return this.#symbol('(') ? this.#call(name) : { spelling: `"${name}"`, hasColumn: true, column: name };
  }

  /** A call, read from its first argument on. */
  #call(name: string): Expression | undefined {
    const args: Expression[] = [];
    const areRead = this.#list(() => {
      const arg = this.#expression();
      return arg !== undefined && args.push(arg) > 0;
    });
    const { spelling, hasColumn } = joined(args, ',');
    const isCast = CASTS.includes(name) && args.length === 1 && this.#word('as') && this.#type() !== undefined;
    const isCall = areRead && this.#symbol(')') && (isCast || FUNCTIONS.includes(name));
    return isCall ? { spelling: `${name}(${spelling})`, hasColumn } : undefined;
  }

  /** The name of a type, such as `varchar` or `decimal(10, 2)`. */
  #type(): string | undefined {
    const name = this.#name();
    this.#at = afterParentheses(this.#tokens, this.#at);
    return name;
  }

  #orderKey(): boolean {
    const isKey = this.#key();
    this.#word('asc', 'desc');
    return isKey && (!this.#word('nulls') || this.#word('first', 'last'));
  }

  /** The number of a column, a name, or any call. */
  #key(): boolean {
    const isKey = this.#kind('number') !== undefined || this.#name() !== undefined;
    this.#at = afterParentheses(this.#tokens, this.#at);
    return isKey;
  }

  /** The keys of GROUP BY or ORDER BY, if the clause is next. */
  #optional(clause: string, readKey: () => boolean): boolean {
    return !this.#word(clause) || (this.#word('by') && this.#list(readKey));
  }

  #list(readItem: () => boolean): boolean {
    do {
      if (!readItem()) {
        return false;
      }
    } while (this.#symbol(','));
    return true;
  }

  #alias(): string | undefined {
    const isWritten = this.#word('as') || !isSqlWord(this.#tokens[this.#at], ...CLAUSES);
    const alias = isWritten ? this.#kind('word', 'quoted-name') : undefined;
    return alias && sqlTokenValue(alias);
  }

  /** The last part of a name with qualifiers. */
  #name(): string | undefined {
    let name: SqlToken | undefined;
    do {
      name = this.#kind('word', 'quoted-name');
    } while (name !== undefined && this.#symbol('.'));
    return name && sqlTokenValue(name);
  }

  #word(...words: string[]): boolean {
    return this.#next(isSqlWord(this.#tokens[this.#at], ...words)) !== undefined;
  }

  #symbol(raw: string): boolean {
    return this.#next(this.#tokens[this.#at]?.raw === raw) !== undefined;
  }

  #kind(...kinds: Array<SqlToken['kind']>): SqlToken | undefined {
    return this.#next(kinds.includes(this.#tokens[this.#at]?.kind));
  }

  #next(isExpected: boolean): SqlToken | undefined {
    return isExpected ? this.#tokens[this.#at++] : undefined;
  }
}

/**
 * True if the query of a variable lists all values of its column.
 *
 * @param query The saved query of a variable.
 * @param count Number of values of the variable.
 */
export function listsAllValues(query: unknown, count: number): boolean {
  const { sql, rowLimit, filters } = readQuery(toVariableQuery(query));
  if (filters.length > 0 || sql.length > MAX_CHARACTERS || (rowLimit !== undefined && count + 1 >= rowLimit)) {
    return false;
  }
  const tokens = tokenizeSql(sql).filter(({ kind }) => kind !== 'comment');
  return tokens.length <= MAX_TOKENS && new ValuesReader(tokens).readAll(count);
}
