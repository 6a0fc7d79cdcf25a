/** Reads messages field by field into whatever the caller makes of them. */
import { isUtf8 } from 'node:buffer';
import { LENGTH_DELIMITED, VARINT, WireReader } from './wire-reader';

/** Bytes that are not the message that they should be. */
export class MalformedMessage extends Error {
  constructor(what: string) {
    super(`The message ${what}.`);
    this.name = 'MalformedMessage';
  }
}

function malformed(what: string): MalformedMessage {
  return new MalformedMessage(what);
}

/** What a field holds. Each method throws MalformedMessage when the field is of another kind. */
export class FieldValue {
  readonly #value: number | Uint8Array;

  constructor(value: number | Uint8Array) {
    this.#value = value;
  }

  /** A number with sign, or an enum. */
  number(): number {
    if (typeof this.#value !== 'number') {
      throw malformed('has bytes in the place of a number');
    }
    return this.#value;
  }

  /** A view of the message. */
  bytes(): Uint8Array {
    if (typeof this.#value === 'number') {
      throw malformed('has a number in the place of bytes');
    }
    return this.#value;
  }

  text(): string {
    const bytes = this.bytes();
    if (!isUtf8(bytes)) {
      throw malformed('has a text that is not UTF-8');
    }
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  }

  /** An entry of a map with texts as keys. */
  entry<Value>(read: (value: FieldValue) => Value, missing: Value): [key: string, value: Value] {
    const entry: [string, Value] = ['', missing];
    readFields(this.bytes(), {
      1: (key) => (entry[0] = key.text()),
      2: (value) => (entry[1] = read(value)),
    });
    return entry;
  }

  /** An entry of `map<string, string>`. */
  textEntry(): [key: string, value: string] {
    return this.entry((value) => value.text(), '');
  }
}

/** By field number. Fields that are not named are skipped. */
export type FieldReaders = Readonly<Record<number, (value: FieldValue) => void>>;

/**
 * Hands each field to its reader, in the order of the message. What is missing is not told of; of a field that comes
 * twice the last counts, unless its reader collects. Two things of protobuf that no encoder of today writes are left out:
 * a message in a field that comes in several parts is not merged, and groups are refused.
 *
 * @throws {MalformedMessage}
 */
export function readFields(message: Uint8Array, readers: FieldReaders): void {
  const reader = new WireReader(message, malformed);
  while (!reader.atEnd) {
    const { field, wireType } = reader.tag();
    const read = readers[field];
    if (read !== undefined && wireType === VARINT) {
      read(new FieldValue(reader.int()));
    } else if (read !== undefined && wireType === LENGTH_DELIMITED) {
      read(new FieldValue(reader.view(reader.varint())));
    } else {
      reader.skip(wireType);
    }
  }
}
