/**
 * Jobs for the worker of the SQL parser. Jobs and results are copied between threads, so they are plain data. The
 * syntax tree is large, so it stays in the worker.
 */
import { type BuilderState } from '../../../contract/builder/builder-state';
import { readBuilderSql } from '../../../contract/builder/read-sql';
import { type ParseStatements } from '../../../contract/sql/sql-parser';
import { diagnose } from '../sql/diagnostics';
import { type Diagnostic, type QuerySettings } from '../sql/hints';

/** Finds the syntax error of SQL, or its hints. */
export interface DiagnoseJob {
  kind: 'diagnose';
  sql: string;
  settings: QuerySettings;
}

/** Reads SQL as the state of a builder. The result is undefined if the builder cannot express the SQL. */
export interface ReadJob {
  kind: 'read';
  sql: string;
  /** The kinds of the builder, in the order in which they are tried. */
  kinds: ReadonlyArray<BuilderState['kind']>;
}

export type BrowserParserJob = DiagnoseJob | ReadJob;

/** The result of each kind of job. `read` is undefined if the builder cannot express the SQL. */
export interface BrowserJobResults {
  diagnose: Diagnostic[];
  read: BuilderState | undefined;
}

/** Returns the result of a job. @throws {ParserCrashError} The parser must not be used again. */
export function runJob(job: BrowserParserJob, parse: ParseStatements): BrowserJobResults[BrowserParserJob['kind']] {
  switch (job.kind) {
    case 'diagnose':
      return diagnose(job.sql, parse, job.settings);
    case 'read':
      for (const kind of job.kinds) {
        const state = readBuilderSql(job.sql, kind, parse);
        if (state !== undefined) {
          return state;
        }
      }
      return undefined;
  }
}
