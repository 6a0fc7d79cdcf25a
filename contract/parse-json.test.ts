import { parseJson } from './parse-json';

const long = (end: string) => `${'k'.repeat(2000)}${end}`;

it.each([
  '{}',
  'null',
  '"text"',
  `{"short":"${'v'.repeat(20_000)}"}`,
  `["${'v'.repeat(20_000)}", "\\\\", "\\"", {"a" : "${long(':')}"}]`,
  `{"a\\\\":"${long('')}","b\\"":{"c":[1,2]}}`,
])('parses short and long strings as JSON.parse does: case %#', (json) => {
  expect(parseJson(json)).toEqual(JSON.parse(json));
});

it('shortens long keys, and keeps every entry', () => {
  const parsed = parseJson(`{"${long('1')}":1,"${long('2')}" \n: {"${long('\\"')}":2}, "a": "${long('')}"}`);
  const cut = 'k'.repeat(1000);
  expect(parsed).toEqual({ [`${cut}… (1)`]: 1, [`${cut}… (2)`]: { [`${cut}… (3)`]: 2 }, a: long('') });
});

it.each([`{"${long('')}":`, `{"${long('')}`, `{"${long('\\x')}":1}`])('rejects a string that is not JSON', (json) => {
  expect(() => parseJson(json)).toThrow(SyntaxError);
});

it('passes values to the reviver', () => {
  expect(parseJson(`{"${long('')}":1}`, (_, value: unknown) => (value === 1 ? 2 : value))).toEqual({
    [`${'k'.repeat(1000)}… (1)`]: 2,
  });
});
