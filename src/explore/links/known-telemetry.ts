/** Tells which kinds of telemetry exist for a process, so that links to missing telemetry can be removed. */
import { type LookupList, type StreamTag, type TelemetryInfo } from '../../../contract/resources/lookups';
import { StringMap } from '../../../contract/string-map';

const NOTHING: LookupList<TelemetryInfo> = { items: [], isTruncated: true };

/** Created from one result of the lookup `telemetry`. A process that is not in the result may have any telemetry. */
export class KnownTelemetry {
  readonly #processes: ReadonlyMap<string, TelemetryInfo>;
  readonly #programs = new StringMap<TelemetryInfo[]>();
  readonly #isTruncated: boolean;

  /** @param list Default: nothing is known. */
  constructor({ items, isTruncated }: LookupList<TelemetryInfo> = NOTHING) {
    this.#isTruncated = isTruncated;
    this.#processes = new StringMap(items.map((item) => [item.processId, item]));
    for (const item of items) {
      const ofProgram = this.#programs.get(item.exe);
      if (ofProgram === undefined) {
        this.#programs.set(item.exe, [item]);
      } else {
        ofProgram.push(item);
      }
    }
  }

  /** True if the process is known and has no stream with this tag. */
  lacks(processId: string, tag: StreamTag): boolean {
    return this.#processes.get(processId)?.has.includes(tag) === false;
  }

  /** True if the list is complete and has processes of the program, but no such process has a stream with this tag. */
  programLacks(exe: string, tag: StreamTag): boolean {
    const processes = this.#programs.get(exe) ?? [];
    return !this.#isTruncated && processes.length > 0 && processes.every(({ has }) => !has.includes(tag));
  }

  /**
   * Id of a process that belongs to the program and has a stream with this tag. If several such processes ran at `ms`,
   * the one that started last. If none ran at `ms`, the one with the newest data.
   *
   * @param ms Milliseconds since 1970. Default: any time.
   */
  processOf(exe: string, tag: StreamTag, ms?: number): string | undefined {
    const processes = (this.#programs.get(exe) ?? []).filter(({ has }) => has.includes(tag));
    const running = processes
      .filter(({ startMs, lastUpdateMs }) => ms !== undefined && startMs <= ms && ms <= lastUpdateMs)
      .sort((a, b) => b.startMs - a.startMs);
    return [...running, ...processes].at(0)?.processId;
  }
}
