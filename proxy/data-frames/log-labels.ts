/**
 * The labels of log lines as one JSON object per line.
 *
 * Lines share their labels by the thousand, so each distinct set is put together once, from the codes of its texts and
 * property bags, and the lines pick theirs. Columns keep their names. So do entries of `properties`; those of
 * `process_properties` get the prefix `process.`, since both bags may use the same keys. An entry whose name is that of a
 * column, or of an entry of a bag before it, has the name of its bag before it: nothing is lost.
 */
import { growInt32, zeroInt32 } from '../memory/typed-arrays';
import {
  ByteSink,
  bytesOf,
  gather,
  hashBytes,
  JSONB_PROBLEMS,
  type JsonbPair,
  type JsonNumbers,
  type PlainColumn,
  type Vector,
  visitJsonbObject,
  writeJsonb,
} from '../arrow-ipc';
import { quotedName } from '../errors/foreign-text';
import { CodeTuples } from './pair-index';
import { jsonNumbers } from './big-integers';
import { type FrameContext } from './frame-context';
import { type ResultColumn, uniqueNames } from './result-columns';
import { TextCodes } from './text-codes';

interface Source {
  column: ResultColumn;
  codes: TextCodes;
  numbers: JsonNumbers;
}

interface Bag extends Source {
  /** Name of the column; with a number where two have the same. */
  name: string;
  /** Goes before the names of all entries. */
  prefix: string;
  /** Goes before names that are taken; no column's name begins with it. */
  mark: string;
}

/** True for names of columns, and of entries of the bags before. */
type IsTaken = (name: string) => boolean;

const PROCESS_PREFIX = 'process.';

/** A set is kept as JSON and as the texts in it. */
const TIMES_KEPT = 2;
/** Kept of each set beside its text: codes, place, hash, in arrays that grow by doubling. */
const SET_BYTES = 128;
/** What a new table has room for. */
const FIRST_SETS = 1024;

export class LogLabels {
  readonly #context: FrameContext;
  readonly #texts: Source[];
  readonly #textNames: readonly string[];
  readonly #taken: ReadonlySet<string>;
  readonly #bags: Bag[];
  readonly #tuples: CodeTuples;
  readonly #json: ByteSink;
  /** Where each set begins in `json`, and the last one ends; grows by doubling. */
  #offsets: Int32Array;
  readonly #hashes: number[] = [];

  constructor(labels: readonly ResultColumn[], properties: readonly ResultColumn[], context: FrameContext) {
    this.#context = context;
    const { memory } = context.options;
    this.#json = new ByteSink(memory, 4096);
    this.#offsets = zeroInt32(memory, FIRST_SETS);
    const source = (column: ResultColumn): Source => ({
      column,
      codes: TextCodes.ofBytes(column.type, memory),
      numbers: jsonNumbers(column.name, context.options, context.notices),
    });
    this.#texts = labels.map(source);
    this.#textNames = uniqueNames(labels.map((column) => column.name));
    this.#taken = new Set(this.#textNames);
    const bagNames = uniqueNames(properties.map((column) => column.name));
    this.#bags = properties.map((column, index) => {
      const name = bagNames[index] ?? column.name;
      const prefix = column.name === 'properties' ? '' : PROCESS_PREFIX;
      return { ...source(column), name, prefix, mark: freeMark(`${name}.`, this.#textNames) };
    });
    this.#tuples = new CodeTuples(labels.length + properties.length, memory);
  }

  /** Sets of labels so far. */
  get size(): number {
    return this.#hashes.length;
  }

  /** About the bytes that all sets take, with the texts that they were made of. */
  get keptBytes(): number {
    return this.#json.written.length * TIMES_KEPT + this.#hashes.length * SET_BYTES;
  }

  /** The number of each row's label set. */
  add(columns: readonly Vector[], rows: number): Int32Array {
    const codes = [...this.#texts, ...this.#bags].map(({ column, codes: source }) => {
      const vector = columns[column.index];
      return vector === undefined ? zeroInt32(this.#context.options.memory, rows) : source.codes(vector);
    });
    const ids = this.#tuples.add(codes, rows);
    for (let id = this.#hashes.length; id < this.#tuples.size; id++) {
      this.#writeSet(this.#tuples.codes(id));
    }
    return ids;
  }

  /** A hash of a set's content: the same in every query that gives the same labels. */
  hash(id: number): number {
    return this.#hashes[id] ?? 0;
  }

  /** The labels column of rows with these sets. */
  column(ids: Int32Array): PlainColumn {
    const sets: PlainColumn = {
      kind: 'json',
      length: this.#hashes.length,
      nullCount: 0,
      validity: null,
      offsets: bytesOf(this.#offsets.subarray(0, this.#hashes.length + 1)),
      values: this.#json.written.subarray(0, this.#json.length),
    };
    return gather(sets, ids, null, this.#context.options.memory);
  }

  #writeSet(codes: readonly number[]): void {
    const start = this.#json.length;
    const entries = new ObjectWriter(this.#json);
    // The names of the bags before: one set that grows, since a result may have thousands of bags.
    const before = new Set<string>();
    const isTaken = (name: string) => this.#taken.has(name) || before.has(name);
    this.#bags.forEach((bag, index) => {
      const names = this.#writeBag(bag, codes[this.#texts.length + index] ?? 0, entries, isTaken);
      if (index + 1 < this.#bags.length) {
        names.forEach((name) => before.add(name));
      }
    });
    this.#texts.forEach(({ codes: source }, index) => {
      const text = source.text(codes[index] ?? 0);
      if (text !== undefined) {
        entries.key(this.#textNames[index] ?? '').text(JSON.stringify(text));
      }
    });
    entries.end();
    this.#hashes.push(hashBytes(this.#json.written, start, this.#json.length));
    this.#endSet();
  }

  #endSet(): void {
    const sets = this.#hashes.length;
    if (sets >= this.#offsets.length) {
      this.#offsets = growInt32(this.#context.options.memory, this.#offsets, this.#offsets.length * 2);
    }
    this.#offsets[sets] = this.#json.length;
  }

  /** Writes the entries of a property bag. Answers with their names. */
  #writeBag(bag: Bag, code: number, entries: ObjectWriter, isTaken: IsTaken): readonly string[] {
    const { column, codes, numbers, prefix, mark } = bag;
    const bytes = codes.bytes(code);
    if (bytes === undefined || bytes.length === 0) {
      return [];
    }
    const before = entries.mark();
    const names: string[] = [];
    const visit: JsonbPair = (key, write) => {
      const name = freeName(prefix + key, mark, isTaken);
      names.push(name);
      write(entries.key(name));
    };
    if (visitJsonbObject(bytes, visit, numbers)) {
      return names;
    }
    entries.reset(before);
    const name = freeName(bag.name, mark, isTaken);
    const problem = writeJsonb(bytes, entries.key(name), numbers);
    if (problem === undefined) {
      return [name];
    }
    entries.reset(before);
    this.#context.notices.warn(
      `Column ${quotedName(column.name)} ${JSONB_PROBLEMS[problem]}; such values are left out of the labels.`
    );
    return [];
  }
}

/** A prefix that no name begins with: `mark` once or more. */
function freeMark(mark: string, names: readonly string[]): string {
  let free = mark;
  while (names.some((name) => name.startsWith(free))) {
    free += mark;
  }
  return free;
}

/** The name, with the mark before it if it is taken, or else might be that of an entry which got the mark. */
function freeName(name: string, mark: string, isTaken: IsTaken): string {
  let unmarked = name;
  while (unmarked.startsWith(mark)) {
    unmarked = unmarked.slice(mark.length);
  }
  return isTaken(name) || isTaken(unmarked) ? mark + name : name;
}

/** Writes the pairs of one JSON object. */
class ObjectWriter {
  readonly #sink: ByteSink;
  #count = 0;

  constructor(sink: ByteSink) {
    this.#sink = sink;
    sink.text('{');
  }

  /** Starts a pair: write its value to the sink that comes back. */
  key(name: string): ByteSink {
    this.#sink.text(`${this.#count > 0 ? ',' : ''}${JSON.stringify(name)}:`);
    this.#count++;
    return this.#sink;
  }

  mark(): readonly [bytes: number, count: number] {
    return [this.#sink.length, this.#count];
  }

  /** Forgets the pairs after a mark. */
  reset([bytes, count]: readonly [bytes: number, count: number]): void {
    this.#sink.truncate(bytes);
    this.#count = count;
  }

  end(): void {
    this.#sink.text('}');
  }
}
