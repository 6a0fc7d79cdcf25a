/**
 * The format "table": every column of the result in one frame, in the order of the query.
 *
 * The frame declares no kind. Alerting and expressions then judge it by its columns, as they do with other SQL sources;
 * a declared `table` would be judged the same way, and a preferred view would take the graph away from Explore.
 */
import { ArrowFileWriter } from '../arrow-ipc/file-writer';
import { type FrameBuilder, type ResultRows } from './frame-builder';
import { type FieldDescription, frameSchema } from './frame-field';
import { type FrameOptions } from './frame-options';
import { type Notices } from './notices';
import { columnConfig, convertColumn, type ResultColumn } from './result-columns';

export class TableFrame implements FrameBuilder {
  private readonly writer = new ArrowFileWriter();
  private readonly untouched: boolean;

  constructor(
    private readonly columns: readonly ResultColumn[],
    private readonly options: FrameOptions,
    private readonly notices: Notices
  ) {
    this.untouched = columns.every((column) => column.converter.passesThrough);
  }

  add({ length, columns, whole }: ResultRows): void {
    const converted = this.columns.map((column) => convertColumn(column, columns));
    if (this.untouched && whole !== undefined) {
      this.writer.addMessage(whole.message);
    } else {
      this.writer.addBatch(length, converted);
    }
  }

  finish(): Uint8Array[][] {
    const fields = this.columns.map((column): FieldDescription => ({
      name: column.name,
      kind: column.converter.kind,
      // Conversions make nulls of what they cannot keep, so the server's promise of "never null" is not passed on.
      nullable: true,
      config: columnConfig(column),
    }));
    return [this.writer.finish(frameSchema(fields, {}, this.options, this.notices))];
  }
}
