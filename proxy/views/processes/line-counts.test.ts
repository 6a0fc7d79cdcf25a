import { Int32, Int64, Table, TimestampNanosecond, Utf8, vectorFromArray } from 'apache-arrow';
import { ProxyError } from '../../base/errors/proxy-error';
import { readerOf } from '../lake-reader/testing/reader';
import { countLines, linesSql } from './line-counts';
import { stateOf } from './process-state';

const MINUTE = 60_000;
const [P, Q] = ['0', '1'].map((digit) => `00000000-0000-4000-8000-${digit.repeat(12)}`);

function counted(): Table {
  return new Table({
    process_id: vectorFromArray([P, P, Q], new Utf8()),
    level: vectorFromArray([1, 3, 2], new Int32()),
    lines: vectorFromArray([1n, 7n, 2n], new Int64()),
    newest: vectorFromArray([60_000, 60_000, 0], new TimestampNanosecond()),
  });
}

it('counts in log_entries if the server has no log_stats', async () => {
  const sent: string[] = [];
  const lake = readerOf(({ sql }) => {
    sent.push(sql);
    if (sql.includes('log_stats')) {
      throw new ProxyError('query_invalid');
    }
    return counted();
  });
  const counts = await countLines([P, Q], lake);
  expect(counts.get(P)).toMatchObject({ fatal: 1, error: 0, warn: 7 });
  expect(counts.get(Q)).toMatchObject({ fatal: 0, error: 2, warn: 0, lastFatalNs: undefined });
  expect(sent.map((sql) => sql.includes('log_stats'))).toEqual([true, false]);
});

it('throws any error other than query_invalid', async () => {
  const lake = readerOf(() => {
    throw new ProxyError('query_timeout');
  });
  await expect(countLines(['p'], lake)).rejects.toMatchObject({ code: 'query_timeout' });
});

it.each([
  {
    name: 'full minutes in log_stats, and both ends of the range in log_entries',
    fromMs: 30_000,
    toMs: 60 * MINUTE,
    tables: ['log_stats', 'log_entries', 'log_entries'],
  },
  {
    name: 'the start of the range in log_stats if it is a full minute',
    fromMs: 0,
    toMs: 60 * MINUTE,
    tables: ['log_stats', 'log_entries'],
  },
  { name: 'the newest minutes in log_entries', fromMs: 55 * MINUTE, toMs: 60 * MINUTE, tables: ['log_entries'] },
])('counts $name', ({ fromMs, toMs, tables }) => {
  const sql = linesSql({ range: { fromMs, toMs }, nowMs: 60 * MINUTE }, 'log_stats', 3, '');
  expect([...sql.matchAll(/FROM (\w+)/g)].map(([, table]) => table)).toEqual(tables);
});

describe('stateOf', () => {
  const at = (minute: number) => BigInt(minute * MINUTE) * 1_000_000n;
  const process = (minute: number) => ({
    id: 'p',
    exe: undefined,
    version: undefined,
    computer: undefined,
    username: undefined,
    parentId: undefined,
    startNs: 0n,
    lastSeenNs: at(minute),
  });
  const lines = (lastFatalNs?: bigint) => ({ fatal: 0, error: 0, warn: 0, lastFatalNs });

  it.each([
    { seen: 60, fatal: undefined, expected: 'running' },
    { seen: 55, fatal: 55, expected: 'running' },
    { seen: 54, fatal: undefined, expected: 'ended' },
    { seen: 54, fatal: 51, expected: 'ended' },
    { seen: 54, fatal: 52, expected: 'crashed' },
  ])(
    'returns $expected if the process was last seen in minute $seen, and had a fatal line in minute $fatal',
    ({ seen, fatal, expected }) => {
      const counts = lines(fatal === undefined ? undefined : at(fatal));
      expect(stateOf(process(seen), counts, 55 * MINUTE)).toBe(expected);
    }
  );
});
