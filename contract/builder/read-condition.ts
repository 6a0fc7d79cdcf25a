/**
 * Converts SQL to conditions of the builder. A condition is guessed from the tokens of the SQL, and written as SQL
 * again. If the written SQL differs, the condition stays raw SQL.
 */
import { TIME_POINT_MACROS } from '../sql/macro-kinds';
import { sqlTokenValue } from '../sql/sql-scan';
import { isReservedWord } from '../sql/sql-names';
import {
  type BuilderCondition,
  type ColumnRef,
  type ConditionOperator,
  type ConditionType,
  type TypedCondition,
} from './builder-state';
import {
  type ConditionContext,
  isLevel,
  isSpanDuration,
  LEVEL_NAMES,
  unescapedPattern,
  typedSql,
} from './condition-sql';
import { alternativesOf, conjunctsOf, itemsOf, type SqlPart } from './sql-parts';
import { isVariable, spanDuration } from './sql-terms';

/** The name or variable at `index`. Undefined for any other token, such as an unquoted reserved word. */
function nameAt(part: SqlPart, index: number): string | undefined {
  const token = part.tokens[index];
  const name = token === undefined ? '' : sqlTokenValue(token);
  const isName =
    token?.kind === 'quoted-name' ||
    (token?.kind === 'word' && !isReservedWord(name)) ||
    (token?.kind === 'placeholder' && isVariable(name));
  return isName ? name : undefined;
}

/** The content of the string literal at `index`. Undefined for any other token. */
export function stringAt(part: SqlPart, index: number): string | undefined {
  const token = part.tokens[index];
  return token?.kind === 'string' ? sqlTokenValue(token) : undefined;
}

interface Term {
  ref: ColumnRef;
  /** The type of a column that is compared as a string, as in `encode(column, 'hex')`. */
  type?: ConditionType;
  /** The tokens after the column. */
  rest: SqlPart;
}

/** If the part starts with a call that converts a column to a string: the type of this column. Else undefined. */
function convertedType(part: SqlPart): ConditionType | undefined {
  if (part.tokens[1]?.raw !== '(') {
    return undefined;
  }
  if (part.isWordAt(0, 'jsonb_format_json')) {
    return 'json';
  }
  const argument = stringAt(part, 4);
  if (part.isWordAt(0, 'encode') && argument === 'hex') {
    return 'bytes';
  }
  return part.isWordAt(0, 'array_to_string') && argument === ',' ? 'list' : undefined;
}

/** The column or property at the start of a part, and the tokens after it. Undefined for other SQL. */
export function termOf(part: SqlPart): Term | undefined {
  if (part.isWordAt(0, 'try_cast') && part.tokens[1]?.raw === '(') {
    const term = termOf(part.slice(2));
    // Skips `AS double)`.
    return term?.rest.isWordAt(0, 'as') ? { ref: term.ref, rest: term.rest.slice(3) } : undefined;
  }
  const property = stringAt(part, 4);
  const column = nameAt(part, 2);
  const type = convertedType(part);
  if (type !== undefined && column !== undefined) {
    return { ref: { column }, type, rest: part.slice(type === 'json' ? 4 : 6) };
  }
  if (
    part.isWordAt(0, 'property_get') &&
    part.tokens[1]?.raw === '(' &&
    property !== undefined &&
    column !== undefined
  ) {
    return { ref: { column, property }, rest: part.slice(6) };
  }
  const name = nameAt(part, 0);
  return name === undefined || part.tokens[1]?.raw === '(' ? undefined : { ref: { column: name }, rest: part.slice(1) };
}

type Comparison = Pick<TypedCondition, 'type' | 'operator' | 'values'>;

const OPERATORS: Readonly<Record<string, ConditionOperator>> = {
  '=': '=',
  '!=': '!=',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
  '~': 'matches',
  '!~': 'not-matches',
};

/**
 * The value in the SQL of a condition, and the type of the value. The form of the SQL decides the type: `text` for a
 * string literal, `time` for `timestamp '…'`.
 */
function valueOf(part: SqlPart): { type: TypedCondition['type']; value: string } {
  const value = stringAt(part, 0);
  if (value !== undefined) {
    return { type: 'text', value: value };
  }
  if (part.isWordAt(0, 'timestamp')) {
    return { type: 'time', value: stringAt(part, 1) ?? '' };
  }
  if (part.isWordAt(0, 'cast')) {
    return { type: 'boolean', value: stringAt(part, 2) ?? '' };
  }
  if (part.isWordAt(0, 'true', 'false')) {
    return { type: 'boolean', value: part.sql.toLowerCase() };
  }
  if (TIME_POINT_MACROS.includes(part.tokens[0]?.raw ?? '')) {
    return { type: 'time', value: part.sql };
  }
  return { type: 'number', value: part.sql };
}

function likeOf(rest: SqlPart, isNegative: boolean): Comparison | undefined {
  const pattern = unescapedPattern(stringAt(rest, 1) ?? '');
  if (!pattern.endsWith('%')) {
    return undefined;
  }
  return rest.isWordAt(0, 'like')
    ? { type: 'text', operator: 'starts-with', values: [pattern.slice(0, -1)] }
    : { type: 'text', operator: isNegative ? 'not-contains' : 'contains', values: [pattern.slice(1, -1)] };
}

function listOf(rest: SqlPart, operator: ConditionOperator): Comparison | undefined {
  const list = rest.slice(1).inParentheses;
  const values = list === undefined ? [] : itemsOf(list).map(valueOf);
  const [first] = values;
  if (first === undefined) {
    return undefined;
  }
  // For `=` and `!=` with a variable, the builder writes IN, because the variable may have several values.
  const isOne = values.length === 1 && first.type === 'text' && isVariable(first.value);
  const shown = !isOne ? operator : operator === 'in' ? '=' : '!=';
  return { type: first.type, operator: shown, values: values.map(({ value }) => value) };
}

function comparisonOf(rest: SqlPart): Comparison | undefined {
  if (rest.isWordAt(0, 'is')) {
    return { type: 'text', operator: rest.isWordAt(1, 'not') ? 'is-not-null' : 'is-null', values: [] };
  }
  const isNegative = rest.isWordAt(0, 'not');
  const positive = isNegative ? rest.slice(1) : rest;
  if (positive.isWordAt(0, 'in')) {
    return listOf(positive, isNegative ? 'not-in' : 'in');
  }
  if (positive.isWordAt(0, 'like', 'ilike')) {
    return likeOf(positive, isNegative);
  }
  const sign = rest.tokens[0]?.raw ?? '';
  const { type, value } = valueOf(rest.slice(1));
  return Object.hasOwn(OPERATORS, sign) ? { type, operator: OPERATORS[sign], values: [value] } : undefined;
}

/**
 * The value of a condition as the builder shows it. Levels become names. Durations of spans are in milliseconds, or
 * have a unit.
 */
function shownNumber(condition: TypedCondition, value: string, context: ConditionContext): string {
  if (isSpanDuration(condition, context)) {
    return spanDuration(value);
  }
  return isLevel(condition) ? (LEVEL_NAMES[Number(value) - 1] ?? value) : value;
}

function typedOf(part: SqlPart, context: ConditionContext): TypedCondition | undefined {
  // `(condition OR column IS NULL)`
  const inner = part.inParentheses;
  const [first] = inner === undefined ? [part] : alternativesOf(inner);
  const term = termOf(first);
  const comparison = term === undefined ? undefined : comparisonOf(term.rest);
  if (term === undefined || comparison === undefined) {
    return undefined;
  }
  const { ref } = term;
  const written: TypedCondition = {
    ...ref,
    type: ref.property !== undefined ? 'json' : (term.type ?? comparison.type),
    operator: comparison.operator,
    values: comparison.values,
  };
  const values = written.values.map((value) => shownNumber(written, value, context));
  const condition = { ...written, values };
  return part.matches(typedSql(condition, context)) ? condition : undefined;
}

/** The conditions in a part: the operands of AND, or one condition. */
export function conditionsOf(part: SqlPart, context: ConditionContext): BuilderCondition[] {
  if (part.tokens.length === 0) {
    return [];
  }
  const typed = typedOf(part, context);
  if (typed !== undefined) {
    return [typed];
  }
  const inner = part.inParentheses;
  const operands = conjunctsOf(inner ?? part);
  if (operands.length > 1 || (inner !== undefined && alternativesOf(inner).length === 1)) {
    return operands.flatMap((operand) => conditionsOf(operand, context));
  }
  return [{ raw: (inner ?? part).sql }];
}
