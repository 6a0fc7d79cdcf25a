import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import webpack from 'webpack';
import { DashboardsPlugin } from './dashboards-plugin';

const folder = mkdtempSync(join(tmpdir(), 'dashboards-plugin-'));
const dashboard = join(folder, 'dashboards/fleet.json');

afterAll(() => rmSync(folder, { recursive: true }));

it('copies a dashboard that has changed since the build that filled the cache, also if its date is the same', async () => {
  mkdirSync(join(folder, 'dashboards'));
  writeFileSync(join(folder, 'module.js'), '');
  expect(await builtFrom('{"title":"Former"}')).toBe('{"title":"Former"}');
  expect(await builtFrom('{"title":"Newest"}')).toBe('{"title":"Newest"}');
});

/** @returns The dashboard in the output of a build. */
async function builtFrom(json: string): Promise<string> {
  writeFileSync(dashboard, json);
  utimesSync(dashboard, 1_600_000_000, 1_600_000_000);
  const compiler = webpack({
    mode: 'production',
    context: folder,
    entry: './module.js',
    cache: { type: 'filesystem', cacheDirectory: join(folder, 'cache') },
    output: { path: join(folder, 'dist'), clean: true },
    plugins: [new DashboardsPlugin(join(folder, 'dashboards'))],
  });
  await new Promise<void>((resolve, reject) => compiler.run((error) => (error ? reject(error) : resolve())));
  await new Promise<void>((resolve, reject) => compiler.close((error) => (error ? reject(error) : resolve())));
  return readFileSync(join(folder, 'dist/dashboards/fleet.json'), 'utf8');
}
