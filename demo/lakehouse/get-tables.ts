/** The response to CommandGetTables: the global tables. The filters work as on the server. */
import { create, fromBinary, type MessageShape } from '@bufbuild/protobuf';
import { type AnySchema } from '@bufbuild/protobuf/wkt';
import { Binary, Field, Schema, Utf8 } from 'apache-arrow';
import { type FlightData } from '../../proxy/generated/arrow/flight/flight_pb';
import { type CommandGetTables, CommandGetTablesSchema } from '../../proxy/generated/arrow/flight/flight_sql_pb';
import { encodeArray } from './arrow-values';
import { GLOBAL_TABLES, tableSchema } from './catalogue';
import { batchMessages, schemaBytes, schemaMessage } from './flight-messages';

/** Decodes the command. A command without content has no filters. */
export function readGetTables(any: MessageShape<typeof AnySchema>): CommandGetTables {
  return any.value.length === 0 ? create(CommandGetTablesSchema) : fromBinary(CommandGetTablesSchema, any.value);
}

/** The schema of the response. The column with the schemas of the tables is optional. */
export function tablesSchema({ includeSchema }: CommandGetTables): Schema {
  return new Schema([
    new Field('catalog_name', new Utf8(), true),
    new Field('db_schema_name', new Utf8(), true),
    new Field('table_name', new Utf8(), false),
    new Field('table_type', new Utf8(), false),
    ...(includeSchema ? [new Field('table_schema', new Binary(), false)] : []),
  ]);
}

/** The schema message and at most one batch. */
export function tablesMessages(command: CommandGetTables): FlightData[] {
  const schema = tablesSchema(command);
  const tables = [...GLOBAL_TABLES].filter(([name]) => matches(command, name));
  if (tables.length === 0) {
    return [schemaMessage(schema)];
  }
  const columns = [
    tables.map(() => ''),
    tables.map(() => ''),
    tables.map(([name]) => name),
    tables.map(() => 'table'),
    tables.map(([, columnsOfTable]) => schemaBytes(tableSchema(columnsOfTable))),
  ];
  const data = schema.fields.map((field, index) => encodeArray(field.type, columns[index] ?? []));
  return [schemaMessage(schema), ...batchMessages(schema, tables.length, data)];
}

function matches(command: CommandGetTables, table: string): boolean {
  const { catalog, dbSchemaFilterPattern, tableNameFilterPattern, tableTypes } = command;
  return (
    (catalog === undefined || catalog === '') &&
    (dbSchemaFilterPattern === undefined || like(dbSchemaFilterPattern, '')) &&
    (tableNameFilterPattern === undefined || like(tableNameFilterPattern, table)) &&
    (tableTypes.length === 0 || tableTypes.includes('table'))
  );
}

/** SQL's LIKE with `%`, `_`, and a backslash as escape character. */
function like(pattern: string, value: string): boolean {
  const source = pattern.replace(/\\?[\s\S]/g, (part) => {
    if (part === '%') {
      return '[^]*';
    }
    return part === '_' ? '[^]' : part.slice(-1).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${source}$`).test(value);
}
