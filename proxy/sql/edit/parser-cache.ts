/**
 * Remembers results of the SQL parser. The steps of a live tail, and panels that refresh, run the same jobs again and
 * again: their SQL has macros in place of the time range.
 */
import { StringMap } from '../../../contract/string-map';
import { type JobResults, type ParserJob } from './parser-jobs';
import { type ParserThread } from './parser-thread';

/** Maximum number of UTF-16 units of all jobs and results, as JSON, together. */
export const MAX_REMEMBERED_CHARACTERS = 4 * 1024 * 1024;
/** UTF-16 units of one job and its result. Longer ones run each time. */
const MAX_ENTRY_CHARACTERS = 64 * 1024;

interface Entry {
  value: JobResults[ParserJob['kind']];
  characters: number;
}

/** One per process. Jobs and results of at most `MAX_REMEMBERED_CHARACTERS` together are kept. */
export class ParserCache implements Pick<ParserThread, 'run'> {
  readonly #parser: Pick<ParserThread, 'run'>;
  /** By job, the least recently used first. */
  readonly #entries = new StringMap<Entry>();
  #characters = 0;

  constructor(parser: Pick<ParserThread, 'run'>) {
    this.#parser = parser;
  }

  /** See `ParserThread.run`. Failures are not remembered. Results must not be changed. */
  async run<Job extends ParserJob>(job: Job, user: string): Promise<JobResults[Job['kind']]> {
    const key = JSON.stringify(job);
    const known = this.#entries.get(key);
    if (known !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return known.value as JobResults[Job['kind']];
    }
    const value = await this.#parser.run(job, user);
    this.#remember(key, value);
    return value;
  }

  #remember(key: string, value: Entry['value']): void {
    const characters = key.length + (JSON.stringify(value)?.length ?? 0);
    if (characters > MAX_ENTRY_CHARACTERS || this.#entries.has(key)) {
      return;
    }
    this.#entries.set(key, { value, characters });
    this.#characters += characters;
    for (const [oldest, entry] of this.#entries) {
      if (this.#characters <= MAX_REMEMBERED_CHARACTERS) {
        break;
      }
      this.#entries.delete(oldest);
      this.#characters -= entry.characters;
    }
  }
}
