/**
 * Typical SQL of users, on the topics of Micromegas's query guide.
 *
 * Each statement begins with a line `-- # TITLE`. `[demo data only]` marks SQL for telemetry that the tests do not send
 * to a real server. `$name` stands for an id.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface CorpusStatement {
  /** File and title. */
  name: string;
  sql: string;
  runsOnServer: boolean;
}

/** The statements that find the ids for the corpus. Each returns one row with one column. */
export const CORPUS_IDS: Readonly<Record<string, string>> = {
  log_process: 'SELECT max(process_id) AS id FROM log_entries',
  metric_process: 'SELECT max(process_id) AS id FROM measures',
  trace_process: `SELECT max(process_id) AS id FROM streams WHERE array_has(tags, 'trace')`,
  cpu_process: `SELECT max(process_id) AS id FROM streams WHERE array_has(tags, 'cpu')`,
  cpu_stream: `SELECT max(stream_id) AS id FROM streams WHERE array_has(tags, 'cpu')`,
};

const TITLE = /^-- # (.*)\n/gm;

export function corpusStatements(): CorpusStatement[] {
  return globSync('*.sql', { cwd: __dirname })
    .sort()
    .flatMap((file) => {
      const [, ...parts] = readFileSync(join(__dirname, file), 'utf8').split(TITLE);
      return Array.from({ length: parts.length / 2 }, (_, index) => {
        const title = parts[2 * index];
        return {
          name: `${file}: ${title.replace(/ \[.*\]$/, '')}`,
          sql: parts[2 * index + 1].trim(),
          runsOnServer: !title.endsWith('[demo data only]'),
        };
      });
    });
}

/** @param ids A value for each of `CORPUS_IDS`. */
export function withIds(sql: string, ids: ReadonlyMap<string, string>): string {
  return sql.replace(/\$(\w+)/g, (whole, name: string) => ids.get(name) ?? whole);
}
