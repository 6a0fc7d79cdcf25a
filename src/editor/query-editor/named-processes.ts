/** Replaces the ids of processes in the label of a query with their names. */
import { type TimeRange } from '@grafana/data';
import { useEffect, useState } from 'react';
import { type ProcessInfo } from '../../../contract/resources/lookups';
import { StringMap, StringSet } from '../../../contract/string-map';
import { type NameContext, processName } from '../../shared/legends/process-name';
import { type Lookups } from '../../shared/lookups/lookups';

const UUID = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi;

/**
 * Maximum number of processes that are looked up for one label. The label is one line and has no room for more names.
 */
const MAX_IDS = 3;

/** The first three different strings in a label that may be ids of processes. */
export function idsIn(label: string): string[] {
  return [...new StringSet(label.match(UUID) ?? [])].slice(0, MAX_IDS);
}

/** The label with the name of each process whose id is known. */
export function withProcessNames(label: string, processes: readonly ProcessInfo[], context: NameContext): string {
  const names = new StringMap(
    processes.map((process): [string, string] => [process.processId.toLowerCase(), processName(process, context)])
  );
  return label.replace(UUID, (id) => names.get(id.toLowerCase()) ?? id);
}

/**
 * The label with the names of processes, once they are known. Ids are kept if the lookup fails, is switched off, or
 * does not find the process in the time range.
 */
export function useNamedProcesses(
  label: string,
  lookups: Pick<Lookups, 'get'>,
  range: TimeRange | undefined,
  timeZone: string
): string {
  const [processes, setProcesses] = useState<readonly ProcessInfo[]>([]);
  const fromMs = range?.from.valueOf();
  const toMs = range?.to.valueOf();
  const ids = idsIn(label).join(' ');
  useEffect(() => {
    let isCurrent = true;
    if (ids !== '' && fromMs !== undefined && toMs !== undefined) {
      const found = ids
        .split(' ')
        .map((search) => lookups.get({ kind: 'processes', search, range: { fromMs, toMs } }).catch(() => undefined));
      void Promise.all(found).then((lists) => isCurrent && setProcesses(lists.flatMap((list) => list?.items ?? [])));
    }
    return () => {
      isCurrent = false;
    };
  }, [ids, lookups, fromMs, toMs]);
  return toMs === undefined ? label : withProcessNames(label, processes, { timeZone, toMs });
}
