/** Sends queries with the fields that the forms of the editor save, over the plugin protocol. */
import { type MicromegasQueryFields } from '../../contract/queries/query';
import { processByKey, streamId } from '../../demo/lakehouse/story';
import { useSharedPlugin } from '../support/shared-plugin';
import { readFrames, repeatedNames } from '../support/frames';
import { runQuery } from '../support/plugin';

const lab = useSharedPlugin();
const SERVER = processByKey('server').id;
const MOMENT = { beginNs: '1700000000000000000', endNs: '1700000000016000000' };

it.each<[string, MicromegasQueryFields]>([
  [
    'a search for traces',
    {
      queryType: 'traces',
      traces: {
        view: 'search',
        services: ['ember/web-gateway'],
        operations: ['GET /'],
        kinds: ['SERVER', 'CLIENT'],
        statuses: ['ERROR'],
        minDurationMs: 0.3,
        maxDurationMs: 1500,
        attributes: [
          { key: 'http.response.status_code', operator: '>=', value: 500 },
          { key: 'http.route', operator: 'contains', value: "it's" },
          { key: 'retry', operator: '!=', value: true },
          { key: 'resource.host.name', operator: 'exists' },
        ],
        processId: SERVER,
        limit: 20,
      },
    },
  ],
  ['a service map', { queryType: 'traces', traces: { view: 'service-map', services: ['a'], processId: SERVER } }],
  [
    'a timeline',
    {
      queryType: 'profile',
      profile: {
        view: 'timeline',
        processId: SERVER,
        streamId: streamId(SERVER, 'cpu'),
        spans: ['thread', 'async', 'net'],
        root: 'frame',
        ...MOMENT,
      },
    },
  ],
  [
    'a list of processes',
    {
      queryType: 'processes',
      processes: {
        view: 'list',
        search: 'ember',
        exe: 'ember-server',
        computer: 'a',
        username: 'b',
        version: '1.2',
        state: 'crashed',
        limit: 5000,
      },
    },
  ],
  ['a tree of processes', { queryType: 'processes', processes: { view: 'tree', state: 'running' } }],
])('runs %s', async (_name, query) => {
  // A saved query keeps its SQL and the fields of other types.
  const saved = { query: 'SELECT', processes: { view: 'list' as const }, ...query };
  const response = await runQuery(lab.plugin, lab.source, saved);
  expect(response.error).toBe('');
  expect(response.status).toBe(200);
});

it.each<[string, MicromegasQueryFields]>([
  ['a search for traces', { queryType: 'traces', traces: { view: 'search' } }],
  ['a service map', { queryType: 'traces', traces: { view: 'service-map' } }],
  ['a list of processes', { queryType: 'processes', processes: { view: 'list' } }],
  ['a tree of processes', { queryType: 'processes', processes: { view: 'tree' } }],
  ['images', { queryType: 'processes', processes: { view: 'images', processId: SERVER } }],
])('gives the columns of %s different names, which a CSV file needs', async (_name, query) => {
  const frames = readFrames(await runQuery(lab.plugin, lab.source, query));
  expect(frames).not.toHaveLength(0);
  expect(frames.map(repeatedNames)).toEqual(frames.map(() => []));
});

it('adds a notice that ad hoc filters do not apply to views', async () => {
  const query = { queryType: 'processes', processes: { view: 'list' as const } };
  const noticesOf = async (fields: MicromegasQueryFields) => {
    const [frame] = readFrames(await runQuery(lab.plugin, lab.source, { ...query, ...fields }));
    return JSON.stringify(frame.meta.notices ?? []);
  };
  const adHocFilters = [{ key: 'exe', operator: '=' as const, value: 'a' }];
  expect(await noticesOf({ adHocFilters })).toMatch(/ad hoc filters do not apply/);
  expect(await noticesOf({})).not.toMatch(/ad hoc filters/);
});

it('explains a request that the editor cannot have saved', async () => {
  const response = await runQuery(lab.plugin, lab.source, {
    queryType: 'traces',
    traces: JSON.parse('{"view":"all"}'),
  });
  expect(response.error).toMatch(/Traces \(traces\)/);
});
