import { EventEmitter } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Playground, type PlaygroundOptions, startPlayground } from './playground-server';
import { SavedDataSources } from './saved-data-sources';

let root: string;
let playground: Playground;
let host: string;
let calls: number;
/** Of the resource `endless`. */
let ended: PromiseWithResolvers<void>;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'playground-'));
  mkdirSync(join(root, 'dist'));
  writeFileSync(join(root, 'dist/plugin.json'), JSON.stringify({ info: { version: '1', logos: {} } }));
  const dataSources = new SavedDataSources([{ uid: 'u', name: 'One', readOnly: false, jsonData: {}, secrets: {} }]);
  const plugin: PlaygroundOptions['services']['plugin'] = {
    queryData: () => Promise.reject(new Error('not called')),
    checkHealth: () => Promise.reject(new Error('not called')),
    streamResource: async (call, { onPart } = {}) => {
      calls++;
      if (call.path === 'endless') {
        ended = Promise.withResolvers();
        const body = Buffer.alloc(1_000_000);
        try {
          for (;;) {
            await onPart?.({ status: 200, headers: {}, body });
          }
        } finally {
          ended.resolve();
        }
      }
      throw new Error('called');
    },
  };
  playground = await startPlayground({
    services: { plugin, dataSources, audit: Object.assign(new EventEmitter(), { records: [] }) },
    root,
    libraries: { version: '12.4.2', folder: root },
    pageFiles: new Map(),
    hints: { lakehouse: '', apiKey: '', issuer: '', clientId: '', clientSecret: '', audience: '' },
    onError: () => undefined,
  });
  ({ host } = new URL(playground.address));
});

afterAll(async () => {
  await playground.close();
  rmSync(root, { recursive: true });
});

beforeEach(() => (calls = 0));

/** The status of a response. @param headers In addition to `Host`. */
function statusOf(method: string, path: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, playground.address), { method, headers }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode));
    });
    sent.once('error', reject);
    sent.end(method === 'GET' ? undefined : JSON.stringify({ name: 'Two', jsonData: {} }));
  });
}

it('stops sending a resource when the browser disconnects', async () => {
  await new Promise<void>((resolve, reject) => {
    const sent = request(new URL('/api/datasources/uid/u/resources/endless', playground.address), (response) => {
      sent.destroy();
      response.once('close', resolve);
    });
    sent.once('error', reject);
    sent.end();
  });
  await ended.promise;
  expect(calls).toBe(1);
});

const SETTINGS = '/api/datasources/uid/u';

it.each([
  ['another site', () => 'https://example.com'],
  ['another port of this machine', () => 'http://127.0.0.1:1'],
  ['a page without an origin, such as a sandboxed frame', () => 'null'],
])('rejects changes and calls of %s', async (_name, origin) => {
  const headers = { origin: origin(), 'content-type': 'text/plain' };
  expect(await statusOf('PUT', SETTINGS, headers)).toBe(403);
  expect(await statusOf('POST', '/api/ds/query', headers)).toBe(403);
  expect(await statusOf('POST', `${SETTINGS}/resources/lookup`, headers)).toBe(403);
  expect(calls).toBe(0);
});

it('accepts changes by its own page and by programs, which send no origin', async () => {
  expect(await statusOf('PUT', SETTINGS, { origin: `http://${host}` })).toBe(200);
  expect(await statusOf('PUT', SETTINGS, {})).toBe(200);
});

it('rejects requests with the host name of another site, which may resolve to this machine', async () => {
  const headers = { host: 'example.com', origin: 'http://example.com' };
  expect(await statusOf('GET', SETTINGS, headers)).toBe(403);
  expect(await statusOf('PUT', SETTINGS, headers)).toBe(403);
});
