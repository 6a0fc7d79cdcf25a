import { levelOfString } from './log-severity';

it.each([
  ['emergency', 'critical'],
  ['EMERG', 'critical'],
  ['0', 'critical'],
  ['eror', 'error'],
  ['4', 'warning'],
  ['informational', 'info'],
  ['dbug', 'debug'],
  ['trace', 'trace'],
  ['Fatal error', 'unknown'],
  ['', 'unknown'],
])('reads the level %j as %s', (word, level) => {
  expect(levelOfString(word)).toBe(level);
});
