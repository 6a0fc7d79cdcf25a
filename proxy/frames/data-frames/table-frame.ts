/**
 * The format "table": all columns of the result in one frame, in the order of the query.
 *
 * Rows of numbers and strings are declared as `numeric-long`, a single row of numbers as `numeric-wide`. So alert rules
 * and expressions take each number as a value with labels. All other tables have the kind `table` with version 0.0, so
 * alert rules guess the kind from the columns, as with other SQL data sources. The frame names no preferred
 * visualisation: with a preferred visualisation, Explore would not show the graph.
 */
import { type Steps } from '../../base/async/turns';
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { type Vector } from '../arrow-ipc';
import { StringSet } from '../../../contract/string-map';
import { columnConfig, withFilterable } from './column-display';
import { withCellLink } from './data-links';
import { type FrameBuilder, type FrameContext, type MadeBytes, type ResultRows } from './frame-builder';
import { type FieldDescription, fieldType, type FrameKind } from './frame-field';
import { RowOutput } from './row-output';
import { convertColumn, isUnitColumn, type ResultColumn, vectorOf } from './result-columns';
import { NULL_CODE, StringCodes } from './string-codes';

const TABLE: FrameKind = { type: 'table', typeVersion: [0, 0] };

/**
 * In a result of several parts, the column `unit` is not used, because only the last row shows whether all rows have
 * the same unit.
 */
export class TableFrame implements FrameBuilder {
  readonly #columns: readonly ResultColumn[];
  readonly #context: FrameContext;
  readonly #output: RowOutput;
  readonly #units: UnitColumn | undefined;
  readonly #mayHideUnit: boolean;
  #rows = 0;

  constructor(columns: readonly ResultColumn[], context: FrameContext) {
    this.#columns = columns;
    this.#context = context;
    this.#units = UnitColumn.find(columns, context.options.memory);
    const { hidesSharedUnit = false, seriesFrames } = context.options;
    this.#mayHideUnit = hidesSharedUnit && seriesFrames === 'multi' && this.#units !== undefined;
    this.#output = new RowOutput(columns, context, this.#mayHideUnit);
  }

  add({ length, columns }: ResultRows): void {
    this.#units?.add(columns);
    this.#rows += length;
    this.#output.add(
      length,
      this.#columns.map((column) => convertColumn(column, columns))
    );
  }

  get made(): MadeBytes {
    return { bytes: this.#output.expectedBytes, heapBytes: 0 };
  }

  *finish(): Steps<Uint8Array[][]> {
    const { fields, kind, omitted } = this.#description(true);
    return [yield* this.#output.finish(fields, kind, omitted)];
  }

  takePart(isLast: boolean): Uint8Array[] | undefined {
    const isKnown = this.#columns.every(({ converter }) => converter.isSettled !== false);
    if (!this.#output.hasParts || !(isLast || isKnown)) {
      return undefined;
    }
    const { fields, kind } = this.#description(isLast);
    return this.#output.takePart(fields, kind);
  }

  /** @param isWhole True if no rows follow. Properties of all rows are known only then. */
  #description(isWhole: boolean): { fields: FieldDescription[]; kind: FrameKind; omitted?: number } {
    const unit = isWhole ? this.#units?.unit : undefined;
    const all = this.#output.fields(
      this.#columns.map((column): FieldDescription => ({
        name: column.name,
        kind: column.converter.kind,
        // Conversions may produce nulls, even in columns that the server declares as not nullable.
        nullable: true,
        config: withCellLink(
          withFilterable(columnConfig(column, unit), column, this.#context),
          column,
          this.#context.options.linkTarget
        ),
      }))
    );
    // The unit would become a label, and expressions combine only values with equal labels.
    const omitted =
      this.#mayHideUnit && this.#units?.isShared === true ? this.#columns.indexOf(this.#units.column) : undefined;
    const fields = all.filter((_field, index) => index !== omitted);
    return { fields, kind: tableKind(fields, isWhole && this.#rows === 1), omitted };
  }
}

/** Chooses the kind by the columns. */
function tableKind(fields: readonly FieldDescription[], isOneRow: boolean): FrameKind {
  const types = new Set<ReturnType<typeof fieldType>>(fields.map(({ kind }) => fieldType(kind)));
  if (new StringSet(fields.map(({ name }) => name)).size < fields.length) {
    // Two columns have the same name. The numeric kinds identify labels and values by name.
    return TABLE;
  }
  if (types.has('time') || types.has('other') || !(types.has('number') || types.has('boolean'))) {
    return TABLE;
  }
  if (types.has('string')) {
    return { type: 'numeric-long', typeVersion: [0, 1] };
  }
  return isOneRow ? { type: 'numeric-wide', typeVersion: [0, 1] } : TABLE;
}

/**
 * The string column `unit`, which results of measures have. If all rows have the same unit, the floating point
 * columns are shown with this unit.
 */
class UnitColumn {
  readonly column: ResultColumn;
  readonly #codes: StringCodes;
  #code: number | undefined;
  #isMixed = false;

  private constructor(column: ResultColumn, memory: MemoryAccount) {
    this.column = column;
    this.#codes = StringCodes.ofBytes(column.type, memory);
  }

  /** Undefined if the result has no string column `unit`. */
  static find(columns: readonly ResultColumn[], memory: MemoryAccount): UnitColumn | undefined {
    const column = columns.find((candidate) => isUnitColumn(candidate));
    return column === undefined ? undefined : new UnitColumn(column, memory);
  }

  add(batch: readonly Vector[]): void {
    if (this.#isMixed) {
      return;
    }
    const codes = this.#codes.codes(vectorOf(this.column, batch));
    this.#code ??= codes[0];
    this.#isMixed = codes.some((code) => code !== this.#code);
  }

  /** True if all rows so far have the same unit, or no unit. */
  get isShared(): boolean {
    return !this.#isMixed && this.#code !== undefined;
  }

  /** The unit of all rows so far. Undefined if the rows have no unit, or different units. */
  get unit(): string | undefined {
    const code = this.#code;
    return this.#isMixed || code === undefined || code === NULL_CODE ? undefined : this.#codes.string(code);
  }
}
