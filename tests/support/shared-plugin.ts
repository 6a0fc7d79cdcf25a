/** The built plugin and the demo's lakehouse that the integration tests share, for tests that only read. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { inspect } from 'node:util';
import { PluginClient } from '../../demo/plugin-host/plugin-client';
import { demoServicesAt, type DemoServices } from './demo-services';
import { ADA, type Source } from './plugin';
import { secretWatch } from './secret-watch';
import { type SharedAddresses } from './shared-servers';

export interface SharedPlugin {
  readonly demo: Pick<DemoServices, 'audit' | 'lakehouseStartMs'>;
  readonly plugin: PluginClient;
  /** A data source that only this test file uses, so that the plugin has no cached data of other files for it. */
  readonly source: Source;
}

/**
 * Connects to the shared servers, and registers a Jest hook that disconnects from them.
 *
 * Other files send queries at the same time. So a test must not count the calls of the plugin or the lakehouse, must
 * not measure time or memory, and must find its own audit records by their SQL.
 *
 * @param user The user who sends the requests.
 */
export function useSharedPlugin(user: Source['user'] = ADA): SharedPlugin {
  const addresses: SharedAddresses = JSON.parse(process.env.SHARED_SERVERS ?? '{}');
  const plugin = new PluginClient(addresses.plugin, (response) =>
    secretWatch.record('response', response instanceof Uint8Array ? response : inspect(response))
  );
  const uid = basename(expect.getState().testPath ?? '', '.test.ts');
  const { lakehouse, apiKey } = addresses.demo;
  const source: Source = {
    uid,
    jsonData: { host: lakehouse, selectedAuthType: 'token' },
    secureJsonData: { token: apiKey },
    user,
  };
  afterAll(() => {
    plugin.close();
    secretWatch.record('log', readFileSync(addresses.log));
  });
  return { demo: demoServicesAt(addresses.demo), plugin, source };
}
