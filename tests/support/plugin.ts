/** Starts the built plugin as Grafana does, and creates the messages that Grafana sends. */
import { type MessageInitShape } from '@bufbuild/protobuf';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { type MicromegasQueryFields } from '../../contract/queries/query';
import { type MicromegasSecrets, type MicromegasSettings } from '../../contract/settings/settings';
import { launcherName } from '../../demo/plugin-host/launch';
import { type PluginClient } from '../../demo/plugin-host/plugin-client';
import { startPlugin, type PluginProcess } from '../../demo/plugin-host/plugin-process';
import {
  type DataQuerySchema,
  type DataResponse,
  type PluginContextSchema,
  type UserSchema,
} from '../../proxy/generated/pluginv2/backend_pb';
import { secretWatch } from './secret-watch';

export const ROOT = join(__dirname, '..', '..');
export const DIST = join(ROOT, 'dist');

/** The executable that Grafana starts on this machine. */
export function launcherPath(): string {
  return join(DIST, launcherName());
}

/** The files that the backend needs for all kinds of queries. */
export const BACKEND_FILES = [launcherName(), 'proxy.cjs', 'sql-parser.cjs', 'sql-parser.wasm'];

/**
 * Copies files of the built backend into a folder, which is created.
 *
 * @returns The path of the executable there.
 */
export function copyBackend(folder: string, files: readonly string[] = BACKEND_FILES): string {
  mkdirSync(folder, { recursive: true });
  files.forEach((file) => copyFileSync(join(DIST, file), join(folder, file)));
  return join(folder, launcherName());
}

/** Names the Node.js to use, because Grafana does not pass PATH to plugins. */
export const NODE_ENVIRONMENT = { GF_PLUGIN_NODE: process.execPath };

/** @param onLog Called with each line of the log. */
export function startBuiltPlugin(
  env: Record<string, string> = {},
  onLog?: (line: string) => void
): Promise<PluginProcess> {
  if (!existsSync(launcherPath())) {
    throw new Error('The plugin is not built. Run: npm run build');
  }
  return startPlugin({
    executable: launcherPath(),
    env: { ...NODE_ENVIRONMENT, ...env },
    onLog: ({ raw }) => {
      secretWatch.record('log', raw);
      onLog?.(raw);
    },
    onResponse: (response) =>
      secretWatch.record('response', response instanceof Uint8Array ? response : inspect(response)),
  });
}

type User = MessageInitShape<typeof UserSchema>;

export const ADA: User = { login: 'ada', name: 'Ada Lovelace', email: 'ada@example.com', role: 'Admin' };

export interface Source {
  jsonData: MicromegasSettings & Record<string, unknown>;
  secureJsonData?: MicromegasSecrets;
  uid?: string;
  /** Grafana organization. Default: 1. */
  orgId?: bigint;
  user?: User;
  grafanaConfig?: Record<string, string>;
  /** Version of the settings, milliseconds since 1970. */
  updatedMs?: number;
}

/** The data source as Grafana sends it. Adds its secrets to `secretWatch`. */
export function pluginContext(source: Source): MessageInitShape<typeof PluginContextSchema> {
  secretWatch.addAll(Object.values(source.secureJsonData ?? {}));
  return {
    orgId: source.orgId ?? 1n,
    pluginId: 'micromegas-micromegas-datasource',
    namespace: 'default',
    user: source.user,
    grafanaConfig: source.grafanaConfig ?? {},
    dataSourceInstanceSettings: {
      uid: source.uid ?? 'test',
      name: 'test',
      jsonData: new TextEncoder().encode(JSON.stringify(source.jsonData)),
      decryptedSecureJsonData: Object.fromEntries(
        Object.entries(source.secureJsonData ?? {}).filter((entry): entry is [string, string] => entry[1] !== undefined)
      ),
      lastUpdatedMS: BigInt(source.updatedMs ?? 1_700_000_000_000),
    },
  };
}

export interface QueryOptions {
  headers?: Record<string, string>;
  /** Milliseconds since 1970. Default: from six hours ago until a minute ahead. */
  range?: { fromMs: number; toMs: number };
  maxDataPoints?: number;
  intervalMs?: number;
  signal?: AbortSignal;
}

export function dataQuery(
  refId: string,
  model: MicromegasQueryFields | string,
  options: QueryOptions = {}
): MessageInitShape<typeof DataQuerySchema> {
  const nowMs = Date.now();
  const range = options.range ?? { fromMs: nowMs - 6 * 3_600_000, toMs: nowMs + 60_000 };
  return {
    refId,
    maxDataPoints: BigInt(options.maxDataPoints ?? 1000),
    intervalMS: BigInt(options.intervalMs ?? 15_000),
    timeRange: { fromEpochMS: BigInt(range.fromMs), toEpochMS: BigInt(range.toMs) },
    json: new TextEncoder().encode(JSON.stringify(typeof model === 'string' ? model : { refId, ...model })),
  };
}

/** Runs one query and returns its response, which may be an error. */
export async function runQuery(
  plugin: PluginClient,
  source: Source,
  model: MicromegasQueryFields | string,
  options: QueryOptions = {}
): Promise<DataResponse> {
  const { responses } = await plugin.queryData(
    { pluginContext: pluginContext(source), headers: options.headers ?? {}, queries: [dataQuery('A', model, options)] },
    { signal: options.signal }
  );
  return responses.A;
}
