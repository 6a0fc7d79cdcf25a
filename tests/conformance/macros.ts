/**
 * Checks macros on a real Micromegas: their examples, bins in time zones, conditions with a variable set to All,
 * positions in errors.
 */
import assert from 'node:assert/strict';
import { MACROS } from '../../contract/sql/macros';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { randomNumbers } from '../../proxy/sql/macros/testing/random-numbers';
import { firstInstantOfBin, ZONES } from '../../proxy/sql/macros/testing/reference-bins';
import { interpolateSql } from '../../src/shared/interpolation/interpolation';
import { fixedTemplates } from '../../src/testing/fixed-templates';
import { onlyFrame, readFrames } from '../support/frames';
import { type QueryOptions, runQuery, type Source } from '../support/plugin';
import { type Checklist } from './checklist';

const INTERVALS = ['1d', '2d', '1w', '1M', '1y'];
const ALL = {
  value: ['nothing'],
  multi: true,
  includeAll: true,
  isAll: true,
  query: 'SELECT DISTINCT exe FROM processes',
};

export async function checkMacros(list: Checklist, plugin: PluginProcess, source: Source): Promise<void> {
  const ask = (query: string, model: object = {}, options: QueryOptions = {}) =>
    runQuery(plugin, source, { query, version: 2, autoLimit: false, ...model }, options);
  for (const { name, example } of MACROS) {
    await list.check(`macros: the example of $__${name} runs`, async () => {
      const query = interpolateSql(example, fixedTemplates({ exe: ALL }));
      const { error } = await ask(query, { timezone: 'America/Havana' });
      assert.equal(error, '');
    });
  }
  for (const [zone, ranges] of Object.entries(ZONES)) {
    await list.check(`macros: $__dateBin agrees with a slow reference in ${zone}`, async () => {
      for (const [from, to] of ranges) {
        await checkBins(zone, { fromMs: Date.parse(from), toMs: Date.parse(to) }, ask);
      }
    });
  }
  await list.check('macros: conditions on a variable keep rows if All is selected', async () => {
    const where =
      "exe IN ($exe) AND exe IN ('$exe') AND NOT (exe IN ($exe) AND false) AND $__conditionalAll(false, $exe)";
    const count = async (sql: string) => Number(onlyFrame(await ask(sql)).column('n')[0]);
    const query = 'SELECT count(*) AS n FROM log_entries';
    const filtered = await count(interpolateSql(`${query} WHERE ${where}`, fixedTemplates({ exe: ALL })));
    assert.ok(filtered > 0);
    assert.ok(filtered <= (await count(query)));
  });
  await list.check('macros: the error for an unknown column has its position in the SQL of the user', async () => {
    const query =
      "\n SELECT '😀', $__dateBin(time)\nFROM log_entries\nWHERE $__timeFilter(time) AND '😀' <> '' AND nope = 1";
    const [frame] = readFrames(await ask(query));
    const custom = frame.meta.custom as { position?: object };
    assert.deepEqual(custom.position, { line: 4, column: 45, offset: query.indexOf('nope') });
  });
}

async function checkBins(
  zone: string,
  range: { fromMs: number; toMs: number },
  ask: (query: string, model: object, options: QueryOptions) => ReturnType<typeof runQuery>
): Promise<void> {
  const random = randomNumbers(zone.length);
  const iso = (epochMs: number) => new Date(epochMs).toISOString();
  const milliseconds = (value: unknown) => Number(typeof value === 'bigint' ? value / 1_000_000n : value);
  const rows = Array.from({ length: 12 }, () => {
    const epochMs = Math.floor((range.fromMs + random() * (range.toMs - range.fromMs)) / 1000) * 1000;
    return `('${iso(epochMs)}')`;
  });
  const times = `SELECT arrow_cast(column1, 'Timestamp(Nanosecond, Some("+00:00"))') AS t FROM (VALUES ${rows.join(', ')})`;
  const bins = INTERVALS.map((interval) => `$__dateBin(t, '${interval}') AS "${interval}"`).join(', ');
  const response = await ask(`SELECT t, ${bins} FROM (${times})`, { timezone: zone }, { range, intervalMs: 1000 });
  const frame = onlyFrame(response);
  const found = frame.column('t').map(milliseconds);
  assert.equal(found.length, rows.length);
  for (const interval of INTERVALS) {
    assert.deepEqual(
      frame.column(interval).map((value, row) => `${iso(found[row])} ${iso(milliseconds(value))}`),
      found.map((time) => `${iso(time)} ${iso(firstInstantOfBin(time, interval, zone))}`)
    );
  }
}
