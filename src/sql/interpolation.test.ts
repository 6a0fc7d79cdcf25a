import { formatVariable, type VariableTraits } from './interpolation';

interface Case {
  name: string;
  value: unknown;
  variable?: VariableTraits;
  expected: string;
}

const cases: Case[] = [
  { name: 'puts a plain value in without quotes', value: 'renderer', expected: 'renderer' },
  { name: 'doubles the quotes of a plain value', value: "O'Brien's", expected: "O''Brien''s" },
  { name: 'quotes the one value of a multi variable', value: 'a', variable: { multi: true }, expected: "'a'" },
  {
    name: 'quotes the one value of an include-all variable',
    value: 'a',
    variable: { includeAll: true },
    expected: "'a'",
  },
  { name: 'lists several values', value: ['a', "b'c"], variable: { multi: true }, expected: "'a','b''c'" },
  { name: 'writes a list with one value as one literal', value: ['a'], variable: { multi: true }, expected: "'a'" },
  { name: 'does not quote numbers', value: 42, variable: { multi: true }, expected: '42' },
  { name: 'does not quote numbers in a list', value: [1, 2.5], variable: { multi: true }, expected: '1,2.5' },
  { name: 'quotes digits that are text', value: ['1'], variable: { multi: true }, expected: "'1'" },
  { name: "leaves Grafana's interval as it is", value: '10s', expected: '10s' },
  { name: 'leaves backslashes and double quotes alone', value: 'a\\"b', expected: 'a\\"b' },
  { name: 'makes a missing value empty', value: undefined, expected: '' },
  { name: 'makes an empty selection an empty list', value: [], variable: { multi: true }, expected: '' },
];

it.each(cases)('$name', ({ value, variable, expected }) => {
  expect(formatVariable(value, variable)).toBe(expected);
});
