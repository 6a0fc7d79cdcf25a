/**
 * Reads protobuf messages field by field, with the wire format reader of @bufbuild/protobuf and a table of callbacks by
 * field number.
 *
 * Code that is generated from .proto files is not used here: it builds descriptors of all messages at each start, keeps
 * them in memory, and copies fields of type `bytes`.
 */
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

/** The bytes are not a valid message. Wraps every error of the reader. */
export class MalformedMessageError extends Error {
  override readonly name = 'MalformedMessageError';
}

/** Converts the errors of the library, which throws `Error`, `RangeError` and `TypeError`. */
function orMalformed<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    throw new MalformedMessageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/**
 * One field. The callback for the field must call exactly one of these methods, once. A method that fails throws
 * MalformedMessageError.
 */
export class Field {
  readonly #reader: BinaryReader;
  readonly #wireType: WireType;

  constructor(reader: BinaryReader, wireType: WireType) {
    this.#reader = reader;
    this.#wireType = wireType;
  }

  /** An int32, int64 or enum. Exact between -2^53 and 2^53. */
  number(): number {
    this.#expect(WireType.Varint);
    return orMalformed(() => Number(this.#reader.int64()));
  }

  /** The bytes of the field, as a view of the message. */
  bytes(): Uint8Array {
    this.#expect(WireType.LengthDelimited);
    return orMalformed(() => this.#reader.bytes());
  }

  /** The string of the field. Bytes that are not UTF-8 are an error. */
  string(): string {
    this.#expect(WireType.LengthDelimited);
    return orMalformed(() => this.#reader.string(true));
  }

  /** A nested message. */
  message<Message>(fields: Fields<Message>, message: Message): Message {
    return readMessage(this.bytes(), fields, message);
  }

  /** An entry of `map<string, string>`. A missing key or value is empty. */
  stringEntry(): [key: string, value: string] {
    return this.message(STRING_ENTRY, ['', '']);
  }

  #expect(wireType: WireType): void {
    if (this.#wireType !== wireType) {
      throw new MalformedMessageError(`a field has wire type ${this.#wireType} instead of ${wireType}`);
    }
  }
}

/** For each field number, a callback that stores the field in the message. Fields with other numbers are skipped. */
export type Fields<Message> = Readonly<Record<number, (message: Message, field: Field) => void>>;

const STRING_ENTRY: Fields<[key: string, value: string]> = {
  1: (entry, key) => (entry[0] = key.string()),
  2: (entry, value) => (entry[1] = value.string()),
};

/**
 * Reads fields in the order of the bytes. If a field occurs twice, the last value is kept, unless the callback collects
 * the values. A nested message that occurs twice is not merged, because no encoder in use writes a message in parts.
 *
 * @param message Contains the default values. The fields are stored in this object.
 * @returns `message`.
 * @throws {MalformedMessageError}
 */
export function readMessage<Message>(bytes: Uint8Array, fields: Fields<Message>, message: Message): Message {
  const reader = new BinaryReader(bytes);
  const next = () => nextKnown(reader, fields);
  for (let tag = orMalformed(next); tag !== undefined; tag = orMalformed(next)) {
    const [number, wireType] = tag;
    fields[number]?.(message, new Field(reader, wireType));
  }
  return message;
}

/**
 * Skips unknown fields. Returns the number and the wire type of the next known field, or undefined at the end of the
 * message.
 */
function nextKnown(reader: BinaryReader, fields: Fields<never>): [number: number, wireType: WireType] | undefined {
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    const [number, wireType] = tag;
    if (fields[number] !== undefined) {
      return tag;
    }
    if (wireType === WireType.Varint) {
      // `skip` would create a view of the skipped bytes, and accept varints of any length.
      reader.uint32();
    } else {
      reader.skip(wireType, number);
    }
  }
  return undefined;
}
