/** Values of conditions on attributes: typed text, and the type that is detected in it. */
import { type AttributeCondition, type AttributeOperator } from '../../../contract/query-types/traces';

export type AttributeValue = NonNullable<AttributeCondition['value']>;

const NUMBER = /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const REFERENCE = /\$\w|\$\{|\[\[\w/;

/** True for a string with a variable. The type of such a value is detected after the variable is replaced. */
export function hasReference(entered: string): boolean {
  return REFERENCE.test(entered);
}

/** Reads a typed value as a number, a boolean or a string. In double quotes, `"500"` and `"true"` are strings. */
export function readValue(entered: string, operator: AttributeOperator): AttributeValue {
  const trimmed = entered.trim();
  const [, quoted] = /^"(.*)"$/s.exec(trimmed) ?? [];
  if (quoted !== undefined) {
    return hasReference(quoted) ? trimmed : quoted;
  }
  if (operator === 'contains') {
    return trimmed;
  }
  if (trimmed === 'true' || trimmed === 'false') {
    return trimmed === 'true';
  }
  return NUMBER.test(trimmed) && Number.isFinite(Number(trimmed)) ? Number(trimmed) : trimmed;
}

/** The string from which `readValue` reads the value. */
export function formatValue(value: AttributeValue | undefined, operator: AttributeOperator): string {
  if (typeof value !== 'string') {
    return value === undefined ? '' : String(value);
  }
  return readValue(value, operator) === value ? value : `"${value}"`;
}
