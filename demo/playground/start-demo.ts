/**
 * Starts all parts of the demo and ties them together. Each start makes new keys and secrets: nothing of the demo is
 * worth keeping, and nothing of it can be guessed by another process of the machine.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Issuer, startIssuer } from '../issuer/issuer';
import { type Lakehouse, startLakehouse } from '../lakehouse/lakehouse';
import { launcherName } from '../plugin-host/launcher-name';
import { type LogLine, type PluginProcess, startPlugin } from '../plugin-host/plugin-process';
import { bundlePage } from './bundle-page';
import { type DemoHints } from './demo-hints';
import { type NewDataSource, SavedDataSources } from './server/saved-data-sources';
import { type Playground, startPlayground } from './server/playground-server';

export interface DemoOptions {
  /** Folder of the project, with the built plugin in `dist/`. */
  root: string;
  /** Port of the page; a free one by default. */
  port?: number;
  /** Told what the plugin logs at warning level or above, and what goes wrong. */
  log: (text: string) => void;
}

export interface Demo {
  /** Of the page, for example `http://127.0.0.1:41234/`. */
  address: string;
  hints: DemoHints;
  lakehouse: Lakehouse;
  plugin: PluginProcess;
  close(): Promise<void>;
}

const AUDIENCE = 'micromegas-demo';
const CLIENT_ID = 'grafana-demo';
const API_KEY_NAME = 'grafana-demo-key';

/** Grafana hands on no PATH: the launcher is told of the Node that the project brings, or else of the one that runs this. */
function projectNode(root: string): string {
  const own = join(root, 'node_modules/node/bin/node');
  return existsSync(own) ? own : process.execPath;
}

/** One to set up by hand, one as a provisioning file would make it. */
function dataSources(hints: DemoHints): NewDataSource[] {
  return [
    { uid: 'micromegas', name: 'Micromegas', readOnly: false, jsonData: {}, secrets: {} },
    {
      uid: 'micromegas-provisioned',
      name: 'Micromegas (provisioned)',
      readOnly: true,
      jsonData: { host: hints.lakehouse, secure: false, selectedAuthType: 'token', enableUserAttribution: true },
      secrets: { token: hints.apiKey },
    },
  ];
}

/** Warnings and errors of the plugin concern whoever started the demo; the rest would drown them. */
function pluginLog(log: (text: string) => void): (line: LogLine) => void {
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

/** Starts everything at once; when one part fails, the others are stopped again. */
export async function startDemo({ root, port, log }: DemoOptions): Promise<Demo> {
  const distFolder = join(root, 'dist');
  const closers: Array<() => Promise<unknown>> = [];
  const close = async () => {
    // The page first, so that nothing asks the parts that go away after it.
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
        executable: join(distFolder, launcherName()),
        env: { GF_PLUGIN_NODE: projectNode(root) },
        onLog: pluginLog(log),
      }),
      (plugin) => plugin.shutdown()
    ),
    bundlePage(root),
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
        distFolder,
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
