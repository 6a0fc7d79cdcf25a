/** Reads a PromQL expression of Prometheus. */
import { AbstractLabelOperator } from '@grafana/data';
import { parser } from '@prometheus-io/lezer-promql';
import { type Aggregation } from '../../../contract/builder/builder-state';
import {
  allNodes,
  ancestorsOf,
  childNodes,
  intervalOf,
  type MetricExpression,
  ParsedExpression,
  shortened,
  type SyntaxNode,
  unquoted,
} from './expression';

/** Nodes that only wrap a selector, and have no effect of their own. */
const TRANSPARENT = ['PromQL', 'ParenExpr', 'FunctionCallBody'];

/** Functions of the samples in a range, such as `rate(m[5m])`. */
const FUNCTIONS: Readonly<Record<string, Aggregation>> = {
  rate: 'rate',
  avg_over_time: 'avg',
  min_over_time: 'min',
  max_over_time: 'max',
  count_over_time: 'count',
  sum_over_time: 'sum',
};

/** The arguments of `FUNCTIONS` that have a counterpart: samples in a range, but not results of other functions. */
const RANGES = ['MatrixSelector', 'OffsetExpr'];

const QUANTILES: Readonly<Record<string, Aggregation>> = {
  '0.5': 'exact-p50',
  '0.9': 'exact-p90',
  '0.95': 'exact-p95',
  '0.99': 'exact-p99',
};

/** The label that contains the name of the metric. */
const NAME_LABEL = '__name__';

class PromQlReader {
  readonly #parsed: ParsedExpression;
  readonly expression: MetricExpression = {
    kind: 'metrics',
    name: '',
    aggregation: 'avg',
    matchers: [],
    interval: 'auto',
    lost: [],
    changes: ['one-series'],
  };

  constructor(parsed: ParsedExpression) {
    this.#parsed = parsed;
  }

  #lose(node: SyntaxNode): void {
    this.expression.lost.push(shortened(this.#parsed.sourceOf(node)));
  }

  read(): MetricExpression {
    const [selector] = allNodes(this.#parsed.root, 'VectorSelector');
    if (selector === undefined) {
      this.#lose(this.#parsed.root);
      return this.expression;
    }
    this.#readSelector(selector);
    let inner = selector;
    for (const node of ancestorsOf(selector)) {
      this.#readAround(node, inner);
      // The notice shows `…` in place of `inner`, but must show all arguments of a call. So `inner` is never the node
      // with the arguments (`FunctionCallBody`).
      inner = node.name === 'FunctionCallBody' ? inner : node;
    }
    return this.expression;
  }

  #readSelector(selector: SyntaxNode): void {
    const [first] = childNodes(selector);
    if (first?.name === 'Identifier') {
      this.expression.name = this.#parsed.sourceOf(first);
    }
    for (const node of allNodes(selector, 'UnquotedLabelMatcher', 'QuotedLabelMatcher')) {
      const matcher = this.#parsed.matcherOf(node);
      if (matcher === undefined || (matcher.name === NAME_LABEL && matcher.operator !== AbstractLabelOperator.Equal)) {
        this.#lose(node);
      } else if (matcher.name === NAME_LABEL) {
        this.expression.name = matcher.value;
      } else {
        this.expression.matchers.push(matcher);
      }
    }
    // `{"http.requests"}` has the name of the metric in quotes.
    const quoted = allNodes(selector, 'QuotedLabelName').find(({ parent }) => parent?.name === 'LabelMatchers');
    if (quoted !== undefined) {
      this.expression.name = unquoted(this.#parsed.sourceOf(quoted));
    }
  }

  #readAround(node: SyntaxNode, inner: SyntaxNode): void {
    if (node.name === 'MatrixSelector') {
      this.#readRange(node);
    } else if (node.name === 'FunctionCall') {
      this.#readFunction(node, inner);
    } else if (!TRANSPARENT.includes(node.name)) {
      this.expression.lost.push(this.#parsed.around(node, inner));
    }
  }

  #readRange(node: SyntaxNode): void {
    const [, range] = childNodes(node);
    const expression = range === undefined ? '' : this.#parsed.sourceOf(range);
    const interval = intervalOf(expression);
    interval === undefined ? this.expression.lost.push(`[${expression}]`) : (this.expression.interval = interval);
  }

  #readFunction(node: SyntaxNode, inner: SyntaxNode): void {
    const name = this.#parsed.sourceOf(childNodes(node)[0]);
    const [number] = allNodes(node, 'NumberDurationLiteral');
    const isQuantile = name === 'quantile_over_time' && number !== undefined;
    const aggregation = isQuantile ? QUANTILES[this.#parsed.sourceOf(number)] : FUNCTIONS[name];
    if (aggregation === undefined || !RANGES.includes(inner.name)) {
      this.expression.lost.push(this.#parsed.around(node, inner));
      return;
    }
    this.expression.aggregation = aggregation;
  }
}

/** Reads the parts of a PromQL expression. The values keep Grafana's variables. */
export function readPromQl(expression: string): MetricExpression {
  return new PromQlReader(new ParsedExpression(parser, expression)).read();
}
