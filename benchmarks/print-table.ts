/** Prints results as the rows of a table, with the ratios to a baseline. */
import { type CaseResult } from './results';

interface Heading {
  title: string;
  width: number;
}

const HEADINGS: readonly Heading[] = [
  { title: 'decoded ms', width: 11 },
  { title: 'raw ms', width: 9 },
  { title: 'min ms', width: 9 },
  { title: 'p95 ms', width: 9 },
  { title: 'M rows/s', width: 9 },
  { title: 'CPU ms', width: 9 },
  { title: 'other CPU ms', width: 13 },
  { title: 'peak MB', width: 8 },
  { title: 'MB', width: 8 },
];
const RATIOS: readonly Heading[] = [
  { title: 'decoded', width: 9 },
  { title: 'raw', width: 8 },
  { title: 'CPU', width: 8 },
  { title: 'memory', width: 8 },
];

const CASE_WIDTH = 34;
const MAX_PLUGIN_CHARACTERS = 24;

/** Returns the result to compare with; undefined if there is none. */
export type Baseline = (result: CaseResult) => CaseResult | undefined;

/**
 * @param baseline If undefined, the table has no columns for ratios.
 */
export class TablePrinter {
  readonly #baseline: Baseline | undefined;
  readonly #print: (line: string) => void;
  readonly #pluginWidth: number;

  constructor(plugins: readonly string[], baseline: Baseline | undefined, print: (line: string) => void) {
    this.#baseline = baseline;
    this.#print = print;
    this.#pluginWidth = Math.max(...plugins.map((name) => shortened(name).length), 'plugin'.length) + 2;
    const headings = [...HEADINGS, ...(baseline === undefined ? [] : RATIOS)];
    this.#line(
      'case',
      'plugin',
      headings.map(({ title, width }) => title.padStart(width))
    );
  }

  add(result: CaseResult): void {
    const { rows, concurrency, medianMs, decodedMs, minMs, p95Ms, cpuMs, othersCpuMs, peakBytes, responseBytes } =
      result;
    const values = [
      decimal(decodedMs),
      decimal(medianMs),
      decimal(minMs),
      decimal(p95Ms),
      decimal((rows * concurrency) / medianMs / 1000),
      decimal(cpuMs),
      decimal(othersCpuMs),
      (peakBytes / 1e6).toFixed(0),
      (responseBytes / 1e6).toFixed(1),
    ];
    const cells = values.map((value, index) => value.padStart(HEADINGS[index]?.width ?? 0));
    this.#line(result.case, result.plugin, [...cells, ...this.#ratios(result)]);
  }

  #ratios(result: CaseResult): string[] {
    const base = this.#baseline?.(result);
    if (base === undefined) {
      return [];
    }
    const pairs: Array<[number | null, number | null]> = [
      [result.decodedMs, base.decodedMs],
      [result.medianMs, base.medianMs],
      [result.cpuMs, base.cpuMs],
      [result.peakBytes, base.peakBytes],
    ];
    return pairs.map(([now, then], index) => {
      const value = now === null || then === null || then === 0 ? '-' : `${(now / then).toFixed(2)} x`;
      return value.padStart(RATIOS[index]?.width ?? 0);
    });
  }

  #line(name: string, plugin: string, cells: readonly string[]): void {
    this.#print(`${name.padEnd(CASE_WIDTH)}${shortened(plugin).padEnd(this.#pluginWidth)}${cells.join('')}`);
  }
}

/** Drops the beginning of a long path, because the end of a path says more. */
function shortened(value: string): string {
  return value.length <= MAX_PLUGIN_CHARACTERS ? value : `…${value.slice(1 - MAX_PLUGIN_CHARACTERS)}`;
}

/** Formats a number with about three digits. */
function decimal(value: number | null): string {
  if (value === null) {
    return '-';
  }
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);
}

/**
 * Compares with the same case and the same plugin of an earlier run. If the earlier run has only one result of this
 * case, compares with this result, even if its plugin is another one.
 */
export function earlierResult(earlier: readonly CaseResult[]): Baseline {
  return (result) => {
    const same = earlier.filter((candidate) => candidate.case === result.case);
    return same.find(({ plugin }) => plugin === result.plugin) ?? (same.length === 1 ? same[0] : undefined);
  };
}

/** Compares with the same case of `plugin` in this run. */
export function ofPlugin(plugin: string, results: readonly CaseResult[]): Baseline {
  return (result) =>
    result.plugin === plugin
      ? undefined
      : results.find((candidate) => candidate.case === result.case && candidate.plugin === plugin);
}
