/**
 * What tests of the sign-in share: a Micromegas, a plugin, and providers that come and go, all of whose secrets are
 * watched.
 */
import { type HealthDetails } from '../../contract/health';
import { type MicromegasSecrets, type MicromegasSettings } from '../../contract/settings';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { type ErrorCode } from '../../proxy/errors/catalogue';
import { startMicromegas, type Micromegas, type MicromegasOptions } from '../fakes/micromegas';
import { registeredClient } from '../fakes/providers/registered-client';
import { type ProviderRules, type SavedForm } from '../fakes/providers/rules';
import { startSimulator, type ProviderSimulator, type SimulatorOptions } from '../fakes/providers/simulator';
import { isErrorCode } from './error-code';
import { ADA, pluginContext, startBuiltPlugin, type Source } from './plugin';
import { secretWatch } from './secret-watch';

export const API_KEY = { name: 'lab', key: 'mmk_lab-0Q9yWf3vT7sLd2Xb' };

export interface TestedProvider {
  provider: ProviderSimulator;
  saved: SavedForm;
}

export interface ProviderOptions extends SimulatorOptions {
  /** PEM of the certificate and key that the client is known by. */
  certified?: { certificate: string; key: string };
  /** The issuer that the server is told, when it is not the provider's own. */
  serverIssuer?: (provider: ProviderSimulator) => string;
}

/** The outcome of Save & Test. */
export interface HealthOutcome {
  ok: boolean;
  /** Code of the failure; undefined when it passed. */
  code: ErrorCode | undefined;
  /** All that an admin can read. */
  text: string;
  details: HealthDetails;
}

export interface SignInLab {
  readonly micromegas: Micromegas;
  readonly plugin: PluginProcess;
  /** A working provider whose tokens the server accepts. Ends with the lab. */
  provider(rules: ProviderRules, options?: ProviderOptions): Promise<TestedProvider>;
  /** A data source with a uid of its own. */
  source(jsonData: MicromegasSettings, secrets?: MicromegasSecrets, changes?: Partial<Source>): Source;
  oauth({ saved }: { saved: SavedForm }, changes?: MicromegasSettings): Source;
  saveAndTest(source: Source, headers?: Record<string, string>): Promise<HealthOutcome>;
}

export interface LabOptions extends MicromegasOptions {
  /** Environment of the plugin. */
  env?: Record<string, string>;
}

export async function healthOf(
  plugin: PluginProcess,
  source: Source,
  headers: Record<string, string> = {}
): Promise<HealthOutcome> {
  const answer = await plugin.checkHealth({ pluginContext: pluginContext(source), headers });
  const details: HealthDetails = JSON.parse(new TextDecoder().decode(answer.jsonDetails));
  const ok = answer.status === 1;
  const text = [answer.message, details.message, details.verboseMessage].join('\n');
  const code = details.code !== undefined && isErrorCode(details.code) ? details.code : undefined;
  return { ok, code, text, details };
}

/** Registers the lab's begin and end with jest. Its members are live from the first test on. */
export function useSignInLab({ env, apiKeys = [API_KEY], issuers = [], ...options }: LabOptions = {}): SignInLab {
  let micromegas: Micromegas | undefined;
  let plugin: PluginProcess | undefined;
  const providers: ProviderSimulator[] = [];
  let sources = 0;

  beforeAll(async () => {
    [micromegas, plugin] = await Promise.all([
      startMicromegas({ apiKeys, issuers, ...options }),
      startBuiltPlugin(env),
    ]);
  }, 60_000);

  afterAll(async () => {
    await plugin?.shutdown();
    await Promise.all([micromegas?.close(), ...providers.map((provider) => provider.close())]);
  });

  const live = <T>(value: T | undefined): T => {
    if (value === undefined) {
      throw new Error('The lab is not open yet.');
    }
    return value;
  };
  const source: SignInLab['source'] = (jsonData, secrets = {}, changes = {}) => {
    sources += 1;
    return {
      uid: `lab-${sources}`,
      jsonData: { host: live(micromegas).address, ...jsonData },
      secureJsonData: secrets,
      user: ADA,
      ...changes,
    };
  };
  return {
    get micromegas() {
      return live(micromegas);
    },
    get plugin() {
      return live(plugin);
    },
    async provider(rules, { certified, serverIssuer, ...simulatorOptions } = {}) {
      const client = await registeredClient(rules.clientIdSuffix, certified);
      const onSecret = (text: string) => secretWatch.add(text);
      const provider = await startSimulator(rules, client, { onSecret, ...simulatorOptions });
      providers.push(provider);
      secretWatch.addBasic(client.id, client.secret);
      const saved = await provider.form();
      const issuer = serverIssuer?.(provider) ?? provider.issuer;
      live(micromegas).issuers.push({ issuer, audience: saved.serverAudience });
      return { provider, saved };
    },
    source,
    oauth: ({ saved }, changes = {}) =>
      source({ selectedAuthType: 'oauth2', ...saved.jsonData, ...changes }, saved.secrets),
    saveAndTest: (from, headers) => healthOf(live(plugin), from, headers),
  };
}
