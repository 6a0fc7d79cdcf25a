/**
 * Finds the condition around a variable: `operand IN (list)`, or a comparison whose right side is the variable, such as
 * `exe ~ '$exe'`.
 */
import { isSqlWord, type SqlToken } from '../../../contract/sql/sql-scan';
import { enclosingBrackets } from '../sql/calls';

/** A list that contains a variable. */
export interface InList {
  isNegated: boolean;
  /** The closing parenthesis, if the parentheses contain nothing but the variable. */
  close: SqlToken | undefined;
  /**
   * True if `operand IN (list)` is a whole condition, so that `IS NULL` may follow the closing parenthesis. False for
   * `a = b IN (list)`, `a IN (list) = false`, `position('a' IN (list))`, and wherever this is uncertain.
   */
  isCondition: boolean;
}

/** Words before a condition. */
const BEFORE = [
  'and',
  'or',
  'not',
  'where',
  'having',
  'on',
  'when',
  'then',
  'else',
  'select',
  'distinct',
  'by',
  'qualify',
];
/** Words after a condition. */
const AFTER = (
  'and or then else when end as asc desc group order having limit offset fetch window qualify union except intersect ' +
  'join inner left right full cross natural where from'
).split(' ');

function isName(token: SqlToken | undefined): boolean {
  return token !== undefined && ['word', 'quoted-name', 'placeholder'].includes(token.kind);
}

/** True if the token at `operand` is the first one of a condition. */
function startsCondition(tokens: readonly SqlToken[], operand: number): boolean {
  if (operand < 0 || (tokens[operand].kind === 'symbol' && tokens[operand].raw !== '(')) {
    return false;
  }
  const before = tokens[operand - 1];
  return before?.raw === '('
    ? !isSqlWord(tokens[operand - 2], 'position')
    : before === undefined || before.raw === ',' || isSqlWord(before, ...BEFORE);
}

/** True if a condition ends before the token. */
function endsCondition(after: SqlToken | undefined): boolean {
  return after === undefined || [')', ',', ';'].includes(after.raw) || isSqlWord(after, ...AFTER);
}

/**
 * How an operator treats its right side: as a value that must be equal, as a bound (`<`, `>=`), as a LIKE pattern, or
 * as a regular expression.
 */
type ComparisonKind = 'equality' | 'order' | 'like' | 'regex';

/** A comparison in the SQL of the author. Offsets are UTF-16 units. */
export interface Comparison {
  kind: ComparisonKind;
  isNegated: boolean;
  /** As written. A negated LIKE or ILIKE begins with `NOT `. */
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

/** Finds the condition around a variable. */
export class Conditions {
  readonly #tokens: readonly SqlToken[];
  /** For each token, the index of the bracket that contains it. */
  readonly #enclosing: readonly number[];

  /** @param tokens Tokens of the whole SQL. Comments without references are left out. */
  constructor(tokens: readonly SqlToken[]) {
    this.#tokens = tokens;
    this.#enclosing = enclosingBrackets(tokens);
  }

  /**
   * The list that contains a variable as an item. Undefined if the variable is not in the parentheses of `IN`.
   *
   * @param first Index of the first token of the variable.
   * @param next  Index of the first token after the variable.
   */
  inListAround(first: number, next: number): InList | undefined {
    const tokens = this.#tokens;
    const open = this.#enclosing[first];
    if (open < 2 || !isSqlWord(tokens[open - 1], 'in')) {
      return undefined;
    }
    const isNegated = isSqlWord(tokens[open - 2], 'not');
    const close = open === first - 1 && tokens[next]?.raw === ')' ? tokens[next] : undefined;
    const operand = this.#operandStart(open - (isNegated ? 3 : 2));
    return { isNegated, close, isCondition: startsCondition(tokens, operand) && endsCondition(tokens[next + 1]) };
  }

  /**
   * The comparison with a variable as its right side. Undefined if the variable is a part of a longer expression, or if
   * the comparison is an operand of a longer expression.
   *
   * @param first Index of the first token of the right side.
   * @param next  Index of the first token after the right side.
   */
  comparisonAround(first: number, next: number): Comparison | undefined {
    const tokens = this.#tokens;
    const operator = operatorAt(tokens, first - 1);
    if (operator === undefined || operator.first < 1) {
      return undefined;
    }
    const hasEscape = isSqlWord(tokens[next], 'escape') && tokens[next + 1]?.kind === 'string';
    const after = hasEscape ? next + 2 : next;
    const operand = this.#operandStart(operator.first - 1);
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

  /**
   * Index of the first token of a column, a call, a group in parentheses or a literal, such as `lower(t.a)::text`.
   *
   * @param end Index of the last token of the operand.
   */
  #operandStart(end: number): number {
    const tokens = this.#tokens;
    let at = end;
    for (;;) {
      const raw = tokens[at]?.raw;
      if (raw === ']') {
        at = this.#enclosing[at] - 1;
        continue;
      }
      if (raw === ')') {
        at = this.#enclosing[at];
        const isCall = isName(tokens[at - 1]) && !isSqlWord(tokens[at - 1], ...BEFORE);
        at -= isCall ? 1 : 0;
      }
      if (tokens[at - 1]?.raw === '.') {
        at -= 2;
      } else if (tokens[at - 1]?.raw === ':' && tokens[at - 2]?.raw === ':') {
        at -= 3;
      } else {
        return at;
      }
    }
  }
}
