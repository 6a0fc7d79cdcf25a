/** The built plugin, connected to the demo's lakehouse with the demo's API key. */
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { type DemoServices, startDemoServices } from './demo-services';
import { ADA, type Source, startBuiltPlugin } from './plugin';

export interface DemoPlugin {
  readonly demo: DemoServices;
  readonly plugin: PluginProcess;
  readonly source: Source;
}

/**
 * Registers Jest hooks that start and stop the demo and the plugin. The members are available from the first test on.
 *
 * @param user The user who sends the requests.
 */
export function useDemoPlugin(user: Source['user'] = ADA): DemoPlugin {
  let started: DemoPlugin | undefined;
  const members = (): DemoPlugin => {
    if (started === undefined) {
      throw new Error('The plugin has not started.');
    }
    return started;
  };
  beforeAll(async () => {
    const [demo, plugin] = await Promise.all([startDemoServices(), startBuiltPlugin()]);
    const source: Source = {
      jsonData: { host: demo.lakehouse, selectedAuthType: 'token' },
      secureJsonData: { token: demo.apiKey },
      user,
    };
    started = { demo, plugin, source };
  }, 60_000);
  afterAll(async () => {
    await started?.plugin.shutdown();
    await started?.demo.stop();
  });
  return {
    get demo() {
      return members().demo;
    },
    get plugin() {
      return members().plugin;
    },
    get source() {
      return members().source;
    },
  };
}
