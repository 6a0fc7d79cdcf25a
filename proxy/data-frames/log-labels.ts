/**
 * The labels of log lines as one JSON object per line.
 *
 * Lines share their labels by the thousand, so each distinct set is put together once, from the codes of its texts and
 * property bags, and the lines pick theirs. Entries of `properties` keep their names and beat a column of the same name;
 * those of `process_properties` get the prefix `process.`, since both bags may use the same keys.
 */
import { ByteSink } from '../arrow-ipc/byte-sink';
import { gather } from '../arrow-ipc/gather';
import { type JsonNumbers } from '../arrow-ipc/json-numbers';
import { type JsonbPair, visitJsonbObject, writeJsonb } from '../arrow-ipc/jsonb';
import { type PlainColumn } from '../arrow-ipc/plain-column';
import { hashBytes } from '../arrow-ipc/text-table';
import { bytesOf, type Vector } from '../arrow-ipc/vector';
import { CodeTuples } from './code-tuples';
import { jsonNumbers } from './big-integers';
import { type FrameContext } from './frame-context';
import { type ResultColumn } from './result-columns';
import { TextCodes } from './text-codes';

interface Source {
  column: ResultColumn;
  codes: TextCodes;
  numbers: JsonNumbers;
}

const PROCESS_PREFIX = 'process.';

/** A set is kept as JSON and as the texts in it, in arrays that grow by doubling. */
const TIMES_KEPT = 3;
/** Kept of each set beside its text: codes, place, hash. */
const SET_BYTES = 128;

export class LogLabels {
  private readonly texts: Source[];
  private readonly bags: Source[];
  private readonly names: ReadonlySet<string>;
  private readonly tuples: CodeTuples;
  private readonly json = new ByteSink(4096);
  /** Where each set begins in `json`, and the last one ends; grows by doubling. */
  private offsets = new Int32Array(1024);
  private readonly hashes: number[] = [];

  constructor(
    labels: readonly ResultColumn[],
    properties: readonly ResultColumn[],
    private readonly context: FrameContext
  ) {
    const source = (column: ResultColumn): Source => ({
      column,
      codes: TextCodes.ofBytes(column.type),
      numbers: jsonNumbers(column.name, context.options, context.notices),
    });
    this.texts = labels.map(source);
    this.bags = properties.map(source);
    this.names = new Set(labels.map((column) => column.name));
    this.tuples = new CodeTuples(labels.length + properties.length);
  }

  /** About the bytes that all sets take, with the texts that they were made of. */
  get keptBytes(): number {
    return this.json.length * TIMES_KEPT + this.hashes.length * SET_BYTES;
  }

  /** The number of each row's label set. */
  add(columns: readonly Vector[], rows: number): Int32Array {
    const codes = [...this.texts, ...this.bags].map(({ column, codes: source }) => {
      const vector = columns[column.index];
      return vector === undefined ? new Int32Array(rows) : source.codes(vector);
    });
    const ids = this.tuples.add(codes, rows);
    for (let id = this.hashes.length; id < this.tuples.size; id++) {
      this.writeSet(this.tuples.codes(id));
    }
    return ids;
  }

  /** A hash of a set's content: the same in every query that gives the same labels. */
  hash(id: number): number {
    return this.hashes[id] ?? 0;
  }

  /** The labels column of rows with these sets. */
  column(ids: Int32Array): PlainColumn {
    const sets: PlainColumn = {
      kind: 'json',
      length: this.hashes.length,
      nullCount: 0,
      validity: null,
      offsets: bytesOf(this.offsets.subarray(0, this.hashes.length + 1)),
      values: this.json.written.subarray(0, this.json.length),
    };
    return gather(sets, ids, null);
  }

  private writeSet(codes: readonly number[]): void {
    const start = this.json.length;
    const entries = new ObjectWriter(this.json);
    const overridden = new Set<string>();
    this.bags.forEach((bag, index) => this.writeBag(bag, codes[this.texts.length + index] ?? 0, entries, overridden));
    this.texts.forEach(({ column, codes: source }, index) => {
      const text = source.text(codes[index] ?? 0);
      if (text !== undefined && !overridden.has(column.name)) {
        entries.key(column.name).text(JSON.stringify(text));
      }
    });
    entries.end();
    this.hashes.push(hashBytes(this.json.written, start, this.json.length));
    this.endSet();
  }

  private endSet(): void {
    const sets = this.hashes.length;
    if (sets >= this.offsets.length) {
      const grown = new Int32Array(this.offsets.length * 2);
      grown.set(this.offsets);
      this.offsets = grown;
    }
    this.offsets[sets] = this.json.length;
  }

  private writeBag(
    { column, codes, numbers }: Source,
    code: number,
    entries: ObjectWriter,
    overridden: Set<string>
  ): void {
    const bytes = codes.bytes(code);
    if (bytes === undefined || bytes.length === 0) {
      return;
    }
    const prefix = column.name === 'properties' ? '' : PROCESS_PREFIX;
    const before = entries.mark();
    const found = new Set<string>();
    const visit: JsonbPair = (key, write) => {
      write(entries.key(prefix + key));
      if (this.names.has(prefix + key)) {
        found.add(prefix + key);
      }
    };
    if (visitJsonbObject(bytes, visit, numbers)) {
      found.forEach((name) => overridden.add(name));
      return;
    }
    entries.reset(before);
    if (!writeJsonb(bytes, entries.key(column.name), numbers)) {
      entries.reset(before);
      this.context.notices.warn(
        `Column "${column.name}" holds values that are not valid JSONB; they are left out of the labels.`
      );
    }
  }
}

/** Writes the pairs of one JSON object. */
class ObjectWriter {
  private count = 0;

  constructor(private readonly sink: ByteSink) {
    sink.text('{');
  }

  /** Starts a pair: write its value to the sink that comes back. */
  key(name: string): ByteSink {
    this.sink.text(`${this.count > 0 ? ',' : ''}${JSON.stringify(name)}:`);
    this.count++;
    return this.sink;
  }

  mark(): readonly [bytes: number, count: number] {
    return [this.sink.length, this.count];
  }

  /** Forgets the pairs after a mark. */
  reset([bytes, count]: readonly [bytes: number, count: number]): void {
    this.sink.truncate(bytes);
    this.count = count;
  }

  end(): void {
    this.sink.text('}');
  }
}
