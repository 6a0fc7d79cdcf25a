/** Display options of fields. */
import { type DynamicConfigValue } from '@grafana/grafana-foundation-sdk/dashboard';

export const named = (displayName: string): DynamicConfigValue => ({ id: 'displayName', value: displayName });
export const unit = (value: string): DynamicConfigValue => ({ id: 'unit', value });
export const decimals = (value: number): DynamicConfigValue => ({ id: 'decimals', value });
/** @param pixels Width of a column of a table. */
export const width = (pixels: number): DynamicConfigValue => ({ id: 'custom.width', value: pixels });
/** @param pixels Minimum width of a column that takes the remaining width. */
export const minWidth = (pixels: number): DynamicConfigValue => ({ id: 'custom.minWidth', value: pixels });
/** Removes the width that the data source sends for a column. */
const NO_WIDTH: DynamicConfigValue = { id: 'custom.width', value: null };
/** The width of a column with times, which may have fractions of a second. */
export const TIME = width(195);
/** A column with times in whole seconds. */
export const SECONDS: readonly DynamicConfigValue[] = [unit('time:YYYY-MM-DD HH:mm:ss'), width(165)];
/** For columns with long strings: each cell gets a button that shows the whole string. */
export const INSPECTED: DynamicConfigValue = { id: 'custom.inspect', value: true };
export const color = (fixedColor: string): DynamicConfigValue => ({
  id: 'color',
  value: { mode: 'fixed', fixedColor },
});

/** Shows numbers of at least 1 in a color. */
export const colored = (fixedColor: string): DynamicConfigValue[] => [
  {
    id: 'thresholds',
    value: {
      mode: 'absolute',
      steps: [
        { value: null, color: 'text' },
        { value: 1, color: fixedColor },
      ],
    },
  },
  { id: 'color', value: { mode: 'thresholds' } },
];

/** Each cell of a table has the color of its value. */
export const COLORED_CELLS: DynamicConfigValue = { id: 'custom.cellOptions', value: { type: 'color-text' } };

/** A bar behind the number. */
export const BAR_CELLS: DynamicConfigValue = {
  id: 'custom.cellOptions',
  value: { type: 'gauge', mode: 'basic', valueDisplayMode: 'text' },
};

/** Hides a column. Only links use its values. */
export const HIDDEN: DynamicConfigValue = { id: 'custom.hidden', value: true };

/** Widths of columns in a list of processes. */
export const PROCESS_WIDTHS: Readonly<Record<string, readonly DynamicConfigValue[]>> = {
  exe: [NO_WIDTH, minWidth(170)],
  state: [width(80)],
  fatal: [width(60)],
  error: [width(65)],
  warn: [width(85)],
  start_time: [width(160)],
  Metrics: [width(75)],
  Traces: [width(70)],
  'Flame graph': [width(105)],
  Timeline: [width(85)],
  Changes: [width(80)],
};
/** Columns of a list of images. */
export const IMAGES: Readonly<Record<string, readonly DynamicConfigValue[]>> = {
  time: SECONDS,
  image: [width(110)],
  name: [minWidth(110)],
  format: [HIDDEN],
  size: [HIDDEN],
};

const OTHER_COLUMNS = ['Images', 'Perfetto', 'last_seen', 'version', 'computer', 'username', 'process_id'];
/**
 * Fits a list of processes into a screen with 1,440 pixels beside Grafana's docked menu. The dashboard "Micromegas one
 * process" shows the hidden columns.
 */
export const NARROW_PROCESSES = {
  ...PROCESS_WIDTHS,
  ...Object.fromEntries(OTHER_COLUMNS.map((name) => [name, [HIDDEN]])),
};

/** Colors for the states of processes. Lists of processes have the same colors. */
export const STATE_COLORS = { running: 'green', ended: 'blue', crashed: 'red' } as const;
/**
 * Colors for counts of fatal lines, errors and warnings. Lists of processes have the same colors. Warnings are orange,
 * because yellow text is hard to read.
 */
export const LEVEL_COLORS = { fatal: 'purple', error: 'red', warning: 'orange' } as const;

/** Links from a cell, for example to a query in Explore (`exploreUrl`). */
export const links = (...targets: ReadonlyArray<{ title: string; url: string }>): DynamicConfigValue => ({
  id: 'links',
  value: targets,
});

/** The level of a log line, with its color. The data source sends the name and the color. */
export const levelCells = (): DynamicConfigValue[] => [
  named('Level'),
  width(75),
  { id: 'custom.align', value: 'left' },
  COLORED_CELLS,
];
