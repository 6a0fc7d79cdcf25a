import { quoteName } from './sql-names';

it.each([
  ['log_entries', 'log_entries'],
  ['streams.tags', '"streams.tags"'],
  ['Name', '"Name"'],
  ['begin', '"begin"'],
  ['a"b', '"a""b"'],
])('writes the name %s as %s', (name, expected) => {
  expect(quoteName(name)).toBe(expected);
});
