import { type MemoryAccount } from '../../observe/memory/memory-account';
import { type JsonNumbers } from './json-values';
import { type PlainColumn, type PlainKind } from './plain-column';
import { type Vector } from './vector';

/**
 * Reports that values of the column are rounded or become null. May be called for every row.
 *
 * @param problem End of a sentence that starts with the column's name: `holds values that are not valid JSONB`.
 */
export type ReportProblem = (problem: string) => void;

/** Callbacks and options of the converters of one column. */
export interface ConversionContext {
  readonly report: ReportProblem;
  /** How JSON writes numbers that browsers would round. */
  readonly numbers: JsonNumbers;
  /** True when the reader of the frames supports Utf8View. Then strings of dictionaries become views. */
  readonly stringViews?: boolean;
  /** Account of the query, for the converted values. */
  readonly memory: MemoryAccount;
}

/** Converts one column of the result, batch by batch, to one plain kind. */
export interface ColumnConverter {
  /** Kind of the converted columns. */
  readonly kind: PlainKind;
  /** False while `kind` may still change: for a binary column that had no values so far. Default: true. */
  readonly isSettled?: boolean;
  /** Grafana's name of the unit, if the Arrow type has one. */
  readonly unit: 'ns' | undefined;
  /** True when `convert` only changes the kind: the buffers stay views of the received bytes. */
  readonly passesThrough: boolean;
  /** @throws {ProxyError} 'result_malformed', 'result_too_large' */
  convert(vector: Vector): PlainColumn;
}
