/**
 * If a data source fails, viewers see what failed, but no details of the set-up. For each connection failure, the tests
 * search the responses for hosts, ports, addresses and paths.
 */
import { Int64, Table, vectorFromArray } from 'apache-arrow';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { messagesOf } from '../../proxy/frames/data-frames/testing/arrow-messages';
import { ERRORS } from '../../proxy/base/errors/catalogue';
import { finish, flightData, startFlightServer } from '../../proxy/lakehouse/flight-sql/testing/flight-test-server';
import { conclude } from '../../proxy/lakehouse/flight-sql/testing/http2-test-server';
import { afterwards, endLoopback, listen } from '../../proxy/lakehouse/network/testing/loopback';
import { connectionFailures, type ConnectionFailure, withoutSignIn } from '../support/connection-failures';
import { readFrames } from '../support/frames';
import { ADA, dataQuery, pluginContext, runQuery, startBuiltPlugin, type Source } from '../support/plugin';
import { expectNoSecretsAtEnd } from '../support/secret-watch';
import { codeOf } from '../support/error-code';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'viewer-secrets-')));
let plugin: PluginProcess;

beforeAll(async () => {
  plugin = await startBuiltPlugin({
    GF_PLUGIN_ALLOWED_FILE_FOLDERS: folder,
    GF_PLUGIN_ALLOWED_HOSTS: '127.0.0.1,localhost,*.invalid,10.1.2.3',
    GF_PLUGIN_REFUSE_PLAINTEXT_TOKENS: 'true',
  });
}, 60_000);

afterAll(async () => {
  await plugin?.shutdown();
  rmSync(folder, { recursive: true });
});

afterEach(endLoopback);

expectNoSecretsAtEnd();

/** Matches the names, addresses, ports and paths of all set-ups. */
const SET_UP_DETAILS =
  /127\.0\.0\.1|10\.1\.2\.3|localhost|\.invalid|example\.com|[\w\]]:\d{2,5}\b|https?:|grpc:|viewer-secrets|\/etc\/|hostname|realms|SOCKS proxy \S|missing-secret/;

type User = Source['user'];

const READERS: Array<[name: string, user: User]> = [
  ['a viewer', { login: 'vera', name: 'Vera', email: 'vera@example.org', role: 'Viewer' }],
  ['an editor', { login: 'eddy', name: 'Eddy', email: 'eddy@example.org', role: 'Editor' }],
  ['an alert rule', { login: 'grafana_scheduler', name: '', email: '', role: 'Admin' }],
  ['a public dashboard', { login: 'service', name: '', email: '', role: 'Admin' }],
  ['no user', undefined],
];

const decoded = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8');

/** The responses to every kind of call, as strings. */
async function everyResponse(source: Source): Promise<Record<string, string>> {
  const context = pluginContext(source);
  const whole = await runQuery(plugin, source, { query: 'SELECT 1' });
  const request = { pluginContext: context, queries: [dataQuery('A', { query: 'SELECT 1' })] };
  const chunks = await plugin.queryChunkedData(request);
  const [tables, columns, check] = await Promise.all([
    plugin.callResource({ context, path: 'tables' }),
    plugin.callResource({ context, path: 'columns', url: 'columns?table=t' }),
    plugin.checkHealth({ pluginContext: context }),
  ]);
  return {
    query: inspect({ ...whole, frames: whole.frames.map(decoded) }),
    chunks: chunks.map((chunk) => inspect({ ...chunk, frame: decoded(chunk.frame) })).join('\n'),
    tables: decoded(tables.body),
    columns: decoded(columns.body),
    check: `${check.message}\n${decoded(check.jsonDetails)}`,
  };
}

let sources = 0;

async function sourceOf(setUp: ConnectionFailure['setUp']): Promise<Source> {
  const { jsonData, secrets, grafanaConfig } = await setUp();
  sources += 1;
  return { uid: `viewer-${sources}`, jsonData: { ...jsonData }, secureJsonData: secrets ?? {}, grafanaConfig };
}

describe.each(connectionFailures(folder))('$name ($code)', ({ code, setUp, adminDetail }) => {
  it('shows the details to an admin', async () => {
    const source = { ...(await sourceOf(setUp)), user: ADA };
    const { error, status } = await runQuery(plugin, source, { query: 'SELECT 1' });
    expect(`${codeOf(error)}: ${error}`).toMatch(new RegExp(`^${code}: `));
    expect(error).toMatch(adminDetail);
    expect(status).toBe(ERRORS[code].status);
  });

  it('shows everyone else only what failed', async () => {
    const source = await sourceOf(setUp);
    const all = await Promise.all(READERS.map(([, user]) => everyResponse({ ...source, user })));
    for (const responses of all) {
      expect(responses.query).toContain(ERRORS[code].message.replace(/'/g, "\\'").split("\\'")[0]);
      for (const [kind, response] of Object.entries(responses)) {
        // A response may contain status codes and the name of the requesting user, because they are not details of the
        // set-up.
        expect(`${kind} ${SET_UP_DETAILS.exec(response)?.[0] ?? 'reveals nothing'}`).toBe(`${kind} reveals nothing`);
      }
    }
  });
});

describe('an error message of the server', () => {
  const MESSAGE = `error building dataframe: a\u0000b\u001b[31mc\u202ed\u009b ${'x'.repeat(900_000)} (query_id=0b4c-1)`;

  /** A server that fails every call with `MESSAGE`. @returns Its port. */
  function failingServer(): Promise<number> {
    const server = createServer({ maxSendHeaderBlockLength: 2 ** 21 });
    server.on('session', (session) => session.on('error', () => undefined));
    server.on('stream', (stream) => {
      stream.on('error', () => undefined);
      conclude(stream, Buffer.alloc(0), { 'grpc-status': '3', 'grpc-message': encodeURIComponent(MESSAGE) });
    });
    return listen(server);
  }

  it.each(READERS)('is truncated and has no control characters for %s', async (_, user) => {
    const { jsonData } = withoutSignIn(await failingServer(), { queryTimeoutSeconds: 10 });
    const source: Source = { uid: `words-${(sources += 1)}`, jsonData: { ...jsonData }, user };
    const response = await runQuery(plugin, source, { query: 'SELECT 1' });
    expect(codeOf(response.error)).toBe('query_invalid');
    expect(response.error).toContain('ab[31mcd xxx');
    expect(response.error.length).toBeLessThan(2500);
    expect(response.error).toMatch(/query_id 0b4c-1/);
    const { tables, columns, check } = await everyResponse(source);
    // `everyResponse` joins strings with line feeds, which are not part of a response.
    const all = [response.error, tables, columns, check].join('').replace(/\n/g, '');
    expect(all).toMatch(/ab\[31mcd xxx.*ab\[31mcd xxx/);
    expect(all).not.toMatch(/\p{Cc}|\\u00|\p{Bidi_Control}/u);
    expect(readFrames(response)[0].meta.custom).toMatchObject({ code: 'query_invalid', queryId: '0b4c-1' });
  });

  it('is truncated and has no control characters for an admin and in the log', async () => {
    const { jsonData } = withoutSignIn(await failingServer(), { queryTimeoutSeconds: 10 });
    const source: Source = { uid: `words-${(sources += 1)}`, jsonData: { ...jsonData }, user: ADA };
    await plugin.checkHealth({ pluginContext: pluginContext(source) });
    const check = await plugin.checkHealth({ pluginContext: pluginContext({ ...source, uid: 'words-of-log' }) });
    const shown = `${check.message}${decoded(check.jsonDetails)}`;
    expect(shown).toContain('ab[31mcd xxx');
    expect(shown.length).toBeLessThan(20_000);
    expect(shown).not.toMatch(/\\u00|\u001b/);
    const about = plugin.logs.map(({ raw }) => raw).filter((line) => line.includes('xxx'));
    expect(about.length).toBeGreaterThan(0);
    for (const line of about) {
      expect(line.length).toBeLessThan(60_000);
      expect(line).not.toMatch(/\\u00|\u001b/);
    }
  });
});

it('truncates column names in notices, and removes their control characters', async () => {
  const name = `big\u0000\u001b[31m\u202e ${'x'.repeat(500)}`;
  const table = new Table({ [name]: vectorFromArray([2n ** 60n], new Int64()) });
  const [schema, batch] = messagesOf(table).map(({ header, body }) => flightData(header, body));
  const server = await startFlightServer({ doGet: (_, call) => finish(call, schema, batch) });
  afterwards(() => server.kill());
  const { jsonData } = withoutSignIn(server.port);
  const source: Source = { uid: `words-${(sources += 1)}`, jsonData: { ...jsonData } };
  const [frame] = readFrames(await runQuery(plugin, source, { query: 'SELECT big' }));
  const notices = (frame.meta.notices ?? []).map((notice) => notice.text);
  expect(notices).toEqual([expect.stringMatching(/^Column "big\[31m x{80,100}…" holds numbers that browsers round/)]);
});
