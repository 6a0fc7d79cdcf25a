/**
 * Starts and connects all parts of the demo. Each start creates new keys and secrets, so that no other process on the
 * machine can guess them.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Issuer, startIssuer } from '../issuer/issuer';
import { type Lakehouse, startLakehouse } from '../lakehouse/lakehouse';
import { launcherName } from '../plugin-host/launch';
import { type LogLine, type PluginProcess, startPlugin } from '../plugin-host/plugin-process';
import { bundlePage } from './bundle-page';
import { type GrafanaLibraries } from './grafana-libraries';
import { type DemoHints, NEW_DATA_SOURCE } from './playground-data';
import { type NewDataSource, SavedDataSources } from './server/saved-data-sources';
import { type Playground, startPlayground } from './server/playground-server';

export interface DemoOptions {
  /** Folder of the project, with the built plugin in `dist/`. */
  root: string;
  /** Libraries of the page. */
  libraries: GrafanaLibraries;
  /** Port of the page. Default: a free port. */
  port?: number;
  /** Called with errors, and with warnings and errors in the plugin's log. */
  log: (line: string) => void;
}

export interface Demo {
  /** URL of the page, for example `http://127.0.0.1:41234/`. */
  address: string;
  hints: DemoHints;
  lakehouse: Lakehouse;
  plugin: PluginProcess;
  close(): Promise<void>;
}

const AUDIENCE = 'micromegas-demo';
const CLIENT_ID = 'grafana-demo';
const API_KEY_NAME = 'grafana-demo-key';

/**
 * Node.js for the launcher, since Grafana passes no PATH: the Node.js in node_modules, else the Node.js that runs this
 * process.
 */
function projectNode(root: string): string {
  const own = join(root, 'node_modules/node/bin/node');
  return existsSync(own) ? own : process.execPath;
}

/** Three data sources: one with OAuth, a provisioned one with an API key, and an empty one. */
function dataSources(hints: DemoHints): NewDataSource[] {
  return [
    {
      uid: 'micromegas',
      name: 'Micromegas',
      readOnly: false,
      jsonData: {
        host: hints.lakehouse,
        secure: false,
        selectedAuthType: 'oauth2',
        oauthProvider: 'other',
        oauthIssuer: hints.issuer,
        oauthClientId: hints.clientId,
        oauthAudience: hints.audience,
        enableUserAttribution: true,
      },
      secrets: { oauthClientSecret: hints.clientSecret },
    },
    { uid: NEW_DATA_SOURCE, name: 'New data source', readOnly: false, jsonData: {}, secrets: {} },
    {
      uid: 'micromegas-provisioned',
      name: 'Micromegas (provisioned)',
      readOnly: true,
      jsonData: { host: hints.lakehouse, secure: false, selectedAuthType: 'token', enableUserAttribution: true },
      secrets: { token: hints.apiKey },
    },
  ];
}

/** Prints only warnings and errors of the plugin. */
function pluginLog(log: (line: string) => void): (line: LogLine) => void {
  return ({ level, message, fields }) => {
    if (level === 'warn' || level === 'error') {
      const extra = Object.keys(fields).length > 0 ? ` ${JSON.stringify(fields)}` : '';
      log(`plugin ${level}: ${message}${extra}`);
    }
  };
}

interface Backends {
  hints: DemoHints;
  issuer: Issuer;
  lakehouse: Lakehouse;
}

async function startBackends(): Promise<Backends> {
  const apiKey = `demo-${randomBytes(12).toString('hex')}`;
  const clientSecret = randomBytes(16).toString('hex');
  const issuer = await startIssuer({ clients: [{ clientId: CLIENT_ID, clientSecret, audiences: [AUDIENCE] }] });
  try {
    const lakehouse = await startLakehouse({
      apiKeys: [{ name: API_KEY_NAME, key: apiKey }],
      issuers: [{ issuer: issuer.issuer, audience: AUDIENCE }],
      grow: true,
    });
    const hints = {
      lakehouse: lakehouse.address,
      apiKey,
      issuer: issuer.issuer,
      clientId: CLIENT_ID,
      clientSecret,
      audience: AUDIENCE,
    };
    return { hints, issuer, lakehouse };
  } catch (error) {
    await issuer.close();
    throw error;
  }
}

/** Starts the parts in parallel, then the web server. If one fails, the others are stopped. */
export async function startDemo({ root, libraries, port, log }: DemoOptions): Promise<Demo> {
  const closers: Array<() => Promise<unknown>> = [];
  const close = async () => {
    // Closes the page first, so that no request reaches a stopped part.
    for (const closer of closers.splice(0).reverse()) {
      await closer();
    }
  };
  const started = async <T>(part: Promise<T>, closer: (part: T) => Promise<unknown>): Promise<T> => {
    const value = await part;
    closers.push(() => closer(value));
    return value;
  };
  const parts = await Promise.allSettled([
    started(startBackends(), async ({ issuer, lakehouse }) => Promise.all([lakehouse.close(), issuer.close()])),
    started(
      startPlugin({
        executable: join(root, 'dist', launcherName()),
        env: { GF_PLUGIN_NODE: projectNode(root), GF_VERSION: libraries.version },
        onLog: pluginLog(log),
      }),
      (plugin) => plugin.shutdown()
    ),
    bundlePage(root, libraries),
  ]);
  try {
    const [backends, plugin, pageFiles] = parts;
    if (backends.status === 'rejected' || plugin.status === 'rejected' || pageFiles.status === 'rejected') {
      throw parts.find((part) => part.status === 'rejected')?.reason;
    }
    const { hints, lakehouse } = backends.value;
    const playground: Playground = await started(
      startPlayground({
        services: {
          plugin: plugin.value,
          dataSources: new SavedDataSources(dataSources(hints)),
          audit: lakehouse.audit,
        },
        root,
        libraries,
        pageFiles: pageFiles.value,
        hints,
        port,
        onError: (error) => log(error instanceof Error ? (error.stack ?? error.message) : String(error)),
      }),
      (page) => page.close()
    );
    return { address: playground.address, hints, lakehouse, plugin: plugin.value, close };
  } catch (error) {
    await close();
    throw error;
  }
}
