import { foreignString, foreignLine } from './foreign-string';

it.each([
  { name: 'plain text', string: 'No field named nope.', expected: 'No field named nope.' },
  { name: 'text with NUL and ESC', string: 'a\u0000b\u001b[31mc', expected: 'ab[31mc' },
  { name: 'text with C1 and DEL', string: 'a\u009b31m\u007fb', expected: 'a31mb' },
  { name: 'direction overrides and marks', string: 'a\u202eb\u2066c\u200fd', expected: 'abcd' },
  { name: 'line breaks of all kinds', string: 'a\r\nb\rc\nd\u2028e', expected: 'a\nb\nc\nde' },
  { name: 'tabs', string: 'a\tb', expected: 'a b' },
  { name: 'emoji with joiners', string: '👩‍🚀 é', expected: '👩‍🚀 é' },
])('foreignString returns a safe string for $name', ({ string, expected }) => {
  expect(foreignString(string)).toBe(expected);
});

it.each([
  { string: '🙂'.repeat(10), expected: '🙂🙂🙂🙂…' },
  { string: '🙂'.repeat(5), expected: '🙂🙂🙂🙂🙂' },
  { string: 'abcdef', expected: 'abcd…' },
  { string: 'abcde', expected: 'abcde' },
  { string: `${'\u0000'.repeat(1_000_000)}a`, expected: '…' },
])(
  'foreignString returns at most the requested number of code points, including an ellipsis if it truncates',
  ({ string, expected }) => {
    expect(foreignString(string, 5)).toBe(expected);
  }
);

it('foreignLine replaces line breaks by a space, and truncates to 100 characters', () => {
  expect(foreignLine('a\n\n b')).toBe('a b');
  expect(Array.from(foreignLine('x'.repeat(1000)))).toHaveLength(100);
});
