/** Example queries in the help of the editor. */
import { t } from '@grafana/i18n';
import { type MicromegasQueryFields } from '../../../contract/queries/query';
import { DEFAULT_LOG_ROWS, type QueryFormat } from '../../../contract/result-format';

/** A query that can be used as it is, with any time range. */
export interface ExampleQuery {
  title: string;
  format: QueryFormat;
  sql: string;
  /** Default: no row limit. */
  rowLimit?: number;
}

/** The examples in the order of the help, in the language of the user. */
export function examples(): ExampleQuery[] {
  return [
    {
      title: t('query.example.newest-logs', 'Newest log messages'),
      format: 'logs',
      rowLimit: DEFAULT_LOG_ROWS,
      sql: 'SELECT time, level, target, msg, process_id\nFROM log_entries\nORDER BY time DESC',
    },
    {
      title: t('query.example.errors', 'Errors and worse'),
      format: 'logs',
      rowLimit: DEFAULT_LOG_ROWS,
      sql: 'SELECT time, level, target, msg, exe, computer\nFROM log_entries\nWHERE level <= 2\nORDER BY time DESC',
    },
    {
      title: t('query.example.logs-by-level', 'Log messages over time, by level'),
      format: 'time_series',
      sql: 'SELECT $__dateBin(time_bin) AS time, cast(level AS varchar) AS level, sum(count) AS messages\nFROM log_stats\nGROUP BY 1, 2\nORDER BY 1',
    },
    {
      title: t('query.example.metric-averages', 'Average of each metric over time'),
      format: 'time_series',
      sql: 'SELECT $__dateBin(time) AS time, name, avg(value) AS value\nFROM measures\nGROUP BY 1, 2\nORDER BY 1',
    },
    {
      title: t('query.example.processes', 'Processes that ran'),
      format: 'table',
      sql: 'SELECT start_time, exe, username, computer, process_id\nFROM processes\nORDER BY start_time DESC\nLIMIT 100',
    },
    {
      title: t('query.example.error-sources', 'Targets with the most errors'),
      format: 'table',
      sql: 'SELECT target, sum(count) AS errors\nFROM log_stats\nWHERE level <= 2\nGROUP BY target\nORDER BY errors DESC\nLIMIT 20',
    },
  ];
}

/** The patch that replaces a query with an example. */
export function examplePatch({ sql, format, rowLimit }: ExampleQuery): MicromegasQueryFields {
  return { query: sql, format, rowLimit, version: 2, rawEditor: true };
}
