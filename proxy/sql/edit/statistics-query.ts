/**
 * Decides whether the lines of a SELECT from `log_entries` can be counted in `log_stats`.
 *
 * `log_stats` has one row for each combination of minute, process, level and target, with the number of lines. So the
 * condition may use only these columns, and may compare times only with macros for the time range of the query.
 */
import { type SelectScope, type SqlSource } from '../../../contract/sql/query-scopes';
import { type SqlRange } from '../../../contract/sql/select-clauses';
import { type LinePositions, type TreeNode } from '../../../contract/sql/sql-parser';
import {
  child,
  childrenOf,
  columnName,
  isAbsent,
  isQueryNode,
  listOf,
  objectName,
  variantOf,
} from '../../../contract/sql/syntax-tree';
import { type SqlToken } from '../../../contract/sql/sql-scan';
import { conjuncts } from '../../../contract/sql/conjuncts';
import { CONDITION_MACROS, TIME_CONDITION_MACROS } from '../../../contract/sql/macro-kinds';
import { isPlainTable } from './plain-table';

/** A SELECT whose lines can be counted in `log_stats`. All offsets are UTF-16 units in the SQL that was read. */
export interface StatisticsQuery {
  /** The name that qualifies columns in `where`, as the author wrote it. */
  name: string;
  /** The process of the view instance that the query reads. Undefined if the query reads the lines of all processes. */
  processId: string | undefined;
  /** The condition after WHERE. */
  where: SqlRange | undefined;
  /** Parts of `where` that are true for all rows of the time range, such as `$__timeFilter(time)`. */
  timeConditions: readonly SqlRange[];
}

const TABLE = 'log_entries';
/** The name of the view instance with all processes. */
const GLOBAL = 'global';
const COLUMNS = new Set(['process_id', 'level', 'target']);
const TIME_MACROS: ReadonlySet<string> = new Set(TIME_CONDITION_MACROS);
const OTHER_CONDITION_MACROS: ReadonlySet<string> = new Set(CONDITION_MACROS);
/** Functions that return one value for each row. The value depends only on the arguments. */
const SCALARS = new Set(
  (
    'property_get lower upper trim btrim ltrim rtrim coalesce nullif concat concat_ws substr substring left right replace strpos ' +
    'starts_with ends_with contains length char_length regexp_like regexp_replace split_part to_char to_timestamp date_trunc date_bin ' +
    'arrow_cast jsonb_get jsonb_as_string jsonb_as_i64 jsonb_as_f64 jsonb_format_json jsonb_path_query_first round abs floor ceil'
  ).split(' ')
);

/** True for the table `log_entries`, and for its view instances with a constant id. */
export function readsLogEntries({ origin, columnAliases }: SqlSource): boolean {
  if (columnAliases.length > 0) {
    return false;
  }
  return origin.kind === 'table'
    ? origin.table === TABLE
    : origin.kind === 'function' &&
        origin.name === 'view_instance' &&
        origin.args.length === 2 &&
        origin.args[0] === TABLE &&
        origin.args[1] !== undefined;
}

interface ReadSelect {
  sql: string;
  /** Without comments. */
  tokens: readonly SqlToken[];
  select: SelectScope;
  node: TreeNode;
  positions: LinePositions;
}

/**
 * The only source of a SELECT. Undefined if it is not `log_entries` or a view instance of `log_entries`, or if it has
 * an option such as TABLESAMPLE.
 */
export function onlyLogEntries({ sources }: SelectScope, node: TreeNode): SqlSource | undefined {
  const [source, ...others] = sources;
  const [from] = listOf(child(node, 'from'));
  const table = child(from, 'relation', 'Table') ?? child(from, 'relation', 'Function');
  const isOnly =
    source !== undefined &&
    others.length === 0 &&
    readsLogEntries(source) &&
    table !== undefined &&
    isPlainTable(table);
  return isOnly ? source : undefined;
}

/** Reads the query for `log_stats`. Undefined if the lines cannot be counted in that table. */
export function readStatistics(read: ReadSelect): StatisticsQuery | undefined {
  const { select, node } = read;
  const source = onlyLogEntries(select, node);
  const isPlain =
    source !== undefined &&
    showsOwnColumns(select) &&
    child(node, 'qualify') === undefined &&
    isScalar(child(node, 'projection'));
  if (!isPlain) {
    return undefined;
  }
  const name = source.qualifier ?? TABLE;
  const { origin } = source;
  const id = origin.kind === 'function' ? origin.args[1] : undefined;
  const timeConditions = new ConditionReader(read, source).timeConditions(child(node, 'selection'));
  // Variables and macros in the name or id are not expanded yet.
  if (timeConditions === undefined || name.includes('$') || id?.includes('$') === true) {
    return undefined;
  }
  return { name, processId: id === GLOBAL ? undefined : id, where: select.where, timeConditions };
}

/** Names of result columns that log frames use as time and level, with the column of the table. */
const SHOWN: ReadonlyMap<string, string> = new Map([
  ['time', 'time'],
  ['level', 'level'],
  ['severity', 'level'],
]);

/** True if the lines show the time of the table, and either its level or no level. */
function showsOwnColumns({ items }: SelectScope): boolean {
  const named = items.filter((item) => item.kind === 'expression' && SHOWN.has(item.name?.toLowerCase() ?? ''));
  const wildcards = items.filter(({ kind }) => kind === 'wildcard');
  const isOwn = named.every(
    (item) => item.kind === 'expression' && item.column?.name === SHOWN.get(item.name?.toLowerCase() ?? '')
  );
  return wildcards.length > 0
    ? wildcards.length === 1 &&
        wildcards.every((item) => item.kind === 'wildcard' && !item.isChanged) &&
        named.length === 0
    : isOwn && named.some((item) => item.kind === 'expression' && item.name === 'time');
}

/** True for expressions that return one value for each row. */
function isScalar(node: TreeNode): boolean {
  if (isQueryNode(node)) {
    return false;
  }
  const call = child(node, 'Function');
  if (call !== undefined) {
    const name = objectName(child(call, 'name'));
    if (child(call, 'over') !== undefined || name?.length !== 1 || !SCALARS.has(name[0].value)) {
      return false;
    }
  }
  return childrenOf(node).every(isScalar);
}

class ConditionReader {
  readonly #read: ReadSelect;
  readonly #source: SqlSource;
  /** Indexes of the tokens by their offset. */
  readonly #tokenAt: ReadonlyMap<number, number>;

  constructor(read: ReadSelect, source: SqlSource) {
    this.#read = read;
    this.#source = source;
    this.#tokenAt = new Map<number, number>(read.tokens.map(({ start }, index) => [start, index]));
  }

  /**
   * The operands of AND that are conditions on the time range. Undefined if another operand cannot be evaluated on
   * `log_stats`, see `#isCounted`.
   */
  timeConditions(condition: TreeNode): SqlRange[] | undefined {
    if (condition === undefined) {
      return [];
    }
    const found: SqlRange[] = [];
    for (const node of conjuncts(condition)) {
      const time = this.#timeMacro(node);
      if (time !== undefined) {
        found.push(time);
      } else if (!this.#isCounted(node)) {
        return undefined;
      }
    }
    return found.sort((a, b) => a.start - b.start);
  }

  /** The range of a macro such as `$__timeFilter(time)`. */
  #timeMacro(node: TreeNode): SqlRange | undefined {
    const call = child(node, 'Function');
    const index = this.#macroAt(call, TIME_MACROS);
    const args = listOf(child(call, 'args', 'List', 'args'));
    if (index === undefined || args.length !== 1 || this.#column(child(args[0], 'Unnamed', 'Expr')) !== 'time') {
      return undefined;
    }
    const { tokens } = this.#read;
    let close = index;
    while (close < tokens.length && tokens[close].raw !== ')') {
      close++;
    }
    return close < tokens.length ? { start: tokens[index].start, end: tokens[close].end } : undefined;
  }

  /** Index of the token of a macro. Undefined for other functions. */
  #macroAt(call: TreeNode, names: ReadonlySet<string>): number | undefined {
    const [name] = objectName(child(call, 'name')) ?? [];
    if (name === undefined) {
      return undefined;
    }
    const index = this.#tokenAt.get(this.#read.positions.offsetOf(name.start));
    return index !== undefined && names.has(this.#read.tokens[index].raw) ? index : undefined;
  }

  /** Name of a column of the table. Undefined for other expressions. */
  #column(expression: TreeNode): string | undefined {
    const parts = columnName(expression);
    const column = parts?.at(-1);
    if (parts === undefined || column === undefined || parts.length > 2) {
      return undefined;
    }
    const isOwn = parts.length === 1 || parts[0].value === this.#source.name;
    const isString = '$['.includes(this.#read.sql.charAt(this.#read.positions.offsetOf(parts[0].start)));
    return isOwn && !isString ? column.value : undefined;
  }

  /**
   * True for an expression that can be evaluated on `log_stats`. It consists of constants, columns of `log_stats`,
   * `$__adHocFilters`, operators, and calls that `#isCountedCall` accepts.
   */
  #isCounted(node: TreeNode): boolean {
    const [kind, content] = variantOf(node);
    const fields = (...names: string[]) => names.every((name) => this.#isCounted(child(content, name)));
    switch (kind) {
      case 'Identifier':
      case 'CompoundIdentifier':
        return COLUMNS.has(this.#column(node) ?? '') || this.#isFiltersMacro(node);
      case 'Value':
        return isLiteral(child(content, 'value'));
      case 'Nested':
        return this.#isCounted(content);
      case 'IsNull':
      case 'IsNotNull':
      case 'IsTrue':
      case 'IsNotTrue':
      case 'IsFalse':
      case 'IsNotFalse':
        return this.#isCounted(content);
      case 'BinaryOp':
        return fields('left', 'right');
      case 'UnaryOp':
        return fields('expr');
      case 'Between':
        return fields('expr', 'low', 'high');
      case 'Like':
      case 'ILike':
        return fields('expr', 'pattern');
      case 'InList':
        return fields('expr') && listOf(child(content, 'list')).every((item) => this.#isCounted(item));
      case 'Function':
        return this.#isCountedCall(content);
      default:
        return false;
    }
  }

  #isFiltersMacro(node: TreeNode): boolean {
    const [name] = columnName(node) ?? [];
    const index = name && this.#tokenAt.get(this.#read.positions.offsetOf(name.start));
    return index !== undefined && this.#read.tokens[index].raw === '$__adHocFilters';
  }

  #isCountedCall(call: TreeNode): boolean {
    const name = objectName(child(call, 'name'));
    const isKnown =
      this.#macroAt(call, OTHER_CONDITION_MACROS) !== undefined || (name?.length === 1 && SCALARS.has(name[0].value));
    const args = listOf(child(call, 'args', 'List', 'args'));
    return (
      isKnown &&
      ['over', 'filter', 'null_treatment'].every((key) => isAbsent(child(call, key))) &&
      args.every((arg) => this.#isCounted(child(arg, 'Unnamed', 'Expr')))
    );
  }
}

/**
 * True for strings, numbers, true, false and null. A string may contain a variable or macro, because it is still a
 * string after the expansion.
 */
function isLiteral(value: TreeNode): boolean {
  const [kind] = variantOf(value);
  return ['SingleQuotedString', 'Number', 'Boolean', 'Null'].includes(kind);
}
