import { type MemoryAccount } from '../../observe/memory/memory-account';
import { type JsonNumbers } from './json-values';
import { type PlainColumn, type PlainKind } from './plain-column';
import { type Vector } from './vector';

/** Reports lost values. `problem` is the end of a sentence whose subject is the column. May be called for every row. */
export type ReportProblem = (problem: string) => void;

/** Callbacks and options of the converters of one column. */
export interface ConversionContext {
  readonly report: ReportProblem;
  /** How JSON writes numbers that browsers would round. */
  readonly numbers: JsonNumbers;
  /**
   * True when the reader of the frames supports Utf8View. Then strings of dictionaries become views. Default: false.
   */
  readonly stringViews?: boolean;
  /** Account of the query, for the converted values. */
  readonly memory: MemoryAccount;
}

/** Converts one column of the result, batch by batch, to one plain kind. */
export interface ColumnConverter {
  /** Kind of the converted columns. The kind of a binary column is known only after its first value. */
  readonly kind: PlainKind;
  /** False while `kind` may still change. Default: true. */
  readonly isSettled?: boolean;
  /** Grafana's name of the unit, if the Arrow type has one. */
  readonly unit: 'ns' | undefined;
  /** True when `convert` only changes the kind: the buffers stay views of the received bytes. */
  readonly passesThrough: boolean;
  /** @throws {ProxyError} 'result_malformed', 'result_too_large' */
  convert(vector: Vector): PlainColumn;
}
