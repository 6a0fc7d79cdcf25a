/** Finds starts and ends of processes, and new versions of their programs, with one statement. */
import { msLiteral } from '../../../contract/sql/time-literals';
import { StringMap } from '../../../contract/string-map';
import { HeapCount, stringBytes } from '../lake-reader/heap-count';
import { type ResultColumns } from '../lake-reader/result-columns';
import { type ViewContext } from '../view-context';
import { lastSeen, versionSql } from '../processes/process-row';
import { runningSinceMs } from '../processes/process-state';
import { insertionRange } from '../processes/read-processes';
import { literals } from '../traces/span-conditions';
import { type Change, hasGrown } from './change';
import { type Scope } from './scope';
import { type ChangeWindow, shareOf } from './window';

/** Maximum number of groups: versions of programs, and processes of the request. */
export const MAX_GROUPS = 1000;
/** Estimated heap bytes of a group, without its strings. */
const GROUP_BYTES = 500;

/** A process of the request. */
export interface ScopeProcess {
  exe: string;
  /** Nanoseconds since 1970. */
  startNs: bigint;
}

interface ProcessChanges {
  changes: Change[];
  /**
   * The processes of the request by id, if they ran in the window or in the time before. Empty if the scope has no ids.
   */
  processes: ReadonlyMap<string, ScopeProcess>;
  /**
   * Number of processes of the scope that ran in the window or in the time before. If it is zero, nothing was compared.
   * If `isLimited`, some are not counted.
   */
  examined: number;
  /** True if `MAX_GROUPS` was reached. */
  isLimited: boolean;
}

/**
 * The starts or the ends of processes: their number in the time before the window, their number in the window, and the
 * time of the first one in the window.
 */
interface Events {
  before: number;
  after: number;
  firstNs: bigint;
}

/** A group of processes: all processes of one version of a program, or one process of the request. */
interface Version extends Record<'started' | 'ended', Events> {
  exe: string;
  version: string;
  /** Number of processes that started before the window. */
  older: number;
  /** Number of processes. */
  count: number;
}

/** Returns the changes of processes. @throws {ProxyError} Errors of the statement. */
export async function changedProcesses(scope: Scope, window: ChangeWindow, lake: ViewContext): Promise<ProcessChanges> {
  const processes = new StringMap<ScopeProcess>();
  const versions: Version[] = [];
  const heap = new HeapCount(lake.memory);
  const { beforeMs: fromMs, toMs } = window;
  const range = insertionRange({ range: { fromMs, toMs }, nowMs: lake.nowMs });
  const statement = { sql: processesSql(scope, window, lake), range, maxRows: MAX_GROUPS, columns: GROUP_COLUMNS };
  for await (const batch of lake.read(statement)) {
    const [exes, names, ids] = ['exe', 'version', 'chosen'].map((name) => batch.strings(name));
    const [startedBefore, startedAfter, endedBefore, endedAfter, older, counts] = [
      'started_before',
      'started_after',
      'ended_before',
      'ended_after',
      'older',
      'processes',
    ].map((name) => batch.counts(name));
    const [starts, firstStarted, firstEnded] = ['start', 'first_started', 'first_ended'].map((name) =>
      batch.int64(name)
    );
    for (let row = 0; row < batch.length; row++) {
      const [exe, version, id] = [exes(row) ?? '', names(row) ?? '', ids(row) ?? ''];
      heap.add(GROUP_BYTES + stringBytes(exe, version, id));
      if (id !== '') {
        processes.set(id, { exe, startNs: starts[row] });
      }
      versions.push({
        exe,
        version,
        started: { before: startedBefore[row], after: startedAfter[row], firstNs: firstStarted[row] },
        ended: { before: endedBefore[row], after: endedAfter[row], firstNs: firstEnded[row] },
        older: older[row],
        count: counts[row],
      });
    }
    heap.note();
  }
  return {
    changes: changesOf(versions, shareOf(window)),
    processes,
    examined: scope.kind === 'processes' ? processes.size : versions.reduce((sum, { count }) => sum + count, 0),
    isLimited: versions.length >= MAX_GROUPS,
  };
}

/** The columns of `processesSql`. */
const GROUP_COLUMNS: ResultColumns = {
  exe: 'string',
  version: 'string',
  chosen: 'string',
  start: 'int64',
  started_before: 'number',
  started_after: 'number',
  first_started: 'int64',
  ended_before: 'number',
  ended_after: 'number',
  first_ended: 'int64',
  older: 'number',
  processes: 'number',
};

function processesSql(scope: Scope, window: ChangeWindow, lake: ViewContext): string {
  const { beforeMs, fromMs, toMs } = window;
  const [before, from, to] = [beforeMs, fromMs, toMs].map(msLiteral);
  const chosen =
    scope.kind === 'processes'
      ? `CASE WHEN p.process_id IN (${literals(scope.processIds)}) THEN p.process_id ELSE '' END`
      : `''`;
  // A process that was seen after this time may still be running.
  const runningSince = msLiteral(runningSinceMs({ range: { fromMs, toMs: Infinity }, nowMs: lake.nowMs }));
  const started = `started >= ${from}`;
  const ended = `seen >= ${from} AND seen < ${to} AND seen < ${runningSince}`;
  const count = (condition: string) => `cast(sum(CASE WHEN ${condition} THEN 1 ELSE 0 END) AS bigint)`;
  return (
    `SELECT exe, version, chosen, min(started) AS start,\n` +
    `  ${count(`started >= ${before} AND started < ${from}`)} AS started_before,\n` +
    `  ${count(started)} AS started_after, min(CASE WHEN ${started} THEN started END) AS first_started,\n` +
    `  ${count(`seen < ${from}`)} AS ended_before,\n` +
    `  ${count(ended)} AS ended_after, min(CASE WHEN ${ended} THEN seen END) AS first_ended,\n` +
    `  ${count(`started < ${from}`)} AS older, count(*) AS processes\n` +
    `FROM (SELECT p.exe, ${versionSql('p')} AS version, ${chosen} AS chosen, p.start_time AS started, ${lastSeen('p')} AS seen\n` +
    `  FROM processes AS p\n` +
    `  WHERE ${ofPrograms(scope)}${activeSql(window)}) AS active\n` +
    // The processes of the request come first, because the comparison of lines needs their start times.
    `GROUP BY exe, version, chosen ORDER BY chosen DESC, exe, version LIMIT ${MAX_GROUPS}`
  );
}

/** The condition that a process `p` ran in the window or in the time before. */
export function activeSql({ beforeMs, toMs }: ChangeWindow): string {
  return `p.start_time < ${msLiteral(toMs)} AND ${lastSeen('p')} >= ${msLiteral(beforeMs)}`;
}

/** The condition that a process `p` belongs to a program of the scope, with an AND. Empty for all programs. */
export function ofPrograms(scope: Scope): string {
  switch (scope.kind) {
    case 'processes':
      return `p.exe IN (SELECT exe FROM processes WHERE process_id IN (${literals(scope.processIds)})) AND `;
    case 'programs':
      return `p.exe IN (${literals(scope.exes)}) AND `;
    case 'lakehouse':
      return '';
  }
}

function changesOf(groups: readonly Version[], share: number): Change[] {
  const programs = mergedBy(groups, ({ exe }) => exe);
  const isProgramOld = new StringMap(programs.map(({ exe, older }) => [exe, older > 0]));
  const change = (kind: Change['kind'], exe: string, { before, after, firstNs }: Events): Change => ({
    kind,
    exe,
    before: before * share,
    after,
    firstNs,
  });
  return [
    ...programs.flatMap(({ exe, started, ended }) => [
      ...(isChange(started, share) ? [change(started.before === 0 ? 'started' : 'more-started', exe, started)] : []),
      ...(isChange(ended, share) ? [change(ended.before === 0 ? 'ended' : 'more-ended', exe, ended)] : []),
    ]),
    ...mergedBy(groups, ({ exe, version }) => JSON.stringify([exe, version]))
      .filter(({ version, older, started }) => version !== '' && older === 0 && started.after > 0)
      // If a program has no older processes, the whole program is new, not only this version.
      .filter(({ exe }) => isProgramOld.get(exe) === true)
      .map(({ exe, version, started }) => ({ ...change('new-version', exe, started), version })),
  ];
}

function isChange({ before, after }: Events, share: number): boolean {
  return after > 0 && (before === 0 || hasGrown(before * share, after));
}

/** Adds up the groups with the same key. */
function mergedBy(groups: readonly Version[], keyOf: (group: Version) => string): Version[] {
  const merged = new StringMap<Version>();
  for (const group of groups) {
    const key = keyOf(group);
    const known = merged.get(key);
    merged.set(
      key,
      known === undefined
        ? group
        : {
            ...known,
            started: added(known.started, group.started),
            ended: added(known.ended, group.ended),
            older: known.older + group.older,
            count: known.count + group.count,
          }
    );
  }
  return [...merged.values()];
}

function added(a: Events, b: Events): Events {
  const firstNs = a.after === 0 || (b.after > 0 && b.firstNs < a.firstNs) ? b.firstNs : a.firstNs;
  return { before: a.before + b.before, after: a.after + b.after, firstNs };
}
