import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const manifest: { name: string; version: string } = JSON.parse(
  readFileSync(join(__dirname, '..', 'package.json'), 'utf8')
);

/** Name and version of the plugin. The name is its id in Grafana. */
export const PLUGIN = { name: manifest.name, version: manifest.version };
