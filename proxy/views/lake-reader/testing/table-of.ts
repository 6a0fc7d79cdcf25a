/** For tests: results of the types that a view expects. */
import {
  Binary,
  Bool,
  type DataType,
  Field,
  Float64,
  Int64,
  List,
  Table,
  Utf8,
  type Vector,
  vectorFromArray,
} from 'apache-arrow';
import { type ColumnKind, type ResultColumns } from '../result-columns';

const TYPES: Readonly<Record<ColumnKind, DataType>> = {
  string: new Utf8(),
  number: new Float64(),
  int64: new Int64(),
  boolean: new Bool(),
  bytes: new Binary(),
  json: new List(new Field('item', new Utf8())),
};

const VALUES: Readonly<Record<ColumnKind, unknown>> = {
  string: 'a',
  number: 0,
  int64: 1n,
  boolean: false,
  bytes: new Uint8Array(1),
  json: [],
};

/** A column with these values of a kind. */
export function columnWith(kind: ColumnKind, values: readonly unknown[]): Vector {
  return vectorFromArray(values, TYPES[kind]);
}

/** A column with one value. @param value Default: a value of the kind. */
export function columnOf(kind: ColumnKind, value: unknown = VALUES[kind]): Vector {
  return columnWith(kind, [value]);
}

/** A result with these columns, and no rows. */
export function emptyTable(columns: ResultColumns): Table {
  return new Table(
    Object.fromEntries(Object.entries(columns).map(([name, kind]) => [name, vectorFromArray([], TYPES[kind])]))
  );
}
