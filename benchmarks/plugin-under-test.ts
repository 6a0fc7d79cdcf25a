/** The executable of a plugin, started as Grafana starts it, with a data source for the server of the benchmark. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { openArrowFile } from '../demo/plugin-host/arrow-files';
import { startPlugin, type PluginProcess } from '../demo/plugin-host/plugin-process';
import { QueryDataRequestSchema, QueryDataResponseSchema } from '../proxy/generated/pluginv2/backend_pb';
import { dataQuery, NODE_ENVIRONMENT, pluginContext } from '../tests/support/plugin';
import { type BenchCase } from './cases';
import { GrafanaConnection } from './grafana-connection';
import { usageOf, type Usage } from './process-usage';

/** Row limit of the data source: more rows than the largest case has. */
const MAX_ROWS = 100_000_000;

/**
 * Responses to the same query differ by a few bytes, because numbers in a frame's metadata have more or fewer digits.
 */
const SIZE_TOLERANCE_BYTES = 256;

const pluginJson = z.object({ executable: z.string() });

/** An encoded query whose first response was correct. Later responses are checked by their size. */
export interface PreparedQuery {
  request: Uint8Array;
  responseBytes: number;
}

/** The request of a case. */
export type AskedQuery = Pick<BenchCase, 'sql' | 'format' | 'frameRows' | 'model' | 'range'>;

/** @param path An executable, or a folder with plugin.json, which names the executable for this system. */
export function executableOf(path: string): string {
  const absolute = resolve(path);
  if (!existsSync(absolute)) {
    throw new Error(`There is no ${absolute}.`);
  }
  if (!statSync(absolute).isDirectory()) {
    return absolute;
  }
  const { executable } = pluginJson.parse(JSON.parse(readFileSync(join(absolute, 'plugin.json'), 'utf8')));
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  return join(absolute, `${executable}_${process.platform}_${arch}`);
}

export class PluginUnderTest {
  readonly #plugin: PluginProcess;
  readonly #host: string;
  readonly #connection: GrafanaConnection;

  private constructor(plugin: PluginProcess, host: string) {
    this.#plugin = plugin;
    this.#host = host;
    this.#connection = new GrafanaConnection(plugin.address);
  }

  /** @param host `host:port` of the Flight SQL server. */
  static async start(executable: string, host: string): Promise<PluginUnderTest> {
    return new PluginUnderTest(await startPlugin({ executable, env: NODE_ENVIRONMENT }), host);
  }

  get usage(): Usage {
    return usageOf(this.#plugin.pid);
  }

  /** Runs the query once, and checks the response. @throws {Error} If the response does not have the expected rows. */
  async prepare(asked: AskedQuery): Promise<PreparedQuery> {
    const request = toBinary(QueryDataRequestSchema, create(QueryDataRequestSchema, this.#request(asked)));
    const encoded = await this.#connection.read(request);
    const rows = framesOf(encoded).reduce((sum, frame) => sum + rowsOf(frame), 0);
    const { frameRows } = asked;
    if (frameRows === undefined ? rows === 0 : rows !== frameRows) {
      throw new Error(`${rows} rows instead of ${frameRows ?? 'at least one'}`);
    }
    return { request, responseBytes: encoded.length };
  }

  /** Runs the query again. @returns The frames of the response. */
  async frames({ request }: PreparedQuery): Promise<Uint8Array[]> {
    return framesOf(await this.#connection.read(request));
  }

  /**
   * Runs the query again.
   *
   * @returns Milliseconds.
   * @throws {Error} If the response has another size than the first response.
   */
  async run({ request, responseBytes }: PreparedQuery): Promise<number> {
    const startedAt = performance.now();
    const bytes = await this.#connection.count(request);
    const tookMs = performance.now() - startedAt;
    if (Math.abs(bytes - responseBytes) > SIZE_TOLERANCE_BYTES) {
      throw new Error(`A response of ${bytes} bytes instead of ${responseBytes}`);
    }
    return tookMs;
  }

  /** Runs an empty query. It takes only as long as the plugin is busy with other work. @returns Milliseconds. */
  async waitForTurn(): Promise<number> {
    const request = toBinary(
      QueryDataRequestSchema,
      create(QueryDataRequestSchema, this.#request({ sql: '', format: 'table' }))
    );
    const startedAt = performance.now();
    await this.#connection.count(request);
    return performance.now() - startedAt;
  }

  async stop(): Promise<void> {
    this.#connection.close();
    await this.#plugin.shutdown();
  }

  #request({ sql, format, model, range }: AskedQuery) {
    const context = pluginContext({
      uid: 'bench',
      jsonData: {
        host: this.#host,
        secure: false,
        selectedAuthType: 'token',
        maxRows: MAX_ROWS,
        // For freshness notices, the plugin sends a second statement about every 30 seconds, which would distort some
        // measurements.
        freshnessNotices: 'off',
      },
      secureJsonData: { token: 'benchmark-token' },
    });
    const saved = { query: sql, format, autoLimit: false, version: 2, ...model };
    return { pluginContext: context, headers: {}, queries: [dataQuery('A', saved, { range })] };
  }
}

/** @throws {Error} for a failed query. */
function framesOf(encoded: Uint8Array): Uint8Array[] {
  const response = fromBinary(QueryDataResponseSchema, encoded).responses.A;
  if (response === undefined || response.error !== '') {
    throw new Error(response?.error ?? 'The response has no entry for the query.');
  }
  return response.frames;
}

function rowsOf(frame: Uint8Array): number {
  return [...openArrowFile(frame)].reduce((sum, batch) => sum + batch.numRows, 0);
}
