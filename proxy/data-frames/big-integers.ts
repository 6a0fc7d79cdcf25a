/**
 * Integers that browsers round: beyond ±2^53 a JavaScript number does not hold every integer. Grafana's server keeps them
 * exactly, so only the browser's view of them is concerned. One notice of a frame names all columns with such integers.
 *
 * Spans of time are left out: a hundred days are not shown to the nanosecond.
 */
import { hasBigIntegers, type JsonNumbers, type PlainColumn } from '../arrow-ipc';
import { type FrameOptions } from './frame-options';
import { type ColumnRemark, type Notices } from './notices';

/** The part of a column that this needs; see `ResultColumn`. */
interface NamedColumn {
  name: string;
  converter: { unit: string | undefined };
}

function remark(advice: string): ColumnRemark {
  const rounded =
    'numbers that browsers round: integers beyond ±9,007,199,254,740,992 or, in JSON, decimals of many digits.';
  return { one: `holds ${rounded} ${advice}`, several: `hold ${rounded} ${advice}` };
}

const IN_SERIES = remark('To see every digit, choose the format Table and switch on "Big integers as text".');
const IN_ROWS = remark('Switch on "Big integers as text" in the options of the query to see every digit.');

/** Tells the reader of the frame that numbers of the column are rounded. */
function tell(column: string, { format }: FrameOptions, notices: Notices): void {
  notices.infoAboutColumn(column, format === 'time_series' ? IN_SERIES : IN_ROWS);
}

/** Watches the integer columns of a frame. */
export class BigIntegers {
  readonly #options: FrameOptions;
  readonly #notices: Notices;
  readonly #found = new Set<NamedColumn>();

  constructor(options: FrameOptions, notices: Notices) {
    this.#options = options;
    this.#notices = notices;
  }

  /** Looks through the column's part of a batch, unless big integers were found in it before. */
  look(column: NamedColumn, values: PlainColumn): void {
    const isCounted = values.kind === 'int64' || values.kind === 'uint64';
    if (!isCounted || column.converter.unit !== undefined || this.#found.has(column) || !hasBigIntegers(values)) {
      return;
    }
    this.#found.add(column);
    if (!turnsToText(this.#options)) {
      tell(column.name, this.#options, this.#notices);
    }
  }

  /** True when big integers were found in the column so far. */
  areIn(column: NamedColumn): boolean {
    return this.#found.has(column);
  }
}

/** True when columns with big integers are to become text. The values of a time series stay numbers. */
export function turnsToText({ bigIntegersAsText, format }: FrameOptions): boolean {
  return bigIntegersAsText === true && format !== 'time_series';
}

/** How the JSON of a column writes big integers: quoted when text is asked for, else as they are, with a notice. */
export function jsonNumbers(name: string, options: FrameOptions, notices: Notices): JsonNumbers {
  let isTold = turnsToText(options);
  return {
    quoteBig: isTold,
    onBig: () => {
      if (!isTold) {
        isTold = true;
        tell(name, options, notices);
      }
    },
  };
}
