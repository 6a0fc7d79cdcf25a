import { readFrames } from '../support/frames';
import { runQuery, startBuiltPlugin, type Source } from '../support/plugin';
const source: Source = { jsonData: { host: '127.0.0.1:50861', selectedAuthType: 'token', useTls: false } as never, secureJsonData: { token: 'tailkey' }, user: {login:'ada',name:'A',email:'a@x',role:'Admin'} };
async function main() {
  const plugin = await startBuiltPlugin();
  for (const query of [
 'SELECT * FROM log_entries',
 "SELECT time, level, msg FROM log_entries WHERE $__timeFilter(time) AND level <= 3 OR level = 4 -- c\nORDER BY time DESC LIMIT 5;",
 "WITH a AS (SELECT 1 AS one) SELECT l.time, l.msg, lower(l.target) AS target, p.exe FROM log_entries l JOIN processes p ON p.process_id = l.process_id WHERE 1 IN (SELECT one FROM a)",
 "SELECT time, msg FROM view_instance('log_entries', 'global')",
 ]) for (const tail of [{ kind: 'lines' as const, ageSeconds: 180, known: { firstSecond: 1, lines: [1, 2, 0] }, limit: 5 }, { kind: 'counts' as const, ageSeconds: 180 }]) {
    const t = performance.now();
    const answer = await runQuery(plugin, source, { query, version: 2, format: 'logs', tail });
    console.log(query.slice(0,60), Math.round(performance.now()-t), answer.error, readFrames(answer).map(f => [JSON.stringify(f.types), f.rowCount, f.meta.notices]));
  }
  await plugin.shutdown();
}
void main();
