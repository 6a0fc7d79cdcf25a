/** Counts the masked texts of log lines in one statement, or in a sample if there are many lines or texts. */
import { type EditedSql } from '../../../contract/sql/sql-edits';
import { parseJson } from '../../../contract/parse-json';
import { PATTERN_CHARACTERS } from '../../../contract/logs/log-patterns';
import { HeapCount, stringBytes } from '../../views/lake-reader/heap-count';
import { type ResultColumns } from '../../views/lake-reader/result-columns';
import { JsonColumn, type RowBatch } from '../../views/lake-reader/row-batch';
import { type ViewContext } from '../../views/view-context';
import { type MaskedMessage } from './merge-messages';
import {
  type CountedLines,
  type FirstMessages,
  LINE_COUNT_COLUMNS,
  patternColumns,
  patternSql,
  PROBE_COLUMNS,
  probeSql,
  type Sampling,
  trendColumn,
  UNSAMPLED,
  lineCountSql,
} from './pattern-sql';

/** Maximum number of masked texts that are merged. */
export const MAX_MESSAGES = 10_000;
/** Lines from which on a sample is read. */
export const MAX_PATTERN_LINES = 3_000_000;
/** Lines of the probe that estimates the number of texts. If there are not more lines, there is no probe. */
const PROBED_LINES = 50_000;
/** Estimated number of texts from which on lines are cut. The server keeps all texts in memory. */
const MANY_MESSAGES = 10_000;
/** Maximum number of texts that the server keeps in memory. */
const MAX_SERVER_MESSAGES = 100_000;
/** Characters of a line that count if there are many texts. */
const CUT_CHARACTERS = 256;
/** Bytes of the objects of a text, without its strings and its trend. */
const MESSAGE_BYTES = 400;
const NUMBER_BYTES = 8;

/** A masked text with its lines. The numbers of a sample are those of the sample. */
export interface CountedMessage extends MaskedMessage {
  lines: number;
  /** Lines in the range before. */
  before: number;
  /** Times in nanoseconds since 1970. Zero for a text that only the range before has. */
  firstNs: bigint;
  lastNs: bigint;
  /** A line with this text, cut to `characters` of the sampling. */
  example: string;
  /** True if a line with this text is longer than the characters that count. */
  isCut: boolean;
  /** Number of programs with such lines, and the names of some of them. */
  programs: number;
  programNames: readonly string[];
  /** Lines of each bin of the range. */
  trend: readonly number[];
}

/** The masked texts of a query. */
export interface CountedMessages {
  /** In the order of the statement. At most `MAX_MESSAGES`. */
  texts: readonly CountedMessage[];
  /** Number of texts that the lines have, in both ranges. */
  allTexts: number;
  /** Number of texts without a line in the range before. */
  newTexts: number;
  /** Number of lines in the range, and in the range before. Not those of the sample. */
  lines: number;
  before: number;
  sampling: Sampling;
}

/** Sends the SQL of a statement. */
export type ReadLines = (sql: EditedSql, maxRows: number, columns: ResultColumns) => AsyncGenerator<RowBatch>;

/**
 * Counts masked texts.
 *
 * @param read  Sends the statements with the range of the lines.
 * @param first The texts that are returned if there are more than `MAX_MESSAGES`.
 */
export async function countMessages(
  lines: CountedLines,
  read: ReadLines,
  first: FirstMessages,
  lake: Pick<ViewContext, 'memory' | 'pace'>
): Promise<CountedMessages> {
  const [{ all, range }] = await rowsOf(read(lineCountSql(lines), 1, LINE_COUNT_COLUMNS), (batch) => {
    const [all, range] = ['all_lines', 'range_lines'].map((name) => batch.counts(name));
    return (row) => ({ all: all[row], range: range[row] });
  });
  const sampling = await samplingOf(lines, all, read);
  const { characters } = sampling;
  const heap = new HeapCount(lake.memory);
  const programs = new JsonColumn('program_names', namesOf);
  const rows = await rowsOf(
    read(patternSql(lines, sampling, MAX_MESSAGES, first), MAX_MESSAGES, patternColumns(lines.bins)),
    (batch) => textsOf(batch, { characters, bins: lines.bins, programs, heap })
  );
  heap.note();
  return {
    texts: rows.map(({ text }) => text),
    allTexts: rows.at(0)?.allTexts ?? 0,
    newTexts: rows.at(0)?.newTexts ?? 0,
    lines: range,
    before: all - range,
    sampling,
  };
}

async function rowsOf<T>(
  batches: AsyncIterable<RowBatch>,
  rowReader: (batch: RowBatch) => (row: number) => T
): Promise<T[]> {
  const rows: T[] = [];
  for await (const batch of batches) {
    const read = rowReader(batch);
    for (let row = 0; row < batch.length; row++) {
      rows.push(read(row));
    }
  }
  return rows;
}

/** The sample that keeps the memory of the server small. Everything is read if there are few lines and few texts. */
async function samplingOf(lines: CountedLines, count: number, read: ReadLines): Promise<Sampling> {
  const share = Math.min(1, MAX_PATTERN_LINES / count);
  if (count <= PROBED_LINES) {
    return UNSAMPLED;
  }
  const [probe] = await rowsOf(read(probeSql(lines, PROBED_LINES / count), 1, PROBE_COLUMNS), (batch) => {
    const [texts, single, probed] = ['texts', 'single', 'probed'].map((name) => batch.numbers(name));
    return (row) => ({ texts: texts[row], single: single[row], probed: Math.max(1, probed[row] || 0) });
  });
  // Texts that are single in the probe may be different in all other lines, too. The estimate is an upper bound.
  const unread = Math.max(0, count * share - probe.probed);
  const texts = probe.texts + (probe.single * unread) / probe.probed;
  return texts <= MANY_MESSAGES
    ? { share, characters: PATTERN_CHARACTERS }
    : { share: share * Math.min(1, MAX_SERVER_MESSAGES / texts), characters: CUT_CHARACTERS };
}

function namesOf(json: string): string[] {
  const names: unknown = parseJson(json);
  return Array.isArray(names) ? names.filter((name) => typeof name === 'string' && name !== '') : [];
}

function textsOf(
  batch: RowBatch,
  options: { characters: number; bins: number; programs: JsonColumn<string[]>; heap: HeapCount }
): (row: number) => { text: CountedMessage; allTexts: number; newTexts: number } {
  const { characters, bins, heap } = options;
  const [masked, levels, examples] = ['masked', 'level', 'example'].map((name) => batch.strings(name));
  const [lines, before, lengths, programs, allTexts, newTexts] = [
    'range_lines',
    'before_lines',
    'characters',
    'programs',
    'all_texts',
    'all_new',
  ].map((name) => batch.counts(name));
  const [first, last] = ['first_time', 'last_time'].map((name) => batch.int64(name));
  const names = batch.json(options.programs);
  const trend = Array.from({ length: bins }, (_bin, index) => batch.counts(trendColumn(index)));
  return (row) => {
    const text: CountedMessage = {
      text: masked(row) ?? '',
      level: levels(row) ?? '',
      lines: lines[row],
      before: before[row],
      firstNs: first[row],
      lastNs: last[row],
      example: examples(row) ?? '',
      isCut: lengths[row] > characters,
      programs: programs[row],
      programNames: names(row),
      trend: trend.map((bin) => bin[row]),
    };
    heap.add(
      MESSAGE_BYTES + stringBytes(text.text, text.level, text.example, ...text.programNames) + bins * NUMBER_BYTES
    );
    return { text, allTexts: allTexts[row], newTexts: newTexts[row] };
  };
}
