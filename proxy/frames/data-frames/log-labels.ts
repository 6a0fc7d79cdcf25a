/**
 * Builds the labels of log lines: one JSON object per line.
 *
 * Many lines share their labels, so each distinct set of labels is written once, and lines have the index of their set.
 * A set is identified by the codes (see `StringCodes`) of its strings and property bags (JSONB).
 *
 * Labels have the names of their columns and of the entries of `properties`. Entries of `process_properties` have the
 * prefix `process.`, because `properties` may have entries with the same names. If the name of an entry is taken by a
 * column, or by an entry of an earlier bag, the entry gets the name of its bag as a prefix. So no label is lost.
 */
import { type LabelSources } from '../../../contract/logs/log-frame';
import { countLeading } from '../../../contract/ascending-list';
import { StringMap, StringSet } from '../../../contract/string-map';
import { growInt32, zeroInt32 } from '../../observe/memory/typed-arrays';
import {
  ByteSink,
  take,
  JSONB_PROBLEMS,
  type JsonbPair,
  type JsonNumbers,
  type PlainColumn,
  stringColumn,
  type Vector,
  visitJsonbObject,
  writeJsonb,
} from '../arrow-ipc';
import { shownName } from '../../base/errors/foreign-string';
import { CodeTuples } from './pair-index';
import { jsonNumbers } from './big-integers';
import { type FrameContext } from './frame-builder';
import { LogTraces, TRACE_FIELDS } from './log-traces';
import { type ResultColumn, uniqueNames } from './result-columns';
import { StringCodes } from './string-codes';

interface Source {
  column: ResultColumn;
  codes: StringCodes;
  numbers: JsonNumbers;
}

interface Bag extends Source {
  /** Name of the column, with a number if the name is not unique. */
  name: string;
  /** Prefix of the names of all entries. */
  prefix: string;
  /** Prefix for entries whose name is taken. No column name starts with this prefix. */
  takenPrefix: string;
  /** Ids of trace and span, by the property that they are read from. */
  traces: ReadonlyMap<string, LogTraces>;
  /** Codes of values that are not valid JSONB. Such a value is read only once, although many sets may have it. */
  invalid: Set<number>;
}

/** The levels of lines as a label. */
export interface LevelLabel {
  name: string;
  /** Names, indexed by the number of the level. Only lines whose level has a name get the label. */
  names: ReadonlyArray<string | undefined>;
}

/** True for names of columns, and for names of entries of earlier bags. */
type IsTaken = (name: string) => boolean;

const LINE_PROPERTIES = 'properties';
const NO_TRACES: ReadonlyMap<string, LogTraces> = new StringMap();
const PROCESS_PREFIX = 'process.';

/** A set is kept twice: as JSON, and as the strings that it was built from. */
const TIMES_KEPT = 2;
/** Bytes of a set in addition to its JSON: codes, offset, trace, in arrays that grow by doubling. */
const SET_BYTES = 128;
/** Number of sets for which memory is allocated at first. */
const FIRST_SETS = 1024;

/**
 * Builds the labels of one result. Sets of labels stay in memory until the end of the result, even if the result is
 * sent in parts.
 */
export class LogLabels {
  readonly #context: FrameContext;
  readonly #strings: Source[];
  readonly #stringNames: readonly string[];
  readonly #taken: ReadonlySet<string>;
  readonly #bags: Bag[];
  readonly #tuples: CodeTuples;
  readonly #json: ByteSink;
  /** Offsets of the sets in `#json`. Grows by doubling. */
  #offsets: Int32Array;
  #sets = 0;
  readonly #traces: readonly LogTraces[];
  readonly #level: LevelLabel | undefined;

  /** @param hasTraces True to keep the ids of `TRACE_FIELDS`. @param level Default: no label with the level. */
  constructor(
    labels: readonly ResultColumn[],
    properties: readonly ResultColumn[],
    context: FrameContext,
    hasTraces = false,
    level?: LevelLabel
  ) {
    this.#context = context;
    const { memory } = context.options;
    this.#json = new ByteSink(memory, 4096);
    this.#offsets = zeroInt32(memory, FIRST_SETS);
    const source = (column: ResultColumn): Source => ({
      column,
      codes: StringCodes.ofBytes(column.type, memory),
      // A filter compares the label with the string to which the server converts the property.
      numbers: { ...jsonNumbers(column.name, context.options, context.notices), quoteWholeFloats: true },
    });
    this.#strings = labels.map(source);
    this.#level = level;
    this.#stringNames = uniqueNames(labels.map((column) => column.name));
    this.#taken = new StringSet(level === undefined ? this.#stringNames : [...this.#stringNames, level.name]);
    const bagNames = uniqueNames(properties.map((column) => column.name));
    const traces = hasTraces ? TRACE_FIELDS.map(({ digits }) => new LogTraces(digits, memory)) : [];
    this.#traces = traces;
    const byProperty = new StringMap(traces.map((trace, index) => [TRACE_FIELDS[index].property, trace] as const));
    const firstOfLine = properties.find((column) => column.name === LINE_PROPERTIES);
    const prefixes = new UnusedPrefixes(this.#stringNames);
    this.#bags = properties.map((column, index) => {
      const name = bagNames[index];
      const prefix = column.name === LINE_PROPERTIES ? '' : PROCESS_PREFIX;
      const takenPrefix = prefixes.from(`${name}.`);
      return {
        ...source(column),
        name,
        prefix,
        takenPrefix,
        traces: column === firstOfLine ? byProperty : NO_TRACES,
        invalid: new Set<number>(),
      };
    });
    this.#tuples = new CodeTuples(labels.length + properties.length + (level === undefined ? 0 : 1), memory);
  }

  /** Number of values that are not valid JSONB. Memory is counted for each of them. */
  get invalidValues(): number {
    return this.#bags.reduce((sum, { invalid }) => sum + invalid.size, 0);
  }

  get sources(): LabelSources {
    const ofProcess = this.#bags.filter(({ prefix }) => prefix !== '');
    return {
      columns: [...this.#stringNames, ...(this.#level === undefined ? [] : [this.#level.name])],
      processPrefixes: [...(ofProcess.length > 0 ? [PROCESS_PREFIX] : []), ...ofProcess.map((bag) => bag.takenPrefix)],
    };
  }

  /** Estimated bytes of all sets, with the strings that they were built from. */
  get keptBytes(): number {
    return this.#json.written.length * TIMES_KEPT + this.#sets * SET_BYTES;
  }

  /** @param levels The level of each row, if levels are numbers. @returns The index of the label set of each row. */
  add(columns: readonly Vector[], rows: number, levels?: Int32Array): Int32Array {
    const codes = [...this.#strings, ...this.#bags].map(({ column, codes: source }) => {
      const vector = columns[column.index];
      return vector === undefined ? zeroInt32(this.#context.options.memory, rows) : source.codes(vector);
    });
    const ids = this.#tuples.add(this.#level === undefined || levels === undefined ? codes : [...codes, levels], rows);
    for (let id = this.#sets; id < this.#tuples.size; id++) {
      this.#writeSet(this.#tuples.codes(id));
    }
    return ids;
  }

  /** The labels column for rows with these sets. */
  column(ids: Int32Array): PlainColumn {
    const json = this.#json.written.subarray(0, this.#json.length);
    const sets = stringColumn('json', this.#offsets.subarray(0, this.#sets + 1), json);
    return take(sets, ids, null, this.#context.options.memory);
  }

  /** The columns of `TRACE_FIELDS` for rows with these sets. Empty if `hasTraces` is false. */
  traceColumns(ids: Int32Array): PlainColumn[] {
    return this.#traces.map((trace) => trace.column(ids));
  }

  #writeSet(codes: readonly number[]): void {
    const entries = new ObjectWriter(this.#json);
    this.#strings.forEach(({ codes: source }, index) => {
      const value = source.string(codes[index]);
      if (value !== undefined) {
        entries.key(this.#stringNames[index]).string(JSON.stringify(value));
      }
    });
    const level = this.#level?.names[codes[this.#strings.length + this.#bags.length]];
    if (this.#level !== undefined && level !== undefined) {
      entries.key(this.#level.name).string(JSON.stringify(level));
    }
    // `earlier` collects the names of all earlier bags. A result may have thousands of bags, so a `StringSet` for each
    // bag would be too slow.
    const earlier = new StringSet();
    const isTaken = (name: string) => this.#taken.has(name) || earlier.has(name);
    this.#bags.forEach((bag, index) => {
      const names = this.#writeBag(bag, codes[this.#strings.length + index], entries, isTaken);
      if (index + 1 < this.#bags.length) {
        names.forEach((name) => earlier.add(name));
      }
    });
    entries.end();
    this.#traces.forEach((trace) => trace.endSet());
    this.#endSet();
  }

  #endSet(): void {
    const sets = ++this.#sets;
    if (sets >= this.#offsets.length) {
      this.#offsets = growInt32(this.#context.options.memory, this.#offsets, this.#offsets.length * 2);
    }
    this.#offsets[sets] = this.#json.length;
  }

  /** Writes the entries of a property bag. @returns Their names. */
  #writeBag(bag: Bag, code: number, entries: ObjectWriter, isTaken: IsTaken): readonly string[] {
    const { column, codes, numbers, prefix, takenPrefix } = bag;
    const bytes = codes.bytes(code);
    if (bytes === undefined || bytes.length === 0 || bag.invalid.has(code)) {
      return [];
    }
    const before = entries.position();
    const names: string[] = [];
    const visit: JsonbPair = (key, write) => {
      const name = uniqueName(prefix + key, takenPrefix, isTaken);
      names.push(name);
      const sink = entries.key(name);
      const start = sink.length;
      write(sink);
      bag.traces.get(key)?.take(sink.written.subarray(start, sink.length));
    };
    if (visitJsonbObject(bytes, visit, numbers)) {
      return names;
    }
    entries.reset(before);
    bag.traces.forEach((trace) => trace.drop());
    const name = uniqueName(bag.name, takenPrefix, isTaken);
    const problem = writeJsonb(bytes, entries.key(name), numbers);
    if (problem === undefined) {
      return [name];
    }
    entries.reset(before);
    bag.invalid.add(code);
    this.#context.notices.warn(
      `Column ${shownName(column.name)} ${JSONB_PROBLEMS[problem]}; such values are left out of the labels.`
    );
    return [];
  }
}

/** Finds prefixes that no name starts with. The names are sorted, because a result may have thousands of columns. */
class UnusedPrefixes {
  readonly #names: readonly string[];

  constructor(names: readonly string[]) {
    this.#names = [...names].sort();
  }

  /** @returns `prefix`, repeated as often as necessary. */
  from(prefix: string): string {
    const names = this.#names;
    let repeats = 0;
    for (let at = countLeading(names.length, (index) => names[index] < prefix); names[at]?.startsWith(prefix); at++) {
      repeats = Math.max(repeats, leadingRepeats(names[at], prefix));
    }
    return prefix.repeat(repeats + 1);
  }
}

/** How often the prefix is repeated at the start of the name. */
function leadingRepeats(name: string, prefix: string): number {
  let repeats = 0;
  while (name.startsWith(prefix, repeats * prefix.length)) {
    repeats++;
  }
  return repeats;
}

/**
 * Adds the prefix to a taken name, and to a name that consists of the prefix and a taken name. For example, if `a` is
 * taken, `a` becomes `p.a`, so `p.a` becomes `p.p.a`.
 */
function uniqueName(name: string, takenPrefix: string, isTaken: IsTaken): string {
  let stripped = name;
  while (stripped.startsWith(takenPrefix)) {
    stripped = stripped.slice(takenPrefix.length);
  }
  return isTaken(name) || isTaken(stripped) ? takenPrefix + name : name;
}

/** Writes the pairs of one JSON object. */
class ObjectWriter {
  readonly #sink: ByteSink;
  #count = 0;

  constructor(sink: ByteSink) {
    this.#sink = sink;
    sink.string('{');
  }

  /** Starts a pair. @returns The sink for its value. */
  key(name: string): ByteSink {
    this.#sink.string(`${this.#count > 0 ? ',' : ''}${JSON.stringify(name)}:`);
    this.#count++;
    return this.#sink;
  }

  position(): readonly [bytes: number, count: number] {
    return [this.#sink.length, this.#count];
  }

  /** Drops the pairs after a position. */
  reset([bytes, count]: readonly [bytes: number, count: number]): void {
    this.#sink.truncate(bytes);
    this.#count = count;
  }

  end(): void {
    this.#sink.string('}');
  }
}
