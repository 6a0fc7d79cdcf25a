/** Operators of typed conditions, and the labels that the builder shows for them. */
import { t } from '@grafana/i18n';
import {
  type BuilderCondition,
  type ColumnRef,
  type ConditionOperator,
  type ConditionType,
  type RawCondition,
  type TypedCondition,
} from '../../../contract/builder/builder-state';
import { isLevel } from '../../../contract/builder/condition-sql';
import { type ColumnInfo } from '../../../contract/resources/resources';
import { withSeverityNote } from '../filters/severity-note';
import { typeOfRef } from './column-refs';

const STRING: readonly ConditionOperator[] = [
  '=',
  '!=',
  'in',
  'not-in',
  'contains',
  'not-contains',
  'starts-with',
  'matches',
  'not-matches',
  'is-null',
  'is-not-null',
];
const OPERATORS: Readonly<Record<ConditionType, readonly ConditionOperator[]>> = {
  text: STRING,
  json: STRING,
  bytes: STRING,
  list: STRING,
  number: ['=', '!=', '<', '<=', '>', '>=', 'in', 'not-in', 'is-null', 'is-not-null'],
  time: ['>=', '<=', '>', '<', '=', '!=', 'is-null', 'is-not-null'],
  boolean: ['=', '!=', 'is-null', 'is-not-null'],
};
/** Operators of properties. They compare sizes too, because a property may contain a number. */
const PROPERTY: readonly ConditionOperator[] = [...STRING.slice(0, 2), '<', '<=', '>', '>=', ...STRING.slice(2)];

/** The operators that suit a column or property, the default first. */
function operatorsOf({ property }: ColumnRef, type: ConditionType): readonly ConditionOperator[] {
  return property === undefined ? OPERATORS[type] : PROPERTY;
}

function operatorLabel(operator: ConditionOperator): string {
  switch (operator) {
    case 'in':
      return t('builder.operator.in', 'is one of');
    case 'not-in':
      return t('builder.operator.not-in', 'is none of');
    case 'contains':
      return t('builder.operator.contains', 'contains');
    case 'not-contains':
      return t('builder.operator.not-contains', 'does not contain');
    case 'starts-with':
      return t('builder.operator.starts-with', 'starts with');
    case 'matches':
      return t('builder.operator.matches', 'matches regex');
    case 'not-matches':
      return t('builder.operator.not-matches', 'does not match regex');
    case 'is-null':
      return t('builder.operator.is-null', 'is null');
    case 'is-not-null':
      return t('builder.operator.is-not-null', 'is not null');
    default:
      return operator;
  }
}

/**
 * The operators that suit a condition, the default first. For a log level, the label of a comparison says which levels
 * the comparison matches.
 */
export function operatorOptions(condition: TypedCondition): Array<{ value: ConditionOperator; label: string }> {
  return operatorsOf(condition, condition.type).map((value) => ({
    value,
    label: withSeverityNote(operatorLabel(value), value, isLevel(condition)),
  }));
}

/** True for a condition that the author wrote as SQL. */
export function isRaw(condition: BuilderCondition): condition is RawCondition {
  return 'raw' in condition;
}

/** The number of values that an operator compares with. */
export function operandCount(operator: ConditionOperator): 'none' | 'one' | 'many' {
  if (operator === 'is-null' || operator === 'is-not-null') {
    return 'none';
  }
  return operator === 'in' || operator === 'not-in' ? 'many' : 'one';
}

/** True for a condition that has no effect yet, because its value or its SQL is empty. */
export function isIncomplete(condition: BuilderCondition): boolean {
  return isRaw(condition)
    ? condition.raw.trim() === ''
    : operandCount(condition.operator) !== 'none' && condition.values.every((value) => value === '');
}

/**
 * Sets the type of a condition to the type of its column, if the condition has no values and `columns` has the column.
 * A condition that was read from SQL such as IS NULL has the type `text`, because this SQL does not tell the type.
 */
export function withListedType(condition: TypedCondition, columns: readonly ColumnInfo[]): TypedCondition {
  const { column, property, values } = condition;
  const isListed = property === undefined && columns.some(({ name }) => name === column);
  return isListed && values.length === 0 ? { ...condition, type: typeOfRef(condition, columns) } : condition;
}

/**
 * The condition with another column. The operator is kept if the new type has it, and the values are kept if the type
 * stays the same.
 */
export function withColumn(condition: TypedCondition, ref: ColumnRef, type: ConditionType): TypedCondition {
  const keepsValues = condition.type === type;
  const operators = operatorsOf(ref, type);
  const operator = operators.includes(condition.operator) ? condition.operator : operators[0];
  return { ...ref, type, operator, values: keepsValues ? condition.values : [] };
}

/** The condition with another operator. It keeps only as many values as the new operator compares with. */
export function withOperator(condition: TypedCondition, operator: ConditionOperator): TypedCondition {
  const count = operandCount(operator);
  const values = count === 'none' ? [] : count === 'one' ? condition.values.slice(0, 1) : condition.values;
  return { ...condition, operator, values };
}

/** A condition with the default operator and without values. */
export function newCondition(ref: ColumnRef, type: ConditionType): TypedCondition {
  return { ...ref, type, operator: operatorsOf(ref, type)[0], values: [] };
}
