/**
 * Finds which data a query reads: the kinds of streams behind its tables, and the processes, programs or streams that
 * its conditions select.
 */
import { StringSet } from '../../../contract/string-map';
import { readScopes, type SelectScope, type SqlSource } from '../../../contract/sql/query-scopes';
import { parseSql, type ParsedSql, type ParseStatements, type TreeNode } from '../../../contract/sql/sql-parser';
import { conjuncts } from '../../../contract/sql/conjuncts';
import { child, childrenOf, columnName, listOf, spanOf, literalString } from '../../../contract/sql/syntax-tree';

/** The tags of streams whose data the tables contain. */
export const STREAM_KINDS = ['log', 'metrics', 'trace', 'cpu', 'net', 'image'] as const;
export type StreamKind = (typeof STREAM_KINDS)[number];

/** The columns by which conditions select processes, programs or streams. */
const RESTRICTED_BY = ['process_id', 'stream_id', 'exe'] as const;

/** The data that a query reads. */
export interface ReadData {
  /** The kinds of streams, in the order of `STREAM_KINDS`. At least one. */
  kinds: readonly StreamKind[];
  /**
   * The values that conditions select, by column. Each row that the query reads has a listed value in at least one of
   * the columns. If the query may read the data of all processes, all lists are empty.
   */
  of: Readonly<Record<(typeof RESTRICTED_BY)[number], readonly string[]>>;
}

const KINDS_OF_TABLE: ReadonlyMap<string, StreamKind> = new Map([
  ['log_entries', 'log'],
  ['log_stats', 'log'],
  ['measures', 'metrics'],
  ['otel_spans', 'trace'],
  ['thread_spans', 'cpu'],
  ['async_events', 'cpu'],
  ['process_spans', 'cpu'],
  ['net_spans', 'net'],
  ['images', 'image'],
]);

/** Maximum number of values of all columns. A query with more values counts as a query without conditions. */
const MAX_VALUES = 20;
/** Maximum length of a value, in UTF-16 units. A condition with a longer value is ignored. */
const MAX_CHARACTERS = 200;
/** The id of the view instance with the data of all processes. */
const GLOBAL = 'global';

type Column = (typeof RESTRICTED_BY)[number];
type Restrictions = Map<Column, readonly string[]>;

/**
 * Finds the data that a query reads. A condition of a SELECT restricts all of its tables.
 *
 * @param sql The author's SQL, with its filters and macros.
 * @returns Undefined if the query reads none of the tables in `KINDS_OF_TABLE`, or cannot be parsed.
 */
export function readData(sql: string, parse: ParseStatements): ReadData | undefined {
  const parsed = parseSql(sql, parse);
  if (parsed.kind !== 'parsed') {
    return undefined;
  }
  const conditions = conditionsOf(parsed);
  const kinds = new Set<StreamKind>();
  const found: Restrictions[] = [];
  for (const select of readScopes(sql, parsed).selects) {
    for (const source of select.sources) {
      const kind = kindOf(source);
      if (kind !== undefined) {
        kinds.add(kind);
        found.push(restrictionsOf(select, source, conditions));
      }
    }
  }
  return kinds.size === 0 ? undefined : { kinds: STREAM_KINDS.filter((kind) => kinds.has(kind)), of: joined(found) };
}

function kindOf({ origin }: SqlSource): StreamKind | undefined {
  switch (origin.kind) {
    case 'table':
      return KINDS_OF_TABLE.get(origin.table);
    case 'function':
      return KINDS_OF_TABLE.get(origin.name === 'view_instance' ? (origin.args[0] ?? '') : origin.name);
    default:
      return undefined;
  }
}

/** The conditions after WHERE, by the offset of their SELECT. */
function conditionsOf({ statement, positions }: ParsedSql): ReadonlyMap<number, TreeNode> {
  const conditions = new Map<number, TreeNode>();
  const open: TreeNode[] = [statement];
  while (open.length > 0) {
    const node = open.pop();
    const start = spanOf(child(node, 'select_token'))?.start;
    if (start !== undefined) {
      conditions.set(positions.offsetOf(start), child(node, 'selection'));
    }
    open.push(...childrenOf(node));
  }
  return conditions;
}

function restrictionsOf(
  { range }: SelectScope,
  { origin }: SqlSource,
  conditions: ReadonlyMap<number, TreeNode>
): Restrictions {
  const found: Restrictions = new Map();
  if (origin.kind === 'function') {
    const isView = origin.name === 'view_instance';
    const id = origin.args[isView ? 1 : 0];
    const column = isView && origin.args[0] === 'thread_spans' ? 'stream_id' : 'process_id';
    add(found, column, id === undefined || id === GLOBAL ? undefined : [id]);
  }
  for (const node of conjuncts(conditions.get(range.start))) {
    const operation = child(node, 'BinaryOp');
    const [left, right] = [child(operation, 'left'), child(operation, 'right')];
    const list = child(node, 'InList');
    if (child(operation, 'op') === 'Eq') {
      add(found, columnOf(left) ?? columnOf(right), stringsOf([columnOf(left) === undefined ? left : right]));
    }
    if (child(list, 'negated') === false) {
      add(found, columnOf(child(list, 'expr')), stringsOf(listOf(child(list, 'list'))));
    }
  }
  return found;
}

function columnOf(expression: TreeNode): Column | undefined {
  const name = columnName(expression)?.at(-1)?.value;
  return RESTRICTED_BY.find((column) => column === name);
}

/**
 * The values of string literals. Undefined if a node is not a string literal, or contains a variable or macro.
 */
function stringsOf(nodes: readonly TreeNode[]): string[] | undefined {
  const strings = nodes.map(literalString).filter((value) => value !== undefined);
  return strings.length === nodes.length && !strings.some((value) => value.includes('$')) ? strings : undefined;
}

function add(found: Restrictions, column: Column | undefined, values: readonly string[] | undefined): void {
  const isUsable = values !== undefined && values.length > 0 && values.every(({ length }) => length <= MAX_CHARACTERS);
  if (column !== undefined && isUsable && !found.has(column)) {
    found.set(column, values);
  }
}

/**
 * Joins the restrictions of all tables. If one table has no restriction, the query reads the data of all processes.
 */
function joined(found: readonly Restrictions[]): ReadData['of'] {
  const of = { process_id: new StringSet(), stream_id: new StringSet(), exe: new StringSet() };
  for (const restrictions of found) {
    // If several columns are restricted, only the column that selects the fewest streams is needed.
    const column = (['stream_id', 'process_id', 'exe'] as const).find((each) => restrictions.has(each));
    if (column === undefined) {
      return { process_id: [], stream_id: [], exe: [] };
    }
    restrictions.get(column)?.forEach((value) => of[column].add(value));
  }
  const isShort = RESTRICTED_BY.reduce((sum, column) => sum + of[column].size, 0) <= MAX_VALUES;
  const listed = (column: Column) => (isShort ? [...of[column]].sort() : []);
  return { process_id: listed('process_id'), stream_id: listed('stream_id'), exe: listed('exe') };
}
