/** For tests: columns of a time series from plain values, and its frame as lines. */
import { Float64, Table, Utf8, vectorFromArray } from 'apache-arrow';
import { type FrameOptions } from '../frame-options';
import { buildOne, messagesOf, type ReadFrame, timeColumn } from './arrow-messages';

export const SECOND = 1_000_000_000n;

export function times(...seconds: Array<number | null>) {
  return timeColumn(seconds.map((second) => (second === null ? null : BigInt(second) * SECOND)));
}

export function strings(...values: Array<string | null>) {
  return vectorFromArray(values, new Utf8());
}

export function words(...values: Array<string | null>) {
  return vectorFromArray(values);
}

export function floats(...values: Array<number | null>) {
  return vectorFromArray(values, new Float64());
}

/** One line for each field: name, labels, values; times in seconds. */
export function lines(frame: ReadFrame): string[] {
  return frame.fields.map(({ name, labels, values }) => {
    const shown = values.map((value) => (typeof value === 'bigint' && name === 'time' ? value / SECOND : value));
    return `${name}${labels === undefined ? '' : JSON.stringify(labels)}: ${shown.join(' ')}`;
  });
}

export function series(columns: Record<string, unknown>, options: Partial<FrameOptions> = {}): Promise<ReadFrame> {
  return buildOne(messagesOf(new Table(columns as never)), { format: 'time_series', ...options });
}
