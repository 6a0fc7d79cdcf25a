/**
 * Chooses the Arrow type of each result column.
 *
 * If a table in the query has a column with the same name and DuckDB type, the result column gets the Arrow type of
 * this table column. If no table has such a column, the Arrow type follows from the DuckDB type. Dictionaries are sent
 * only if the client asked for them.
 */
import { type DuckDBType, DuckDBTypeId, type DuckDBValue } from '@duckdb/node-api';
import { Binary, DataType, Dictionary, Field, Int32, Null, Schema } from 'apache-arrow';
import { encodeArray, type Plain } from './arrow-values';
import { arrowType, type Column, type ColumnType } from './catalogue';
import { arrowTypeOf, isJson, plainValue } from './duck-values';

export interface ColumnPlan {
  duckType: DuckDBType;
  field: Field;
}

export interface ResultShape {
  names: readonly string[];
  types: readonly DuckDBType[];
  /** Columns of the tables in the query. */
  origins: ReadonlyArray<readonly Column[]>;
  /** True if the query has a join. An outer join may add nulls to columns that are not nullable. */
  joins: boolean;
  preserveDictionaries: boolean;
}

/** DuckDB's type for a column of the catalogue. */
const STORED_AS: Record<ColumnType, DuckDBTypeId> = {
  ts: DuckDBTypeId.TIMESTAMP_TZ,
  dict: DuckDBTypeId.VARCHAR,
  djsonb: DuckDBTypeId.VARCHAR,
  jsonb: DuckDBTypeId.VARCHAR,
  text: DuckDBTypeId.VARCHAR,
  i32: DuckDBTypeId.INTEGER,
  i64: DuckDBTypeId.BIGINT,
  u32: DuckDBTypeId.UINTEGER,
  f64: DuckDBTypeId.DOUBLE,
  bool: DuckDBTypeId.BOOLEAN,
  bytes: DuckDBTypeId.BLOB,
  bytes8: DuckDBTypeId.BLOB,
  bytes16: DuckDBTypeId.BLOB,
  texts: DuckDBTypeId.LIST,
};

/** The DuckDB type and the Arrow field of each column of a result. */
export function planColumns(shape: ResultShape): ColumnPlan[] {
  return shape.types.map((duckType, index) => {
    const name = shape.names[index] ?? '';
    const origin = originOf(shape, name, duckType);
    const kept = origin === undefined ? dictionaryOf(name, duckType, index) : arrowType(origin.type, index);
    const type = DataType.isDictionary(kept) && !shape.preserveDictionaries ? kept.dictionary : kept;
    const nullable = origin === undefined || shape.joins || shape.origins.length !== 1 || origin.nullable;
    return { duckType, field: new Field(displayName(name), type, nullable) };
  });
}

/** The Arrow schema of a result. */
export function schemaOf(plans: readonly ColumnPlan[]): Schema {
  return new Schema(plans.map(({ field }) => field));
}

/** The Arrow data of a column. @param values DuckDB's values, one per row. */
export function encodeColumn(
  { duckType, field }: ColumnPlan,
  values: readonly DuckDBValue[]
): ReturnType<typeof encodeArray> {
  const convert = isJson(duckType) ? oncePerString(duckType) : (value: DuckDBValue) => plainValue(duckType, value);
  return encodeArray(field.type, values.map(convert));
}

/** A function that parses each distinct JSON string only once, because rows often have the same properties. */
function oncePerString(duckType: DuckDBType): (value: DuckDBValue) => Plain {
  const known = new Map<DuckDBValue, Plain>();
  return (value) => {
    const plain = known.get(value) ?? plainValue(duckType, value);
    known.set(value, plain);
    return plain;
  };
}

function originOf({ origins }: ResultShape, name: string, duckType: DuckDBType): Column | undefined {
  const isJsonb = isJson(duckType);
  return origins
    .flat()
    .find(
      ({ name: known, type }) =>
        known === name && STORED_AS[type] === duckType.typeId && isJsonb === (type === 'djsonb' || type === 'jsonb')
    );
}

/**
 * Type of an expression. JSONB results are dictionaries, like JSONB columns. `property_get` and similar functions
 * return dictionaries of strings.
 */
function dictionaryOf(name: string, duckType: DuckDBType, id: number): DataType {
  if (isJson(duckType)) {
    return new Dictionary(new Binary(), new Int32(), id);
  }
  if (name === 'NULL') {
    return new Null();
  }
  const type = arrowTypeOf(duckType);
  return DataType.isUtf8(type) && /^(property_get|jsonb_as_string|jsonb_format_json)\(/.test(name)
    ? new Dictionary(type, new Int32(), id)
    : type;
}

/** An expression without an alias has its SQL as its name. DuckDB adds quotes to this name, DataFusion does not. */
function displayName(name: string): string {
  const unquoted = /[(\s]/.test(name) ? name.replace(/"([a-z_][a-z0-9_]*)"/g, '$1') : name;
  return unquoted
    .replaceAll('count_star()', 'count(*)')
    .replaceAll('approx_quantile(', 'approx_percentile_cont(')
    .replaceAll('quantile_cont(', 'percentile_cont(');
}
