import { type ParseStatements } from '../sql-syntax/sql-parser';
import { type BuilderState } from './builder-state';

/** Not yet: the state of a query that the author edited. */
export function readBuilderSql(
  _sql: string,
  _kind: BuilderState['kind'],
  _parse: ParseStatements
): BuilderState | undefined {
  return undefined;
}
