/** Reads a LogQL expression of Loki. */
import { parser } from '@grafana/lezer-logql';
import { type TypedCondition } from '../../../contract/builder/builder-state';
import {
  allNodes,
  ancestorsOf,
  childNodes,
  intervalOf,
  type LogExpression,
  ParsedExpression,
  shortened,
  type SyntaxNode,
  unquoted,
} from './expression';

/** Nodes that only wrap a selector, and have no effect of their own. */
const TRANSPARENT = ['LogQL', 'Expr', 'LogExpr', 'LogRangeExpr', 'MetricExpr'];

const AGGREGATIONS: Readonly<Record<string, LogExpression['aggregation']>> = { rate: 'rate', count_over_time: 'count' };

/** For each operator of a line filter, true if it keeps the lines that match. */
const MATCHING = { '|=': true, '|~': true, '!=': false, '!~': false };

function isKnownFilter(operator: string): operator is keyof typeof MATCHING {
  return Object.hasOwn(MATCHING, operator);
}

function escapedPattern(value: string): string {
  return value.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

const message = (operator: TypedCondition['operator'], value: string): TypedCondition => ({
  column: 'msg',
  type: 'text',
  operator,
  values: [value],
});

class LogQlReader {
  readonly #parsed: ParsedExpression;
  readonly expression: LogExpression = {
    kind: 'logs',
    matchers: [],
    conditions: [],
    interval: 'auto',
    lost: [],
    changes: [],
  };

  constructor(parsed: ParsedExpression) {
    this.#parsed = parsed;
  }

  #lose(node: SyntaxNode): void {
    this.expression.lost.push(shortened(this.#parsed.sourceOf(node)));
  }

  read(): LogExpression {
    const [selector] = allNodes(this.#parsed.root, 'Selector');
    if (selector === undefined) {
      this.#lose(this.#parsed.root);
      return this.expression;
    }
    this.#readMatchers(selector);
    let inner = selector;
    for (const node of ancestorsOf(selector)) {
      this.#readAround(node, inner);
      inner = node;
    }
    return this.expression;
  }

  #readMatchers(node: SyntaxNode): void {
    for (const child of allNodes(node, 'Matcher')) {
      const matcher = this.#parsed.matcherOf(child);
      matcher === undefined ? this.#lose(child) : this.expression.matchers.push(matcher);
    }
  }

  #readAround(node: SyntaxNode, inner: SyntaxNode): void {
    if (node.name === 'LogExpr' || node.name === 'LogRangeExpr') {
      this.#readPipeline(node);
    } else if (node.name === 'RangeAggregationExpr') {
      this.#readRange(node, inner);
    } else if (!TRANSPARENT.includes(node.name)) {
      this.expression.lost.push(this.#parsed.around(node, inner));
    }
  }

  #readRange(node: SyntaxNode, inner: SyntaxNode): void {
    const [operation, ...others] = childNodes(node);
    const aggregation = AGGREGATIONS[this.#parsed.sourceOf(operation)];
    const isPlain = others.length === 1 && allNodes(node, 'UnwrapExpr').length === 0;
    if (aggregation === undefined || !isPlain) {
      this.expression.lost.push(this.#parsed.around(node, inner));
      return;
    }
    this.expression.aggregation = aggregation;
    this.expression.changes.push('one-series');
    const [range] = allNodes(node, 'Range');
    const expression = range === undefined ? '' : this.#parsed.sourceOf(range).slice(1, -1).trim();
    const interval = intervalOf(expression);
    interval === undefined ? this.expression.lost.push(`[${expression}]`) : (this.expression.interval = interval);
  }

  #readPipeline(node: SyntaxNode): void {
    for (const child of childNodes(node)) {
      if (child.name === 'PipelineExpr') {
        allNodes(child, 'PipelineStage').forEach((stage) => this.#readStage(stage));
      } else if (child.name === 'OffsetExpr' || child.name === 'UnwrapExpr') {
        this.#lose(child);
      }
    }
  }

  #readStage(stage: SyntaxNode): void {
    const [first] = childNodes(stage);
    if (first.name === 'LineFilters') {
      allNodes(first, 'LineFilter').forEach((filter) => this.#readLineFilter(filter));
    } else {
      this.#lose(stage);
    }
  }

  #readLineFilter(node: SyntaxNode): void {
    const [filter, ...others] = childNodes(node);
    const operator = this.#parsed.sourceOf(filter);
    if (!isKnownFilter(operator) || others.some(({ name }) => name === 'FilterOp')) {
      this.#lose(node);
      return;
    }
    const values = allNodes(node, 'String').map((literal) => unquoted(this.#parsed.sourceOf(literal)));
    const isRegex = operator.endsWith('~');
    const has = MATCHING[operator];
    if (values.includes('')) {
      // Loki's builder writes filters on the empty string. Each line contains the empty string, so only a negative
      // filter has an effect.
      if (!has) {
        this.#lose(node);
      }
    } else if (isRegex || values.length > 1) {
      const pattern = values.map((value) => (isRegex ? value : escapedPattern(value)));
      this.expression.conditions.push(
        message(
          has ? 'matches' : 'not-matches',
          pattern.length === 1 ? pattern[0] : pattern.map((part) => `(?:${part})`).join('|')
        )
      );
    } else {
      this.expression.conditions.push(message(has ? 'contains' : 'not-contains', values[0]));
      this.expression.changes.push('ignores-case');
    }
  }
}

/** Reads the parts of a LogQL expression. Grafana's variables in values, such as `$app`, are not replaced. */
export function readLogQl(expression: string): LogExpression {
  return new LogQlReader(new ParsedExpression(parser, expression)).read();
}
