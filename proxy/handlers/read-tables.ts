/** The server's answer to `CommandGetTables`, row by row. */
import { type ColumnInfo, type TableInfo } from '../../contract/resources';
import { type ArrowSchema, typeText } from '../arrow-ipc/arrow-type';
import { cellBytes } from '../arrow-ipc/cell-json';
import { type IpcMessage } from '../arrow-ipc/ipc-message';
import { readEncapsulatedSchema } from '../arrow-ipc/read-message';
import { ResultReader } from '../arrow-ipc/result-reader';
import { type Vector } from '../arrow-ipc/vector';
import { ProxyError } from '../errors/proxy-error';
import { textCell } from './text-cell';

/** The columns of a schema with their types as text. */
export function columnsOf(schema: ArrowSchema): ColumnInfo[] {
  return schema.fields.map(({ name, type }) => ({ name, type: typeText(type) }));
}

/** A row of the list. */
interface TableRow {
  name: string;
  /** @throws {ProxyError} `result_malformed` for a list without the column. */
  column: (name: string) => Vector;
  row: number;
}

async function* tableRows(messages: AsyncIterable<IpcMessage>): AsyncGenerator<TableRow> {
  const reader = new ResultReader();
  for await (const message of messages) {
    const batch = reader.read(message);
    const names = reader.schema?.fields.map(({ name }) => name) ?? [];
    const column = (name: string): Vector => {
      const found = batch?.columns[names.indexOf(name)];
      if (found === undefined) {
        throw new ProxyError('result_malformed', { detail: `The server's list of tables has no column ${name}.` });
      }
      return found;
    };
    for (let row = 0; row < (batch?.length ?? 0); row++) {
      yield { name: textCell(column('table_name'), row), column, row };
    }
  }
}

/** Names of the tables, in the server's order. */
export async function readTableNames(messages: AsyncIterable<IpcMessage>): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of tableRows(messages)) {
    names.push(name);
  }
  return names;
}

/** The tables with their columns. */
export async function readTables(messages: AsyncIterable<IpcMessage>): Promise<TableInfo[]> {
  const tables: TableInfo[] = [];
  for await (const { name, column, row } of tableRows(messages)) {
    tables.push({ name, columns: columnsOf(readEncapsulatedSchema(cellBytes(column('table_schema'), row))) });
  }
  return tables;
}
