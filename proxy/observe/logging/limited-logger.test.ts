import { ManualClock } from '@micromegas/http2/testing';
import { limitedLogger, MOST_LINES } from './limited-logger';
import { createLogger, type Logger } from './logger';

let clock: ManualClock;
let lines: Array<Record<string, unknown>>;
let logger: Logger;

beforeEach(() => {
  clock = new ManualClock();
  lines = [];
  const all = createLogger({ write: (line) => lines.push(JSON.parse(line)) });
  logger = limitedLogger(all, (callback, ms) => clock.after(ms, callback));
});

const logged = (message: string) => lines.filter((line) => line['@message'] === message);

it('limits the lines with the same message, and logs how many were dropped', () => {
  for (let call = 0; call < MOST_LINES + 1000; call++) {
    logger.debug('Call ended early', { call });
    logger.with({ user: 'ada' }).debug('Call ended early', { call });
  }
  logger.warn('Another message');
  expect(logged('Call ended early')).toHaveLength(MOST_LINES);
  expect(logged('Another message')).toHaveLength(1);
  clock.advance(10_000);
  expect(lines.filter(({ dropped }) => dropped !== undefined)).toEqual([
    expect.objectContaining({ '@level': 'debug', of: 'Call ended early', dropped: MOST_LINES + 2000 }),
  ]);
  logger.debug('Call ended early');
  expect(logged('Call ended early')).toHaveLength(MOST_LINES + 1);
  clock.advance(10_000);
  expect(lines.filter(({ dropped }) => dropped !== undefined)).toHaveLength(1);
});
