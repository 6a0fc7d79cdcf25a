/** Profiles over the plugin protocol, in the demo's lakehouse. */
import { type ProfileRequest } from '../../contract/query-types/profile';
import { processByKey, streamId } from '../../demo/lakehouse/story';
import { useDemoPlugin } from '../support/demo-plugin';
import { onlyFrame, readFrames } from '../support/frames';
import { runQuery } from '../support/plugin';

const lab = useDemoPlugin();
const SERVER = processByKey('server');

it('x', async () => {
  const crash = onlyFrame(await runQuery(lab.plugin, lab.source, { query: 'SELECT max(time) AS t FROM log_entries WHERE level = 1', version: 2, timeFilter: false })).column('t')[0];
  const toMs = Number(crash) - 10_000;
  const ask = (profile: Partial<ProfileRequest>) => runQuery(lab.plugin, lab.source, { queryType: 'profile', version: 2, profile: { view: 'flame-graph', processId: SERVER.id, ...profile } } as never, { range: { fromMs: toMs - 60_000, toMs } });
  for (const p of [{}, { spans: ['thread', 'async'] }, { root: 'physics' }, { streamId: streamId(SERVER.id, 'cpu') }, { view: 'timeline', beginNs: String(BigInt(toMs) * 1000000n), endNs: String(BigInt(toMs + 80) * 1000000n) }, {view: 'timeline'}, { processId: processByKey('matchmaker').id }] as Partial<ProfileRequest>[]) {
    const t0 = performance.now();
    const answer = await ask(p);
    console.log(JSON.stringify(p), answer.error, performance.now() - t0);
    for (const frame of readFrames(answer)) {
      const names = Object.keys(frame.types);
      console.log(JSON.stringify(frame.meta.notices), frame.types, frame.rowCount + '\n' + Array.from({ length: Math.min(30, frame.rowCount) }, (_, row) => names.map((n) => { const v = frame.column(n)[row]; return v instanceof Uint8Array ? new TextDecoder().decode(v) : String(v) }).join(' | ')).join('\n'));
    }
  }
});
