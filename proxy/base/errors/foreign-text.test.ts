import { foreignText, shortText } from './foreign-text';

it.each([
  { name: 'plain text', text: 'No field named nope.', expected: 'No field named nope.' },
  { name: 'text with NUL and ESC', text: 'a\u0000b\u001b[31mc', expected: 'ab[31mc' },
  { name: 'text with C1 and DEL', text: 'a\u009b31m\u007fb', expected: 'a31mb' },
  { name: 'direction overrides and marks', text: 'a\u202eb\u2066c\u200fd', expected: 'abcd' },
  { name: 'line breaks of all kinds', text: 'a\r\nb\rc\nd\u2028e', expected: 'a\nb\nc\nde' },
  { name: 'tabs', text: 'a\tb', expected: 'a b' },
  { name: 'emoji with joiners', text: '👩‍🚀 é', expected: '👩‍🚀 é' },
])('foreignText cleans $name', ({ text, expected }) => {
  expect(foreignText(text)).toBe(expected);
});

it.each([
  { text: '🙂'.repeat(10), expected: '🙂🙂🙂🙂…' },
  { text: '🙂'.repeat(5), expected: '🙂🙂🙂🙂🙂' },
  { text: 'abcdef', expected: 'abcd…' },
  { text: 'abcde', expected: 'abcde' },
  { text: `${'\u0000'.repeat(1_000_000)}a`, expected: '…' },
])('foreignText truncates between code points', ({ text, expected }) => {
  expect(foreignText(text, 5)).toBe(expected);
});

it('shortText removes line breaks, and truncates names to 100 characters', () => {
  expect(shortText('a\n\n b')).toBe('a b');
  expect(Array.from(shortText('x'.repeat(1000)))).toHaveLength(100);
});
