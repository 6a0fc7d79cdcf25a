/**
 * Caches results of the SQL parser. Steps of a live tail and refreshes of a panel repeat the same jobs, because their
 * SQL has macros instead of the time range.
 */
import { StringMap } from '../../../contract/string-map';
import { type JobResults, type ParserJob, type SqlParser } from './parser-jobs';

/** Maximum total size of all jobs and results as JSON, in UTF-16 units. */
export const MAX_REMEMBERED_CHARACTERS = 4 * 1024 * 1024;
/** Maximum total size of one job and its result, in UTF-16 units. Larger jobs are not cached. */
const MAX_ENTRY_CHARACTERS = 64 * 1024;

interface Entry {
  value: JobResults[ParserJob['kind']];
  characters: number;
}

/** The cache of the process, in front of the parser. */
export class ParserCache implements SqlParser {
  readonly #parser: SqlParser;
  /** The entries by job. The least recently used entry comes first. */
  readonly #entries = new StringMap<Entry>();
  #characters = 0;

  constructor(parser: SqlParser) {
    this.#parser = parser;
  }

  /** See `SqlParser`. Failures are not cached. */
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
