/**
 * Finds integers that browsers round: a JavaScript number does not represent every integer beyond ±2^53. Grafana's
 * server keeps all digits, so only the browser is affected. One notice per frame names all columns with such integers.
 *
 * Durations are exempt: 2^53 nanoseconds are 104 days, and panels do not show the nanoseconds of such a long duration.
 */
import { hasBigIntegers, type JsonNumbers, type PlainColumn } from '../arrow-ipc';
import { type FrameOptions } from './frame-options';
import { type ColumnNotice, type Notices } from './notices';

/** The properties of `ResultColumn` that are needed here. */
interface NamedColumn {
  name: string;
  converter: { unit: string | undefined };
}

function columnNotice(advice: string): ColumnNotice {
  const rounded =
    'numbers that browsers round: integers beyond ±9,007,199,254,740,992 or, in JSON, decimals of many digits.';
  return { one: `holds ${rounded} ${advice}`, several: `hold ${rounded} ${advice}` };
}

const IN_SERIES = columnNotice('To see every digit, choose the format Table and switch on "Big integers as text".');
const IN_ROWS = columnNotice('Switch on "Big integers as text" in the options of the query to see every digit.');

/** Adds a notice that browsers round numbers of the column. */
function addNotice(column: string, { format }: FrameOptions, notices: Notices): void {
  notices.infoAboutColumn(column, format === 'time_series' ? IN_SERIES : IN_ROWS);
}

/** Records which columns of a frame contain big integers. */
export class BigIntegers {
  readonly #options: FrameOptions;
  readonly #notices: Notices;
  readonly #found = new Set<NamedColumn>();

  constructor(options: FrameOptions, notices: Notices) {
    this.#options = options;
    this.#notices = notices;
  }

  /** Checks the values of a column in one batch, unless big integers were found in the column before. */
  check(column: NamedColumn, values: PlainColumn): void {
    const isInt64 = values.kind === 'int64' || values.kind === 'uint64';
    if (!isInt64 || column.converter.unit !== undefined || this.#found.has(column) || !hasBigIntegers(values)) {
      return;
    }
    this.#found.add(column);
    if (!convertsToStrings(this.#options)) {
      addNotice(column.name, this.#options, this.#notices);
    }
  }

  /** True if big integers were found in the column so far. */
  has(column: NamedColumn): boolean {
    return this.#found.has(column);
  }
}

/** True when columns with big integers become strings. The values of a time series stay numbers. */
export function convertsToStrings({ bigIntegersAsText, format }: FrameOptions): boolean {
  return bigIntegersAsText === true && format !== 'time_series';
}

/** How to write numbers that browsers round: as strings if the user chose this, else as numbers, with a notice. */
export function jsonNumbers(name: string, options: FrameOptions, notices: Notices): JsonNumbers {
  const quoteBig = convertsToStrings(options);
  let needsNotice = !quoteBig;
  return {
    quoteBig,
    onBig: () => {
      if (needsNotice) {
        needsNotice = false;
        addNotice(name, options, notices);
      }
    },
  };
}
