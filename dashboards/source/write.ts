/** `npm run generate:dashboards`: writes the JSON files of the dashboards and deletes all others. */
import { globSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DASHBOARDS, dashboardJson } from './dashboards';

const FOLDER = join(__dirname, '..');

for (const name of globSync('*.json', { cwd: FOLDER })) {
  rmSync(join(FOLDER, name));
}
for (const [name, dashboard] of Object.entries(DASHBOARDS)) {
  writeFileSync(join(FOLDER, name), dashboardJson(dashboard));
}
