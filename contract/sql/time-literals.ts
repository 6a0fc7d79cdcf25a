/** Writes times as SQL literals. */
import { quoteLiteral } from './sql-names';

const NANOS_PER_SECOND = 1_000_000_000n;

/**
 * A string literal that the server reads as a time in comparisons.
 *
 * @param nanoseconds Since 1970, in the range of 64-bit integers. The literal has all nine digits of the fraction.
 */
export function formatNanoseconds(nanoseconds: bigint): string {
  const fraction = ((nanoseconds % NANOS_PER_SECOND) + NANOS_PER_SECOND) % NANOS_PER_SECOND;
  const seconds = new Date(Number((nanoseconds - fraction) / 1_000_000n))
    .toISOString()
    .slice(0, 'YYYY-MM-DDTHH:MM:SS'.length);
  return quoteLiteral(`${seconds}.${String(fraction).padStart(9, '0')}Z`);
}

/** A timestamp literal. @param nanoseconds As for `formatNanoseconds`. */
export function nanosLiteral(nanoseconds: bigint): string {
  return `timestamp ${formatNanoseconds(nanoseconds)}`;
}

/** A timestamp literal. @param epochMs Milliseconds since 1970. */
export function msLiteral(epochMs: number): string {
  return `timestamp ${quoteLiteral(new Date(epochMs).toISOString())}`;
}
