/**
 * Expands the macros of a query: `$__name`, `$__name(arg, arg)` and Grafana's `${__name}`.
 *
 * Arguments may contain calls, quoted strings and other macros. Comments are removed from arguments, and do not change
 * elsewhere. In quoted strings, only Grafana's global variables are replaced, because an SQL expression would have no
 * meaning there.
 */
import { LinePositions } from '../../../contract/sql/sql-parser';
import { type SqlPosition } from '../../../contract/sql/sql-edits';
import { ProxyError } from '../../base/errors/proxy-error';
import { type ExpandedSql, Expansion } from './expansion';
import { MacroError } from './macro-error';
import { type MacroContext } from './macros';

/** Maps an offset in the SQL before expansion to a position in the author's SQL. */
export type PositionOf = (offset: number) => SqlPosition;

function positionIn(sql: string): PositionOf {
  return (offset) => ({ ...new LinePositions(sql).positionOf(offset), offset });
}

/** SQL that is sent unchanged: its macros are not expanded. */
export function unchangedSql(sql: string): ExpandedSql {
  return {
    length: sql.length,
    toString: () => sql,
    sourceOffset: (offset) => Math.min(offset, sql.length),
    pieces: () => [{ start: 0, end: sql.length, source: 0, isCopied: true }],
  };
}

/**
 * Expands all macros of a query. `toString` of the result builds the SQL.
 *
 * @param sql        The query as saved or as the browser sent it.
 * @param context    Time range and interval in milliseconds, and the time zone.
 * @param positionOf Finds the position of errors, if `sql` is not the author's SQL.
 * @throws {ProxyError} 'macro_invalid' for an unknown macro, wrong arguments or more than 16 levels, with the position
 *   of the macro; 'variable_several_values' for `$__severalValues`; 'query_too_long' for a result of more than 2 Mi
 *   characters.
 */
export function expandMacros(
  sql: string,
  context: MacroContext,
  positionOf: PositionOf = positionIn(sql)
): ExpandedSql {
  if (!sql.includes('$')) {
    return unchangedSql(sql);
  }
  const expansion = new Expansion(sql, context);
  try {
    return expansion.run();
  } catch (reason) {
    if (!(reason instanceof MacroError)) {
      throw reason;
    }
    const position = positionOf(expansion.macroStart);
    throw new ProxyError(reason.code, {
      detail: `${reason.message} (at line ${position.line}, column ${position.column})`,
      position,
    });
  }
}
