/** Reads the interval of the time bins from the macros in SQL, such as `$__dateBin(time, '5m')`. */
import { durationMs } from '../../../contract/builder/sql-terms';
import { BIN_MACROS } from '../../../contract/sql/macro-kinds';
import { tokenizeSql } from '../../../contract/sql/sql-scan';
import { callAt } from '../../shared/sql/calls';

/** The bins of one macro, such as `$__dateBin(time, '5m')`. */
export interface MacroBins {
  /** Undefined for an interval that is not known, such as a variable. */
  intervalMs: number | undefined;
  /** True if the macro fills gaps with a value. */
  isFilled: boolean;
  /** True if the value is 0. */
  isZeroFilled: boolean;
}

/** Maximum number of macros that are read. The arguments of each macro may extend to the end of the SQL. */
const MAX_MACROS = 100;
/** Arguments that stand for the interval of the request. */
const OF_REQUEST = /^(?:auto|\$__interval(?:_ms)?|\$\{__interval(?:_ms)?\})$/;

/**
 * The bins of the first macro that has a fill argument. Without such a macro, the bins of the first macro that groups
 * by time.
 *
 * @param requestMs Interval of the request, in milliseconds.
 * @returns undefined for SQL without a macro that groups by time.
 */
export function timeBinsOf(sql: string, requestMs: number): MacroBins | undefined {
  const tokens = tokenizeSql(sql).filter(({ kind }) => kind !== 'comment');
  const macros = [...tokens.keys()].filter((index) => BIN_MACROS.includes(tokens[index].raw)).slice(0, MAX_MACROS);
  const bins = macros.flatMap((index) => {
    const call = callAt(tokens, index + 1);
    if (call === undefined) {
      return [];
    }
    const ends = [...call.commas.slice(1), call.close];
    const [interval = 'auto', fill] = call.commas.map(({ end }, at) => unquoted(sql.slice(end, ends[at]?.start)));
    const intervalMs = OF_REQUEST.test(interval) ? requestMs : durationMs(interval);
    const isFilled = fill !== undefined && !/^null$/i.test(fill);
    return [{ intervalMs, hasFill: fill !== undefined, isFilled, isZeroFilled: Number(fill || NaN) === 0 }];
  });
  const found = bins.find(({ hasFill }) => hasFill) ?? bins[0];
  return found && { intervalMs: found.intervalMs, isFilled: found.isFilled, isZeroFilled: found.isZeroFilled };
}

function unquoted(value: string): string {
  return value.replace(/['"]/g, '').trim();
}
