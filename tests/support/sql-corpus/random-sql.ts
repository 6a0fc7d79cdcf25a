/**
 * Makes random SQL for the demo's tables. A `RandomQuery` has a reference: the same query with a subquery in place of
 * each table to which the filter applies. The subquery has the condition of the filter.
 */

export interface RandomQuery {
  sql: string;
  /** @param condition Condition on the columns of a table, without qualifiers. */
  reference(condition: string): string;
}

/** Numbers from 0 to 1 that depend only on the seed. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    // mulberry32, by Tommy Ettinger, in the public domain.
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A join whose result shows string columns of its sources. */
export interface RandomJoin {
  sql: string;
  /** Names of the columns of the result. */
  keys: readonly string[];
}

/**
 * SQL with a mark before the name of each table to which the filter applies. In a join, this is at most one of the two
 * tables.
 */
type Marked = string;

const FILTERED = '\u0001';
const SPACES = [' ', ' ', ' ', '\n', '  ', ' /* FROM x WHERE y */ ', ' -- GROUP BY\n'];

interface Table {
  name: string;
  /** True if the table has the columns of the filters. */
  isFiltered: boolean;
  strings: readonly string[];
}

class Generator {
  readonly #random: () => number;
  readonly #tables: readonly Table[];
  #names = 0;

  constructor(random: () => number, filtered: readonly string[]) {
    this.#random = random;
    this.#tables = [
      { name: 'log_entries', strings: ['exe', 'process_id', 'target'] },
      { name: 'processes', strings: ['exe', 'process_id', 'computer'] },
      { name: 'streams', strings: ['stream_id', 'process_id', 'format'] },
      { name: 'measures', strings: ['exe', 'process_id', 'name'] },
    ].map((table) => ({ ...table, isFiltered: filtered.includes(table.name) }));
  }

  #pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.#random() * items.length)];
  }

  #maybe(chance: number): boolean {
    return this.#random() < chance;
  }

  #name(): string {
    return `${this.#pick(['q', 'T', 'x_'])}${++this.#names}`;
  }

  #word(word: string): string {
    return this.#pick([word, word.toLowerCase(), word]);
  }

  #space(): string {
    return this.#pick(SPACES);
  }

  /** The name of a table, with the mark if the filter applies to it. */
  #table({ name, isFiltered }: Table, alias: string, isMarked = true): Marked {
    return `${isFiltered && isMarked ? FILTERED : ''}${name}${this.#pick([' AS ', ' '])}${alias}`;
  }

  /** A SELECT with the string columns a and b. @param ctes Names of CTEs with these columns. */
  select(depth: number, ctes: readonly string[]): Marked {
    const { from, columns } = this.#from(depth, ctes);
    const [first, second] = [this.#pick(columns), this.#pick(columns)];
    const shape = this.#pick(['plain', 'group', 'distinct', 'aggregate', 'window'] as const);
    const distinct = shape === 'distinct' ? ' DISTINCT' : '';
    const b =
      shape === 'group'
        ? 'CAST(count(*) AS VARCHAR)'
        : shape === 'aggregate'
          ? `max(${second})`
          : shape === 'window'
            ? `CAST(count(*) OVER (PARTITION BY ${first}) AS VARCHAR)`
            : second;
    const a = shape === 'aggregate' ? `min(${first})` : first;
    const where = this.#maybe(0.6)
      ? `${this.#space()}${this.#word('WHERE')} ${this.#condition(columns, depth, ctes)}`
      : '';
    const group = shape === 'group' ? `${this.#space()}GROUP BY ${first}` : '';
    return `${this.#word('SELECT')}${distinct} ${a} AS a,${this.#space()}${b} AS b${this.#space()}${this.#word('FROM')} ${from}${where}${group}`;
  }

  #from(depth: number, ctes: readonly string[]): { from: Marked; columns: string[] } {
    const alias = this.#name();
    const kind = this.#pick(['table', 'table', 'join', 'left', 'right', 'query', 'cte'] as const);
    if (kind === 'cte' && ctes.length > 0) {
      return { from: `${this.#pick(ctes)} ${alias}`, columns: [`${alias}.a`, `${alias}.b`] };
    }
    if (kind === 'query' && depth > 0) {
      return { from: `(${this.query(depth - 1, ctes)}) ${alias}`, columns: [`${alias}.a`, `${alias}.b`] };
    }
    const table = this.#pick(this.#tables);
    const columns = table.strings.map((column) => `${alias}.${column}`);
    if (kind === 'table' || depth === 0) {
      return { from: this.#table(table, alias), columns };
    }
    const other = this.#name();
    // Two small tables, so that the join stays small.
    const [left, right] = [this.#tables[1], this.#pick([this.#tables[1], this.#tables[2]])];
    const swapped = kind === 'right';
    const [kept, joined] = swapped ? [right, left] : [left, right];
    const isMarked = kept.isFiltered ? [true, false] : [false, true];
    if (kind !== 'join' && !kept.isFiltered && joined.isFiltered) {
      // Makes no outer join here: the plugin would apply the condition after the join, and the reference before the
      // join.
      return { from: this.#table(table, alias), columns };
    }
    const first = this.#table(left, alias, swapped ? isMarked[1] : isMarked[0]);
    const second = this.#table(right, other, swapped ? isMarked[0] : isMarked[1]);
    const join = { join: 'JOIN', left: 'LEFT JOIN', right: 'RIGHT JOIN' }[kind as 'join' | 'left' | 'right'] ?? 'JOIN';
    return {
      from: `${first}${this.#space()}${join} ${second} ON ${alias}.process_id = ${other}.process_id`,
      columns: [`${alias}.process_id`, `${other}.process_id`, `${alias}.${left.strings[0]}`],
    };
  }

  #condition(columns: readonly string[], depth: number, ctes: readonly string[]): Marked {
    const column = this.#pick(columns);
    const simple = [
      `${column} LIKE '%e%'`,
      `${column} IS NOT NULL`,
      `${column} <> 'WHERE x'`,
      `length(${column}) > 5`,
      `${column} IS DISTINCT FROM 'from'`,
    ];
    switch (this.#pick(['simple', 'or', 'and', 'in', 'exists', 'not'] as const)) {
      case 'or':
        return `${this.#pick(simple)}${this.#space()}OR ${this.#pick(simple)}`;
      case 'and':
        return `${this.#pick(simple)} AND (${this.#pick(simple)} OR false)`;
      case 'in':
        return depth > 0 ? `${column} IN (SELECT a FROM (${this.query(depth - 1, ctes)}) ${this.#name()})` : simple[0];
      case 'exists': {
        const inner = this.#name();
        return `EXISTS (SELECT 1 FROM ${this.#table(this.#tables[1], inner)} WHERE ${inner}.exe <> ${column})`;
      }
      case 'not':
        return `NOT ${this.#pick(simple)}`;
      default:
        return this.#pick(simple);
    }
  }

  /** One SELECT, or two with UNION or EXCEPT. */
  query(depth: number, ctes: readonly string[]): Marked {
    const first = this.select(depth, ctes);
    if (!this.#maybe(0.2)) {
      return first;
    }
    return `${first}${this.#space()}${this.#pick(['UNION ALL', 'UNION', 'EXCEPT'])} ${this.select(depth, ctes)}`;
  }

  statement(): Marked {
    if (this.#maybe(0.6)) {
      return this.query(2, []);
    }
    const [first, second] = [this.#name(), this.#name()];
    return `WITH ${first} AS (${this.query(1, [])}), ${second} AS (${this.query(1, [first])}) ${this.query(2, [first, second])}`;
  }
}

/** @param filtered The tables that have the column of the filter. */
export function randomQuery(seed: number, filtered: readonly string[]): RandomQuery {
  const marked = new Generator(seededRandom(seed), filtered).statement();
  return {
    sql: marked.replaceAll(FILTERED, ''),
    reference: (condition) =>
      marked.replaceAll(
        new RegExp(`${FILTERED}(\\w+)`, 'g'),
        (_mark, table: string) => `(SELECT * FROM ${table} WHERE ${condition})`
      ),
  };
}

/** A source of a join, with the names of its string columns. */
interface JoinedSource {
  from: string;
  columns: readonly string[];
}

const JOINED_TABLES: ReadonlyArray<readonly [name: string, columns: readonly string[]]> = [
  ['processes', ['exe', 'computer', 'username']],
  ['streams', ['stream_id', 'format']],
  ['processes', ['exe', 'process_id', 'computer']],
  ['log_entries', ['exe', 'target', 'computer']],
  ['measures', ['exe', 'target', 'name']],
];

/**
 * A SELECT of two or three sources, which may read the same table. Only a SELECT with `$__adHocFilters` reads CTEs.
 *
 * Without this macro, filters are inserted into subqueries, and a filter on `exe` applies to every table with a column
 * `exe`. So, without the macro, the result columns of a SELECT with subqueries are named `k0` to `k2`. No table has
 * such a column, so a filter cannot reach the wrong table. Its joins are inner joins: with an outer join, a filter in
 * one subquery would not remove the rows of the other source.
 */
export function randomJoin(seed: number): RandomJoin {
  const random = seededRandom(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)];
  const hasMacro = random() < 0.4;
  const source = (alias: string): JoinedSource => {
    const [table, columns] = pick(JOINED_TABLES);
    const kind = pick(['table', 'table', 'query', 'renamed', hasMacro ? 'cte' : 'table'] as const);
    switch (kind) {
      case 'query':
        return { from: `(SELECT * FROM ${table}) ${alias}`, columns };
      case 'renamed': {
        const items = ['process_id', ...columns.filter((name) => name !== 'process_id')];
        const renamed = items.map((name) => `${name} AS ${name === 'process_id' ? name : `${name}_${alias}`}`);
        return {
          from: `(SELECT ${renamed.join(', ')} FROM ${table}) AS ${alias}`,
          columns: items.slice(1).map((name) => `${name}_${alias}`),
        };
      }
      case 'cte':
        return { from: `c ${alias}`, columns: ['exe', 'computer'] };
      default:
        return { from: `${table} ${alias}`, columns };
    }
  };
  const aliases = random() < 0.7 ? ['a', 'b'] : ['a', 'b', 'd'];
  const sources = aliases.map(source);
  const isSimple = sources.every(({ from }) => !from.startsWith('('));
  const keys: string[] = [];
  const items = Array.from({ length: 3 }, (_, index) => {
    const at = Math.floor(random() * sources.length);
    const column = pick(sources[at].columns);
    const wanted = pick([`k${index}`, column, pick(['exe', 'target', 'program'])]);
    const isFree = (hasMacro || isSimple || wanted.startsWith('k')) && !keys.includes(wanted);
    keys.push(isFree ? wanted : `k${index}`);
    return `${aliases[at]}.${column}${keys[index] === column ? '' : ` AS ${keys[index]}`}`;
  });
  const joins = sources.slice(1).map(({ from }, index) => {
    const kind = hasMacro || isSimple ? pick(['JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN']) : 'JOIN';
    return `${kind} ${from} ON a.process_id = ${aliases[index + 1]}.process_id`;
  });
  const where = hasMacro ? ` WHERE ${pick(['$__adHocFilters', 'true AND $__adHocFilters'])}` : '';
  const cte = hasMacro ? 'WITH c AS (SELECT process_id, exe, computer FROM processes) ' : '';
  return { sql: `${cte}SELECT DISTINCT ${items.join(', ')} FROM ${sources[0].from} ${joins.join(' ')}${where}`, keys };
}
