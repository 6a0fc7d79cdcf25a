import { initPluginTranslations } from '@grafana/i18n';
import { type ColumnInfo } from '../../../contract/resources/resources';
import { completeAt } from './completion';
import { LOOKUP_RESULTS, cursor, editorSource } from './testing/editor-source';

async function labels(marked: string, kind: string, source = editorSource()): Promise<string[]> {
  const { suggestions } = await completeAt(...cursor(marked), source);
  return suggestions.filter((item) => item.kind === kind).map((item) => item.label);
}

/** The SQL after the suggestion with this label is chosen. */
async function chosen(marked: string, label: string, source = editorSource()): Promise<string> {
  const [sql, offset] = cursor(marked);
  const { start, end, suggestions } = await completeAt(sql, offset, source);
  const found = suggestions.find((item) => item.label === label);
  return sql.slice(0, start) + (found?.insertText ?? '(not offered)') + sql.slice(end);
}

async function inserts(marked: string, kind: string): Promise<string[]> {
  const { suggestions } = await completeAt(...cursor(marked), editorSource());
  return suggestions.filter((item) => item.kind === kind).map((item) => item.insertText);
}

it('offers after FROM: tables, global views that are not in the list of tables, and table functions', async () => {
  expect(await inserts('SELECT * FROM |', 'table')).toEqual(
    expect.arrayContaining(['log_entries', '"Odd"', 'frame_times'])
  );
  expect(await inserts('SELECT * FROM |', 'function')).toContain('view_instance($0)');
});

it('offers view_instance with each view set, and inside its quotes the ids of instances or the view sets', async () => {
  expect(await inserts('SELECT * FROM |', 'table')).toContain("view_instance('otel_spans', '$0')");
  const at = "SELECT * FROM view_instance('otel_spans', '|')";
  expect(await labels(at, 'value')).toEqual(['game-server on host-1, started 2026-11-25 10:00 UTC']);
  expect(await chosen(at, 'game-server on host-1, started 2026-11-25 10:00 UTC')).toBe(
    "SELECT * FROM view_instance('otel_spans', '11111111-aaaa')"
  );
  expect(await labels("SELECT * FROM view_instance('|', '')", 'value')).toEqual([
    'log_entries',
    'otel_spans',
    'thread_spans',
  ]);
});

it('offers the threads of recent processes for the view thread_spans', async () => {
  expect(
    await chosen(
      "SELECT * FROM view_instance('thread_spans', '|')",
      'main: game-server on host-1, started 2026-11-25 10:00 UTC'
    )
  ).toBe("SELECT * FROM view_instance('thread_spans', 'stream-1')");
});

it('offers CTEs after FROM', async () => {
  expect(await labels('WITH recent AS (SELECT 1 FROM log_entries) SELECT * FROM |', 'table')).toContain('recent');
});

it('offers the columns of all tables of the query, each once, quoted where needed', async () => {
  expect(await inserts('SELECT | FROM log_entries, blocks', 'column')).toEqual([
    'time',
    'level',
    'target',
    'msg',
    'properties',
    '"streams.tags"',
  ]);
});

it('offers only the columns of the qualifier', async () => {
  expect(await inserts('SELECT b.| FROM log_entries l JOIN blocks b ON 1', 'column')).toEqual([
    'time',
    '"streams.tags"',
  ]);
});

it.each([
  ['a subquery', 'SELECT | FROM (SELECT level, count(*) AS n FROM log_entries GROUP BY 1) q', ['level', 'n']],
  ['a subquery by its alias', 'SELECT q.| FROM (SELECT msg AS text FROM log_entries) q, blocks', ['text']],
  ['a CTE', 'WITH c AS (SELECT time, msg m FROM log_entries) SELECT | FROM c', ['time', 'm']],
  ['a CTE with names', 'WITH c (a, b) AS (SELECT time, msg FROM log_entries) SELECT x.| FROM c x', ['a', 'b']],
  ['a CTE of a CTE with *', 'WITH c AS (SELECT time FROM blocks), d AS (SELECT * FROM c) SELECT | FROM d', ['time']],
  ['a recursive CTE', 'WITH RECURSIVE c AS (SELECT 1 AS i UNION SELECT i FROM c) SELECT | FROM c', ['i']],
  ['a table function', 'SELECT | FROM expand_histogram(h)', ['bin_center', 'count']],
  ['the query around a subquery', 'SELECT 1 FROM blocks b WHERE EXISTS (SELECT b.|)', ['time', 'streams.tags']],
  ['no table while its name is being typed', 'SELECT 1 FROM log_entries|', []],
  [
    'a view set that the server does not list',
    "SELECT s.| FROM view_instance('net_spans', 'x') s WHERE 1",
    expect.arrayContaining(['connection_name']),
  ],
])('offers the columns of %s', async (_name, marked, expected) => {
  expect(await labels(marked, 'column')).toEqual(expected);
});

it('offers macros as snippets, and variables, after a dollar sign', async () => {
  expect(await inserts('SELECT * FROM a WHERE $|', 'macro')).toContain('\\$__timeFilter($0)');
  expect(await inserts('SELECT * FROM a WHERE $|', 'variable')).toEqual(['${exe}']);
});

it.each([
  ['SELECT * FROM log_entries WHERE $|', '\\$__timeFilter(${0:time})'],
  ['SELECT * FROM log_entries WHERE |', '\\$__timeFilter(${0:time})'],
  ['SELECT | FROM blocks', '\\$__dateBin(${0:time})'],
  ['SELECT | FROM blocks', '\\$__timeGroup(time, $0)'],
  ['SELECT | FROM (SELECT time AS "Start" FROM blocks) b', '\\$__timeFilter(${0:"Start"})'],
  ['SELECT | FROM measures', '\\$__timeFilter($0)'],
  ['SELECT * FROM log_entries WHERE $|', '\\$__conditionalAll($0)'],
  ['SELECT * FROM log_entries WHERE $|', '\\$__timeFrom'],
])(
  'inserts a macro, with the time column if the macro takes one and the column is known: %s',
  async (marked, expected) => {
    expect(await inserts(marked, 'macro')).toContain(expected);
  }
);

it('replaces a closing brace that the editor inserted', async () => {
  const { start, end } = await completeAt(...cursor('SELECT ${ex|} FROM a'), editorSource());
  expect([start, end]).toEqual([7, 12]);
});

it('offers scalar functions in expressions, and table functions only after FROM', async () => {
  expect(await labels('SELECT |', 'function')).toEqual(expect.arrayContaining(['date_bin', 'levenshtein']));
  expect(await labels('SELECT |', 'function')).not.toContain('generate_series');
  expect(await labels('SELECT * FROM |', 'function')).toContain('generate_series');
});

it('offers nothing that deletes or rebuilds data', async () => {
  const offered = [...(await inserts('SELECT * FROM |', 'function')), ...(await inserts('SELECT |', 'function'))];
  expect(offered.filter((name) => /retire|regenerate|materialize|deny|denial/.test(name))).toEqual([]);
});

it('describes columns', async () => {
  const { suggestions } = await completeAt(...cursor('SELECT | FROM log_entries'), editorSource());
  expect(suggestions.find(({ label }) => label === 'level')).toMatchObject({
    detail: 'Int32',
    documentation: expect.stringContaining('2 Error'),
  });
});

describe('values', () => {
  it.each([
    ["SELECT 1 FROM log_entries WHERE target = '|'", "SELECT 1 FROM log_entries WHERE target = 'net::tcp'"],
    ["SELECT 1 FROM log_entries WHERE target = 'ne|t'", "SELECT 1 FROM log_entries WHERE target = 'net::tcp'"],
    ["SELECT 1 FROM log_entries WHERE target = 'ne|", "SELECT 1 FROM log_entries WHERE target = 'net::tcp'"],
    [
      "SELECT 1 FROM log_entries WHERE target = '| AND msg = 'x'",
      "SELECT 1 FROM log_entries WHERE target = 'net::tcp' AND msg = 'x'",
    ],
    [
      "SELECT 1 FROM log_entries WHERE target IN ('a', '|')",
      "SELECT 1 FROM log_entries WHERE target IN ('a', 'net::tcp')",
    ],
    [
      "SELECT 1 FROM (SELECT target AS t FROM log_entries) q WHERE q.t = '|'",
      "SELECT 1 FROM (SELECT target AS t FROM log_entries) q WHERE q.t = 'net::tcp'",
    ],
  ])('are inserted between the quotes: %s', async (marked, expected) => {
    expect(await chosen(marked, 'net::tcp')).toBe(expected);
  });

  it('are inserted with doubled quotes', async () => {
    expect(await chosen("SELECT 1 FROM log_entries WHERE target = '|'", "it's")).toBe(
      "SELECT 1 FROM log_entries WHERE target = 'it''s'"
    );
  });

  it('are requested for the stored column and the time range', async () => {
    const source = editorSource();
    await labels(
      "WITH c AS (SELECT target AS t FROM view_instance('log_entries', 'p1')) SELECT 1 FROM c WHERE t = '|'",
      'value',
      source
    );
    expect(source.asked).toEqual([
      { kind: 'values', table: 'log_entries', instanceId: 'p1', column: 'target', range: { fromMs: 1, toMs: 2 } },
    ]);
  });

  it('are requested again with the typed text if the list is truncated', async () => {
    const source = editorSource({ values: { items: [{ value: 'a' }], isTruncated: true } });
    const { isIncomplete } = await completeAt(...cursor("SELECT 1 FROM log_entries WHERE target = 'tcp|'"), source);
    expect(isIncomplete).toBe(true);
    expect(source.asked).toEqual([
      expect.not.objectContaining({ search: expect.anything() }),
      expect.objectContaining({ kind: 'values', search: 'tcp' }),
    ]);
  });

  it.each(['msg', 'level', 'nowhere'])('are not requested for the column %s', async (column) => {
    const source = editorSource();
    expect(await labels(`SELECT 1 FROM log_entries WHERE ${column} = '|'`, 'value', source)).toEqual([]);
    expect(source.asked).toEqual([]);
  });

  it('are offered for properties', async () => {
    const source = editorSource();
    const at = "SELECT 1 FROM log_entries l WHERE property_get(l.properties, 'version') = '|'";
    expect(await labels(at, 'value', source)).toEqual(['net::tcp', "it's"]);
    expect(source.asked[0]).toMatchObject({
      kind: 'values',
      table: 'log_entries',
      column: 'properties',
      property: 'version',
    });
  });

  it('show the unit of a measure, if they are names of measures', async () => {
    const { suggestions } = await completeAt(...cursor("SELECT 1 FROM measures WHERE name = '|'"), editorSource());
    expect(suggestions).toEqual([expect.objectContaining({ label: 'frame_time', detail: 'ms' })]);
  });

  it('of levels are numbers outside of quotes, and are listed with their names', async () => {
    expect(await labels('SELECT 1 FROM log_entries WHERE level <= |', 'value')).toEqual([
      '1 Fatal',
      '2 Error',
      '3 Warn',
      '4 Info',
      '5 Debug',
      '6 Trace',
    ]);
    expect(await chosen('SELECT 1 FROM log_entries WHERE level IN (1, |)', '2 Error')).toBe(
      'SELECT 1 FROM log_entries WHERE level IN (1, 2)'
    );
  });

  it('are ids of processes for the column process_id', async () => {
    expect(
      await chosen(
        "SELECT 1 FROM measures WHERE process_id = '|",
        'game-server on host-1, started 2026-11-25 10:00 UTC'
      )
    ).toBe("SELECT 1 FROM measures WHERE process_id = '11111111-aaaa'");
  });

  it.each(['dateBin', 'dateBinAlias', 'timeGroup', 'timeGroupAlias'])(
    'contain the interval of the panel for $__%s',
    async (macro) => {
      expect(await labels(`SELECT $__${macro}(time, '|') FROM log_entries`, 'value')).toContain('auto');
    }
  );

  it('are offered for the argument of a function such as date_trunc', async () => {
    expect(await labels("SELECT date_trunc('|', time) FROM log_entries", 'value')).toContain('hour');
  });
});

it('offers property keys of a column that is written with the alias of its table', async () => {
  const source = editorSource();
  expect(await labels("SELECT property_get(l.properties, '|') FROM log_entries l", 'value', source)).toEqual([
    'version',
    'map',
  ]);
  expect(source.asked).toEqual([
    { kind: 'property-keys', table: 'log_entries', column: 'properties', range: { fromMs: 1, toMs: 2 } },
  ]);
});

it('offers all other suggestions if lookups fail', async () => {
  const source = { ...editorSource(), lookup: async () => undefined };
  expect(await labels('SELECT * FROM |', 'table', { ...editorSource(), ...source })).toEqual([
    'log_entries',
    'blocks',
    'measures',
    'Odd',
  ]);
  expect(await labels('SELECT | FROM log_entries', 'function', { ...editorSource(), ...source })).toContain('date_bin');
  expect(
    await labels("SELECT 1 FROM log_entries WHERE target = '|'", 'value', { ...editorSource(), ...source })
  ).toEqual([]);
});

it('reads the columns of at most 50 tables', async () => {
  const read: string[] = [];
  const columns = async (table: string): Promise<ColumnInfo[]> => {
    read.push(table);
    return [];
  };
  const sql = `SELECT 1 FROM ${Array.from({ length: 200 }, (_, index) => `t${index}`).join(', ')} WHERE `;
  await completeAt(sql, sql.length, { ...editorSource(LOOKUP_RESULTS), columns });
  expect(read).toHaveLength(50);
});

it('describes macros and levels in the language of the user', async () => {
  await initPluginTranslations('test', [async () => ({ sql: { completion: { macro: 'Makro', level: 'Stufe' } } })]);
  const { suggestions } = await completeAt(...cursor('SELECT * FROM log_entries WHERE level = |'), editorSource());
  const detailOf = (label: string) => suggestions.find((item) => item.label === label)?.detail;
  expect([detailOf('2 Error'), detailOf('$__interval_ms')]).toEqual(['Stufe', 'Makro']);
});
