import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleParser } from '../../scripts/proxy-bundle';
import { parseSql } from '../../contract/sql-syntax/sql-parser';
import { FilterableColumns, MAX_ANALYSED_CHARACTERS, MAX_ANALYSES } from './filterable-columns';
import { parserOfBuild, SqlParser } from './load-parser';
import { type ParserInstance } from './parser-instance';

/** A parser that counts its instances. Each fails as `fail` says. */
function countedParser(fail: (sql: string) => void, memoryBytes = () => 0) {
  const counts = { loads: 0, instances: 0, parses: 0 };
  const create = (): ParserInstance => {
    counts.instances++;
    return {
      parse(sql) {
        counts.parses++;
        fail(sql);
        return [];
      },
      memoryBytes,
    };
  };
  const parser = new SqlParser(async () => {
    counts.loads++;
    return create;
  });
  return { parser, counts };
}

it('loads the parser once, on first use', async () => {
  const { parser, counts } = countedParser(() => undefined);
  expect(counts).toEqual({ loads: 0, instances: 0, parses: 0 });
  await Promise.all([parser.get(), parser.get()]);
  (await parser.get())('SELECT 1');
  expect(counts).toEqual({ loads: 1, instances: 1, parses: 1 });
});

it.each([
  ['a crash', new WebAssembly.RuntimeError('unreachable'), 2],
  ['an overflow of the stack', new RangeError('Maximum call stack size exceeded'), 2],
  ['a syntax error', new Error('Expected: an expression'), 1],
])('after %s, uses the right instance', async (_name, failure, instances) => {
  const { parser, counts } = countedParser(() => {
    throw failure;
  });
  const parse = await parser.get();
  expect(() => parse('x')).toThrow(failure);
  await parser.get();
  expect(counts).toMatchObject({ loads: 1, instances });
});

it('replaces an instance whose memory has grown', async () => {
  const { parser, counts } = countedParser(
    () => undefined,
    () => 100 * 1024 * 1024
  );
  (await parser.get())('SELECT 1');
  await parser.get();
  expect(counts.instances).toBe(2);
});

it('loads again after a failure', async () => {
  let loads = 0;
  const parser = new SqlParser(async () => {
    loads++;
    throw new Error('no such file');
  });
  await expect(parser.get()).rejects.toThrow('no such file');
  await expect(parser.get()).rejects.toThrow('no such file');
  expect(loads).toBe(2);
});

it('loads the files of the build', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mm-parser-'));
  try {
    await bundleParser(folder);
    const parse = await parserOfBuild(folder).get();
    expect(parseSql('SELECT a FROM t', parse).kind).toBe('parsed');
    expect(parseSql('SELECT a b c', parse).kind).toBe('invalid');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe('the columns that can be filtered', () => {
  it('are remembered by SQL, up to a number of queries', async () => {
    const { parser, counts } = countedParser(() => undefined);
    const columns = new FilterableColumns(parser);
    await columns.of('SELECT 1');
    await columns.of('SELECT 1');
    expect(counts.parses).toBe(1);
    for (let index = 0; index < MAX_ANALYSES; index++) {
      await columns.of(`SELECT ${index}.5`);
    }
    await columns.of('SELECT 1');
    expect(counts.parses).toBe(MAX_ANALYSES + 2);
  });

  it.each([
    ['SQL that is too long', `SELECT '${'x'.repeat(MAX_ANALYSED_CHARACTERS)}'`, 0],
    ['SQL that cannot be parsed', 'SELEC', 1],
  ])('are none for %s', async (_name, sql, parses) => {
    const { parser, counts } = countedParser(() => {
      throw new Error('Expected: an SQL statement');
    });
    expect((await new FilterableColumns(parser).of(sql))('exe')).toBe(false);
    expect(counts.parses).toBe(parses);
  });

  it('are none if the parser cannot be loaded', async () => {
    const parser = { get: () => Promise.reject(new Error('no such file')) };
    expect((await new FilterableColumns(parser).of('SELECT exe FROM processes'))('exe')).toBe(false);
  });
});
