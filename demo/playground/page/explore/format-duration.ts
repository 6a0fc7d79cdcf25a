import { formattedValueToString, getValueFormat } from '@grafana/data';

const format = getValueFormat('ms');

/** A duration in the unit that fits, such as `1.25 ms`. */
export function formatDuration(durationMs: number): string {
  return formattedValueToString(format(durationMs, 2));
}
