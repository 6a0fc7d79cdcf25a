/** What is known about the telemetry of processes, so that links lead to something. */
import { type LookupList, type StreamTag, type TelemetryInfo } from '../../../contract/resources/lookups';
import { TextMap } from '../../../contract/text-map';

const NOTHING: LookupList<TelemetryInfo> = { items: [], isTruncated: true };

export class KnownTelemetry {
  readonly #processes: ReadonlyMap<string, TelemetryInfo>;
  readonly #programs = new TextMap<TelemetryInfo[]>();
  readonly #isTruncated: boolean;

  /** @param list Default: nothing is known. */
  constructor({ items, isTruncated }: LookupList<TelemetryInfo> = NOTHING) {
    this.#isTruncated = isTruncated;
    this.#processes = new TextMap(items.map((item) => [item.processId, item]));
    for (const item of items) {
      const ofProgram = this.#programs.get(item.exe);
      if (ofProgram === undefined) {
        this.#programs.set(item.exe, [item]);
      } else {
        ofProgram.push(item);
      }
    }
  }

  /** True if the process has no such streams. False if it has some, or is not known. */
  lacks(processId: string, tag: StreamTag): boolean {
    return this.#processes.get(processId)?.has.includes(tag) === false;
  }

  /**
   * True if no process of the program has such streams. False if one has some, none is known, or the list is truncated.
   */
  programLacks(exe: string, tag: StreamTag): boolean {
    const processes = this.#programs.get(exe) ?? [];
    return !this.#isTruncated && processes.length > 0 && processes.every(({ has }) => !has.includes(tag));
  }

  /**
   * A process of the program with such streams: of those that ran at that time, the one that started last. If none ran
   * then, the one that sent data last.
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
