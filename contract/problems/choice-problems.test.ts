import { render } from '../messages/message';
import { CHOICES, type ChoiceName } from '../settings/choices';
import { choiceWarning, readChoice } from './choice-problems';

const NAMES = Object.keys(CHOICES) as ChoiceName[];

describe.each(NAMES)('%s', (name) => {
  it.each([...CHOICES[name], undefined, null, '', ' '])('accepts %j', (saved) => {
    expect(choiceWarning(name, saved, 'x')).toBeUndefined();
  });

  it.each(['alwys', 7, true])('warns about %j', (saved) => {
    expect(choiceWarning(name, saved, 'x')).toMatchObject({
      code: 'choice-unknown',
      values: { value: String(saved), used: 'x', setting: name },
    });
  });
});

it('names the setting, the value, the used value and the valid values', () => {
  const { value, warning } = readChoice('freshnessNotices', 'always', 'explore');
  expect(value).toBe('explore');
  expect(warning && render(warning)).toBe(
    '"always" is unknown, so the data source uses "explore". Valid values of freshnessNotices: off, explore, dashboards.'
  );
});

it('uses a valid value without a warning', () => {
  expect(readChoice('shareResults', ' all ', 'user')).toEqual({ value: 'all', warning: undefined });
});

it('does not list username/password among the valid values', () => {
  expect(choiceWarning('selectedAuthType', 'tokne', 'none')?.values?.known).toEqual(['none', 'token', 'oauth2']);
});

it.each(['x'.repeat(100_000), '🚀'.repeat(1000)])('shortens a long value to 40 characters and an ellipsis', (saved) => {
  const shown = choiceWarning('shareResults', saved, 'user')?.values?.value;
  expect(Array.from(String(shown))).toHaveLength(41);
});
