/** Returns the frames of queries of the type `what-changed`. */
import { type WhatChangedRequest } from '../../../contract/query-types/what-changed';
import { StringSet } from '../../../contract/string-map';
import { type ComposedFrame } from '../../frames/data-frames/composed-frames';
import { type ViewContext } from '../view-context';
import { nothingFound, widerSearch } from '../nothing-found';
import { checkedId, DAY_MS } from '../processes/read-processes';
import { compareChanges } from './change';
import { changeFrame, MAX_CHANGES } from './change-frame';
import { changedLines } from './changed-lines';
import { changedProcesses, type Scope } from './changed-processes';
import { windowOf } from './window';

/** @throws {ProxyError} 'query_field_invalid' for a process id that is not a UUID, and errors of the statements. */
export async function whatChangedFrames(request: WhatChangedRequest, lake: ViewContext): Promise<ComposedFrame[]> {
  const scope = scopeOf(request);
  const window = windowOf(request, lake);
  const { changes, processes, isLimited, hasMatched } = await changedProcesses(scope, window, lake);
  const lines = await changedLines(scope, processes, window, lake, MAX_CHANGES + 1);
  const all = [...changes, ...lines].sort(compareChanges);
  const frame = changeFrame(all, window, { scope, isLimited }, lake);
  if (all.length > 0 || hasMatched) {
    return [frame];
  }
  const range = { fromMs: window.beforeMs, toMs: window.toMs };
  const text = 'Nothing was compared: no process that the query names was active';
  const notice = nothingFound({ text, range, arrivedBeforeMs: DAY_MS, hasSearched: false }, lake);
  const wider = widerSearch({ queryType: 'what-changed', 'what-changed': { ...request, atMs: undefined } }, lake);
  return [{ ...frame, notices: [notice] }, ...wider];
}

function scopeOf({ processIds = [], exe = '' }: WhatChangedRequest): Scope {
  const ids = [...new StringSet(processIds.filter((id) => id.trim() !== '').map(checkedId))];
  return ids.length > 0 ? { processIds: ids } : { exe };
}
