import { status } from '@grpc/grpc-js';
import { useLakehouse } from './lakehouse-fixture';
import { PROCESSES } from './story';

const fixture = useLakehouse();
const WHOLE_RANGE = { query_range_begin: '2026-11-24T11:00:00Z', query_range_end: '2026-11-24T11:00:10Z' };

describe('time range', () => {
  const count = async (table: string, headers: Record<string, string>): Promise<number> => {
    const [row] = await fixture.client.rows(`SELECT count(*) AS n FROM ${table}`, headers);
    return Number(row?.['n']);
  };

  it('filters the rows of a subquery by the range', async () => {
    const [row] = await fixture.client.rows(
      'SELECT min(time) AS first, max(time) AS last FROM (SELECT * FROM log_entries)',
      WHOLE_RANGE
    );
    expect(Number(row?.['first'])).toBeGreaterThanOrEqual(Date.parse('2026-11-24T11:00:00Z'));
    expect(Number(row?.['last'])).toBeLessThanOrEqual(Date.parse('2026-11-24T11:00:10Z'));
  });

  it('accepts times with an offset', async () => {
    const shifted = {
      query_range_begin: '2026-11-24T12:00:00+01:00',
      query_range_end: '2026-11-24T12:00:10.000000000+01:00',
    };
    expect(await count('measures', shifted)).toBe(await count('measures', WHOLE_RANGE));
  });

  it.each([{ query_range_begin: '2026-11-24T11:00:00Z' }, { ...WHOLE_RANGE, query_range_end: '' }])(
    'is ignored if one end is missing or empty',
    async (headers) => {
      expect(await count('measures', headers)).toBe(await count('measures', {}));
    }
  );

  it('returns nothing for a reversed range', async () => {
    const reversed = { query_range_begin: WHOLE_RANGE.query_range_end, query_range_end: WHOLE_RANGE.query_range_begin };
    expect(await count('log_entries', reversed)).toBe(0);
  });

  it('filters processes by insert time and last update', async () => {
    expect(await count('processes', {})).toBe(PROCESSES.length);
    const early = { query_range_begin: '2026-11-24T06:00:00Z', query_range_end: '2026-11-24T07:00:00Z' };
    expect(await count('processes', early)).toBe(5);
  });

  it('rejects an invalid time', async () => {
    const error = await fixture.client.failure('SELECT 1', {
      query_range_begin: '2026-11',
      query_range_end: '2026-12',
    });
    expect([error.code, error.details]).toEqual([
      status.INVALID_ARGUMENT,
      'Unable to parse query_range_begin as a rfc3339 datetime: premature end of input',
    ]);
  });
});

describe('limit', () => {
  it.each([
    ['0', 0],
    ['3', 3],
    ['9000', 9000],
  ])('truncates a result at the limit %s', async (limit, rows) => {
    expect((await fixture.client.query('SELECT * FROM range(10000)', { limit })).numRows).toBe(rows);
  });

  it('that is not a number makes the query fail', async () => {
    const error = await fixture.client.failure('SELECT 1', { limit: 'ten' });
    expect([error.code, error.details]).toEqual([
      status.INVALID_ARGUMENT,
      'error parsing limit: invalid digit found in string',
    ]);
    expect((await fixture.client.failure('SELECT 1', { limit: '' })).code).toBe(status.INVALID_ARGUMENT);
  });

  it('fails with EXPLAIN', async () => {
    expect((await fixture.client.failure('EXPLAIN SELECT 1', { limit: '5' })).code).toBe(status.INTERNAL);
    expect((await fixture.client.query('EXPLAIN SELECT 1')).numRows).toBeGreaterThan(0);
  });
});
