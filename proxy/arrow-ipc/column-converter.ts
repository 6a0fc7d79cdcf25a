import { type MemoryAccount } from '../memory/memory-account';
import { type JsonNumbers } from './json-text';
import { type PlainColumn, type PlainKind } from './plain-column';
import { type Vector } from './vector';

/** Tells of values that could not be kept, as the end of a sentence that starts with the column. May be called often. */
export type ReportProblem = (problem: string) => void;

/** What the converters of a column share with its owner. */
export interface ConversionContext {
  readonly report: ReportProblem;
  /** How integers in JSON are written that browsers would round. */
  readonly numbers: JsonNumbers;
  /** True when the reader supports Utf8View: texts of dictionaries become views. Default: false. */
  readonly textViews?: boolean;
  /** Of the query, for what is made. */
  readonly memory: MemoryAccount;
}

/** Turns the columns of one position in the schema, batch by batch, into one plain kind. */
export interface ColumnConverter {
  /** What the columns become. A binary column is sure of it only after its first value. */
  readonly kind: PlainKind;
  /** False while `kind` may still change. Missing: it never does. */
  readonly isSettled?: boolean;
  /** Unit of the numbers, as Grafana names it, where the Arrow type gives one. */
  readonly unit: 'ns' | undefined;
  /** True when `convert` only renames: the buffers of every batch stay as they came. */
  readonly passesThrough: boolean;
  /** @throws {ProxyError} 'result_malformed', 'result_too_large' */
  convert(vector: Vector): PlainColumn;
}
