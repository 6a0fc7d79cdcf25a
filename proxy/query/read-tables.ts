/** Reads the server's response to `CommandGetTables`: the tables and their columns. */
import { type ColumnInfo, type TableInfo, type TablesPayload } from '../../contract/resources/resources';
import { type ArrowSchema, type IpcMessage, readEncapsulatedSchema, readRows, formatType } from '../frames/arrow-ipc';
import { type MemoryAccount } from '../observe/memory/memory-account';

/** Maximum number of tables, and of columns of all tables together. */
const MAX_TABLES = 10_000;
const MAX_COLUMNS = 200_000;

/** Estimated bytes of a name or type as a JavaScript string, in addition to two bytes for each character. */
const STRING_HEAP_BYTES = 64;

/** The columns of a schema, with the names of their types. */
export function columnInfos(schema: Pick<ArrowSchema, 'fields'>): ColumnInfo[] {
  return schema.fields.map(({ name, type }) => ({ name, type: formatType(type) }));
}

/** Counts the tables and columns that were read, and reports their memory to the account. */
class ListSize {
  readonly #memory: MemoryAccount;
  #tables = 0;
  #columns = 0;
  #heapBytes = 0;

  constructor(memory: MemoryAccount) {
    this.#memory = memory;
  }

  /** @returns False if the table exceeds a limit of the list. */
  add(strings: readonly string[], columns: number): boolean {
    this.#tables++;
    this.#columns += columns;
    this.#heapBytes += strings.reduce((sum, string) => sum + STRING_HEAP_BYTES + 2 * string.length, 0);
    this.#memory.note(0, this.#heapBytes);
    return this.#tables <= MAX_TABLES && this.#columns <= MAX_COLUMNS && !this.#memory.isBeyondLimit;
  }
}

/** Names of the tables, in the order of the server, at most `MAX_TABLES`. @param memory Account of this list alone. */
export async function readTableNames(messages: AsyncIterable<IpcMessage>, memory: MemoryAccount): Promise<string[]> {
  const names: string[] = [];
  const size = new ListSize(memory);
  for await (const row of readRows(messages, memory)) {
    const name = row.string('table_name');
    if (!size.add([name], 0)) {
      break;
    }
    names.push(name);
  }
  return names;
}

/** A table with its columns. */
export interface TableSchema {
  name: string;
  fields: ArrowSchema['fields'];
}

/**
 * The tables with the types of their columns. The list ends if a limit is reached.
 *
 * @param memory Account of this list alone.
 * @param onLimit Called if tables are left out.
 */
export async function* readTableSchemas(
  messages: AsyncIterable<IpcMessage>,
  memory: MemoryAccount,
  onLimit: () => void = () => undefined
): AsyncGenerator<TableSchema> {
  const size = new ListSize(memory);
  for await (const row of readRows(messages, memory)) {
    const name = row.string('table_name');
    const { fields } = readEncapsulatedSchema(row.bytes('table_schema'));
    const strings = fields.flatMap((field) => [field.name, formatType(field.type)]);
    if (!size.add([name, ...strings], fields.length)) {
      onLimit();
      return;
    }
    yield { name, fields };
  }
}

/** The tables with their columns, within the limits of the list. @param memory Account of this list alone. */
export async function readTables(messages: AsyncIterable<IpcMessage>, memory: MemoryAccount): Promise<TablesPayload> {
  const tables: TableInfo[] = [];
  const payload: TablesPayload = { tables };
  for await (const { name, fields } of readTableSchemas(messages, memory, () => (payload.truncated = true))) {
    tables.push({ name, columns: columnInfos({ fields }) });
  }
  return payload;
}
