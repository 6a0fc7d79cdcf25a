/** Writes the conditions of a builder state as SQL. */
import { quoteLiteral } from '../sql/sql-names';
import {
  type BuilderCondition,
  type ConditionOperator,
  type ConditionType,
  STRING_TYPES,
  type TypedCondition,
} from './builder-state';
import { alternativesOf, hasDistinctFrom, partOf } from './sql-parts';
import {
  asNumberSql,
  columnSql,
  holdsJsonb,
  isNumberOrVariable,
  isVariable,
  outsideVariables,
  spanDurationSql,
} from './sql-terms';
import { TIME_POINT_MACROS } from '../sql/macro-kinds';

/** Properties of a table that change the SQL of its conditions. */
export interface ConditionContext {
  /**
   * The columns that may be NULL. If a negative condition is on such a column, rows that have no value fulfil the
   * condition.
   */
  nullable: 'all' | readonly string[];
  /**
   * The table has the column `duration`, in nanoseconds. In the builder, a duration is in milliseconds, or has a unit.
   */
  hasDuration: boolean;
}

/** Names of the levels of log entries. `fatal` is level 1, `trace` is level 6. */
export const LEVEL_NAMES: readonly string[] = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'];

/** Tables whose column `level` has the levels of log entries. */
export const LEVEL_TABLES: readonly string[] = ['log_entries', 'log_stats'];

const ORDERED: readonly ConditionOperator[] = ['<', '<=', '>', '>='];
/** Operators that need no value. */
const NULL_CHECKS: readonly ConditionOperator[] = ['is-null', 'is-not-null'];
/** Operators whose value must not be empty, because every string contains the empty string. */
const SEARCHES: readonly ConditionOperator[] = ['contains', 'not-contains', 'starts-with', 'matches', 'not-matches'];
/** True for a macro that stands for a point in time. */
const isTimePoint = (value: string): boolean => TIME_POINT_MACROS.includes(value.replace(/\(\)$/, ''));

/** True for a condition on a numeric column `level`. Its values may be names of levels, such as `error`. */
export function isLevel({ column, property, type }: TypedCondition): boolean {
  return column === 'level' && property === undefined && type === 'number';
}

/** True for a condition on the duration of spans, whose values are in milliseconds or have a unit. */
export function isSpanDuration(
  { column, property, type }: TypedCondition,
  { hasDuration }: Pick<ConditionContext, 'hasDuration'>
): boolean {
  return hasDuration && column === 'duration' && property === undefined && type === 'number';
}

/** Escapes the LIKE wildcards and the backslashes in a value. Variables are not changed. */
function patternString(value: string): string {
  return outsideVariables(value, (part) => part.replace(/[\\%_]/g, '\\$&'));
}

/** The inverse of `patternString`: removes the escapes. Wildcards without an escape remain. */
export function unescapedPattern(pattern: string): string {
  return outsideVariables(pattern, (part) => part.replace(/\\(.)/gs, '$1'));
}

function likeSql(term: string, operator: string, value: string, pattern: (value: string) => string): string {
  const string = patternString(value);
  // The backslash is the escape character in DataFusion. Standard SQL has no default escape character, so the SQL of an
  // escaped string has an ESCAPE clause.
  return `${term} ${operator} ${quoteLiteral(pattern(string))}${string === value ? '' : " ESCAPE '\\'"}`;
}

/**
 * The literal of a regular expression. DataFusion converts an expression to LIKE if the expression has no capture
 * group. The conversion does not escape backslashes. So this function puts an expression that matches a backslash into
 * a capture group.
 */
function regexSql(value: string): string {
  const isGroup = /^\((?!\?).*\)$/s.test(value);
  return quoteLiteral(value.includes('\\\\') && !isGroup ? `(${value})` : value);
}

function numberSql(condition: TypedCondition, value: string, context: ConditionContext): string {
  const level = isLevel(condition) ? LEVEL_NAMES.indexOf(value.toLowerCase()) + 1 : 0;
  if (level > 0) {
    return String(level);
  }
  // An invalid value is quoted, so that the server returns an error.
  const number = isSpanDuration(condition, context)
    ? spanDurationSql(value)
    : isNumberOrVariable(value)
      ? value
      : undefined;
  return number ?? quoteLiteral(value);
}

function valueSql(condition: TypedCondition, value: string, context: ConditionContext): string {
  switch (condition.property === undefined ? condition.type : 'json') {
    case 'bytes':
      // Variables are replaced later, so their letter case is not changed.
      return quoteLiteral(outsideVariables(value.trim(), (part) => part.toLowerCase()));
    case 'number':
      return numberSql(condition, value, context);
    case 'time':
      return isTimePoint(value) ? value : `timestamp ${quoteLiteral(value)}`;
    case 'boolean':
      return value === 'true' || value === 'false' ? value : `cast(${quoteLiteral(value)} as boolean)`;
    default:
      return isNumeric(condition) ? value : quoteLiteral(value);
  }
}

/**
 * True if `<`, `<=`, `>` or `>=` compares a property with a number or a variable. Values of properties are strings, so
 * the SQL converts the property to a number.
 */
function isNumeric({ property, operator, values }: TypedCondition): boolean {
  return property !== undefined && ORDERED.includes(operator) && isNumberOrVariable(values[0]);
}

function hasStringValues({ type, property }: Pick<TypedCondition, 'type' | 'property'>): boolean {
  return property !== undefined || STRING_TYPES.includes(type);
}

/** True if the condition lacks a column or a value, for example while the author types. */
function isIncomplete({ column, property, type, operator, values }: TypedCondition): boolean {
  if (column === '' || property === '') {
    return true;
  }
  if (NULL_CHECKS.includes(operator)) {
    return false;
  }
  if (SEARCHES.includes(operator)) {
    return !values[0];
  }
  return values.length === 0 || (!hasStringValues({ type, property }) && values.some((value) => value.trim() === ''));
}

/**
 * True if `=` or `!=` compares a string with a variable. The variable may have several values, so the SQL needs a list.
 */
function isVariableString({ type, property, operator, values }: TypedCondition): boolean {
  return hasStringValues({ type, property }) && (operator === '=' || operator === '!=') && isVariable(values[0]);
}

/** SQL that converts the values of a column to strings, for the types that the server does not compare with strings. */
const AS_STRING: Readonly<Partial<Record<ConditionType, (column: string) => string>>> = {
  json: (column) => `jsonb_format_json(${column})`,
  bytes: (column) => `encode(${column}, 'hex')`,
  list: (column) => `array_to_string(${column}, ',')`,
};

/** The term to compare: a property, or a column, as it is or converted to a string. */
function termSql(condition: TypedCondition): string {
  const { type, property, operator } = condition;
  const column = columnSql(condition);
  const isCompared = property === undefined && !NULL_CHECKS.includes(operator);
  const isConverted = isCompared && (type !== 'json' || holdsJsonb(condition.column));
  return (isConverted ? AS_STRING[type]?.(column) : undefined) ?? column;
}

function negativeSql(condition: TypedCondition, context: ConditionContext): string {
  const term = termSql(condition);
  const [value] = condition.values;
  const { nullable } = context;
  const keepsNull = nullable === 'all' || condition.property !== undefined || nullable.includes(condition.column);
  const orNull = (sql: string) => (keepsNull ? `(${sql} OR ${term} IS NULL)` : sql);
  switch (isVariableString(condition) ? 'not-in' : condition.operator) {
    case 'not-in':
      return orNull(
        `${term} NOT IN (${condition.values.map((item) => valueSql(condition, item, context)).join(', ')})`
      );
    case 'not-contains':
      return orNull(likeSql(term, 'NOT ILIKE', value, (value) => `%${value}%`));
    case 'not-matches':
      return orNull(`${term} !~ ${regexSql(value)}`);
    default:
      return orNull(`${term} != ${valueSql(condition, value, context)}`);
  }
}

/** The SQL of one complete condition. */
export function typedSql(condition: TypedCondition, context: ConditionContext): string {
  const term = termSql(condition);
  const [value] = condition.values;
  switch (isVariableString(condition) && condition.operator === '=' ? 'in' : condition.operator) {
    case 'is-null':
      return `${term} IS NULL`;
    case 'is-not-null':
      return `${term} IS NOT NULL`;
    case 'in':
      return `${term} IN (${condition.values.map((item) => valueSql(condition, item, context)).join(', ')})`;
    case 'contains':
      return likeSql(term, 'ILIKE', value, (value) => `%${value}%`);
    case 'starts-with':
      return likeSql(term, 'LIKE', value, (value) => `${value}%`);
    case 'matches':
      return `${term} ~ ${regexSql(value)}`;
    case '!=':
    case 'not-in':
    case 'not-contains':
    case 'not-matches':
      return negativeSql(condition, context);
    default:
      return `${isNumeric(condition) ? asNumberSql(term) : term} ${condition.operator} ${valueSql(condition, value, context)}`;
  }
}

/**
 * True for SQL that needs parentheses in a chain of AND:
 *
 * - The outermost operator is OR or XOR.
 * - The SQL has IS DISTINCT FROM: DataFusion reads an AND after IS DISTINCT FROM as a part of its right operand.
 * - The SQL has a comment or an unterminated string.
 */
export function needsParentheses(sql: string): boolean {
  const part = partOf(sql);
  return part === undefined || alternativesOf(part).length > 1 || hasDistinctFrom(part);
}

function rawSql(raw: string, isOnly: boolean): string {
  if (isOnly || !needsParentheses(raw)) {
    return raw;
  }
  // The condition may end with a line comment, so the closing parenthesis is on a new line.
  return partOf(raw) === undefined ? `(${raw}\n  )` : `(${raw})`;
}

/**
 * The conditions of a WHERE clause, which are joined by AND. Incomplete conditions are omitted.
 *
 * @param fixed Conditions that the kind of the query needs, as SQL.
 */
export function conditionsSql(
  fixed: readonly string[],
  conditions: readonly BuilderCondition[],
  context: ConditionContext
): string[] {
  const complete = conditions.filter((item) => ('raw' in item ? item.raw.trim() !== '' : !isIncomplete(item)));
  const isOnly = fixed.length + complete.length === 1;
  return [
    ...fixed,
    ...complete.map((item) => ('raw' in item ? rawSql(item.raw.trim(), isOnly) : typedSql(item, context))),
  ];
}
