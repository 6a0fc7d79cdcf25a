/**
 * Drives the Go program in `grafana-host/`, which is made of Grafana's own modules and calls the plugin as a Grafana
 * server does. The comment of `grafana-host/main.go` describes the protocol between this file and the program.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { create, type DescMessage, fromJson, type JsonValue, type MessageInitShape, toJson } from '@bufbuild/protobuf';
import { z } from 'zod';
import { type HealthDetails } from '../../contract/resources/health';
import { type MicromegasQueryFields } from '../../contract/queries/query';
import {
  CallResourceRequestSchema,
  CallResourceResponseSchema,
  CheckHealthRequestSchema,
  CheckHealthResponse_HealthStatus,
  CheckHealthResponseSchema,
  CollectMetricsRequestSchema,
  CollectMetricsResponseSchema,
  QueryChunkedDataRequestSchema,
  QueryDataRequestSchema,
} from '../../proxy/generated/pluginv2/backend_pb';
import { type AlertValue } from '../support/alert-values';
import {
  dataQuery,
  launcherPath,
  NODE_ENVIRONMENT,
  pluginContext,
  type QueryOptions,
  type Source,
} from '../support/plugin';
import { secretWatch } from '../support/secret-watch';
import { HostFrame } from './host-frame';
import { cacheFolder, type GoModule, runGo } from './processes';

/** Soft memory limit (`GOMEMLIMIT`) for a program that decodes damaged frames. */
const DECODER_MEMORY = '1GiB';

const responseJson = z.object({
  status: z.number(),
  error: z.string(),
  errorSource: z.string(),
  frames: z.array(z.unknown()).nullable(),
});
const responsesJson = z.record(z.string(), responseJson);
const ruleValuesJson = z.array(
  z.object({
    kind: z.enum(['series', 'number']),
    labels: z.record(z.string(), z.string()).nullable(),
    values: z.array(z.number().nullable()),
  })
);
const chunksJson = z.array(responseJson.extend({ refId: z.string(), frameId: z.string() }));
const lineJson = z.object({ result: z.unknown().optional(), error: z.string().optional() });

export interface HostHealth {
  ok: boolean;
  message: string;
  details: HealthDetails;
}

/** One part of a chunked result. Parts with the same `frameId` belong to one frame. */
export interface HostChunk {
  frameId: string;
  frame: HostFrame;
}

export type HostQuery = MicromegasQueryFields & Record<string, unknown>;

interface Waiting {
  resolve: (result: unknown) => void;
  reject: (reason: Error) => void;
}

/** Compiles the program into a cache folder, without a C library, so that it runs on any Linux. @returns Its path. */
export async function buildGrafanaHost(module: GoModule): Promise<string> {
  const program = join(cacheFolder('micromegas-grafana-host'), 'grafana-host');
  await runGo(module, ['build', '-o', program, '.'], { CGO_ENABLED: '0' });
  return program;
}

export interface HostStart {
  /** Environment of the plugin. Default: the Node.js of the tests. */
  env?: Readonly<Record<string, string>>;
  /** The executable of the plugin. Default: that of `dist/`. */
  executable?: string;
  /** A command that runs the program in its arguments, for example `['/bin/nice', '-5']`. Default: none. */
  command?: readonly string[];
}

/** A running program. It has its own plugin, unless it only decodes frames. */
export class GrafanaHost {
  readonly #child: ChildProcess;
  readonly #waiting: Waiting[] = [];
  readonly #log: string[] = [];
  /** The error with which all later requests fail. It is set when the program ends. */
  #ended: Error | undefined;

  private constructor(
    child: ChildProcess,
    listeners: { onLog?(line: string): void; onResponse?(line: string): void } = {}
  ) {
    const { stdin, stdout, stderr } = child;
    if (stdin === null || stdout === null || stderr === null) {
      throw new Error('grafana-host has no pipes.');
    }
    this.#child = child;
    // Ignored, because the event `close` of the process reports a closed pipe too.
    stdin.on('error', () => undefined);
    createInterface({ input: stderr }).on('line', (line) => {
      listeners.onLog?.(line);
      this.#log.push(line);
    });
    createInterface({ input: stdout }).on('line', (line) => {
      listeners.onResponse?.(line);
      this.#receive(line);
    });
    child.once('error', (reason) => this.#end(reason));
    child.once('close', (code) => this.#end(new Error(`grafana-host ended with code ${code}. ${this.log}`)));
  }

  /** Starts the plugin. Rejects with the log when Grafana could not start the plugin. */
  static async start(program: string, options: HostStart = {}): Promise<GrafanaHost> {
    const { env = NODE_ENVIRONMENT, executable = launcherPath(), command = [] } = options;
    const variables = Object.entries(env).flatMap(([name, value]) => ['-env', `${name}=${value}`]);
    const [first, ...rest] = [...command, program, ...variables, executable];
    const host = new GrafanaHost(spawn(first, rest, { stdio: 'pipe' }), {
      onLog: (line) => secretWatch.record('log', line),
      onResponse: (line) => secretWatch.record('response', line),
    });
    await host.#nextLine();
    return host;
  }

  /** Starts the plugin, calls `use`, and stops the plugin even if `use` fails. */
  static async use(program: string, options: HostStart, use: (host: GrafanaHost) => Promise<void>): Promise<void> {
    const host = await GrafanaHost.start(program, options);
    try {
      await use(host);
    } finally {
      await host.end();
    }
  }

  /** Starts no plugin: only `decode` can be called. */
  static async startDecoder(program: string): Promise<GrafanaHost> {
    const host = new GrafanaHost(spawn(program, [], { stdio: 'pipe', env: { GOMEMLIMIT: DECODER_MEMORY } }));
    await host.#nextLine();
    return host;
  }

  /** Process id of the program, or of the command that started it. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The log of the plugin and of go-plugin so far. */
  get log(): string {
    return this.#log.join('\n');
  }

  async health(source: Source): Promise<HostHealth> {
    const result = await this.#call('CheckHealth', CheckHealthRequestSchema, { pluginContext: pluginContext(source) });
    const { status, message, jsonDetails } = fromJson(CheckHealthResponseSchema, result);
    const details: HealthDetails = JSON.parse(Buffer.from(jsonDetails).toString());
    return { ok: status === CheckHealthResponse_HealthStatus.OK, message, details };
  }

  /** @throws {Error} with status, source and message of a failed query, or with the decoder's error. */
  async query(source: Source, model: HostQuery, options: QueryOptions = {}): Promise<HostFrame[]> {
    const result = await this.#call('QueryData', QueryDataRequestSchema, queryRequest(source, model, options));
    return framesOf(responsesJson.parse(result).A);
  }

  /** @throws {Error} unless the result is exactly one frame. */
  async onlyFrame(source: Source, model: HostQuery): Promise<HostFrame> {
    const frames = await this.query(source, model);
    if (frames.length !== 1) {
      throw new Error(`Expected one frame, got ${frames.length}.`);
    }
    return frames[0];
  }

  /**
   * Runs a query as an alert rule does, and reads its result with Grafana's data plane module.
   *
   * @returns Empty for "no data".
   * @throws {Error} for a result whose shape alert rules reject.
   */
  async ruleValues(source: Source, model: HostQuery, options: QueryOptions = {}): Promise<AlertValue[]> {
    const result = await this.#call('RuleValues', QueryDataRequestSchema, {
      ...queryRequest({ ...source, user: undefined }, model, options),
      headers: { FromAlert: 'true' },
    });
    return ruleValuesJson.parse(result).map(({ labels, ...value }) => ({ ...value, labels: labels ?? {} }));
  }

  /**
   * The parts of a chunked result, in the order of their arrival.
   * @throws {Error} for the same reasons as `query`.
   */
  async queryChunked(source: Source, model: HostQuery): Promise<HostChunk[]> {
    const result = await this.#call('QueryChunkedData', QueryChunkedDataRequestSchema, queryRequest(source, model));
    return chunksJson
      .parse(result)
      .flatMap((chunk) => framesOf(chunk).map((frame) => ({ frameId: chunk.frameId, frame })));
  }

  /** A GET. @param url Path with query, for example `columns?table=measures`. */
  async resource(source: Source, url: string): Promise<{ status: number; body: unknown }> {
    const request = { pluginContext: pluginContext(source), path: url.split('?')[0], url, method: 'GET' };
    const result = await this.#call('CallResource', CallResourceRequestSchema, request);
    const { code, body } = fromJson(CallResourceResponseSchema, result);
    const payload: unknown = JSON.parse(Buffer.from(body).toString());
    return { status: code, body: payload };
  }

  /** The plugin's metrics in Prometheus' text format. */
  async metrics(): Promise<string> {
    const result = await this.#call('CollectMetrics', CollectMetricsRequestSchema, {});
    return Buffer.from(fromJson(CollectMetricsResponseSchema, result).metrics?.prometheus ?? []).toString();
  }

  /**
   * Decodes a frame and writes it as JSON.
   *
   * @throws {Error} with the decoder's error. If the decoder panicked, the message begins with `panic`.
   */
  async decode(frame: Uint8Array): Promise<void> {
    await this.#send('DecodeFrame', Buffer.from(frame).toString('base64'));
  }

  /**
   * Stops the plugin as Grafana does.
   * @returns How its process ended, for example `exit status 0` or `signal: killed`.
   */
  async stop(): Promise<string> {
    const last = this.#nextLine();
    this.#child.stdin?.end();
    return String(await last);
  }

  /** Stops the plugin or the decoder. Does nothing when the program has ended. */
  async end(): Promise<void> {
    if (this.#ended === undefined) {
      const closed = once(this.#child, 'close');
      this.#child.stdin?.end();
      await closed;
    }
  }

  async #call<Desc extends DescMessage>(
    method: string,
    schema: Desc,
    request: MessageInitShape<Desc>
  ): Promise<JsonValue> {
    return z.json().parse(await this.#send(method, toJson(schema, create(schema, request))));
  }

  #send(method: string, request: JsonValue): Promise<unknown> {
    const line = this.#nextLine();
    this.#child.stdin?.write(`${JSON.stringify({ method, request })}\n`);
    return line;
  }

  /** The program responds in the order of the requests, so this call gets the line after those of all earlier calls. */
  #nextLine(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#ended === undefined) {
        this.#waiting.push({ resolve, reject });
      } else {
        reject(this.#ended);
      }
    });
  }

  #receive(line: string): void {
    const { result, error } = lineJson.parse(JSON.parse(line));
    const waiting = this.#waiting.shift();
    if (error === undefined) {
      waiting?.resolve(result);
    } else {
      waiting?.reject(new Error(error));
    }
  }

  #end(reason: Error): void {
    this.#ended ??= reason;
    this.#waiting.splice(0).forEach(({ reject }) => reject(reason));
  }
}

function queryRequest(source: Source, model: HostQuery, options: QueryOptions = {}) {
  const saved = { version: 2, timeFilter: false, autoLimit: false, ...model };
  return { pluginContext: pluginContext(source), queries: [dataQuery('A', saved, options)] };
}

function framesOf({ status, error, errorSource, frames }: z.infer<typeof responseJson>): HostFrame[] {
  if (error !== '') {
    throw new Error(`status ${status}, source ${errorSource}: ${error}`);
  }
  return (frames ?? []).map((frame) => new HostFrame(frame));
}
