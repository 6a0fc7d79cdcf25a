/** The lines that a tail shows: the last ones, in the order of their arrival. */
import { LOG_FIELDS } from '../../../contract/logs/log-frame';
import { TAIL_COLUMNS } from '../../../contract/logs/tail-request';
import { StringMap, StringSet } from '../../../contract/string-map';
import { type DataFrame, type Field } from '@grafana/data';

interface Column {
  /** The field of the last response that has the column. */
  field: Field;
  values: unknown[];
  nanos: number[];
}

/** For one tail. If a later response lacks a column, the column is kept, with null in the rows of that response. */
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
      const ids = key.startsWith(`${LOG_FIELDS.id} `)
        ? new UniqueIds(column.values.slice(this.#length - kept))
        : undefined;
      // The arrays of a frame that was shown are never changed.
      column.values = [
        ...column.values.slice(this.#length - kept),
        ...added.map((row): unknown => {
          const value: unknown = field?.values[row] ?? null;
          return ids === undefined ? value : ids.add(value);
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

/** Makes the ids of the lines in one frame unique. Equal lines of different responses may have the same id. */
class UniqueIds {
  readonly #ids: StringSet;

  constructor(ids: readonly unknown[]) {
    this.#ids = new StringSet(ids.map(String));
  }

  add(id: unknown): unknown {
    let unique = id;
    for (let number = 2; this.#ids.has(String(unique)); number++) {
      unique = `${String(id)}-t${number}`;
    }
    this.#ids.add(String(unique));
    return unique;
  }
}
