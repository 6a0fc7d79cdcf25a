/** Returns the frames of queries of the type `profile`. */
import {
  type ProfileRequest,
  type ProfileSpans,
  type ProfileView,
  windowEnd,
} from '../../../contract/query-types/profile';
import { type ComposedFrame } from '../../frames/data-frames/composed-frames';
import { ProxyError } from '../../base/errors/proxy-error';
import { type TimeRangeMs } from '../lake-reader/lake-reader';
import { type ViewContext } from '../view-context';
import { flameGraphFrames } from './flame-graph-frames';
import { readStreams } from './process-streams';
import { checkIds, profileWindow } from './profile-window';
import { timelineFrames } from './timeline';

const DEFAULT_SPANS: Readonly<Record<ProfileView, readonly ProfileSpans[]>> = {
  'flame-graph': ['thread'],
  timeline: ['thread', 'async', 'net'],
};

/**
 * @throws {ProxyError} 'query_field_invalid' for an invalid id, range or kind of spans, 'profile_not_available' if the
 *   process has no spans, and errors of the statements.
 */
export async function profileFrames(request: ProfileRequest, lake: ViewContext): Promise<readonly ComposedFrame[]> {
  const asked = normalized(request);
  checkIds(asked);
  const window = profileWindow(asked, lake.range);
  const spans = spansOf(asked);
  const streams = await readStreams(asked, spans, lake);
  return asked.view === 'timeline'
    ? timelineFrames(asked, spans, window, streams, lake)
    : flameGraphFrames(asked, spans, window, streams, lake);
}

/**
 * The time range that a profile reads.
 *
 * @param range The range of the query.
 * @throws {ProxyError} 'query_field_invalid'
 */
export function profileRange(request: ProfileRequest, range: TimeRangeMs): TimeRangeMs {
  return profileWindow(normalized(request), range).range;
}

/** Removes empty strings, which editors and links send for missing fields, and computes the end of the window. */
function normalized(request: ProfileRequest): ProfileRequest {
  const { processId, streamId, root, beginNs } = request;
  return {
    ...request,
    processId: processId.trim(),
    streamId: streamId?.trim() || undefined,
    root: root?.trim() || undefined,
    beginNs: beginNs || undefined,
    endNs: windowEnd(request) || undefined,
  };
}

/** @throws {ProxyError} 'query_field_invalid' */
function spansOf({ view, spans, streamId }: ProfileRequest): ReadonlySet<ProfileSpans> {
  const asked = new Set<ProfileSpans>(!spans || spans.length === 0 ? DEFAULT_SPANS[view] : spans);
  if (streamId !== undefined) {
    return new Set<ProfileSpans>(['thread']);
  }
  if (view === 'flame-graph') {
    asked.delete('net');
  }
  if (asked.size === 0) {
    throw new ProxyError('query_field_invalid', { detail: 'A flame graph shows threads or asynchronous tasks.' });
  }
  return asked;
}
