import { growth } from '../../../tests/support/growth';
import { unlimitedAccount } from '../../observe/memory/testing/accounts';
import { type ArrowType } from './arrow-type';
import { type IpcMessage } from './message-header';
import { ResultReader } from './result-reader';
import { dictionaryMessageOf, field, schemaMessageOf } from './testing/write-ipc';

const NO_BYTES = new Uint8Array(0);

function dictionaryType(id: number): ArrowType {
  const index = { kind: 'int', bits: 8, signed: true } as const;
  return { kind: 'dictionary', id, index, value: { kind: 'int', bits: 64, signed: true } };
}

/** A schema with `count` columns, whose dictionaries have the ids from 0 to `count - 1`. */
function schemaOf(count: number): IpcMessage {
  return schemaMessageOf(Array.from({ length: count }, (_, id) => field(`column ${id}`, dictionaryType(id))));
}

/** A dictionary of numbers of 8 bytes. */
function dictionaryOf(values: number, options: { id: number; isDelta?: boolean }): IpcMessage {
  const parts = { length: values, nodes: [[values, 0]] as const, buffers: [NO_BYTES, new Uint8Array(values * 8)] };
  return dictionaryMessageOf(parts, options);
}

it('counts the bytes of the current dictionaries', () => {
  const reader = new ResultReader(unlimitedAccount());
  const keptAfter = (message: IpcMessage) => {
    reader.read(message);
    return reader.keptBytes;
  };
  expect(keptAfter(schemaOf(2))).toBe(0);
  expect(keptAfter(dictionaryOf(10, { id: 0 }))).toBe(80);
  expect(keptAfter(dictionaryOf(5, { id: 1 }))).toBe(120);
  // A delta extends the dictionary.
  expect(keptAfter(dictionaryOf(1, { id: 1, isDelta: true }))).toBe(128);
  // A dictionary with a known id replaces the dictionary and its deltas.
  expect(keptAfter(dictionaryOf(2, { id: 1 }))).toBe(96);
  expect(keptAfter(dictionaryOf(0, { id: 0 }))).toBe(16);
  // The stream of the next endpoint has its own dictionaries.
  expect(keptAfter(schemaOf(2))).toBe(0);
  expect(keptAfter(dictionaryOf(3, { id: 0, isDelta: true }))).toBe(24);
});

it('does not add up all dictionaries after each message', async () => {
  const readerOf = (count: number) => {
    const reader = new ResultReader(unlimitedAccount());
    reader.read(schemaOf(count));
    for (let id = 0; id < count; id++) {
      reader.read(dictionaryOf(1, { id }));
    }
    return { reader, count };
  };
  const read = ({ reader, count }: ReturnType<typeof readerOf>) => {
    for (let message = 0; message < count; message++) {
      difference += reader.keptBytes - count * 8;
    }
  };
  let difference = 0;
  expect(await growth(read, readerOf, 2000)).toBeLessThan(8);
  expect(difference).toBe(0);
});
