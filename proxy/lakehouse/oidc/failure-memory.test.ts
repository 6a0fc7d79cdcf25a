/** Tests the delay after failures that say nothing about the credentials. */
import { type ErrorCode } from '../../base/errors/catalogue';
import { ProxyError } from '../../base/errors/proxy-error';
import { FailureMemory } from './failure-memory';

it.each<{ code: ErrorCode; thirdPauseMs: number }>([
  { code: 'provider_refused', thirdPauseMs: 20_000 },
  { code: 'provider_unreachable', thirdPauseMs: 5_000 },
  { code: 'no_file_handles', thirdPauseMs: 5_000 },
])('after the third $code, the next request may be sent after $thirdPauseMs ms', ({ code, thirdPauseMs }) => {
  let nowMs = 0;
  const memory = new FailureMemory(() => nowMs);
  for (let failure = 1; failure <= 3; failure++) {
    memory.remember(new ProxyError(code));
  }
  nowMs = thirdPauseMs - 1;
  expect(memory.paused()?.code).toBe(code);
  nowMs = thirdPauseMs;
  expect(memory.paused()).toBeUndefined();
});
