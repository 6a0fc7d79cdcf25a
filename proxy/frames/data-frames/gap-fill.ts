/** Reads from the options of a query how to fill the gaps of time series. */
import { joinedList, shownName } from '../../base/errors/foreign-string';
import { encodedNumber, type GapFill } from './fill-gaps';
import { type FrameContext } from './frame-builder';
import { type ResultColumn } from './result-columns';

/** Undefined if gaps are not filled. Adds a warning for value columns that cannot hold the value. */
export function gapFill({ options, notices }: FrameContext, columns: readonly ResultColumn[]): GapFill | undefined {
  const { fillMode: value, window } = options;
  if (value === undefined || window === undefined) {
    return undefined;
  }
  const unfit = columns.filter(({ converter }) => typeof value === 'number' && !encodedNumber(converter.kind, value));
  if (unfit.length > 0) {
    notices.warn(
      `Gaps are not filled with ${value} in ${joinedList(unfit, ({ name }) => shownName(name))}, because the type of the column cannot hold this number.`
    );
  }
  return { value, window, onUnfilled: (reason) => notices.warn(`Gaps are not filled: ${reason}.`) };
}
