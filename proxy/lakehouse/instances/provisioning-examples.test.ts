/**
 * The examples of provisioning/examples are accepted without a warning. There is an example for the API key, and for
 * each kind of credentials of a service account.
 */
import { generateKeyPairSync } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { PLUGIN_ID } from '../../../contract/plugin-id';
import { type DataSourceAuth } from './read-auth';
import { saved, settingsOf } from './testing/settings-bench';

const FOLDER = join(__dirname, '../../../provisioning/examples');
const NAMES = globSync('*.yaml', { cwd: FOLDER }).sort();

const FILE = z.object({
  apiVersion: z.literal(1),
  datasources: z.array(
    z.object({
      type: z.literal(PLUGIN_ID),
      jsonData: z.record(z.string(), z.unknown()),
      secureJsonData: z.record(z.string(), z.string()).optional(),
    })
  ),
});

const pem = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();

/** The content of each file to which an example refers, by file name. */
const CONTENTS: Readonly<Record<string, string>> = {
  'google-key.json': JSON.stringify({ type: 'service_account', client_email: 'a@b.example', private_key: pem }),
  'micromegas.key': pem,
};

/** The value after Grafana has replaced `$__file{…}` or variables such as `$NAME`. */
function replaced(value: unknown): unknown {
  if (typeof value !== 'string') {
    return value;
  }
  const [, path] = /^\$__file\{(.+)\}$/.exec(value) ?? [];
  if (path !== undefined) {
    const content = CONTENTS[basename(path)];
    expect(content).toBeDefined();
    return content;
  }
  return value.replace(/\$[A-Z_]+/g, 'replaced');
}

function authOf(name: string): { auth: DataSourceAuth; warnings: string[] } {
  const { datasources } = FILE.parse(parse(readFileSync(join(FOLDER, name), 'utf8')));
  const [{ jsonData, secureJsonData = {} } = { jsonData: {} }] = datasources;
  const values = (all: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(all).map(([key, value]) => [key, replaced(value)]));
  const secrets = Object.fromEntries(
    Object.entries(values(secureJsonData)).map(([key, value]) => [key, String(value)])
  );
  return settingsOf(saved(values(jsonData), secrets));
}

const method = ({ auth }: { auth: DataSourceAuth }) =>
  auth.kind === 'oauth2' ? (auth.credentials?.authentication.kind ?? 'forwarded') : auth.kind;

it.each(NAMES)('%s has settings that are accepted without a warning', (name) => {
  expect(authOf(name).warnings).toEqual([]);
});

it('there is an example for the API key and for each kind of credentials of a service account', () => {
  const methods = new Set(NAMES.map((name) => method(authOf(name))));
  expect([...methods].sort()).toEqual(
    ['assertion-file', 'google-key', 'private-key', 'secret', 'secret-file', 'secret-jwt', 'token'].sort()
  );
});
