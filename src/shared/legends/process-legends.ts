/** Shows the names of processes instead of their ids in the legends of time series. */
import { type DataFrame, type DataQueryResponse, type Field } from '@grafana/data';
import { map, type Observable, of } from 'rxjs';
import { shortProgramNames } from '../../../contract/program-names';
import { type LookupRange, type ProcessInfo } from '../../../contract/resources/lookups';
import { StringMap, StringSet } from '../../../contract/string-map';
import { inTime } from '../lookups/lookup-in-time';
import { type Lookups } from '../lookups/lookups';
import { isTimeSeries } from '../time-series';
import { type NameContext, processName } from './process-name';

/** Labels that the name of a process replaces. */
const PROCESS_LABELS: readonly string[] = ['process_id', 'exe', 'computer', 'username'];

/** The id of the process of a series, if the name of the series contains it. */
function shownProcess({ labels, config }: Field): string | undefined {
  const id = labels?.process_id ?? '';
  const shown = config.displayNameFromDS;
  const isShown =
    shown === undefined
      ? Object.keys(labels ?? {}).every((label) => PROCESS_LABELS.includes(label))
      : shown.includes(id);
  return id !== '' && isShown ? id : undefined;
}

/** The processes of a result, with short names of their programs. */
function shownProcesses(ids: ReadonlySet<string>, processes: readonly ProcessInfo[]): ProcessInfo[] {
  const found = processes.filter(({ processId }) => ids.has(processId));
  const programs = shortProgramNames(found.map(({ exe }) => exe));
  return found.map((process) => ({ ...process, exe: programs.get(process.exe) ?? process.exe }));
}

/** Names by id. For processes with the same name, the names contain the seconds of their start. */
function namesOf(ids: ReadonlySet<string>, processes: readonly ProcessInfo[], context: NameContext) {
  const found = shownProcesses(ids, processes);
  const counts = new StringMap<number>();
  for (const process of found) {
    const name = processName(process, context);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return new StringMap(
    found.map((process): [string, string] => {
      const name = processName(process, context);
      return [process.processId, counts.get(name) === 1 ? name : processName(process, context, true)];
    })
  );
}

function withName(field: Field, names: ReadonlyMap<string, string>): Field {
  const id = shownProcess(field);
  const name = id === undefined ? undefined : names.get(id);
  if (id === undefined || name === undefined) {
    return field;
  }
  const shown = field.config.displayNameFromDS ?? id;
  return { ...field, config: { ...field.config, displayNameFromDS: shown.replaceAll(id, () => name) } };
}

/**
 * Emits the response with the names of processes in the legends. Ids are kept if the lookup fails, is switched off, or
 * does not list the process. If the lookup takes longer than 0.25 s, emits the response with ids first. The labels are
 * not changed.
 *
 * @param range     Time range of the request.
 * @param timeZone  IANA name of the zone in which starts are written.
 * @param showsEach True if Grafana shows each response when it arrives. False if Grafana waits for the last response:
 *   then the response is emitted once.
 */
export function withProcessLegends(
  response: DataQueryResponse,
  lookups: Pick<Lookups, 'get'>,
  range: LookupRange,
  timeZone: string,
  showsEach: boolean
): Observable<DataQueryResponse> {
  const frames: DataFrame[] = response.data;
  const ids = new StringSet(
    frames
      .filter(isTimeSeries)
      .flatMap(({ fields }) => fields.map(shownProcess))
      .filter((id) => id !== undefined)
  );
  if (ids.size === 0) {
    return of(response);
  }
  const lookup = lookups.get({ kind: 'processes', range }).catch(() => undefined);
  return inTime(lookup, showsEach).pipe(
    map((list) => {
      if (list === undefined) {
        return response;
      }
      const names = namesOf(ids, list.items, { timeZone, toMs: range.toMs });
      const data = frames.map((frame) =>
        isTimeSeries(frame) ? { ...frame, fields: frame.fields.map((field) => withName(field, names)) } : frame
      );
      return { ...response, data };
    })
  );
}
