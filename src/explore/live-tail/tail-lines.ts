/** The lines that a tail shows: the last ones, in the order of their arrival. */
import { LOG_FIELDS } from '../../../contract/logs/log-frame';
import { TAIL_COLUMNS } from '../../../contract/logs/tail-request';
import { StringMap } from '../../../contract/string-map';
import { UniqueNames } from '../../../contract/unique-names';
import { type DataFrame, type Field } from '@grafana/data';

interface Column {
  /** The field of the last response that has the column. */
  field: Field;
  values: unknown[];
  nanos: number[];
}

/**
 * For one tail. If a later response lacks a column, the column is kept, with null in the rows of that response. The ids
 * of the lines are in every response with lines.
 */
export class TailLines {
  readonly #capacity: number;
  readonly #columns = new StringMap<Column>();
  #length = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Appends rows of a frame. The oldest lines are removed if there are too many. */
  append(frame: DataFrame, rows: readonly number[]): void {
    const added = rows.slice(-this.#capacity);
    const kept = Math.min(this.#length, this.#capacity - added.length);
    for (const field of shownFields(frame)) {
      const key = columnKey(field);
      const empty = {
        field,
        values: Array<unknown>(this.#length).fill(null),
        nanos: Array<number>(this.#length).fill(0),
      };
      this.#columns.set(key, { ...(this.#columns.get(key) ?? empty), field });
    }
    const fields = new StringMap(shownFields(frame).map((field) => [columnKey(field), field]));
    for (const [key, column] of this.#columns) {
      const field = fields.get(key);
      // Equal lines of different responses may have the same id, but ids must be unique in a frame.
      const ids =
        column.field.name === LOG_FIELDS.id
          ? new UniqueNames(column.values.slice(this.#length - kept).map(String), '-t')
          : undefined;
      // The arrays of a frame that was shown are never changed.
      column.values = [
        ...column.values.slice(this.#length - kept),
        ...added.map((row): unknown => {
          const value: unknown = field?.values[row] ?? null;
          return ids === undefined ? value : ids.add(String(value));
        }),
      ];
      column.nanos = [...column.nanos.slice(this.#length - kept), ...added.map((row) => field?.nanos?.[row] ?? 0)];
    }
    this.#length = kept + added.length;
  }

  /** The lines as a frame. Before the first lines, a frame without fields. */
  frame(): Pick<DataFrame, 'fields' | 'length'> {
    const fields = [...this.#columns.values()].map(({ field, values, nanos }): Field => ({
      ...field,
      values,
      ...(nanos.some((each) => each !== 0) ? { nanos } : { nanos: undefined }),
      state: undefined,
    }));
    return { fields, length: this.#length };
  }
}

const ADDED_FIELDS: ReadonlySet<string> = new Set(Object.values(TAIL_COLUMNS));

/** The fields that are shown. The fields that the backend adds for the tail are removed. */
function shownFields(frame: DataFrame): Field[] {
  return frame.fields.filter(({ name }) => !ADDED_FIELDS.has(name));
}

function columnKey({ name, type }: Field): string {
  return `${name} ${type}`;
}
