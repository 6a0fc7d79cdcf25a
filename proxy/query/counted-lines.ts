/** The lines of a logs query as a subquery, and the columns that they have. */
import { type EditedSql } from '../../contract/sql/sql-edits';
import { ProxyError } from '../base/errors/proxy-error';
import { type ArrowSchema, readSchema } from '../frames/arrow-ipc';
import { lineColumns } from '../frames/data-frames/logs-columns';
import { withSlot } from '../lakehouse/instances/with-slot';
import { assemble, type Piece } from '../sql/edit/assemble';
import { ADDED_LEVEL, ADDED_PROGRAM, type CountableQuery } from '../sql/edit/countable-query';
import { buildSqlString } from './authored-sql';
import { type QueryRun, schemaCall } from './query-run';
import { sqlToSend, type Statement } from './statement';

/** Names of the columns of the subquery. */
export interface LineColumns {
  time: string;
  /** Undefined if the lines have no text, level or program. */
  body: string | undefined;
  level: string | undefined;
  program: string | undefined;
}

/** The author's query without ORDER BY and LIMIT. Columns are added that the SELECT list lacks. */
export function linesOf({ lines, level, program }: CountableQuery): Piece[] {
  const added = [
    ...(level === undefined ? [] : [{ ...level, alias: ADDED_LEVEL }]),
    ...(program === undefined ? [] : [{ ...program, alias: ADDED_PROGRAM }]),
  ];
  return added.length === 0
    ? [lines]
    : [
        { start: lines.start, end: added[0].at },
        added.map(({ column, alias }) => `, ${column} AS ${alias}`).join(''),
        { start: added[0].at, end: lines.end },
      ];
}

/** SQL that returns the columns of the lines, and no row. */
function columnsSql(sql: string, query: CountableQuery): EditedSql {
  return assemble(sql, ['SELECT * FROM (\n', ...linesOf(query), '\n) AS log_lines LIMIT 0']);
}

/** The columns that the author selected. An added column must not become the text of the lines. */
function withoutAdded(schema: ArrowSchema): ArrowSchema {
  return { ...schema, fields: schema.fields.filter(({ name }) => name !== ADDED_LEVEL && name !== ADDED_PROGRAM) };
}

/**
 * Asks the server for the columns of the lines.
 *
 * @param lines The statement with the author's SQL.
 * @throws {ProxyError} 'volume_not_countable' without a time column or with an unusable name, and errors of the call.
 */
export function readLineColumns(lines: Statement, countable: CountableQuery, run: QueryRun): Promise<LineColumns> {
  const { openMemory, ...call } = schemaCall(run, run.query.timeRange);
  const columns = { ...lines, sql: lines.sql.edited(columnsSql(lines.sql.current, countable)) };
  return withSlot(run.instance, call, openMemory, async (held) => {
    const sql = await buildSqlString(sqlToSend(columns, run), held.memory);
    const schema = await readSchema(run.instance.execute(sql, held), held.memory);
    const found = schema === undefined ? undefined : lineColumns(withoutAdded(schema), held.memory);
    if (found?.time === undefined) {
      throw new ProxyError('volume_not_countable', { detail: 'The log lines have no time column.' });
    }
    const names = {
      time: found.time,
      body: found.body,
      level: countable.level === undefined ? found.level : ADDED_LEVEL,
      program: countable.program === undefined ? found.program : ADDED_PROGRAM,
    };
    // The names are inserted before macros are expanded, so they must not contain a macro.
    if (Object.values(names).some((name) => name?.includes('$'))) {
      throw new ProxyError('volume_not_countable', {
        detail: 'The name of the time, text, level or program column contains "$".',
      });
    }
    return names;
  });
}
