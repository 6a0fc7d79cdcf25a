/** The parts of a Loki or Prometheus expression that have a counterpart in Micromegas, and helpers of both parsers. */
import { type AbstractLabelMatcher, AbstractLabelOperator } from '@grafana/data';
import { type LRParser } from '@lezer/lr';
import { type Aggregation, type TypedCondition } from '../../../contract/builder/builder-state';
import { durationMs } from '../../../contract/builder/sql-terms';
import { type ImportChange } from '../../../contract/queries/query';

interface Expression {
  matchers: AbstractLabelMatcher[];
  /** Width of the time bins: a duration, or `auto`. */
  interval: string;
  /** Parts of the expression that have no counterpart, as strings. */
  lost: string[];
  /** Differences between the results of the imported query and of the expression. */
  changes: ImportChange[];
}

/** An expression of Loki, for the table `log_entries`. */
export interface LogExpression extends Expression {
  kind: 'logs';
  /** Conditions on the message. */
  conditions: TypedCondition[];
  /** Default: the query returns the lines. */
  aggregation?: 'count' | 'rate';
}

/** An expression of Prometheus, for the table `measures`. */
export interface MetricExpression extends Expression {
  kind: 'metrics';
  /** Name of the metric. Empty if the expression names none. */
  name: string;
  aggregation: Aggregation;
}

const OPERATORS: ReadonlyMap<string, AbstractLabelOperator> = new Map([
  ['=', AbstractLabelOperator.Equal],
  ['!=', AbstractLabelOperator.NotEqual],
  ['=~', AbstractLabelOperator.EqualRegEx],
  ['!~', AbstractLabelOperator.NotEqualRegEx],
]);

export type SyntaxNode = ReturnType<LRParser['parse']>['topNode'];

/** Maximum number of UTF-16 units of an expression. No author writes a longer one. */
export const MAX_EXPRESSION = 16 * 1024;

/** Maximum number of UTF-16 units of a part of an expression in the notice. */
const MAX_PART = 200;

/** A string for the notice, on one line and truncated to `MAX_PART`. */
export function shortened(value: string): string {
  const line = value.replace(/\s+/g, ' ').trim();
  return line.length > MAX_PART ? `${line.slice(0, MAX_PART)}…` : line;
}

/**
 * Matches strings and variables. For a variable, the capture groups contain a bracket or parenthesis before it, the
 * variable, and a comma after it. A string without a closing quote extends to the end of the expression.
 */
const STRINGS_AND_VARIABLES =
  /"(?:[^"\\]|\\.?)*(?:"|$)|'(?:[^'\\]|\\.?)*(?:'|$)|`[^`]*(?:`|$)|([[(]?)(\$\{[^}]*\}|\$\w+)(?=\s*(,)?)/gs;

/**
 * Replaces Grafana's variables by placeholders of the same length, because the parsers do not know variables. A
 * variable after a bracket becomes a duration. A variable that is the first of several arguments, as in `topk($n, up)`,
 * becomes a number. Any other variable becomes a name.
 */
function withoutVariables(expression: string): string {
  return expression.replace(
    STRINGS_AND_VARIABLES,
    (match: string, before: string | undefined, variable: string | undefined, comma: string | undefined) => {
      if (variable === undefined) {
        return match;
      }
      const digits = '1'.repeat(variable.length);
      switch (before) {
        case '[':
          return `[${digits.slice(1)}s`;
        case '(':
          return `(${comma === undefined ? variable.replace(/\W/g, '_') : digits}`;
        default:
          return variable.replace(/\W/g, '_');
      }
    }
  );
}

/** Grafana's variables for the width of a time bin. */
const BIN_VARIABLE = /^\$(?:\{(?:__interval|__rate_interval|__auto)\}|__interval|__rate_interval|__auto)$/;

/**
 * The width of the time bins for the range of an expression.
 *
 * @returns `auto` for a variable such as `$__interval`. Undefined for another variable, and for a range such as
 *   `1h30m`.
 */
export function intervalOf(range: string): string | undefined {
  if (BIN_VARIABLE.test(range)) {
    return 'auto';
  }
  return durationMs(range) === undefined ? undefined : range;
}

const ESCAPES: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** The value of a string literal. Loki and Prometheus write strings as Go does. */
export function unquoted(literal: string): string {
  const content = literal.slice(1, -1);
  if (literal.startsWith('`')) {
    return content;
  }
  return content.replace(
    /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{3})|(.))/gs,
    (_escape, hex?: string, short?: string, long?: string, octal?: string, letter = '') => {
      const code = parseInt(hex ?? short ?? long ?? octal ?? '', octal === undefined ? 16 : 8);
      return Number.isNaN(code) || code > 0x10ffff ? (ESCAPES[letter] ?? letter) : String.fromCodePoint(code);
    }
  );
}

/**
 * An expression and its syntax tree. The parser reads a copy with placeholders in place of variables. A placeholder is
 * as long as its variable, so the positions in the tree are positions in the expression.
 */
export class ParsedExpression {
  readonly #source: string;
  readonly root: SyntaxNode;

  constructor(parser: LRParser, source: string) {
    this.#source = source;
    this.root = parser.parse(withoutVariables(source)).topNode;
  }

  sourceOf({ from, to }: Pick<SyntaxNode, 'from' | 'to'>): string {
    return this.#source.slice(from, to);
  }

  /** The source of a node, with `…` instead of an inner node. */
  around(node: SyntaxNode, inner: SyntaxNode): string {
    const before = this.sourceOf({ from: node.from, to: inner.from });
    return shortened(`${before}…${this.sourceOf({ from: inner.to, to: node.to })}`);
  }

  /**
   * The matcher of a node with a name, an operator and a literal. Undefined if the operator is unknown or the literal
   * is missing.
   */
  matcherOf(node: SyntaxNode): AbstractLabelMatcher | undefined {
    const [name, operator, literal] = childNodes(node).map((child) => this.sourceOf(child));
    const known = OPERATORS.get(operator);
    return known === undefined || literal === undefined
      ? undefined
      : { name: /^["'`]/.test(name) ? unquoted(name) : name, operator: known, value: unquoted(literal) };
  }
}

/** Direct children of a node of the grammar, in the order of the source. */
export function childNodes(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) {
    children.push(child);
  }
  return children;
}

/** The nodes above a node, the innermost first. */
export function ancestorsOf(node: SyntaxNode): SyntaxNode[] {
  const ancestors: SyntaxNode[] = [];
  for (let above = node.parent; above !== null; above = above.parent) {
    ancestors.push(above);
  }
  return ancestors;
}

/** The nodes with one of these names, among a node and all nodes below it, in the order of the source. */
export function allNodes(root: SyntaxNode, ...names: string[]): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  root.cursor().iterate((node) => {
    if (names.includes(node.name)) {
      found.push(node.node);
    }
  });
  return found;
}
