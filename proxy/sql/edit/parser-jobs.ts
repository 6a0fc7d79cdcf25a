/**
 * The jobs of the SQL parser's thread. Jobs and results are copied between threads, so they are plain data and do not
 * include the syntax tree, which is large.
 */
import { type SqlRange } from '../../../contract/sql/select-clauses';
import { type QueryFilter } from '../../../contract/queries/query-filter';
import { type QueryShape, readScopes, type SqlSource } from '../../../contract/sql/query-scopes';
import { ParserCrashError, parseSql, type ParseStatements } from '../../../contract/sql/sql-parser';
import { type SqlEdit } from '../../../contract/sql/sql-edits';
import { type ErrorCode } from '../../base/errors/catalogue';
import { ProxyError, type ProxyErrorOptions } from '../../base/errors/proxy-error';
import { type CountableQuery, readCountable } from './countable-query';
import { type IncrementalResult, readIncremental } from './incremental-query';
import { FilterableSql } from './insert-filters';
import { insertGrouping, type InsertedGrouping } from './insert-grouping';
import { readOrderable } from './orderable-query';
import { type PageableQuery, readPageable } from './pageable-query';
import { type ReadData, readData } from './read-data';
import { type Catalogue, type KnownColumn } from './resolve-filters';
import { readTailable, type TailableQuery } from './tailable-query';
import { readTimeOrdered, type TimeOrderedQuery } from './time-ordered-query';

/**
 * Reads the outermost query, see `readScopes`. The result is undefined for SQL without a query, and for SQL that cannot
 * be parsed.
 */
export interface ShapeJob {
  kind: 'shape';
  sql: string;
}

/**
 * Lists the tables and views whose columns must be known before filters can be inserted, see `FilterableSql.sources`.
 */
export interface SourcesJob {
  kind: 'sources';
  sql: string;
}

/** Inserts filters, see `FilterableSql.insert`. */
export interface InsertJob {
  kind: 'insert';
  sql: string;
  filters: readonly QueryFilter[];
  /** The columns of each source of `SourcesJob`. Undefined for a source whose columns are not known. */
  columns: ReadonlyArray<readonly KnownColumn[] | undefined>;
  isLogs: boolean;
}

/** Adds columns to the groups of a query that aggregates, see `insertGrouping`. */
export interface GroupJob {
  kind: 'group';
  sql: string;
  keys: readonly string[];
  /** See `InsertJob`. */
  columns: InsertJob['columns'];
}

/** Reads the countable parts of a logs query, see `readCountable`. */
export interface CountJob {
  kind: 'count';
  sql: string;
}

/**
 * Reads which streams contain the data of the query, see `readData`. The result is undefined if the query reads no data
 * of a stream, and for SQL that cannot be parsed.
 */
export interface DataJob {
  kind: 'data';
  sql: string;
}

/** Reads the parts of a logs query that its live tail needs, see `readTailable`. */
export interface TailJob {
  kind: 'tail';
  sql: string;
}

/** Reads the parts of a logs query that its next pages need, see `readPageable`. */
export interface PageJob {
  kind: 'page';
  sql: string;
  /** The column of the result with the time of the lines. */
  timeColumn: string;
}

/** Checks whether `ORDER BY time` can be added to a logs query, see `readOrderable`. */
export interface OrderJob {
  kind: 'order';
  sql: string;
}

/**
 * Reads whether a query returns log lines in the order of their time, see `readTimeOrdered`. The result is undefined
 * for other queries, and for SQL that cannot be parsed.
 */
export interface TimeOrderJob {
  kind: 'time-order';
  sql: string;
}

/** Reads whether a query with time bins can be refreshed in parts, see `readIncremental`. */
export interface IncrementalJob {
  kind: 'incremental';
  sql: string;
}

/** The edits that insert the filters, and sentences about filters with no effect or an unexpected effect. */
export interface InsertedFilters {
  edits: readonly SqlEdit[];
  notices: readonly string[];
}

export type ParserJob =
  | ShapeJob
  | SourcesJob
  | InsertJob
  | GroupJob
  | CountJob
  | DataJob
  | TailJob
  | PageJob
  | OrderJob
  | TimeOrderJob
  | IncrementalJob;

/** Jobs without whose result a query also runs. It then is more expensive, or lacks filter buttons or a notice. */
export const OPTIONAL_JOBS: ReadonlySet<ParserJob['kind']> = new Set(['shape', 'data', 'time-order', 'incremental']);

/** The result of each kind of job. The comments of the jobs explain undefined results. */
export interface JobResults {
  shape: QueryShape | undefined;
  sources: readonly SqlSource[];
  insert: InsertedFilters;
  group: InsertedGrouping;
  count: CountableQuery;
  data: ReadData | undefined;
  tail: TailableQuery;
  page: PageableQuery;
  order: SqlRange;
  'time-order': TimeOrderedQuery | undefined;
  incremental: IncrementalResult;
}

/** Runs jobs. The implementations are `ParserThread`, and the `ParserCache` in front of the thread. */
export interface SqlParser {
  /**
   * Runs a job, and returns its result. Callers must not change the result.
   *
   * @param user Jobs of different users take turns.
   * @throws {ProxyError} if the job rejects the query: 'filter_invalid', 'filter_not_applicable',
   *   'volume_not_countable', 'tail_not_possible', 'log_page_not_ordered'.
   * @throws {NoParserResultError} if the parser is too slow, crashes, is busy or cannot be started.
   */
  run<Job extends ParserJob>(job: Job, user: string): Promise<JobResults[Job['kind']]>;
}

/** How a job ended in the thread. */
export type JobEnd =
  | { kind: 'done'; value: JobResults[ParserJob['kind']] }
  | { kind: 'rejected'; code: ErrorCode; messages: Pick<ProxyErrorOptions, 'detail' | 'advice'> }
  /** The parser failed, and must not be used again. */
  | { kind: 'crashed'; message: string };

/** Runs jobs with one parser. */
export class ParserJobs {
  readonly #parse: ParseStatements;
  /**
   * The parsed SQL of the last `sources` job. It is kept because the next `insert` or `group` job usually has the same
   * SQL.
   */
  #last: { sql: string; filterable: FilterableSql } | undefined;

  constructor(parse: ParseStatements) {
    this.#parse = parse;
  }

  /** Runs a job. Never throws: the result tells how the job ended. */
  run(job: ParserJob): JobEnd {
    try {
      return { kind: 'done', value: this.#valueOf(job) };
    } catch (reason) {
      if (!(reason instanceof ProxyError) || reason.cause instanceof ParserCrashError) {
        return { kind: 'crashed', message: String(reason) };
      }
      const { detail, advice } = reason.messages;
      return { kind: 'rejected', code: reason.code, messages: { detail, advice } };
    }
  }

  #valueOf(job: ParserJob): JobResults[ParserJob['kind']] {
    switch (job.kind) {
      case 'shape': {
        const parsed = parseSql(job.sql, this.#parse);
        return parsed.kind === 'parsed' ? readScopes(job.sql, parsed).root : undefined;
      }
      case 'sources':
        return this.#filterable(job.sql).sources;
      case 'insert':
        return this.#insert(job);
      case 'group':
        return this.#group(job);
      case 'count':
        return readCountable(job.sql, this.#parse);
      case 'data':
        return readData(job.sql, this.#parse);
      case 'tail':
        return readTailable(job.sql, this.#parse);
      case 'page':
        return readPageable(job.sql, job.timeColumn, this.#parse);
      case 'order':
        return readOrderable(job.sql, this.#parse);
      case 'time-order':
        return readTimeOrdered(job.sql, this.#parse);
      case 'incremental':
        return readIncremental(job.sql, this.#parse);
    }
  }

  #insert({ sql, filters, columns, isLogs }: InsertJob): InsertedFilters {
    const filterable = this.#filterable(sql);
    const { edits, notices } = filterable.insert({ filters, catalogue: catalogueOf(filterable, columns), isLogs });
    this.#last = undefined;
    return { edits, notices };
  }

  #group({ sql, keys, columns }: GroupJob): InsertedGrouping {
    const filterable = this.#filterable(sql);
    const { parsed, scopes } = filterable;
    this.#last = undefined;
    const source = { sql, parsed, scopes, parse: this.#parse };
    return insertGrouping(source, { keys, catalogue: catalogueOf(filterable, columns) });
  }

  #filterable(sql: string): FilterableSql {
    if (this.#last?.sql !== sql) {
      this.#last = undefined;
      this.#last = { sql, filterable: new FilterableSql(sql, this.#parse) };
    }
    return this.#last.filterable;
  }
}

/** @param columns The columns of each source. */
function catalogueOf({ sources }: FilterableSql, columns: InsertJob['columns']): Catalogue {
  const known = new Map<SqlSource, InsertJob['columns'][number]>(
    sources.map((source, index) => [source, columns[index]])
  );
  return { columnsOf: (source) => known.get(source) };
}
