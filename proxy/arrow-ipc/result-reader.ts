/**
 * Follows the messages of one result: schema first, then dictionaries and record batches.
 *
 * A dictionary message with a known id replaces the values, or adds to them when it is a delta. Batches read earlier keep
 * the values they were read with: a `Dictionary` is never changed. A second schema starts the stream of the next
 * endpoint, whose dictionary ids are its own.
 */
import { ProxyError } from '../errors/proxy-error';
import { type ArrowSchema, type ArrowType, childTypes, typeText } from './arrow-type';
import { type IpcMessage } from './ipc-message';
import { malformed } from './malformed';
import { readColumns } from './read-batch';
import { readMessageHeader } from './read-message';
import { type Dictionary, type Vector } from './vector';

export interface RecordBatch {
  readonly length: number;
  readonly columns: readonly Vector[];
  /** What the batch was read from, to be handed on as it is; undefined where it was compressed. */
  readonly message: IpcMessage | undefined;
}

export class ResultReader {
  private current: ArrowSchema | undefined;
  private types: ArrowType[] = [];
  private readonly valueTypes = new Map<number, ArrowType>();
  private readonly dictionaries = new Map<number, Dictionary>();
  private kept = 0;

  /** Bytes behind everything that was read and may still be in use: batches, and dictionaries with their deltas. */
  get keptBytes(): number {
    return this.kept;
  }

  /** The schema, once its message came. */
  get schema(): ArrowSchema | undefined {
    return this.current;
  }

  /**
   * Takes the next message.
   *
   * @returns The batch that it holds, if it holds one.
   * @throws {ProxyError} 'result_malformed', 'result_schema_changed', 'result_too_large'
   */
  read(message: IpcMessage): RecordBatch | undefined {
    const header = readMessageHeader(message.header);
    if (header.kind === 'schema') {
      this.takeSchema(header.schema);
      return undefined;
    }
    if (this.current === undefined) {
      throw malformed('a batch came before the schema');
    }
    const lookup = (id: number) => this.dictionaries.get(id);
    if (header.kind === 'dictionary') {
      const type = this.valueTypes.get(header.id);
      if (type === undefined) {
        throw malformed('a dictionary belongs to no column');
      }
      const { columns, bytes } = readColumns(header.batch, message.body, [type], lookup);
      this.takeDictionary(header.id, header.isDelta, columns);
      this.kept += header.isDelta ? bytes : 0;
      return undefined;
    }
    const { columns, bytes } = readColumns(header.batch, message.body, this.types, lookup);
    this.kept += bytes;
    const isCompressed = header.batch.compression !== undefined;
    return { length: header.batch.length, columns, message: isCompressed ? undefined : message };
  }

  private takeSchema(schema: ArrowSchema): void {
    this.dictionaries.clear();
    this.valueTypes.clear();
    if (this.current !== undefined && schemaText(this.current) !== schemaText(schema)) {
      throw new ProxyError('result_schema_changed');
    }
    this.current ??= schema;
    this.types = schema.fields.map((field) => field.type);
    this.types.forEach((type) => this.collectDictionaries(type));
  }

  private collectDictionaries(type: ArrowType): void {
    if (type.kind === 'dictionary') {
      this.valueTypes.set(type.id, type.value);
      this.collectDictionaries(type.value);
    }
    childTypes(type).forEach((child) => this.collectDictionaries(child));
  }

  private takeDictionary(id: number, isDelta: boolean, chunks: Vector[]): void {
    const before = isDelta ? (this.dictionaries.get(id)?.chunks ?? []) : [];
    this.dictionaries.set(id, { chunks: [...before, ...chunks] });
  }
}

function schemaText(schema: ArrowSchema): string {
  return JSON.stringify(schema.fields.map((field) => [field.name, typeText(field.type)]));
}
