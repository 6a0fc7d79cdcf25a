/**
 * The first and the last lines that Grafana shows for a query. The requests for further pages need these lines.
 *
 * A page repeats the lines of the millisecond at its boundary, because a limit may have dropped some lines of this
 * millisecond. Grafana drops a line if a shown line has the same id. But the id of a repeated line may change: a number
 * in the id counts the lines of one response that have the same time and message. This file recognizes a repeated line
 * by all of its values, and restores the first id of the line.
 */
import { LOG_FIELDS, type LogFrameMeta } from '../../../contract/logs/log-frame';
import { StringMap } from '../../../contract/string-map';
import { UniqueNames } from '../../../contract/unique-names';
import { type DataFrame, type Field } from '@grafana/data';

/** A line at the start or the end of the shown lines. */
interface EndLine {
  id: string;
  /** All values of the line except its id. */
  content: string;
  /** Milliseconds since 1970. */
  ms: number;
  /** Nanoseconds after that millisecond. */
  nanos: number;
}

export type Direction = 'older' | 'newer';

/** Both ends of the shown lines of a query. Exists only for results with at least one line. */
export interface ShownLines {
  /** Name of the column with the time of the lines. */
  timeColumn: string;
  ends: Readonly<Record<Direction, LinesEnd>>;
}

interface LinesEnd {
  /** The millisecond of the outermost line at this end. */
  ms: number;
  /** The lines that the next page repeats. */
  lines: readonly EndLine[];
}

function fieldOf({ fields }: DataFrame, name: string): Field | undefined {
  return fields.find((field) => field.name === name);
}

/** The name of the time column of a frame with log lines. Undefined for other frames. */
export function timeColumnOfFrame({ meta }: DataFrame): string | undefined {
  const custom: Partial<Record<keyof LogFrameMeta, unknown>> | undefined = meta?.custom;
  const name = meta?.type === 'log-lines' ? custom?.timeColumn : undefined;
  return typeof name === 'string' && name !== '' ? name : undefined;
}

/**
 * The frame with nanoseconds in all of its times. Grafana joins the frames of pages, and misplaces the nanoseconds if
 * only some frames have them.
 */
export function withNanos(frame: DataFrame): DataFrame {
  const needsNoChange = ({ type, nanos }: Field) => String(type) !== 'time' || nanos !== undefined;
  return frame.fields.every(needsNoChange)
    ? frame
    : {
        ...frame,
        fields: frame.fields.map((field) =>
          needsNoChange(field) ? field : { ...field, nanos: new Array<number>(frame.length).fill(0) }
        ),
      };
}

function contentOf({ fields }: DataFrame, row: number): string {
  return JSON.stringify(
    fields.filter(({ name }) => name !== LOG_FIELDS.id).map(({ values, nanos }) => [values[row], nanos?.[row] ?? 0])
  );
}

/**
 * True if a page that begins at `boundaryMs` repeats the line. A page of older lines also repeats lines exactly at the
 * start of the next millisecond.
 */
function isRepeated({ ms, nanos }: Pick<EndLine, 'ms' | 'nanos'>, direction: Direction, boundaryMs: number): boolean {
  return ms === boundaryMs || (direction === 'older' && ms === boundaryMs + 1 && nanos === 0);
}

/** The lines of a frame that a page repeats if it begins at `boundaryMs`. */
function linesAt(frame: DataFrame, direction: Direction, boundaryMs: number): Array<EndLine & { row: number }> {
  const time = fieldOf(frame, LOG_FIELDS.time);
  const ids = fieldOf(frame, LOG_FIELDS.id);
  const found: Array<EndLine & { row: number }> = [];
  for (let row = 0; row < frame.length; row++) {
    const ms: number = time?.values[row];
    const nanos = time?.nanos?.[row] ?? 0;
    if (isRepeated({ ms, nanos }, direction, boundaryMs)) {
      found.push({ row, ms, nanos, id: String(ids?.values[row]), content: contentOf(frame, row) });
    }
  }
  return found;
}

/** The millisecond of the outermost line at one end of a frame. Undefined for a frame without lines. */
function endMs(frame: DataFrame, direction: Direction): number | undefined {
  const times: readonly number[] = fieldOf(frame, LOG_FIELDS.time)?.values ?? [];
  let end: number | undefined;
  for (const ms of times) {
    if (end === undefined || (direction === 'older' ? ms < end : ms > end)) {
      end = ms;
    }
  }
  return end;
}

/** One end of the shown lines after a frame was added. @param known The lines that were at this end before. */
function endAfter(frame: DataFrame, direction: Direction, known?: LinesEnd): LinesEnd | undefined {
  const added = endMs(frame, direction);
  const candidates = [added, known?.ms].filter((ms) => ms !== undefined);
  if (candidates.length === 0) {
    return undefined;
  }
  const ms = direction === 'older' ? Math.min(...candidates) : Math.max(...candidates);
  const byId = new StringMap<EndLine>();
  const kept = (known?.lines ?? []).filter((line) => isRepeated(line, direction, ms));
  for (const { id, content, ms: lineMs, nanos } of [...kept, ...linesAt(frame, direction, ms)]) {
    byId.set(id, { id, content, ms: lineMs, nanos });
  }
  return { ms, lines: [...byId.values()] };
}

/** The ends of the lines in the first result of a query. Undefined for a frame without log lines. */
export function firstLines(frame: DataFrame): ShownLines | undefined {
  const timeColumn = timeColumnOfFrame(frame);
  const older = endAfter(frame, 'older');
  const newer = endAfter(frame, 'newer');
  return timeColumn === undefined || older === undefined || newer === undefined
    ? undefined
    : { timeColumn, ends: { older, newer } };
}

interface ContinuedLines {
  /** The page, in which repeated lines have their first ids. */
  page: DataFrame;
  shown: ShownLines;
  /** Number of lines that were not shown before. */
  added: number;
}

/** Adds a page to the shown lines. @returns The page with unique ids, and the lines that are then shown. */
export function continueLines(shown: ShownLines, page: DataFrame, direction: Direction): ContinuedLines {
  const { ms, lines } = shown.ends[direction];
  const known = idsByContent(lines);
  const taken = new UniqueNames(
    lines.map(({ id }) => id),
    '-'
  );
  const ids: unknown[] = [...(fieldOf(page, LOG_FIELDS.id)?.values ?? [])];
  let repeated = 0;
  for (const { row, id, content } of linesAt(page, direction, ms)) {
    const first = known.get(content)?.next().value;
    repeated += first === undefined ? 0 : 1;
    ids[row] = first ?? taken.add(id, id.split('-')[0]);
  }
  const fields = page.fields.map((field) => (field.name === LOG_FIELDS.id ? { ...field, values: ids } : field));
  const renamed: DataFrame = { ...page, fields };
  const end = endAfter(renamed, direction, shown.ends[direction]) ?? shown.ends[direction];
  return {
    page: renamed,
    shown: { ...shown, ends: { ...shown.ends, [direction]: end } },
    added: page.length - repeated,
  };
}

/** The ids of lines with the same content, in the order of the lines. The iterator returns each id once. */
function idsByContent(lines: readonly EndLine[]): StringMap<ArrayIterator<string>> {
  const ids = new StringMap<string[]>();
  for (const { content, id } of lines) {
    const ofContent = ids.get(content);
    if (ofContent === undefined) {
      ids.set(content, [id]);
    } else {
      ofContent.push(id);
    }
  }
  return new StringMap([...ids].map(([content, ofContent]) => [content, ofContent.values()]));
}
