import { MASK, MASKED, patternExpression } from './log-patterns';

/** JavaScript writes the end of the text in another way. */
const matches = (expression: string, line: string) => new RegExp(expression.replace(/\\z$/, '$')).test(line);

it.each([
  'took 12 ms',
  String.raw`C:\temp\v1 (a|b) [x]{2} ^s$ $var .*+?`,
  'two  blanks\tand\na line 3',
  '0f8fad5b-d9cb-469f-a165-70867728950e closed',
  'literal <*> and <…> 5',
  'abc0f8fad5b-d9cb-469f-a165-70867728950exyz',
  '',
])('selects the line from which a pattern was made: %j', (line) => {
  const pattern = line.replace(new RegExp(MASKED, 'g'), MASK);
  const expression = patternExpression(pattern, { isMerged: false, isCut: false });
  expect(matches(expression, line)).toBe(true);
  expect(matches(expression, `${line} more`)).toBe(false);
  expect(expression).not.toContain('$');
});

it('selects lines that differ at merged positions and in white space', () => {
  const expression = patternExpression('player <…> left <*> s ago', { isMerged: true, isCut: false });
  expect(matches(expression, 'player ann  left 12 s ago')).toBe(true);
  expect(matches(expression, 'player ann lee left 12 s ago')).toBe(false);
});

it('does not select a word with digits where only an id can begin within a word', () => {
  const expression = patternExpression('<*>abc', { isMerged: false, isCut: false });
  expect(matches(expression, '12abc')).toBe(false);
  expect(matches(expression, '0f8fad5b-d9cb-469f-a165-70867728950eabc')).toBe(true);
});

it('selects longer lines if the text was cut', () => {
  expect(matches(patternExpression('a <*>', { isMerged: false, isCut: true }), 'a 1 and more')).toBe(true);
});
