/** Macros and variables through the built plugin, on the demo's lakehouse. */
import { type DataResponse } from '../../proxy/generated/pluginv2/backend_pb';
import { randomNumbers } from '../../proxy/sql/macros/testing/random-numbers';
import { firstInstantOfBin, ZONES } from '../../proxy/sql/macros/testing/reference-bins';
import { interpolateSql } from '../../src/shared/interpolation/interpolation';
import { fixedTemplates } from '../../src/testing/fixed-templates';
import { ALL_TESTS } from '../support/all-tests';
import { useSharedPlugin } from '../support/shared-plugin';
import { onlyFrame, readFrames } from '../support/frames';
import { type QueryOptions, runQuery } from '../support/plugin';
import { expectNoSecretsAtEnd } from '../support/secret-watch';

const lab = useSharedPlugin();

expectNoSecretsAtEnd();

const ask = (model: object, options: QueryOptions = {}) =>
  runQuery(lab.plugin, lab.source, { version: 2, autoLimit: false, ...model }, options);

const iso = (epochMs: number) => new Date(epochMs).toISOString();
const milliseconds = (value: unknown) => Number(typeof value === 'bigint' ? value / 1_000_000n : value);

it('sets the interval of the time field only for SQL of the builder, because Grafana draws no line between rows that are further apart than this interval', async () => {
  const query = 'SELECT $__dateBin(time) AS time, count(*) AS n FROM log_entries GROUP BY 1';
  const model = { query, format: 'time_series' };
  const ofAuthor = onlyFrame(await ask(model, { intervalMs: 60_000 }));
  const ofBuilder = onlyFrame(await ask({ ...model, builder: { kind: 'metrics' } }, { intervalMs: 60_000 }));
  expect([ofAuthor, ofBuilder].map((frame) => frame.config('time'))).toEqual([{}, { interval: 60_000 }]);
});

it('sets no interval if rows are rarer than bins, so that Grafana connects the points with lines', async () => {
  const query = 'SELECT $__dateBin(time) AS time, count(*) AS n FROM log_entries GROUP BY 1 ORDER BY 1';
  const model = { query, format: 'time_series', builder: { kind: 'metrics' } };
  const toMs = lab.demo.lakehouseStartMs;
  const range = { fromMs: toMs - 600_000, toMs };
  const ofMinutes = onlyFrame(await ask(model, { intervalMs: 60_000, range }));
  const ofTenths = onlyFrame(await ask(model, { intervalMs: 100, range }));
  expect([ofMinutes, ofTenths].map((frame) => frame.config('time'))).toEqual([{ interval: 60_000 }, {}]);
});

describe('$__timeShift', () => {
  const rangeBefore = (ms: number) => ({
    fromMs: lab.demo.lakehouseStartMs - 600_000 - ms,
    toMs: lab.demo.lakehouseStartMs - ms,
  });
  const count = async (where: string, ms = 0) => {
    const query = `SELECT count(*) AS lines FROM log_entries WHERE ${where}`;
    return Number(onlyFrame(await ask({ query }, { range: rangeBefore(ms) })).column('lines')[0]);
  };

  it('reads the rows of the earlier range, which the query would not receive otherwise', async () => {
    const before = await count('$__timeFilter(time)', 1_800_000);
    expect(before).toBeGreaterThan(0);
    expect(await count("$__timeShift(time, '30m')")).toBe(before);
  });

  it('reads the range of the panel, too, if another macro needs it', async () => {
    const [now, before] = [await count('$__timeFilter(time)'), await count('$__timeFilter(time)', 1_800_000)];
    expect(await count("$__timeFilter(time) OR $__timeShift(time, '30m')")).toBe(now + before);
  });

  it('shows the earlier range as a time series in the range of the panel', async () => {
    const query =
      "SELECT $__dateBin(time + interval '30 minutes') AS time, count(*) AS before FROM log_entries WHERE $__timeShift(time, '30m') GROUP BY 1 ORDER BY 1";
    const range = rangeBefore(0);
    const frame = onlyFrame(await ask({ query, format: 'time_series' }, { range, intervalMs: 60_000 }));
    const times = frame.column('time').map(milliseconds);
    expect(times.length).toBeGreaterThan(5);
    expect(times.filter((time) => time < range.fromMs - 60_000 || time > range.toMs)).toEqual([]);
  });

  it.each(["'1M'", "'1y'", 'yesterday', "'11y'"])('rejects the interval %s', async (interval) => {
    const { error } = await ask({ query: `SELECT 1 WHERE $__timeShift(time, ${interval})` });
    expect(error).toContain("$__timeShift takes an interval of fixed length such as '1h', '1d' or '1w'");
  });
});

describe('$__dateBin in a time zone', () => {
  const INTERVALS = ['1d', '2d', '1w', '1M', '1y'];
  const BINS = INTERVALS.map((interval) => `$__dateBin(t, '${interval}') AS "${interval}"`).join(', ');

  // The unit tests of the bins cover all zones.
  const zones = Object.entries(ZONES).filter(
    ([zone]) => ALL_TESTS || ['UTC', 'America/New_York', 'America/Havana', 'Pacific/Apia'].includes(zone)
  );
  it.each(zones)('equals a slow reference implementation: %s', async (zone, ranges) => {
    const random = randomNumbers(zone.length);
    for (const [from, to] of ranges) {
      const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
      const at = Array.from({ length: 12 }, () => Math.floor((fromMs + random() * (toMs - fromMs)) / 1000) * 1000);
      const rows = at.map((time) => `(timestamptz '${iso(time)}')`).join(', ');
      const query = `SELECT t, ${BINS} FROM (VALUES ${rows}) AS v(t)`;
      const frame = onlyFrame(
        await ask({ query, timezone: zone, timeFilter: false }, { range: { fromMs, toMs }, intervalMs: 1000 })
      );
      const times = frame.column('t').map(milliseconds);
      expect(times.toSorted()).toEqual(at.toSorted());
      for (const interval of INTERVALS) {
        const found = frame.column(interval).map((value, row) => `${iso(times[row])} ${iso(milliseconds(value))}`);
        expect(found).toEqual(times.map((time) => `${iso(time)} ${iso(firstInstantOfBin(time, interval, zone))}`));
      }
    }
  });

  it('uses the offsets that the zone has at the times of the rows, even in other years', async () => {
    const range = { fromMs: Date.UTC(2026, 0, 5), toMs: Date.UTC(2026, 0, 6) };
    const query = "SELECT $__dateBin(t, '1d') AS day FROM (VALUES (timestamptz '2023-07-10T12:00:00Z')) AS v(t)";
    const response = await ask({ query, timezone: 'Europe/Berlin', timeFilter: false }, { range, intervalMs: 1000 });
    expect(
      onlyFrame(response)
        .column('day')
        .map((day) => iso(milliseconds(day)))
    ).toEqual(['2023-07-09T22:00:00.000Z']);
  });

  it('groups rows of a table', async () => {
    const query = "SELECT $__dateBin(time, '1d') AS time, count(*) AS n FROM log_entries GROUP BY 1 ORDER BY 1";
    const frame = onlyFrame(await ask({ query, timezone: 'America/Havana', format: 'time_series' }));
    expect(frame.rowCount).toBeGreaterThan(0);
    expect(frame.column('time').map((value) => milliseconds(value) % 3_600_000)).toEqual(
      Array<number>(frame.rowCount).fill(0)
    );
  });

  it('uses UTC in alert rules, even if the rule was created from a panel', async () => {
    const query = "SELECT $__dateBin(time, '1d') AS time, count(*) AS n FROM log_entries GROUP BY 1";
    const response = await ask({ query, timezone: 'Asia/Kathmandu' }, { headers: { FromAlert: 'true' } });
    const days = onlyFrame(response).column('time').map(milliseconds);
    expect(days.every((day) => day % 86_400_000 === 0)).toBe(true);
  });

  it('names an unknown zone', async () => {
    const { error } = await ask({ query: "SELECT $__dateBin(time, '1d') FROM measures", timezone: 'Mars/Olympus' });
    expect(error).toMatch(/time zone "Mars\/Olympus".*unknown.*\(at line 1, column 8\)/);
  });
});

describe('$__timeGroup', () => {
  const SQL =
    "SELECT $__timeGroupAlias(time, '10m', 7), count(*) AS n FROM log_entries WHERE level < 0 OR $__timeFilter(time)";

  it('fills gaps in steps of the interval argument', async () => {
    const toMs = Math.floor(lab.demo.lakehouseStartMs / 600_000) * 600_000 - 600_000;
    const range = { fromMs: toMs - 3_600_000, toMs };
    const query = `${SQL} AND minute(time) < 20 GROUP BY 1`.replace('minute(time)', "datepart('minute', time)");
    const frame = onlyFrame(await ask({ query, format: 'time_series' }, { range, intervalMs: 15_000 }));
    const times = frame.column('time').map(milliseconds);
    expect(times).toEqual(Array.from({ length: 7 }, (_, step) => range.fromMs + step * 600_000));
    const filled = frame.column('n').filter((_, row) => new Date(times[row]).getUTCMinutes() >= 20);
    expect(filled.map(Number)).toEqual(filled.map(() => 7));
  });

  it('fills gaps with the option "Fill gaps" instead of the fill argument', async () => {
    const query = `${SQL.replace('< 0 OR', '< 0 AND')} GROUP BY 1 UNION ALL SELECT $__timeFrom, 1`;
    const frame = onlyFrame(await ask({ query, format: 'time_series', fillMode: 'zero' }));
    expect(new Set(frame.column('n').map(Number))).toEqual(new Set([0, 1]));
  });
});

it('names series by the legend', async () => {
  const query = 'SELECT $__dateBin(time) AS time, exe, count(*) AS n FROM log_entries GROUP BY 1, 2';
  const response = await ask({ query, format: 'time_series', legend: '{{column}} of {{exe}}' });
  const frame = new TextDecoder().decode(response.frames[0]);
  expect(frame).toContain('"displayNameFromDS":"n of ember-server"');
});

describe('the position of an error', () => {
  const positionOf = (response: DataResponse) => readFrames(response)[0].meta.custom;

  it.each([
    ['an unknown column', 'SELECT nope FROM log_entries', 'nope', {}],
    ['a column after macros', 'SELECT $__dateBin(time), 1\nFROM log_entries WHERE $__timeFilter(time) AND nope = 1', 'nope', {}], // prettier-ignore
    ['a column in a macro', 'SELECT 1 FROM log_entries WHERE $__timeFilter(nope)', '$__timeFilter', {}],
    ['white space at the start', '\n\n  SELECT nope FROM log_entries', 'nope', {}],
    ['characters of two UTF-16 units', "SELECT '😀' AS a, $__timeFrom, nope FROM log_entries", 'nope', {}],
    ['a macro', '  SELECT $__timeFilter(time),\n $__nope', '$__nope', {}],
    [
      'filters that were inserted',
      'SELECT $__timeTo FROM log_entries WHERE level < 3 AND nope = 1',
      'nope',
      { filters: [{ key: 'level', operator: '=', value: '1' }] },
    ],
  ])('is reported in the SQL of the user: %s', async (_name, query, place, more) => {
    const response = await ask({ query, ...more });
    expect(response.error).not.toBe('');
    const offset = query.indexOf(place);
    const before = query.slice(0, offset).split('\n');
    const column = Array.from(before.at(-1) ?? '').length + 1;
    expect(positionOf(response)).toMatchObject({ position: { line: before.length, column, offset } });
  });
});

describe('the values of variables', () => {
  const random = randomNumbers(13);
  const PIECES = ["'", '"', '\\', '\n', '$', '$exe', '${a}', '--', '/*', '*/', ';', '%', 'é', '😀', ' ', 'a', '[[b]]', '{', '}', '0', ',', '(', ')', '$__all']; // prettier-ignore
  const randomString = () =>
    Array.from({ length: 1 + Math.floor(random() * 8) }, () => PIECES[Math.floor(random() * PIECES.length)]).join('');
  const values = Array.from({ length: 40 }, randomString);

  const row = async (sql: string, value: string, more: unknown) => {
    const templates = fixedTemplates({
      one: { value },
      many: { value: more, multi: true },
      exe: { value: 'wrong' },
      a: { value: 'wrong' },
      b: { value: 'wrong' },
    });
    const frame = onlyFrame(await ask({ query: interpolateSql(sql, templates) }));
    return Object.keys(frame.types).map((name) => frame.column(name)[0]);
  };

  it('arrive unchanged in literals', async () => {
    const sql = `SELECT '$one' AS a, '[[one]]' AS b, \${one:sqlstring} AS c, -- $one
      $many AS d, '\${many}' AS e, \${many:singlequote} AS f /* $many */`;
    for (const value of values) {
      expect(await row(sql, value, value)).toEqual(Array(6).fill(value));
    }
  });

  it('arrive unchanged in lists', async () => {
    const sql = "SELECT '$one' IN ($many) AS a, '$one' IN ('$many') AS b, 'x' NOT IN (${many:sqlstring}) AS c";
    for (const value of values) {
      expect(await row(sql, value, [value, 'other', `${value}'`])).toEqual([true, true, true]);
    }
  });

  it('arrive unchanged in names', async () => {
    for (const value of values) {
      const templates = fixedTemplates({ v: { value: `x${value}` } });
      const query = interpolateSql('SELECT 1 AS "$v"', templates);
      expect(Object.keys(onlyFrame(await ask({ query })).types)).toEqual([`x${value}`]);
    }
  });
});

it('keeps every row if All is selected, even rows without a value', async () => {
  const all = { value: ['a'], multi: true, includeAll: true, isAll: true, query: 'SELECT x FROM t' };
  const rows = "(SELECT * FROM (VALUES ('a'), ('b'), (NULL)) AS r(x)) AS t";
  const where = "x IN ($v) AND NOT (x IN ('$v') AND false) AND $__conditionalAll(x = 'b', $v) AND (x IN ($v)) = true";
  const query = interpolateSql(`SELECT count(*) AS n FROM ${rows} WHERE ${where}`, fixedTemplates({ v: all }));
  expect(query).not.toContain("'a')) AND");
  expect(
    onlyFrame(await ask({ query }))
      .column('n')
      .map(Number)
  ).toEqual([3]);
});
