import { globSync } from 'glob';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PLUGIN_SETTINGS, SET_BY_GRAFANA } from './operator-names';

it('lists all settings of the plugin that the backend reads', () => {
  const cwd = join(__dirname, '..');
  const sources = globSync('**/*.ts', { cwd, ignore: ['**/*.test.ts', '**/testing/**'] });
  const source = sources.map((path) => readFileSync(join(cwd, path), 'utf8')).join('\n');
  const read = new Set([...source.matchAll(/(?:'|env\.)(GF_PLUGIN_[A-Z_]+)/g)].map(([, name]) => name));
  SET_BY_GRAFANA.forEach((name) => read.delete(name));
  expect(read.size).toBeGreaterThan(3);
  expect([...read].filter((name) => !PLUGIN_SETTINGS.includes(name))).toEqual([]);
});
