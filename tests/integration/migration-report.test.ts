/** The built migration report, with a server that responds like Grafana's HTTP API. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PLUGIN_ID } from '../../contract/plugin-id';
import { launcherPath, NODE_ENVIRONMENT } from '../support/plugin';

const TOKEN = 'glsa_secret_of_the_test';
const REF = { type: PLUGIN_ID, uid: 'mm' };

const dashboards = new Map<string, unknown>(
  ['version-1', 'version-2', 'builder'].map((name) => [
    name,
    JSON.parse(readFileSync(join(__dirname, 'saved-dashboards', `${name}.json`), 'utf8')),
  ])
);
dashboards.set('\u001b[2Jclear', {
  panels: [{ title: 'P\u001b[31m', datasource: REF, targets: [{ refId: 'A', query: 'SELECT $__nope' }] }],
});

/** The response to each path. Requests for other paths get HTTP 404. */
function grafana(): Record<string, unknown> {
  return {
    '/api/datasources': [
      { uid: 'mm', name: 'Micromegas', type: PLUGIN_ID, isDefault: false },
      { uid: 'prom', name: 'Prometheus', type: 'prometheus', isDefault: true },
    ],
    '/api/datasources/uid/mm': {
      jsonData: { host: 'm:50051', secure: true, selectedAuthType: 'token' },
      secureJsonFields: { token: true },
    },
    '/api/search?type=dash-db&limit=1000&page=1': Array.from(dashboards.keys(), (title, index) => ({
      uid: `d${index}`,
      title,
      url: `/d/d${index}/x`,
    })),
    ...Object.fromEntries(
      Array.from(dashboards.values(), (dashboard, index) => [`/api/dashboards/uid/d${index}`, { dashboard }])
    ),
    '/api/library-elements?kind=1&perPage=100&page=1': { result: { elements: [] } },
    '/api/v1/provisioning/alert-rules': [
      {
        uid: 'r1',
        title: 'Rule',
        data: [{ refId: 'A', datasourceUid: 'mm', model: { query: 'SELECT 1', format: 'table', autoLimit: true } }],
      },
    ],
  };
}

let server: Server;
let address: string;
let requests: IncomingMessage[];
let responses: Record<string, unknown>;

beforeAll(async () => {
  server = createServer((request, response) => {
    requests.push(request);
    const url = request.url ?? '';
    if (request.headers.authorization !== `Bearer ${TOKEN}`) {
      response.writeHead(401).end('{}');
    } else if (url === '/redirected/api/datasources') {
      response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
    } else if (responses[url] === undefined) {
      response.writeHead(404).end('{}');
    } else {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(responses[url]));
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

beforeEach(() => {
  requests = [];
  responses = grafana();
});

afterAll(() => void server.close());

async function report(args: string[], env: Record<string, string> = { GRAFANA_TOKEN: TOKEN }) {
  const child = spawn(launcherPath(), ['--migration-report', ...args], { env: { ...NODE_ENVIRONMENT, ...env } });
  let out = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk));
  const [code] = (await once(child, 'close')) as [number];
  expect(out + errors).not.toContain(TOKEN);
  return { code, out, errors };
}

it('reports required actions and changed results, and only reads from Grafana', async () => {
  const { code, out } = await report([address]);
  expect(code).toBe(1);
  expect(out).toMatch(/Read: 1 data source, 4 dashboards, 0 library panels, 1 alert rule, \d+ queries/);
  expect(out).toMatch(/Needs an action\n\n {2}Uses a macro that does not exist \(2\)/);
  expect(out).toContain('Truncates its result at the max data points of the panel');
  expect(out).toContain('alert rule "Rule", query A');
  // Titles come from Grafana and may contain escape sequences for terminals.
  expect(out).not.toMatch(/\u001b/);
  expect(new Set(requests.map(({ method }) => method))).toEqual(new Set(['GET']));
});

it('writes JSON with codes and locations', async () => {
  const { out } = await report([address, '--json']);
  const { read, places } = JSON.parse(out);
  expect(read).toMatchObject({ dataSources: 1, dashboards: 4, alertRules: 1 });
  expect(places).toContainEqual(
    expect.objectContaining({ kind: 'alert rule', name: 'Rule', code: 'rule-limit', effect: 'differs' })
  );
});

it('exits with 0 when no action is needed', async () => {
  responses['/api/search?type=dash-db&limit=1000&page=1'] = [];
  responses['/api/v1/provisioning/alert-rules'] = [];
  const { code, out } = await report([`${address}/`]);
  expect(out).toContain('Nothing changes.');
  expect(code).toBe(0);
});

it('lists dashboards and alert rules that it could not read, and reports the rest', async () => {
  delete responses['/api/v1/provisioning/alert-rules'];
  delete responses['/api/dashboards/uid/d1'];
  const { code, out } = await report([address]);
  expect(code).toBe(1);
  expect(out).toMatch(/Could not be read\n\n.*dashboard "version-2": .*HTTP 404.*\n.*alert rules: .*HTTP 404/);
  expect(out).toContain('Read: 1 data source, 3 dashboards');
});

it('lists data sources and dashboards with an unexpected shape, and reports the rest', async () => {
  responses['/api/datasources/uid/mm'] = { jsonData: { host: { name: 'm' }, selectedAuthType: 5 } };
  responses['/api/search?type=dash-db&limit=1000&page=1'] = [{ uid: '\ud800', title: 'half a character' }];
  const { code, out } = await report([address]);
  expect(code).toBe(1);
  expect(out).toContain('data source "Micromegas": It has an unexpected shape.');
  expect(out).toMatch(/dashboard "half a character": .*HTTP 404/);
  expect(out).toContain('alert rule "Rule", query A');
});

it('does not print a token that cannot be sent', async () => {
  const { code, errors } = await report([address], { GRAFANA_TOKEN: `${TOKEN}\nnext line` });
  expect(code).toBe(2);
  expect(errors).toMatch(/GRAFANA_TOKEN contains a line break/);
});

it.each([
  ['without an address', [], undefined, /^Usage: /],
  ['with an unknown option', ['http://127.0.0.1', '--write'], undefined, /^Usage: /],
  ['without an account', ['http://127.0.0.1'], {}, /Set GRAFANA_TOKEN/],
  ['with an address that is no URL', ['grafana'], undefined, /must begin with http/],
  ['with a password in the address', ['http://a:b@127.0.0.1'], undefined, /contain no user name/],
  ['when nothing listens', ['http://127.0.0.1:1'], undefined, /cannot be reached/],
])('fails %s', async (_name, args, env, message) => {
  const { code, out, errors } = await report(args, env);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(errors).toMatch(message);
});

it('explains a rejected token, an address that is not Grafana, and a redirect', async () => {
  expect((await report([address], { GRAFANA_TOKEN: 'other' })).errors).toMatch(/rejected the sign-in.*GRAFANA_TOKEN/);
  expect((await report([`${address}/sub`])).errors).toMatch(/check the address, including the path/);
  responses['/api/datasources'] = { message: 'not a list' };
  expect((await report([address])).errors).toMatch(/does not come from Grafana's API/);
  expect((await report([`${address}/redirected`])).errors).toMatch(/Grafana redirects/);
});
