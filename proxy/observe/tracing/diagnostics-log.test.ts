import { type LogFields } from '../logging/logger';
import { diagnosticsTo } from './diagnostics-log';

const MINUTE_MS = 60_000;

function setUp() {
  const lines: Array<LogFields | undefined> = [];
  const clock = { ms: 1_700_000_000_000 };
  const log = diagnosticsTo({ warn: (_message, fields) => void lines.push(fields) }, () => clock.ms);
  return { lines, clock, log };
}

it('logs at most one line in ten minutes, with the number of messages suppressed before it', () => {
  const { lines, clock, log } = setUp();
  for (let export_ = 0; export_ < 5; export_++) {
    log.error('no connection');
    clock.ms += MINUTE_MS;
  }
  expect(lines).toEqual([{ reason: 'no connection' }]);
  clock.ms += 10 * MINUTE_MS;
  log.warn('3 spans were dropped');
  expect(lines.slice(1)).toEqual([{ reason: '3 spans were dropped', suppressed: 4 }]);
});

it('shows the message of an error on one line of limited length', () => {
  const { lines, log } = setUp();
  log.error(JSON.stringify({ stack: 'Error: x\n at y', message: `14 UNAVAILABLE:\n${'x'.repeat(1000)}`, code: '14' }));
  expect(lines).toEqual([{ reason: expect.stringMatching(/^14 UNAVAILABLE: x{200,300}…$/) }]);
});

it('drops messages that do not report a problem', () => {
  const { lines, log } = setUp();
  log.info('x');
  log.debug('x');
  log.verbose('x');
  expect(lines).toEqual([]);
});
