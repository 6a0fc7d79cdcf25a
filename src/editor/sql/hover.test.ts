import { hoverAt } from './hover';
import { cursor, editorSource } from './testing/editor-source';

it.each([
  ['a column', 'SELECT lev|el FROM log_entries', 'level: Int32', /^Severity: 1 Fatal.* Column of log_entries\.$/],
  ['a column of an alias', 'SELECT l.lev|el FROM log_entries l', 'level: Int32', /Column of l\./],
  [
    'a column of a CTE',
    'WITH c AS (SELECT msg AS m FROM log_entries) SELECT |m FROM c',
    'm: Utf8',
    /Text of the message/,
  ],
  ['the result of an expression', 'SELECT |n FROM (SELECT count(*) n FROM log_entries) q', 'n', /Column of q\./],
  ['a table', 'SELECT * FROM log_|entries', 'log_entries', /Log messages/],
  ['an alias', 'SELECT |l.msg FROM log_entries l', 'l: log_entries', /Log messages/],
  ['a view set', "SELECT * FROM view_instance('otel|_spans', 'x')", 'otel_spans', /OpenTelemetry spans/],
  [
    'a function',
    "SELECT date_|bin(interval '1 minute', time) FROM t",
    "date_bin(interval '1 minute', time)",
    /interval/,
  ],
  ['a function in upper case', 'SELECT CO|UNT(*) FROM t', 'count(*)', /number of rows/],
  ['a function that only the server knows', "SELECT leven|shtein('a', 'b')", 'levenshtein(a, b)', /^Distance/],
  ['a macro', 'SELECT 1 FROM t WHERE $__time|Filter(time)', '$__timeFilter(column)', /time range/],
  ['a variable', 'SELECT 1 FROM t WHERE exe IN (${ex|e:csv})', '$exe', /^Dashboard variable\.$/],
  ['a measure', "SELECT 1 FROM measures WHERE name = 'frame|_time'", 'frame_time', /^Measure in ms, from engine\.$/],
  [
    'a process',
    "SELECT 1 FROM measures WHERE process_id = '11111111|-aaaa'",
    '11111111-aaaa',
    /game-server on host-1.*user ada/,
  ],
  ['a process of a view', "SELECT 1 FROM view_instance('measures', '1111|1111-aaaa')", '11111111-aaaa', /game-server/],
  ['a level', 'SELECT 1 FROM log_entries WHERE level <= |2', 'level 2', /^Error\.$/],
])('describes %s', async (_name, marked, title, description) => {
  expect(await hoverAt(...cursor(marked), editorSource())).toMatchObject({
    title,
    description: expect.stringMatching(description),
  });
});

it('describes a measure without unit', async () => {
  const items = [{ name: 'entities', unit: '', target: 'engine', exe: 'game' }];
  const source = editorSource({ measures: { items, isTruncated: false } });
  const [sql, offset] = cursor("SELECT 1 FROM measures WHERE name = 'ent|ities'");
  expect(await hoverAt(sql, offset, source)).toMatchObject({ title: 'entities', description: 'Measure from engine.' });
});

it.each([
  ['a keyword', 'SELE|CT 1'],
  ['white space', 'SELECT | 1'],
  ['a comment', 'SELECT 1 -- log_ent|ries'],
  ['an unknown column', 'SELECT no|pe FROM log_entries'],
  ['an unknown variable', 'SELECT $no|pe'],
  ['an unknown measure', "SELECT 1 FROM measures WHERE name = 'no|pe'"],
  ['a string that is not a process id', "SELECT 1 FROM measures WHERE process_id = 'x|'"],
  ['a number that is not compared with a level', 'SELECT 1 FROM log_entries LIMIT |2'],
])('shows no hover for %s', async (_name, marked) => {
  expect(await hoverAt(...cursor(marked), editorSource())).toBeUndefined();
});

it('returns the position of the name, with its quotes', async () => {
  const [sql, offset] = cursor('SELECT "streams.|tags" FROM blocks');
  const hover = await hoverAt(sql, offset, editorSource());
  expect(sql.slice(hover?.start, hover?.end)).toBe('"streams.tags"');
});
