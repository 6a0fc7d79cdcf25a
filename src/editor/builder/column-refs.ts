/** Columns of a table and properties of its JSONB columns, as the lists of the builder name them. */
import { t } from '@grafana/i18n';
import { type ColumnRef, type ConditionType } from '../../../contract/builder/builder-state';
import { holdsProperties } from '../../../contract/builder/sql-terms';
import { type ColumnInfo } from '../../../contract/resources/resources';
import { knownTable, PROCESS_SPAN_COLUMNS } from '../../shared/sql/known-tables';

/** A function of the server that returns the spans of a process. */
export const PROCESS_SPANS = 'process_spans';

/**
 * The condition type of a column. This type decides which operators conditions on the column have.
 *
 * @param arrowType Name of the Arrow type. For a dictionary, the type of its values decides.
 */
export function conditionTypeOf(arrowType: string): ConditionType {
  const type = /^Dictionary\([^,]*, ?(\S.*)\)$/.exec(arrowType)?.[1] ?? arrowType;
  if (type.startsWith('FixedSizeBinary')) {
    return 'bytes';
  }
  if (/^(Large|FixedSize)?List\(/.test(type)) {
    return 'list';
  }
  if (/Binary|Jsonb/.test(type)) {
    return 'json';
  }
  if (/^(Timestamp|Date)/.test(type)) {
    return 'time';
  }
  if (/^(Int|UInt|Float|Decimal)/.test(type)) {
    return 'number';
  }
  return type.startsWith('Bool') ? 'boolean' : 'text';
}

/** The type of a column in the language of the user. */
export function typeLabel(arrowType: string): string {
  switch (conditionTypeOf(arrowType)) {
    case 'number':
      return t('builder.type.number', 'number');
    case 'time':
      return t('builder.type.time', 'time');
    case 'boolean':
      return t('builder.type.boolean', 'true or false');
    case 'json':
      return t('builder.type.properties', 'properties');
    case 'text':
    case 'bytes':
    case 'list':
      return t('builder.type.text', 'text');
  }
}

/** Names of the columns that hold properties, such as `process_properties`. */
export function jsonColumns(columns: readonly ColumnInfo[]): string[] {
  return columns
    .filter(({ name, type }) => conditionTypeOf(type) === 'json' && holdsProperties(name))
    .map(({ name }) => name);
}

/** The name of a column, or `<column>.<key>` for a property. */
export function refName({ column, property }: ColumnRef): string {
  return property === undefined ? column : `${column}.${property}`;
}

/**
 * The column or property that is named by an option of a list, or by a string that the user typed. If the string names
 * no known column or property, it is read as the name of a column.
 */
export function parseRef(value: string, columns: readonly ColumnInfo[]): ColumnRef {
  if (columns.some(({ name }) => name === value)) {
    return { column: value };
  }
  const owner = jsonColumns(columns).find((name) => value.startsWith(`${name}.`) && value.length > name.length + 1);
  return owner === undefined ? { column: value } : { column: owner, property: value.slice(owner.length + 1) };
}

/** The condition type of a column or property. An unknown column is compared as a string. */
export function typeOfRef(ref: ColumnRef, columns: readonly ColumnInfo[]): ConditionType {
  if (ref.property !== undefined) {
    return 'json';
  }
  return conditionTypeOf(columns.find(({ name }) => name === ref.column)?.type ?? 'Utf8');
}

/**
 * Columns of a table. Until the server has listed them, those that the plugin knows of Micromegas's own tables.
 *
 * @param loaded Columns as the server lists them.
 */
export function columnsOfTable(table: string, loaded: readonly ColumnInfo[]): readonly ColumnInfo[] {
  if (loaded.length > 0) {
    return loaded;
  }
  return table === PROCESS_SPANS ? PROCESS_SPAN_COLUMNS : (knownTable(table)?.columns ?? []);
}
