/** What the backend does for each type of view queries. */
import { type RequestOf, type ViewQueryType, type ViewRequest } from '../../contract/query-types/view-request';
import { type ComposedFrame } from '../frames/data-frames/composed-frames';
import { type TimeRangeMs } from './lake-reader/lake-reader';
import { processesFrames } from './processes/processes-frames';
import { profileFrames, profileRange } from './profiles/profile-frames';
import { rangeOf as tracesRange, tracesFrames } from './traces/traces-frames';
import { type ViewContext } from './view-context';
import { NO_SCOPE, whatChangedFrames } from './what-changed/what-changed-frames';
import { limitedRange } from './what-changed/window';

interface ViewType<Request> {
  /** @throws {ProxyError} 'query_field_invalid', and errors of the statements. */
  frames: (request: Request, lake: ViewContext) => Promise<readonly ComposedFrame[]>;
  /**
   * The range whose length the data source may limit. Default: the range of the query.
   *
   * @throws {ProxyError} 'query_field_invalid'
   */
  limitedRange?: (request: Request, range: TimeRangeMs) => TimeRangeMs;
  /** The error of a request that lacks a required value. Default: an empty result. */
  incomplete?: { detail: string; advice: string };
}

const TYPES: { readonly [Type in ViewQueryType]: ViewType<RequestOf<Type>> } = {
  traces: { frames: tracesFrames, limitedRange: tracesRange },
  profile: { frames: profileFrames, limitedRange: profileRange },
  processes: { frames: processesFrames },
  'what-changed': { frames: whatChangedFrames, limitedRange, incomplete: NO_SCOPE },
};

/** What the backend does for a request. The functions get the request. */
export function viewTypeOf<Type extends ViewQueryType>({ type, request }: ViewRequest<Type>) {
  const { frames, limitedRange: rangeOf, incomplete } = TYPES[type];
  return {
    frames: (lake: ViewContext) => frames(request, lake),
    limitedRange: (range: TimeRangeMs) => rangeOf?.(request, range) ?? range,
    incomplete,
  };
}
