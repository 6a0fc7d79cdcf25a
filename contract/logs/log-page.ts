/**
 * A page of a logs query: the lines before or after the shown lines. Grafana requests a page when the user scrolls to
 * the first or last shown line.
 */
import { type InferOutput, is, nonEmpty, picklist, pipe } from 'valibot';
import { integerIn, objectOf, stringOf } from '../schemas';

/** Maximum number of UTF-16 units of the name of the time column. */
const MAX_COLUMN_CHARACTERS = 1000;
/** Maximum of `shown`, in lines. */
const MAX_SHOWN = 100_000_000;
/** The last full millisecond since 1970 that fits into 64 bits as nanoseconds. */
const MAX_MS = 9_223_372_036_854;

const logPageRequest = objectOf({
  /**
   * `older`: the lines before the boundary, the newest first. `newer`: the lines after the boundary, the oldest first.
   */
  direction: picklist(['older', 'newer']),
  /**
   * Time of the oldest or newest shown line, in milliseconds since 1970. The page includes all lines of this
   * millisecond, also those that are already shown.
   */
  boundaryMs: integerIn(-MAX_MS, MAX_MS - 1),
  /** Number of lines in the page that are already shown. The backend adds this number to the limit of the page. */
  shown: integerIn(0, MAX_SHOWN),
  /** Name of the column with the time of the lines. */
  timeColumn: pipe(stringOf(MAX_COLUMN_CHARACTERS), nonEmpty()),
});

export type LogPageRequest = InferOutput<typeof logPageRequest>;

/** True for a request whose fields are all within their bounds. */
export function isLogPageRequest(value: unknown): value is LogPageRequest {
  return is(logPageRequest, value);
}
