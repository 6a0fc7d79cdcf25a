/** The server's answer to `CommandGetTables`, row by row. */
import { type ColumnInfo, type TableInfo, type TablesPayload } from '../../contract/resources';
import {
  type ArrowSchema,
  cellBytes,
  type IpcMessage,
  readEncapsulatedSchema,
  typeText,
  type Vector,
} from '../arrow-ipc';
import { ProxyError } from '../errors/proxy-error';
import { type MemoryAccount } from '../memory/memory-account';
import { readBatches } from './read-batches';
import { textCell } from './text-cell';

/** Tables, and columns of all tables together, that are listed at most: more than any editor offers to choose from. */
const MAX_TABLES = 10_000;
const MAX_COLUMNS = 200_000;

const BINARY: ReadonlySet<string> = new Set(['binary', 'largeBinary', 'binaryView']);

/** About what a name or type takes as JavaScript objects beside its characters, of two bytes each. */
const TEXT_HEAP_BYTES = 64;

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

async function* tableRows(messages: AsyncIterable<IpcMessage>, memory: MemoryAccount): AsyncGenerator<TableRow> {
  for await (const { schema, batch } of readBatches(messages, memory)) {
    const names = schema.fields.map(({ name }) => name);
    const column = (name: string): Vector => {
      const found = batch?.columns[names.indexOf(name)];
      if (found === undefined) {
        throw new ProxyError('result_malformed', { detail: `The server's list of tables has no column ${name}.` });
      }
      return found;
    };
    for (let row = 0; row < (batch?.length ?? 0); row++) {
      yield { name: textCell(column('table_name'), row, memory), column, row };
    }
  }
}

/** What was read so far, against the limits of a list. */
class ListSize {
  readonly #memory: MemoryAccount;
  tables = 0;
  columns = 0;
  #heapBytes = 0;

  constructor(memory: MemoryAccount) {
    this.#memory = memory;
  }

  /** @returns False when the table is one too many. */
  add(texts: readonly string[], columns: number): boolean {
    this.tables++;
    this.columns += columns;
    this.#heapBytes += texts.reduce((sum, text) => sum + TEXT_HEAP_BYTES + 2 * text.length, 0);
    this.#memory.note(0, this.#heapBytes);
    return this.tables <= MAX_TABLES && this.columns <= MAX_COLUMNS && !this.#memory.isBeyondLimit;
  }
}

/** Names of the tables, in the server's order: `MAX_TABLES` at most. @param memory Of this list alone. */
export async function readTableNames(messages: AsyncIterable<IpcMessage>, memory: MemoryAccount): Promise<string[]> {
  const names: string[] = [];
  const size = new ListSize(memory);
  for await (const { name } of tableRows(messages, memory)) {
    if (!size.add([name], 0)) {
      break;
    }
    names.push(name);
  }
  return names;
}

/** The tables with their columns, as many as the limits allow. @param memory Of this list alone. */
export async function readTables(messages: AsyncIterable<IpcMessage>, memory: MemoryAccount): Promise<TablesPayload> {
  const tables: TableInfo[] = [];
  const size = new ListSize(memory);
  for await (const { name, column, row } of tableRows(messages, memory)) {
    const schema = column('table_schema');
    if (!BINARY.has(schema.type.kind)) {
      throw new ProxyError('result_malformed', {
        detail: "The column table_schema of the server's list is not binary.",
      });
    }
    const columns = columnsOf(readEncapsulatedSchema(cellBytes(schema, row)));
    const texts = columns.flatMap((column) => [column.name, column.type]);
    if (!size.add([name, ...texts], columns.length)) {
      return { tables, truncated: true };
    }
    tables.push({ name, columns });
  }
  return { tables };
}
