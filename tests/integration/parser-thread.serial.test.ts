/**
 * The thread of the SQL parser in the built plugin. An attacker sends SQL that takes long to parse. This must not delay
 * the queries of other users, and must cost a bounded amount of memory.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type QueryFilter } from '../../contract/queries/query-filter';
import { type PluginProcess, startPlugin } from '../../demo/plugin-host/plugin-process';
import { digestOf } from '../../scripts/proxy-bundle';
import { useDemoPlugin } from '../support/demo-plugin';
import { codeOf } from '../support/error-code';
import { onlyFrame } from '../support/frames';
import { metricValue } from '../support/metrics';
import { copyBackend, DIST, NODE_ENVIRONMENT, runQuery } from '../support/plugin';

const lab = useDemoPlugin();

const EVE = { login: 'eve', name: 'Eve', email: 'eve@example.com', role: 'Viewer' };
const FILTER: QueryFilter = { key: 'exe', operator: '!=', value: 'x' };

const ask = (query: string, filters: QueryFilter[], user = lab.source.user, plugin = lab.plugin) =>
  runQuery(plugin, { ...lab.source, user }, { query, version: 2, autoLimit: false, filters });

const SHAPES = [
  'CAST(',
  'TRY_CAST(',
  'SAFE_CAST(',
  'CONVERT(',
  'CEIL(',
  'FLOOR(',
  'POSITION(',
  'SUBSTRING(',
  'OVERLAY(',
  'CASE(',
  'CASE WHEN 1 THEN ',
  'CASE + ',
  'NOT -(',
  'NOT IN (SELECT ',
  'INTERVAL a (',
  'CURRENT_DATE(',
  'ARRAY[',
  'f(x -> CAST(',
  '* FROM ((SELECT ',
  'a IN (SELECT -',
];

/** Each statement is different, so that no result comes from the cache. */
const hostile = SHAPES.flatMap((open) =>
  [30, 48].flatMap((count) => [
    `SELECT ${open.repeat(count)}`,
    `SELECT ${open.repeat(count)}1${' AS INT)'.repeat(count)}`,
  ])
);

/** Resident memory of the plugin in bytes. */
async function residentBytes(plugin: PluginProcess): Promise<number> {
  return metricValue(await plugin.collectMetrics(), 'process_resident_memory_bytes') ?? NaN;
}

it('runs a query of another user while hostile SQL of every known shape is parsed', async () => {
  // Starts the thread.
  expect((await ask('SELECT exe FROM processes', [FILTER])).status).toBe(200);
  const before = await residentBytes(lab.plugin);
  const ended: string[] = [];
  const attack = Promise.all(
    hostile.map(async (sql) => {
      const response = await ask(sql, [FILTER], EVE);
      ended.push('hostile');
      return codeOf(response.error);
    })
  );
  const small = await ask('SELECT exe FROM processes LIMIT 3', [FILTER]);
  ended.push('small');
  expect(small.status).toBe(200);
  expect(onlyFrame(small).column('exe').length).toBeGreaterThan(0);
  expect(new Set(await attack)).toEqual(new Set(['filter_not_applicable']));
  expect(ended.indexOf('small')).toBeLessThan(hostile.length);
  expect((await residentBytes(lab.plugin)) - before).toBeLessThan(150 * 1024 * 1024);
});

/** Simulates SQL that is within all limits and is still slow: the parser never ends if the SQL contains `spin`. */
const SPINNING = `
  const { parentPort } = require('node:worker_threads');
  const on = parentPort.on.bind(parentPort);
  parentPort.on = (event, listener) =>
    on(event, (job) => {
      while (job.sql.includes('spin')) {}
      listener(job);
    });
  `;

/** The error of a query whose parser was terminated. */
const SLOW = /takes more than \d+ ms.*remove the filters/;

describe('with a parser that does not end', () => {
  let folder: string;
  let plugin: PluginProcess;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mm-spin-'));
    const executable = copyBackend(folder);
    const parser = readFileSync(join(DIST, 'sql-parser.cjs'));
    const spinning = Buffer.concat([Buffer.from(SPINNING), parser]);
    writeFileSync(join(folder, 'sql-parser.cjs'), spinning);
    // The bundle accepts only the parser whose digest it contains.
    const proxy = readFileSync(join(DIST, 'proxy.cjs'), 'utf8').replace(digestOf(parser), digestOf(spinning));
    writeFileSync(join(folder, 'proxy.cjs'), proxy);
    plugin = await startPlugin({ executable, env: NODE_ENVIRONMENT });
  });

  afterAll(async () => {
    await plugin.shutdown();
    rmSync(folder, { recursive: true });
  });

  it('serves another user before the slow queries of four users, replaces the thread, and exits on request', async () => {
    expect((await ask('SELECT exe FROM processes', [FILTER], EVE, plugin)).status).toBe(200);
    const before = await residentBytes(plugin);
    const errors: Array<string | undefined> = [];
    // Three queries of each user: one that is parsed, and two that wait. More would only wait longer.
    const slow = Array.from({ length: 12 }, async (_, index) => {
      const attacker = { ...EVE, login: `eve${index % 4}` };
      const { error } = await ask(`SELECT exe AS spin${index} FROM processes`, [FILTER], attacker, plugin);
      errors.push(error);
    });
    // The event loop is free while the parser spins.
    await plugin.collectMetrics();
    expect(errors).toEqual([]);
    const small = await ask('SELECT exe FROM processes LIMIT 3', [FILTER], undefined, plugin);
    // A slow job is stopped when another user waits, and runs again later. At most one job has reached its time limit
    // by now: the job that ran while no other user was waiting.
    expect(errors.filter((error) => SLOW.test(error ?? '')).length).toBeLessThanOrEqual(1);
    expect(onlyFrame(small).column('exe').length).toBeGreaterThan(0);
    expect(onlyFrame(small).meta.executedQueryString).toContain("exe <> 'x'");
    await Promise.all(slow);
    expect(errors).toHaveLength(12);
    expect(new Set(errors.map((error) => codeOf(error ?? '')))).toEqual(new Set(['filter_not_applicable']));
    expect(errors.some((error) => SLOW.test(error ?? ''))).toBe(true);
    expect((await residentBytes(plugin)) - before).toBeLessThan(100 * 1024 * 1024);
    // Without filters, slow SQL runs, and only the filter buttons are missing.
    const plain = await ask('SELECT exe AS spin FROM processes LIMIT 3', [], EVE, plugin);
    expect(onlyFrame(plain).config('spin').filterable).toBeUndefined();
    void ask('SELECT exe AS spin_at_exit FROM processes', [FILTER], EVE, plugin).catch(() => undefined);
    const { graceful } = await plugin.shutdown();
    expect(graceful).toBe(true);
  }, 60_000);
});
