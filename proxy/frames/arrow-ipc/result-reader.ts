/**
 * Reads the messages of one result in order: a schema, then dictionaries and record batches.
 *
 * A dictionary message with a known id replaces the values, or extends them if the message is a delta. Earlier batches
 * keep their values, because a `Dictionary` is immutable. Another schema message starts the stream of the next
 * endpoint, which has its own dictionary ids.
 */
import { ProxyError } from '../../base/errors/proxy-error';
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { type ArrowSchema, type ArrowType, childTypes, formatType } from './arrow-type';
import { type BatchLayout, layoutOf } from './batch-layout';
import { DeltaLimits } from './delta-limits';
import { type IpcMessage, readMessageHeader } from './message-header';
import { malformed } from './result-errors';
import { readColumns } from './read-batch';
import { type Dictionary, type Vector } from './vector';

/** The rows of one message. All columns have `length` rows. */
export interface RecordBatch {
  readonly length: number;
  readonly columns: readonly Vector[];
}

/** Properties of a dictionary according to the schema. */
interface DictionaryValues {
  layout: BatchLayout;
  /** Number of columns with this dictionary, including nested columns. */
  uses: number;
  /** Name of the value type, computed when a second column uses the dictionary. */
  typeName?: string;
}

/** Reads one result. Pass each message once, in order. The reader cannot be used after an error. */
export class ResultReader {
  readonly #memory: MemoryAccount;
  #current: ArrowSchema | undefined;
  #layout = layoutOf([]);
  readonly #values = new Map<number, DictionaryValues>();
  readonly #dictionaries = new Map<number, Dictionary>();
  readonly #dictionaryBytes = new Map<number, number>();
  #keptBytes = 0;
  readonly #deltas = new DeltaLimits();

  /** @param memory Counts decompressed buffers. The caller must count the messages. */
  constructor(memory: MemoryAccount) {
    this.#memory = memory;
  }

  /** Bytes of the received messages that the current dictionaries refer to. */
  get keptBytes(): number {
    return this.#keptBytes;
  }

  /** The schema. Undefined before its message was read. */
  get schema(): ArrowSchema | undefined {
    return this.#current;
  }

  /**
   * Reads the next message.
   *
   * @returns The record batch. Undefined for other messages.
   * @throws {ProxyError} 'result_malformed', 'result_schema_changed', 'result_too_large'
   */
  read(message: IpcMessage): RecordBatch | undefined {
    const header = readMessageHeader(message.header);
    if (header.kind === 'schema') {
      this.#takeSchema(header.schema);
      return undefined;
    }
    if (this.#current === undefined) {
      throw malformed('a batch came before the schema');
    }
    if (header.bodyBytes !== message.body.length) {
      throw malformed('the length of a message differs from its header');
    }
    this.#deltas.received(message.header.length + message.body.length);
    const lookup = (id: number) => this.#dictionaries.get(id);
    if (header.kind === 'dictionary') {
      const values = this.#values.get(header.id);
      if (values === undefined) {
        throw malformed('a dictionary belongs to no column');
      }
      const columns = readColumns(header.batch, message.body, values.layout, lookup, this.#memory);
      this.#takeDictionary(header.id, header.isDelta, columns, message.body.length);
      return undefined;
    }
    this.#deltas.batch();
    const columns = readColumns(header.batch, message.body, this.#layout, lookup, this.#memory);
    return { length: header.batch.length, columns };
  }

  #takeSchema(schema: ArrowSchema): void {
    this.#dictionaries.clear();
    this.#dictionaryBytes.clear();
    this.#keptBytes = 0;
    this.#values.clear();
    this.#deltas.clear();
    if (this.#current !== undefined && formatSchema(this.#current) !== formatSchema(schema)) {
      throw new ProxyError('result_schema_changed');
    }
    this.#current ??= schema;
    const types = schema.fields.map((field) => field.type);
    this.#layout = layoutOf(types);
    types.forEach((type) => this.#collectDictionaries(type));
  }

  /**
   * Checks that all columns that share a dictionary have the same value type, because the values are read only once.
   * This check also excludes a dictionary that contains itself.
   */
  #collectDictionaries(type: ArrowType): void {
    if (type.kind === 'dictionary') {
      const known = this.#values.get(type.id);
      if (known === undefined) {
        this.#values.set(type.id, { layout: layoutOf([type.value]), uses: 1 });
      } else {
        known.uses++;
        known.typeName ??= known.layout.types.map(formatType).join();
        if (known.typeName !== formatType(type.value)) {
          throw malformed('two columns of different types share a dictionary');
        }
      }
      this.#collectDictionaries(type.value);
    }
    childTypes(type).forEach((child) => this.#collectDictionaries(child));
  }

  #takeDictionary(id: number, isDelta: boolean, chunks: Vector[], bytes: number): void {
    const before = isDelta ? (this.#dictionaries.get(id)?.chunks ?? []) : [];
    const bytesBefore = this.#dictionaryBytes.get(id) ?? 0;
    const bytesNow = isDelta ? bytesBefore + bytes : bytes;
    const pieces = before.length + chunks.length;
    this.#deltas.dictionary(id, { pieces, bytes: bytesNow, uses: this.#values.get(id)?.uses ?? 1 });
    this.#dictionaries.set(id, { chunks: [...before, ...chunks] });
    this.#dictionaryBytes.set(id, bytesNow);
    this.#keptBytes += bytesNow - bytesBefore;
  }
}

function formatSchema(schema: ArrowSchema): string {
  return JSON.stringify(schema.fields.map((field) => [field.name, formatType(field.type)]));
}
