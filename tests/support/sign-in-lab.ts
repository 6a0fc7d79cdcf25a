/**
 * The set-up that sign-in tests share: a Micromegas server, a plugin process, and identity providers that a test starts
 * when it needs them. All of their secrets are added to `secretWatch`.
 */
import { type HealthDetails } from '../../contract/resources/health';
import { type MicromegasSecrets, type MicromegasSettings } from '../../contract/settings/settings';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { type ErrorCode } from '../../proxy/base/errors/catalogue';
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
  /** PEM of the client's certificate and key, for a provider that identifies clients by certificates. */
  clientCertificate?: { certificate: string; key: string };
  /** The issuer in the server's configuration. Default: the provider's own. */
  serverIssuer?: (provider: ProviderSimulator) => string;
}

/** The outcome of Save & test. */
export interface HealthOutcome {
  ok: boolean;
  /** The error code. Undefined if the check passed. */
  code: ErrorCode | undefined;
  /** All messages that an admin sees. */
  report: string;
  details: HealthDetails;
}

export interface SignInLab {
  readonly micromegas: Micromegas;
  readonly plugin: PluginProcess;
  /** Starts a working provider whose tokens the server accepts. The lab stops it. */
  provider(rules: ProviderRules, options?: ProviderOptions): Promise<TestedProvider>;
  /** A data source with its own uid. */
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
  const health = await plugin.checkHealth({ pluginContext: pluginContext(source), headers });
  const details: HealthDetails = JSON.parse(new TextDecoder().decode(health.jsonDetails));
  const ok = health.status === 1;
  const report = [health.message, details.message, details.verboseMessage].join('\n');
  const code = details.code !== undefined && isErrorCode(details.code) ? details.code : undefined;
  return { ok, code, report, details };
}

/** Registers Jest hooks that start and stop the lab. The members are available from the first test on. */
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

  const started = <T>(value: T | undefined): T => {
    if (value === undefined) {
      throw new Error('The lab has not started.');
    }
    return value;
  };
  const source: SignInLab['source'] = (jsonData, secrets = {}, changes = {}) => {
    sources += 1;
    return {
      uid: `lab-${sources}`,
      jsonData: { host: started(micromegas).address, ...jsonData },
      secureJsonData: secrets,
      user: ADA,
      ...changes,
    };
  };
  return {
    get micromegas() {
      return started(micromegas);
    },
    get plugin() {
      return started(plugin);
    },
    async provider(rules, { clientCertificate, serverIssuer, ...simulatorOptions } = {}) {
      const client = await registeredClient(rules.clientIdSuffix, clientCertificate);
      const onSecret = (value: string) => secretWatch.add(value);
      const provider = await startSimulator(rules, client, { onSecret, ...simulatorOptions });
      providers.push(provider);
      secretWatch.addBasic(client.id, client.secret);
      const saved = await provider.form();
      const issuer = serverIssuer?.(provider) ?? provider.issuer;
      started(micromegas).issuers.push({ issuer, audience: saved.serverAudience });
      return { provider, saved };
    },
    source,
    oauth: ({ saved }, changes = {}) =>
      source({ selectedAuthType: 'oauth2', ...saved.jsonData, ...changes }, saved.secrets),
    saveAndTest: (from, headers) => healthOf(started(plugin), from, headers),
  };
}
