/** A plugin process of one Grafana server, with many data sources. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { readFileSync } from 'node:fs';
import { type QueryFormat } from '../../contract/result-format';
import { type MicromegasSettings } from '../../contract/settings/settings';
import { startPlugin, type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { QueryDataRequestSchema, QueryDataResponseSchema } from '../../proxy/generated/pluginv2/backend_pb';
import { dataQuery, NODE_ENVIRONMENT, pluginContext } from '../../tests/support/plugin';
import { GrafanaConnection } from '../grafana-connection';
import { executableOf } from '../plugin-under-test';
import { usageOf } from '../process-usage';

export interface DataSource {
  uid: string;
  settings: MicromegasSettings;
  secret: string;
}

/** @param host `host:port` of the server. */
export function withApiKey(uid: string, host: string): DataSource {
  return { uid, settings: { host, secure: false, selectedAuthType: 'token' }, secret: `key-${uid}` };
}

/** A data source with its own service account. */
export function withServiceAccount(uid: string, host: string, issuer: string): DataSource {
  const oauth = { oauthIssuer: issuer, oauthClientId: `client-${uid}`, oauthAudience: 'micromegas' };
  return { uid, settings: { host, secure: false, selectedAuthType: 'oauth2', ...oauth }, secret: `secret-${uid}` };
}

export class GrafanaReplica {
  readonly #plugin: PluginProcess;
  readonly #connection: GrafanaConnection;

  private constructor(plugin: PluginProcess) {
    this.#plugin = plugin;
    this.#connection = new GrafanaConnection(plugin.address);
  }

  static async start(path: string): Promise<GrafanaReplica> {
    return new GrafanaReplica(await startPlugin({ executable: executableOf(path), env: NODE_ENVIRONMENT }));
  }

  /** An encoded request with one query. */
  request(source: DataSource, sql: string, format: QueryFormat = 'table'): Uint8Array {
    const { uid, settings, secret } = source;
    const secureJsonData = settings.selectedAuthType === 'oauth2' ? { oauthClientSecret: secret } : { token: secret };
    const context = pluginContext({ uid, jsonData: { ...settings }, secureJsonData });
    const queries = [dataQuery('A', { query: sql, format, autoLimit: false, version: 2 })];
    return toBinary(
      QueryDataRequestSchema,
      create(QueryDataRequestSchema, { pluginContext: context, headers: {}, queries })
    );
  }

  /** Runs the query. @returns The error of the query. Empty if the query succeeded. */
  async run(request: Uint8Array): Promise<string> {
    const { responses } = fromBinary(QueryDataResponseSchema, await this.#connection.read(request));
    return responses.A === undefined ? 'no response' : responses.A.error;
  }

  get cpuMs(): number {
    return usageOf(this.#plugin.pid).cpuMs;
  }

  get peakBytes(): number {
    return usageOf(this.#plugin.pid).peakBytes;
  }

  /** Resident memory now. */
  get residentBytes(): number {
    const status = readFileSync(`/proc/${this.#plugin.pid}/status`, 'latin1');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  }

  async stop(): Promise<void> {
    this.#connection.close();
    await this.#plugin.shutdown();
  }
}

/** Remote address and port of an open connection (state 01) in a line of /proc/net/tcp. */
const OPEN_CONNECTION = /^\s*\d+: [0-9A-F]+:[0-9A-F]+ ([0-9A-F]{8}):([0-9A-F]{4}) 01 /;

/** The number of open connections from this machine to the port, by remote address. */
export function connectionsTo(port: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of readFileSync('/proc/net/tcp', 'latin1').split('\n')) {
    const [, hex = '', hexPort = ''] = OPEN_CONNECTION.exec(line) ?? [];
    if (Number.parseInt(hexPort, 16) === port) {
      const address = Buffer.from(hex, 'hex').reverse().join('.');
      counts.set(address, (counts.get(address) ?? 0) + 1);
    }
  }
  return counts;
}

export function totalOf(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}
