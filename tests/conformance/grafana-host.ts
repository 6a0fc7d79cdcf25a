/**
 * Drives `grafana-host`, a stand-in for Grafana made of Grafana's own modules: its start of a plugin, its gRPC client and
 * its frame decoder. Each call starts the plugin anew, in the bare environment that Grafana gives.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { type MicromegasQueryFields } from '../../contract/query';
import { type HealthDetails } from '../../contract/health';
import { DIST, NODE_ENVIRONMENT, type Source } from '../support/plugin';
import { runProgram, type ProgramResult } from './processes';

const CALL_TIMEOUT_MS = 60_000;
/** The first build fetches and compiles Grafana's modules. */
const BUILD_TIMEOUT_MS = 15 * 60_000;

const frameJson = z.object({
  schema: z.object({
    name: z.string().optional(),
    refId: z.string().optional(),
    meta: z
      .looseObject({
        type: z.string().optional(),
        executedQueryString: z.string().optional(),
        notices: z.array(z.object({ severity: z.string(), text: z.string() })).optional(),
      })
      .optional(),
    fields: z.array(
      z.looseObject({
        name: z.string(),
        type: z.string(),
        labels: z.record(z.string(), z.string()).optional(),
      })
    ),
  }),
  data: z.looseObject({ values: z.array(z.array(z.unknown())) }),
});

/** A frame as Grafana's server hands it to a browser. */
export class HostFrame {
  readonly #json: z.infer<typeof frameJson>;

  constructor(json: unknown) {
    this.#json = frameJson.parse(json);
  }

  /** All of it, as a browser gets it. */
  get content() {
    return this.#json;
  }

  get meta() {
    return this.#json.schema.meta ?? {};
  }

  get fields() {
    return this.#json.schema.fields;
  }

  get names(): string[] {
    return this.fields.map(({ name }) => name);
  }

  /** Grafana's name of the type: `time`, `number`, `string`, `boolean`, `other`. */
  type(name: string): string | undefined {
    return this.fields.find((field) => field.name === name)?.type;
  }

  get rowCount(): number {
    return this.#json.data.values[0]?.length ?? 0;
  }

  column(name: string): unknown[] {
    const index = this.names.indexOf(name);
    if (index === -1) {
      throw new Error(`There is no column ${name} among ${this.names.join(', ')}.`);
    }
    return this.columnAt(index);
  }

  /** By position: the series of a frame share a name. */
  columnAt(index: number): unknown[] {
    return this.#json.data.values[index];
  }
}

export interface HostHealth {
  ok: boolean;
  message: string;
  details: HealthDetails;
}

export type HostQuery = MicromegasQueryFields & Record<string, unknown>;

export class GrafanaHost {
  readonly #program: string;
  readonly #folder: string;
  readonly #pluginEnv: Readonly<Record<string, string>>;
  #files = 0;

  /** @param folder Where settings files are written, readable by this user only: they hold secrets. */
  constructor(program: string, folder: string, pluginEnv: Readonly<Record<string, string>> = NODE_ENVIRONMENT) {
    this.#program = program;
    this.#folder = folder;
    this.#pluginEnv = pluginEnv;
  }

  /** The same host, whose plugin finds other variables. */
  withPluginEnv(env: Readonly<Record<string, string>>): GrafanaHost {
    return new GrafanaHost(this.#program, this.#folder, env);
  }

  /** Runs one command. A plugin that does not start, or an answer that Grafana refuses, is an exit code of 1. */
  run(command: string, args: readonly string[] = [], source?: Source): Promise<ProgramResult> {
    const env = Object.entries(this.#pluginEnv).flatMap(([name, value]) => ['-env', `${name}=${value}`]);
    const settings = source === undefined ? [] : ['-settings', this.#settingsFile(source)];
    return runProgram(this.#program, [command, '-plugin', DIST, ...env, ...settings, ...args], {
      timeoutMs: CALL_TIMEOUT_MS,
    });
  }

  async health(source: Source): Promise<HostHealth> {
    const { code, stdout, stderr } = await this.run('health', [], source);
    const match = /^(OK|ERROR|UNKNOWN) ([\s\S]*)\n(\{.*\})\n$/.exec(stdout);
    if (match === null) {
      throw new Error(`Save & Test gave nothing: ${stderr}${stdout}`);
    }
    const details: HealthDetails = JSON.parse(match[3]);
    return { ok: match[1] === 'OK' && code === 0, message: match[2], details };
  }

  /** @throws {Error} with Grafana's words when the query fails or a frame cannot be read. */
  async query(source: Source, model: HostQuery): Promise<HostFrame[]> {
    const saved = { refId: 'A', version: 2, timeFilter: false, autoLimit: false, ...model };
    const { code, stdout, stderr } = await this.run('query', ['-model', JSON.stringify(saved)], source);
    if (code !== 0) {
      throw new Error(stderr.trim());
    }
    const frames: unknown = JSON.parse(stdout);
    return z
      .array(z.unknown())
      .parse(frames ?? [])
      .map((frame) => new HostFrame(frame));
  }

  async onlyFrame(source: Source, model: HostQuery): Promise<HostFrame> {
    const frames = await this.query(source, model);
    if (frames.length !== 1) {
      throw new Error(`${frames.length} frames in place of one`);
    }
    return frames[0];
  }

  async resource(source: Source, path: string): Promise<{ status: number; body: unknown }> {
    const { code, stdout, stderr } = await this.run('resource', ['-path', path], source);
    const match = /^(\d{3})\n([\s\S]*)$/.exec(stdout);
    if (code !== 0 || match === null) {
      throw new Error(stderr.trim() || stdout);
    }
    const body: unknown = JSON.parse(match[2]);
    return { status: Number(match[1]), body };
  }

  #settingsFile({ jsonData, secureJsonData, user, uid }: Source): string {
    const file = join(this.#folder, `settings-${this.#files++}-${process.hrtime.bigint()}.json`);
    const settings = { uid: uid ?? 'conformance', name: 'conformance', jsonData, secureJsonData, user };
    writeFileSync(file, JSON.stringify(settings), { mode: 0o600 });
    return file;
  }
}

/** Builds the host into a cache folder; Go compiles only what changed. */
export async function buildGrafanaHost(go: { program: string; sources: string }, folder: string): Promise<GrafanaHost> {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'grafana-host');
  mkdirSync(cache, { recursive: true });
  const program = join(cache, 'grafana-host');
  const { code, stderr } = await runProgram(go.program, ['build', '-o', program, '.'], {
    cwd: go.sources,
    env: process.env,
    timeoutMs: BUILD_TIMEOUT_MS,
  });
  if (code !== 0) {
    throw new Error(`grafana-host does not build: ${stderr}`);
  }
  return new GrafanaHost(program, folder);
}
