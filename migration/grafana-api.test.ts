import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { PLUGIN_ID } from '../contract/plugin-id';
import { GrafanaApi } from './grafana-api';
import { readReport } from './read-report';

const PANEL = { uid: 'p', name: 'P', model: { datasource: { type: PLUGIN_ID }, targets: [{ refId: 'A', query: '' }] } };

/** Responses of a Grafana. Its lists have more pages than the command reads. None of its dashboards can be read. */
const RESPONSES: ReadonlyArray<[path: RegExp, body: unknown]> = [
  [/^\/api\/datasources$/, []],
  [/^\/api\/search/, Array.from({ length: 1000 }, (_, index) => ({ uid: `d${index}`, title: 'D' }))],
  [/^\/api\/library-elements/, { result: { elements: Array.from({ length: 100 }, () => PANEL) } }],
  [/^\/api\/v1\/provisioning\/alert-rules$/, []],
];

it('reports lists with more pages than the command reads, and counts the objects of the pages that it read', async () => {
  const server = createServer(({ url = '' }, response) => {
    const [, body] = RESPONSES.find(([path]) => path.test(url)) ?? [];
    response.writeHead(body === undefined ? 404 : 200).end(JSON.stringify(body ?? {}));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const { read, unread } = await readReport(new GrafanaApi({ url, authorization: 'Bearer t', maxPages: 1 }));
    expect(read.libraryPanels).toBe(100);
    expect(unread.filter(({ what }) => !what.startsWith('dashboard "'))).toEqual([
      { what: 'dashboards', problem: expect.stringMatching(/^Only the first 1000 entries of the list were read/) },
      { what: 'library panels', problem: expect.stringMatching(/^Only the first 100 entries of the list were read/) },
    ]);
  } finally {
    server.close();
  }
});
