/** Finds the comparison whose right side is a variable, such as `exe ~ '$exe'`. */
import { isSqlWord, type SqlToken } from '../../../contract/sql/sql-scan';
import { endsCondition, operandStart, startsCondition } from './in-lists';

/** How an operator treats its right side: a value, a point in an order, a LIKE pattern, or a regular expression. */
export type ComparisonKind = 'equality' | 'order' | 'like' | 'regex';

/** A comparison in the SQL of the author. Offsets are UTF-16 units. */
export interface Comparison {
  kind: ComparisonKind;
  isNegated: boolean;
  /** As written, with `NOT`. */
  operator: string;
  /** Offsets of the left side. */
  operandStart: number;
  operandEnd: number;
  /** Offset after the right side and `ESCAPE '…'`. */
  end: number;
  /** The string after `ESCAPE`, with quotes. Undefined without this clause. */
  escape: string | undefined;
}

interface Operator {
  kind: ComparisonKind;
  isNegated: boolean;
}

const SIGNS: Readonly<Record<string, Operator>> = {
  '=': { kind: 'equality', isNegated: false },
  '==': { kind: 'equality', isNegated: false },
  '!=': { kind: 'equality', isNegated: true },
  '<>': { kind: 'equality', isNegated: true },
  '<': { kind: 'order', isNegated: false },
  '<=': { kind: 'order', isNegated: false },
  '>': { kind: 'order', isNegated: false },
  '>=': { kind: 'order', isNegated: false },
  '~': { kind: 'regex', isNegated: false },
  '~*': { kind: 'regex', isNegated: false },
  '!~': { kind: 'regex', isNegated: true },
  '!~*': { kind: 'regex', isNegated: true },
};
const LONGEST_SIGN = 3;

interface FoundOperator extends Operator {
  name: string;
  /** Index of the first token. */
  first: number;
}

/** The operator whose last token is at `last`. */
function operatorAt(tokens: readonly SqlToken[], last: number): FoundOperator | undefined {
  if (isSqlWord(tokens[last], 'like', 'ilike')) {
    const isNegated = isSqlWord(tokens[last - 1], 'not');
    const name = `${isNegated ? 'NOT ' : ''}${tokens[last].raw}`;
    return { kind: 'like', isNegated, name, first: isNegated ? last - 1 : last };
  }
  let first = last + 1;
  let name = '';
  while (name.length < LONGEST_SIGN && '=<>!~*'.includes(tokens[first - 1]?.raw ?? ' ')) {
    first--;
    name = tokens[first].raw + name;
  }
  return Object.hasOwn(SIGNS, name) ? { ...SIGNS[name], name, first } : undefined;
}

/**
 * The comparison with a variable as its right side. Undefined if the variable is a part of a longer expression, or if
 * the comparison is an operand of a longer expression.
 *
 * @param tokens Without comments.
 * @param first  Index of the first token of the right side.
 * @param next   Index of the first token after the right side.
 */
export function comparisonAround(tokens: readonly SqlToken[], first: number, next: number): Comparison | undefined {
  const operator = operatorAt(tokens, first - 1);
  if (operator === undefined || operator.first < 1) {
    return undefined;
  }
  const hasEscape = isSqlWord(tokens[next], 'escape') && tokens[next + 1]?.kind === 'string';
  const after = hasEscape ? next + 2 : next;
  const operand = operandStart(tokens, operator.first - 1);
  if (!startsCondition(tokens, operand) || !endsCondition(tokens[after])) {
    return undefined;
  }
  return {
    kind: operator.kind,
    isNegated: operator.isNegated,
    operator: operator.name,
    operandStart: tokens[operand].start,
    operandEnd: tokens[operator.first - 1].end,
    end: tokens[after - 1].end,
    escape: hasEscape ? tokens[next + 1].raw : undefined,
  };
}
