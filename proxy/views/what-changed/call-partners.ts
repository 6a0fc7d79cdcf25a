/**
 * Adds the callers and callees of a scope: the programs that call its programs, or that they call. They come from the
 * statement of the service map, for few processes and some minutes, because the server reads the spans of each process
 * on its own.
 */
import { AROUND_MS, MAX_CHANGED_PROCESSES } from '../../../contract/query-types/what-changed';
import { StringMap, StringSet } from '../../../contract/string-map';
import { type ViewContext } from '../view-context';
import { readCalls } from '../traces/service-map';
import { findProcesses, type TraceProcess } from '../traces/trace-processes';
import { type Scope } from './scope';
import { type ChangeWindow } from './window';

/** Maximum number of processes whose spans are read. */
export const MAX_CALL_PROCESSES = 16;
/** Maximum number of these processes that belong to the same program. */
const MAX_PER_PROGRAM = 2;

interface WidenedScope {
  scope: Scope;
  /** True if some callers and callees may be missing, because of a limit. */
  isPartial: boolean;
}

/** @throws {ProxyError} Errors of the statements. */
export async function withCallPartners(scope: Scope, window: ChangeWindow, lake: ViewContext): Promise<WidenedScope> {
  if (scope.kind === 'lakehouse') {
    return { scope, isPartial: false };
  }
  const middleMs = window.atMs ?? window.toMs - AROUND_MS;
  const range = {
    fromMs: Math.max(window.fromMs, middleMs - AROUND_MS),
    toMs: Math.min(window.toMs, middleMs + AROUND_MS),
  };
  const found = await findProcesses(lake, range);
  const isOwn = scope.kind === 'processes' ? has(scope.processIds, ({ id }) => id) : has(scope.exes, ({ exe }) => exe);
  const own = found.processes.filter(isOwn);
  if (own.length === 0) {
    return { scope, isPartial: found.isTruncated };
  }
  const ownPrograms = new StringSet(own.map(({ exe }) => exe));
  const read = someOf([...own, ...found.processes.filter(({ exe }) => !ownPrograms.has(exe))]);
  const calls = await readCalls(
    { ...lake, range },
    read.map(({ id }) => id)
  );
  const partners = new StringSet(
    calls.flatMap(({ source, target }) =>
      ownPrograms.has(source) ? [target] : ownPrograms.has(target) ? [source] : []
    )
  );
  const others = found.processes.filter(({ exe }) => partners.has(exe) && !ownPrograms.has(exe));
  const isPartial = found.isTruncated || read.length < found.processes.length;
  return widened(scope, others, isPartial);
}

function has(values: readonly string[], valueOf: (process: TraceProcess) => string) {
  const set = new StringSet(values);
  return (process: TraceProcess) => set.has(valueOf(process));
}

/** The first processes of each program, up to the limits. */
function someOf(processes: readonly TraceProcess[]): TraceProcess[] {
  const counts = new StringMap<number>();
  return processes
    .filter(({ exe }) => {
      const count = (counts.get(exe) ?? 0) + 1;
      counts.set(exe, count);
      return count <= MAX_PER_PROGRAM;
    })
    .slice(0, MAX_CALL_PROCESSES);
}

function widened(
  scope: Exclude<Scope, { kind: 'lakehouse' }>,
  others: readonly TraceProcess[],
  isPartial: boolean
): WidenedScope {
  if (scope.kind === 'programs') {
    const exes = [...new StringSet([...scope.exes, ...others.map(({ exe }) => exe)])];
    return { scope: { ...scope, exes }, isPartial };
  }
  const ids = [...new StringSet([...scope.processIds, ...others.map(({ id }) => id)])];
  const processIds = ids.slice(0, MAX_CHANGED_PROCESSES);
  return { scope: { ...scope, processIds }, isPartial: isPartial || ids.length > processIds.length };
}
