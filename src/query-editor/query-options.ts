/** The options of a query in words. */
import { type FillMode, type MicromegasQueryFields, readQuery } from '../../contract/query';

/** A choice of the control: a saved query without filling has no value at all. */
export type FillChoice = FillMode | 'off';

export const FILL_MODES: Array<{ value: FillChoice; label: string; description: string }> = [
  { value: 'off', label: 'Off', description: 'Points are where rows are.' },
  { value: 'null', label: 'Null', description: 'A gap breaks the line.' },
  { value: 'zero', label: 'Zero', description: 'For counts and sums.' },
  { value: 'previous', label: 'Previous', description: 'Repeats the value before.' },
];

export function fillModeOf(query: MicromegasQueryFields): FillChoice {
  return readQuery(query).fillMode ?? 'off';
}

export function fillPatch(choice: FillChoice): MicromegasQueryFields {
  return { fillMode: choice === 'off' ? undefined : choice };
}

/** The options that have an effect in the query's format, for the closed row; empty when there are none. */
export function optionsSummary(query: MicromegasQueryFields): string {
  const { format, fillMode, labelColumns, bigIntegersAsText } = readQuery(query);
  if (format !== 'time_series') {
    return bigIntegersAsText ? 'Big integers as text' : '';
  }
  const parts = [
    fillMode === undefined ? '' : `Fill gaps: ${FILL_MODES.find(({ value }) => value === fillMode)?.label}`,
    labelColumns.length === 0 ? '' : `Labels: ${labelColumns.join(', ')}`,
  ];
  return parts.filter((part) => part !== '').join(' · ');
}
