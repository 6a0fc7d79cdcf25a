import { OpenFiles } from './open-files';
import { type PluginContext } from '../query/plugin-request';
import { ADA } from './testing/health-bench';

const NEVER = new AbortController().signal;

function contextOf(login: string, uid = 'lake', grafanaUrl = 'http://grafana'): PluginContext {
  const dataSource = {
    uid,
    grafanaUrl,
    orgId: 1,
    name: '',
    jsonData: new Uint8Array(),
    decryptedSecureJsonData: {},
    lastUpdatedMs: 0,
  };
  return { orgId: 1, pluginId: 'p', namespace: '', user: { ...ADA, login }, dataSource, grafanaConfig: {} };
}

it('limits the files of a user and of a data source', () => {
  const files = new OpenFiles();
  const ends = ['ada', 'ada', 'bob'].map((login) => files.begin('perfetto', contextOf(login), NEVER));
  const busy = expect.objectContaining({ code: 'too_many_files', status: 429 });
  expect(() => files.begin('perfetto', contextOf('ada'), NEVER)).toThrow(busy);
  expect(() => files.begin('perfetto', contextOf('carl'), NEVER)).toThrow(busy);
  files.begin('image', contextOf('ada'), NEVER);
  files.begin('perfetto', contextOf('ada', 'other'), NEVER);
  files.begin('perfetto', contextOf('ada', 'lake', 'http://other-grafana'), NEVER);
  ends[0]();
  // A second call of the same function must not free the place of another file.
  ends[0]();
  files.begin('perfetto', contextOf('ada'), NEVER);
  expect(() => files.begin('perfetto', contextOf('carl'), NEVER)).toThrow(busy);
});

it('stops counting the file of a caller who left', () => {
  const files = new OpenFiles();
  const leaving = new AbortController();
  ['a', 'b', 'c'].forEach((login) => files.begin('perfetto', contextOf(login), leaving.signal));
  leaving.abort();
  expect(() => files.begin('perfetto', contextOf('a'), NEVER)).not.toThrow();
});
