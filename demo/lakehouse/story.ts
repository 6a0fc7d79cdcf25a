/**
 * The story that the demo's telemetry tells.
 *
 * Six hours of a small game company. Forty-six minutes before the start of the demo, somebody reduces the matchmaker's
 * session pool from 64 to 8. Matches in eu-west wait, the latency of the web gateway rises, and its errors name the
 * pool. Requests that fail never get a connection, so their traces do not reach the session store. The game server
 * queues joins and scans the queue in each frame, so its frames are late. The game server crashes and leaves a picture
 * of its map, and a new process starts. Then the pool is restored.
 *
 * There was a smaller incident before: at minute -152, somebody raised the number of players that a match needs.
 * Players waited until minute -140. The log line about this has the target and the level of the matchmaker's usual
 * lines.
 *
 * The random numbers depend only on the time since the beginning of the story, so the story is the same at each start.
 *
 * The files `story-*.ts` contain SQL expressions over the columns of `lake.tick` (`lake-schema.ts`). Among these
 * columns are `i` (a counter), `u` and `v` (random numbers between 0 and 1) and `trouble` (rises to 1 in the incident
 * and falls to 0).
 */
import { createHash } from 'node:crypto';

/** Length of the story before the start of the demo, in milliseconds. */
export const STORY_MS = 6 * 3_600_000;

export interface StoryProcess {
  key: string;
  id: string;
  exe: string;
  username: string;
  realname: string;
  computer: string;
  distro: string;
  cpu: string;
  /** Minutes after the start of the demo. A negative number is before the start. */
  startMinute: number;
  endMinute?: number;
  parent?: string;
  otlp: boolean;
  /** Default for OTLP: `log`, `metrics` and `trace`. Other processes: `log`, `metrics` and `cpu` of one thread. */
  streams?: readonly StreamKey[];
  /** Name of the thread whose spans are in the stream `cpu`. Default: `main`. */
  mainThread?: string;
  /** Time by which the clock of the computer is ahead, in milliseconds. Default: 0. */
  clockAheadMs?: number;
  properties: Record<string, string>;
}

const SERVER = {
  exe: 'ember-server',
  username: 'svc-ember',
  realname: 'Ember service account',
  computer: 'atlas-07',
  distro: 'Ubuntu 24.04.3 LTS',
  cpu: 'AMD EPYC 9354P 32-Core Processor',
  otlp: false,
  streams: ['log', 'metrics', 'cpu', 'cpu/net-io', 'net', 'image'],
  properties: { 'build-version': '2026.11.3', region: 'eu-west', map: 'harbor' },
} as const;

function service(key: string, id: string, computer: string, region: string): StoryProcess {
  return {
    key,
    id,
    exe: `ember/${key}`,
    username: 'app',
    realname: '',
    computer,
    distro: 'Debian GNU/Linux 13',
    cpu: 'Intel(R) Xeon(R) Gold 6430',
    startMinute: -361,
    otlp: true,
    properties: {
      'otel.resource.service.name': key,
      'otel.resource.service.namespace': 'ember',
      'otel.resource.host.name': computer,
      'otel.resource.cloud.region': region,
    },
  };
}

export const PROCESSES: readonly StoryProcess[] = [
  { ...SERVER, key: 'server', id: '0b6f5a52-51c4-4d0c-9a3e-6d1d0b7f4a01', startMinute: -365, endMinute: -38 },
  {
    ...SERVER,
    key: 'server-restarted',
    id: '7c1e9d30-8f2b-4c59-b1d7-2e8a64c0f902',
    startMinute: -37.5,
    parent: '0b6f5a52-51c4-4d0c-9a3e-6d1d0b7f4a01',
  },
  {
    key: 'editor',
    id: '3e2d8c17-6a94-4b7f-8c05-91f3b6d2e703',
    exe: 'ember-editor',
    username: 'rowan',
    realname: 'Rowan Ellis',
    computer: 'rowan-desk',
    distro: 'Windows 11 Pro',
    cpu: 'AMD Ryzen 9 7950X 16-Core Processor',
    startMinute: -182,
    otlp: false,
    streams: ['log', 'metrics', 'cpu', 'image'],
    properties: { 'build-version': '2026.12.0-dev', project: 'harbor' },
  },
  service('matchmaker', '5f0a7be4-2d18-4e63-a7c9-0c4b1e95d804', 'borealis-02', 'eu-west'),
  service('web-gateway', '91d4c6f8-7b35-4a20-9e1f-5d8273ab0c05', 'borealis-03', 'eu-west'),
  {
    ...service('session-store', '6d2e9b71-4c08-4f5a-b316-a8e47c915d07', 'borealis-05', 'eu-west'),
    clockAheadMs: 420,
  },
  {
    ...SERVER,
    streams: ['log', 'metrics', 'cpu'],
    mainThread: 'query-worker',
    key: 'lake',
    id: 'c8a1f0d6-3e57-4962-84bd-7f60e29ab106',
    exe: 'flight-sql-srv',
    computer: 'lake-01',
    startMinute: -380,
    properties: { version: '0.33.0' },
  },
];

/** Tag of a stream. */
export type StreamKind = 'log' | 'metrics' | 'cpu' | 'trace' | 'net' | 'image';

/** A kind, or a kind and a thread. */
export type StreamKey = StreamKind | `cpu/${string}`;

export interface StoryStream {
  id: string;
  kind: StreamKind;
  format: string;
  /** Only for the kind `cpu`. */
  thread?: { name: string; id: string };
}

const OTLP_FORMATS: Partial<Record<StreamKind, string>> = { log: 'logs', metrics: 'metrics', trace: 'traces' };
const OTLP_STREAMS: readonly StreamKey[] = ['log', 'metrics', 'trace'];
const NATIVE_STREAMS: readonly StreamKey[] = ['log', 'metrics', 'cpu'];
const FIRST_THREAD_ID = 4101;

/** The streams of a process, in the order of its keys. */
export function streamsOf(process: StoryProcess): StoryStream[] {
  const keys = process.streams ?? (process.otlp ? OTLP_STREAMS : NATIVE_STREAMS);
  return keys.map((key, index) => {
    const [kind = '', thread = process.mainThread ?? 'main'] = key.split('/');
    return {
      id: streamId(process.id, key),
      kind: kind as StreamKind,
      format: process.otlp ? `otlp/v1/${OTLP_FORMATS[kind as StreamKind]}` : 'micromegas-transit',
      ...(kind === 'cpu' ? { thread: { name: thread, id: String(FIRST_THREAD_ID + index) } } : {}),
    };
  });
}

/** The id of a stream: a UUID that is the same in each run. */
export function streamId(processId: string, key: StreamKey): string {
  const hex = createHash('sha256').update(`${processId}/${key}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The process with this key. @throws {Error} if the story has none. */
export function processByKey(key: string): StoryProcess {
  const process = PROCESSES.find((each) => each.key === key);
  if (process === undefined) {
    throw new Error(`no process ${key} in the story`);
  }
  return process;
}
