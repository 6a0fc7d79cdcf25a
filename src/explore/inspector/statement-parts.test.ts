import { statementParts } from './statement-parts';

const SQL = 'SELECT a FROM t WHERE b';

it('divides a statement into parts of the author and inserted parts', () => {
  expect(
    statementParts(SQL, [
      { start: 7, end: 8, by: 'macro' },
      { start: 15, end: 23, by: 'filter' },
    ])
  ).toEqual([{ sql: 'SELECT ' }, { sql: 'a', by: 'macro' }, { sql: ' FROM t' }, { sql: ' WHERE b', by: 'filter' }]);
});

it('shows the whole statement if nothing was inserted', () => {
  expect(statementParts(SQL)).toEqual([{ sql: SQL }]);
});

it('truncates or drops inserted parts that extend beyond the statement', () => {
  expect(
    statementParts(SQL, [
      { start: 20, end: 99, by: 'macro' },
      { start: -5, end: 4, by: 'filter' },
      { start: 200, end: 300, by: 'filter' },
    ])
  ).toEqual([{ sql: SQL.slice(0, 20) }, { sql: SQL.slice(20), by: 'macro' }]);
});
