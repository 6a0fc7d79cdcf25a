/** Returns the frames of queries of the type `what-changed`. */
import { type WhatChangedRequest } from '../../../contract/query-types/what-changed';
import { type ComposedFrame } from '../../frames/data-frames/composed-frames';
import { type ViewContext } from '../view-context';
import { widerSearch } from '../nothing-found';
import { withCallPartners } from './call-partners';
import { changeOrder } from './change';
import { changeFrame } from './change-frame';
import { MAX_CHANGES } from './change-notices';
import { changedLines } from './changed-lines';
import { changedProcesses } from './changed-processes';
import { programLines } from './program-lines';
import { scopeOf } from './scope';
import { windowOf } from './window';

/** The error of a request without a scope. An empty table would look as if nothing had changed. */
export const NO_SCOPE = {
  detail:
    'The query of the type What changed has no processes and no program. A variable in these fields may be empty.',
  advice: 'Choose Processes or a Program, or the scope Whole lakehouse.',
};

/** @throws {ProxyError} 'query_field_invalid' for a process id that is not a UUID, and errors of the statements. */
export async function whatChangedFrames(request: WhatChangedRequest, lake: ViewContext): Promise<ComposedFrame[]> {
  const named = scopeOf(request);
  const window = windowOf(request, lake);
  const { scope, isPartial } =
    request.scope === 'callers-and-callees'
      ? await withCallPartners(named, window, lake)
      : { scope: named, isPartial: false };
  const { changes, processes, examined, isLimited } = await changedProcesses(scope, window, lake);
  const lines =
    scope.kind === 'processes'
      ? {
          changes: await changedLines(scope.processIds, processes, window, lake, MAX_CHANGES + 1),
          isLimited: false,
          hasMoreProcesses: false,
          unnamed: 0,
        }
      : await programLines(scope, window, lake);
  await lake.pace.pause();
  const compared = {
    scope,
    window,
    examined,
    unnamed: lines.unnamed,
    hasMoreVersions: isLimited,
    hasMoreLines: lines.isLimited,
    hasMoreProcesses: lines.hasMoreProcesses,
    hasMoreCalls: isPartial,
  };
  const all = [...changes, ...lines.changes].sort(changeOrder(window.atMs));
  const table = changeFrame(all, compared, request, lake);
  const wider =
    all.length > 0 || examined > 0
      ? []
      : widerSearch({ queryType: 'what-changed', 'what-changed': { ...request, atMs: undefined } }, lake);
  return [table, ...wider];
}
