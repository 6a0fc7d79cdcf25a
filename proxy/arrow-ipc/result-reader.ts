/**
 * Follows the messages of one result: schema first, then dictionaries and record batches.
 *
 * A dictionary message with a known id replaces the values, or adds to them when it is a delta. Batches read earlier keep
 * the values they were read with: a `Dictionary` is never changed. A second schema starts the stream of the next
 * endpoint, whose dictionary ids are its own.
 */
import { ProxyError } from '../errors/proxy-error';
import { type ArrowSchema, type ArrowType, childTypes, typeText } from './arrow-type';
import { type IpcMessage, wholeBody } from './ipc-message';
import { malformed } from './malformed';
import { checkColumns, type DictionaryLookup, readColumns } from './read-batch';
import { type BatchHeader, readMessageHeader } from './read-message';
import { type Dictionary, type Vector } from './vector';

export interface RecordBatch {
  readonly length: number;
  /** Where the body came in pieces, asking for them joins it. */
  readonly columns: readonly Vector[];
  /** What the batch was read from, to be handed on as it is; undefined where it was compressed. */
  readonly message: IpcMessage | undefined;
}

/** A checked batch whose body came in pieces. */
class SplitBatch implements RecordBatch {
  private read: readonly Vector[] | undefined;

  constructor(
    private readonly header: BatchHeader,
    readonly message: IpcMessage,
    private readonly types: readonly ArrowType[]
  ) {}

  get length(): number {
    return this.header.length;
  }

  get columns(): readonly Vector[] {
    this.read ??= readColumns(this.header, wholeBody(this.message), this.types, () => undefined).columns;
    return this.read;
  }
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
      const { columns, bytes } = readColumns(header.batch, wholeBody(message), [type], lookup);
      this.takeDictionary(header.id, header.isDelta, columns);
      this.kept += header.isDelta ? bytes : 0;
      return undefined;
    }
    return this.batch(header.batch, message, lookup);
  }

  private batch(header: BatchHeader, message: IpcMessage, lookup: DictionaryLookup): RecordBatch {
    const isCompressed = header.compression !== undefined;
    // With dictionaries nothing goes on as it came, and later ones must not show in this batch.
    if (isCompressed || message.body instanceof Uint8Array || this.valueTypes.size > 0) {
      const { columns, bytes } = readColumns(header, wholeBody(message), this.types, lookup);
      this.kept += bytes;
      return { length: header.length, columns, message: isCompressed ? undefined : message };
    }
    checkColumns(header, message.body.length, this.types, lookup);
    this.kept += message.body.length;
    return new SplitBatch(header, message, this.types);
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
