/** Random states of the builder are read back from their SQL. */
import { isDeepStrictEqual } from 'node:util';
import { parseSql, type ParseStatements } from '../sql/sql-parser';
import { loadParser } from '../sql/testing/load-parser';
import { builderQuery } from './builder-sql';
import { type BuilderState } from './builder-state';
import { readBuilderSql } from './read-sql';
import { RandomStates } from './testing/random-states';

const KINDS: ReadonlyArray<BuilderState['kind']> = ['metrics', 'logs', 'processes', 'spans', 'table', 'values'];
const STATES = 100;
const SEED = 20_261_125;

let parse: ParseStatements;

beforeAll(() => {
  parse = loadParser();
});

it.each(KINDS)('reads random %s states back from their SQL', (kind) => {
  const states = new RandomStates(SEED);
  const wrong: unknown[] = [];
  for (let count = 0; count < STATES; count++) {
    const state = states[kind]();
    const { sql } = builderQuery(state);
    const read = readBuilderSql(sql, kind, parse);
    if (!isDeepStrictEqual(read, state)) {
      wrong.push({ sql, state, read, syntax: parseSql(sql, parse).kind });
    }
  }
  expect(wrong).toEqual([]);
});
