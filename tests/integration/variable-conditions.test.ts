/** Each operator of the builder with a dashboard variable, through the built plugin, on the demo's lakehouse. */
import { type ConditionOperator } from '../../contract/builder/builder-state';
import { typedSql } from '../../contract/builder/condition-sql';
import { type DataResponse } from '../../proxy/generated/pluginv2/backend_pb';
import { interpolateSql } from '../../src/shared/interpolation/interpolation';
import { fixedTemplates, type FixedVariable } from '../../src/testing/fixed-templates';
import { useSharedPlugin } from '../support/shared-plugin';
import { codeOf } from '../support/error-code';
import { readFrames } from '../support/frames';
import { runQuery } from '../support/plugin';

const lab = useSharedPlugin();

const NAMES = ['plain', "it's", 'c:\\dir', '50%_x', '50a_x', 'a.b', 'axb', '(g)+[1]', 'a/b', 'Plainer', '$9'];
const NUMBERS = [1, 2, 3];
const CONTEXT = { nullable: [], hasDuration: false };

interface Selection {
  name: string;
  values: string[];
  variable?: Partial<FixedVariable>;
}

const SEVERAL: Selection[] = [
  ...NAMES.map((name) => ({ name, values: [name] })),
  { name: 'several values', values: ['plain', "it's", 'c:\\dir', 'a.b', '(g)+[1]'] },
  { name: 'all values', values: NAMES, variable: { isAll: true } },
  { name: 'no value', values: [] },
];

const rowsOf = async (table: string, condition: string, variable: FixedVariable) => {
  const sql = `SELECT name FROM (VALUES ${table}) AS v(name) WHERE ${condition}`;
  const query = interpolateSql(sql, fixedTemplates({ exe: variable }));
  const response = await runQuery(lab.plugin, lab.source, { version: 2, autoLimit: false, timeFilter: false, query });
  return { query, response };
};

/** A result without rows has no frame. */
const namesOf = (response: DataResponse) => {
  expect(response.error).toBe('');
  return readFrames(response).flatMap((frame) => frame.column('name'));
};

const rows = NAMES.map((name) => `('${name.replaceAll("'", "''")}')`).join(', ');
const all: Partial<FixedVariable> = { multi: true, includeAll: true, query: 'SELECT exe FROM processes' };
const has = (test: (name: string, value: string) => boolean) => (name: string, values: string[]) =>
  values.some((value) => test(name, value));
const none = (test: (name: string, values: string[]) => boolean) => (name: string, values: string[]) =>
  !test(name, values);

const equals = has((name, value) => name === value);
const contains = has((name, value) => name.toLowerCase().includes(value.toLowerCase()));
const matches = has((name, value) => name.includes(value));

const stringOperators: Array<[ConditionOperator, (name: string, values: string[]) => boolean]> = [
  ['=', equals],
  ['!=', none(equals)],
  ['in', equals],
  ['not-in', none(equals)],
  ['contains', contains],
  ['not-contains', none(contains)],
  ['starts-with', has((name, value) => name.startsWith(value))],
  ['matches', matches],
  ['not-matches', none(matches)],
];

it.each(stringOperators)('compares strings: %s', async (operator, expected) => {
  for (const value of ['$exe', ...(operator.endsWith('matches') ? ['${exe:regex}'] : [])]) {
    const condition = typedSql({ column: 'name', type: 'text', operator, values: [value] }, CONTEXT);
    for (const { name, values, variable } of SEVERAL) {
      const { query, response } = await rowsOf(rows, condition, { value: values, ...all, ...variable });
      const found = namesOf(response);
      const wanted = NAMES.filter((item) => expected(item, values));
      expect({ name, query, rows: found.toSorted() }).toEqual({ name, query, rows: wanted.toSorted() });
    }
  }
});

const numberOperators: Array<[ConditionOperator, number[]]> = [
  ['<', [1]],
  ['<=', [1, 2]],
  ['>', [3]],
  ['>=', [2, 3]],
];

it.each(numberOperators)('compares numbers with one value: %s', async (operator, expected) => {
  const condition = typedSql({ column: 'name', type: 'number', operator, values: ['$exe'] }, CONTEXT);
  const table = NUMBERS.map((number) => `(${number})`).join(', ');
  const rows = async (values: number[], variable: Partial<FixedVariable> = {}) => {
    const { response } = await rowsOf(table, condition, { value: values, ...all, ...variable });
    return namesOf(response).map(Number).toSorted();
  };
  expect(await rows([2])).toEqual(expected);
  expect(await rows(NUMBERS, { isAll: true })).toEqual(NUMBERS);
  expect(await rows([])).toEqual([]);
  const { response } = await rowsOf(table, condition, { value: [1, 2], ...all });
  expect(codeOf(response.error)).toBe('variable_several_values');
});
