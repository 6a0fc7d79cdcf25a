/** Runs queries with outer joins and filters at `$__adHocFilters`. Both tables have rows without a match. */
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { type ParseStatements } from '../../../contract/sql/sql-parser';
import { loadParser } from '../../../contract/sql/testing/load-parser';
import { FilterableSql } from './insert-filters';
import { type Catalogue } from './resolve-filters';

const COLUMNS = ['process_id', 'username'];
const catalogue: Catalogue = { columnsOf: () => COLUMNS.map((name) => ({ name, kind: 'text' })) };

let parse: ParseStatements;
let connection: DuckDBConnection;

beforeAll(async () => {
  parse = loadParser();
  connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(`
    CREATE TABLE measures AS FROM (VALUES ('1', 'ana'), ('2', 'ben')) AS t(process_id, username);
    CREATE TABLE processes AS FROM (VALUES ('2', 'ben'), ('3', 'ana'), ('4', NULL)) AS t(process_id, username);`);
});

afterAll(() => connection.closeSync());

async function usersOf(sql: string): Promise<unknown[]> {
  const result = await connection.runAndReadAll(sql);
  return result.getRowObjects().map(({ username }) => username);
}

const SIDES = ['processes', '(SELECT * FROM processes)', '(SELECT process_id, username FROM processes WHERE true)'];
const LISTS = ['m.username', 'd.username', 'd.*', 'd.process_id, m.username AS username', 'm.process_id AS m, d.*'];
const joins = ['JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN'].flatMap((join) =>
  LISTS.flatMap((list) => SIDES.map((side) => ({ join, list, side })))
);

it.each(joins)(
  '$join $side: keeps the rows whose value in the result matches the filter (SELECT $list)',
  async (each) => {
    const sql = `SELECT ${each.list} FROM measures m ${each.join} ${each.side} d ON m.process_id = d.process_id WHERE $__adHocFilters`;
    const users = await usersOf(sql.replace('$__adHocFilters', 'true'));
    for (const value of ['ana', 'ben']) {
      const filters = [{ key: 'username', operator: '=' as const, value }];
      const { sql: edited } = new FilterableSql(sql, parse).insert({ filters, catalogue, isLogs: false });
      expect({ edited, users: await usersOf(edited) }).toEqual({
        edited,
        users: users.filter((user) => user === value),
      });
    }
  }
);

it.each(SIDES)('filters by the merged USING column of a full join: %s', async (side) => {
  const sql = `SELECT username FROM measures m FULL JOIN ${side} d USING (process_id, username) WHERE $__adHocFilters`;
  const users = await usersOf(sql.replace('$__adHocFilters', 'true'));
  const filters = [{ key: 'username', operator: '=' as const, value: 'ana' }];
  const { sql: edited } = new FilterableSql(sql, parse).insert({ filters, catalogue, isLogs: false });
  expect(users.filter((user) => user === 'ana')).toHaveLength(2);
  expect({ edited, users: await usersOf(edited) }).toEqual({ edited, users: ['ana', 'ana'] });
});
