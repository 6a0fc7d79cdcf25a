/** A plugin's executable, started as Grafana does, with a data source that leads to the server of the benchmark. */
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

/** More than the largest case has. */
const MAX_ROWS = 100_000_000;

/** Statistics in the frame's meta have more digits in one answer than in another. */
const SIZE_TOLERANCE_BYTES = 256;

const pluginJson = z.object({ executable: z.string() });

/** A question that was answered well once, and whose next answers are known by their size. */
export interface Question {
  request: Uint8Array;
  answerBytes: number;
}

/**
 * The executable that a path stands for.
 *
 * @param path Of an executable, or of a folder with plugin.json, which names the file for this system.
 */
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

  /** Asks once and looks into the answer. @throws {Error} when it is not what the case expects. */
  async prepare({ sql, format }: Pick<BenchCase, 'sql' | 'format'>, frameRows: number): Promise<Question> {
    const request = toBinary(QueryDataRequestSchema, create(QueryDataRequestSchema, this.#request(sql, format)));
    const answer = await this.#connection.read(request);
    const response = fromBinary(QueryDataResponseSchema, answer).responses.A;
    if (response === undefined || response.error !== '') {
      throw new Error(response?.error ?? 'The answer has no part for the query.');
    }
    const rows = response.frames.reduce((sum, frame) => sum + rowsOf(frame), 0);
    if (rows !== frameRows) {
      throw new Error(`${rows} rows in place of ${frameRows}`);
    }
    return { request, answerBytes: answer.length };
  }

  /** Asks again. @returns Milliseconds. @throws {Error} when the size shows that it is another answer. */
  async ask({ request, answerBytes }: Question): Promise<number> {
    const startedAt = performance.now();
    const bytes = await this.#connection.count(request);
    const tookMs = performance.now() - startedAt;
    if (Math.abs(bytes - answerBytes) > SIZE_TOLERANCE_BYTES) {
      throw new Error(`An answer of ${bytes} bytes in place of ${answerBytes}`);
    }
    return tookMs;
  }

  async stop(): Promise<void> {
    this.#connection.close();
    await this.#plugin.shutdown();
  }

  #request(query: string, format: BenchCase['format']) {
    const context = pluginContext({
      uid: 'bench',
      jsonData: { host: this.#host, secure: false, selectedAuthType: 'token', maxRows: MAX_ROWS },
      secureJsonData: { token: 'benchmark-token' },
    });
    const model = { query, format, autoLimit: false, version: 2 };
    return { pluginContext: context, headers: {}, queries: [dataQuery('A', model)] };
  }
}

function rowsOf(frame: Uint8Array): number {
  return [...openArrowFile(frame)].reduce((sum, batch) => sum + batch.numRows, 0);
}
