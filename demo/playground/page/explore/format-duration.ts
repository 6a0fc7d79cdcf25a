import { formattedValueToString, getValueFormat } from '@grafana/data';

const format = getValueFormat('ms');

/** Formats a duration in a suitable unit, such as `1.25 ms`. */
export function formatDuration(durationMs: number): string {
  return formattedValueToString(format(durationMs, 2));
}
