/**
 * Runs conditions and aggregates of the query builder on a real Micromegas. In some details, its SQL differs from the
 * SQL of the demo's lakehouse: regular expressions with backslashes, columns with NULL, ids, and numbers in properties.
 */
import assert from 'node:assert/strict';
import { builderQuery } from '../../contract/builder/builder-sql';
import { type BuilderCondition, type ConditionOperator, type TableState } from '../../contract/builder/builder-state';
import { newState } from '../../contract/builder/new-state';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { type ReadFrame, readFrames } from '../support/frames';
import { runQuery, type Source } from '../support/plugin';
import { type Checklist } from './checklist';
import { SENT } from './otlp';

const TEXTS = ['C:\\Users\\x', 'C:Users', '\\', '50%', "it's", '', null];
const JSONS = ['{"n":10.0}', '{"n":"5"}', '{"n":"many"}', '{}'];

function values(name: string, items: ReadonlyArray<string | null>): string {
  const rows = items.map((item) => `(${item === null ? 'NULL' : `'${item.replaceAll("'", "''")}'`})`);
  return `(VALUES ${rows.join(', ')}) AS v(${name})`;
}

/** Rows in place of the table `t`: strings, or properties, or lists, or the id 00ff. */
const STRINGS = `(SELECT msg FROM ${values('msg', TEXTS)}) AS t`;
const PROPERTIES = `(SELECT jsonb_parse(json) AS properties FROM ${values('json', JSONS)}) AS t`;
const TAGS =
  "(SELECT string_to_array(tags, ' ') AS tags FROM (VALUES ('log'), ('cpu thread'), (NULL)) AS v(tags)) AS t";
const ID = "(SELECT arrow_cast(decode('00ff', 'hex'), 'FixedSizeBinary(2)') AS span_id) AS t";

const text = { column: 'msg', type: 'text' } as const;
const textConditions: Array<[condition: BuilderCondition, expected: (value: string | null) => boolean]> = [
  ...['\\\\', 'C:\\\\Users', '^C:\\\\', '\\\\|%', '(x|\\\\)$', "'s$"].flatMap(
    (pattern): Array<[BuilderCondition, (value: string | null) => boolean]> => {
      const expected = (value: string | null) => value !== null && new RegExp(pattern).test(value);
      return [
        [{ ...text, operator: 'matches', values: [pattern] }, expected],
        [{ ...text, operator: 'not-matches', values: [pattern] }, (value) => !expected(value)],
      ];
    }
  ),
  [{ ...text, operator: 'contains', values: ['\\'] }, (value) => value?.includes('\\') === true],
  [{ ...text, operator: '!=', values: ['50%'] }, (value) => value !== '50%'],
  [{ raw: 'msg IS DISTINCT FROM NULL' }, (value) => value !== null],
];

export async function checkBuilderConditions(list: Checklist, plugin: PluginProcess, source: Source): Promise<void> {
  const ask = async (sql: string): Promise<ReadFrame | undefined> => {
    const query = { query: sql, version: 2, timeFilter: false, autoLimit: false };
    const response = await runQuery(plugin, source, query);
    assert.equal(response.error, '', sql);
    // A result without rows has no frame.
    return readFrames(response).at(0);
  };
  const ofTable = (state: Partial<TableState>, rows: string) =>
    ask(builderQuery({ ...newState('table'), table: 't', ...state }).sql.replace('FROM t', `FROM ${rows}`));

  for (const [condition, expected] of textConditions) {
    await list.check(`builder: rows for ${JSON.stringify(condition)}`, async () => {
      const frame = await ofTable({ conditions: [condition, { raw: 'true' }] }, STRINGS);
      assert.deepEqual((frame?.column('msg') ?? []).sort(), TEXTS.filter(expected).sort());
    });
  }
  await list.check('builder: averages, sums and percentiles of a property use its numbers', async () => {
    const columns = (['avg', 'sum', 'p50', 'count', 'max'] as const).map((aggregation) => ({
      column: 'properties',
      property: 'n',
      aggregation,
    }));
    const frame = await ofTable({ columns }, PROPERTIES);
    const found = Object.keys(frame?.types ?? {}).map((name) => frame?.column(name)[0]);
    assert.deepEqual(
      found.map((value) => (typeof value === 'bigint' ? Number(value) : value)),
      [7.5, 15, 7.5, 3, 'many']
    );
  });
  await list.check('builder: an id is compared with a hexadecimal string', async () => {
    for (const [value, rows] of [
      ['00FF', 1],
      ['00fe', 0],
    ] as const) {
      const conditions: BuilderCondition[] = [{ column: 'span_id', type: 'bytes', operator: '=', values: [value] }];
      assert.equal((await ofTable({ conditions }, ID))?.rowCount ?? 0, rows);
    }
  });
  await list.check('builder: lists and JSON are compared as strings', async () => {
    const tags = (operator: ConditionOperator, value: string) =>
      ofTable({ conditions: [{ column: 'tags', type: 'list', operator, values: [value] }] }, TAGS);
    assert.equal((await tags('=', 'log'))?.rowCount, 1);
    assert.equal((await tags('contains', 'CPU'))?.rowCount, 1);
    assert.equal((await tags('not-matches', 'log'))?.rowCount, 2);
    const conditions: BuilderCondition[] = [
      { column: 'properties', type: 'json', operator: 'contains', values: ['MANY'] },
    ];
    assert.equal((await ofTable({ conditions }, PROPERTIES))?.rowCount, 1);
  });
  await list.check('builder: a negative condition keeps spans without a status message', async () => {
    const ids = await ask(`SELECT process_id FROM processes WHERE exe = '${SENT.exe}'`);
    const processId = String(ids?.column('process_id')[0]);
    const conditions: BuilderCondition[] = [
      { column: 'status_message', type: 'text', operator: '!=', values: ['timeout'] },
    ];
    const sql = builderQuery({ ...newState('spans'), processId, conditions }).sql;
    assert.deepEqual((await ask(sql))?.column('name'), [SENT.span.name]);
  });
  await list.check('builder: events of spans are compared as JSON', async () => {
    const ids = await ask(`SELECT process_id FROM processes WHERE exe = '${SENT.exe}'`);
    const processId = String(ids?.column('process_id')[0]);
    for (const [value, rows] of [
      [SENT.span.event, 1],
      ['no such event', 0],
    ] as const) {
      const conditions: BuilderCondition[] = [
        { column: 'events', type: 'json', operator: 'contains', values: [value] },
      ];
      const sql = builderQuery({ ...newState('spans'), processId, conditions }).sql;
      assert.equal((await ask(sql))?.rowCount ?? 0, rows);
    }
  });
  // The labels of log lines show these strings, so that a filter on a label finds the lines with this label.
  await list.check('builder: whole numbers in properties become the expected strings', async () => {
    const numbers = 'jsonb_parse(\'{"a":5.0,"b":5,"c":-2e16}\')';
    const keys = ['a', 'b', 'c'];
    const frame = await ask(`SELECT ${keys.map((key) => `property_get(${numbers}, '${key}') AS ${key}`).join(', ')}`);
    assert.deepEqual(
      keys.map((key) => frame?.column(key)[0]),
      ['5.0', '5', '-2e+16']
    );
  });
}
