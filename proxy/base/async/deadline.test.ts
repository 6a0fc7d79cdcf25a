import { getEventListeners } from 'node:events';
import { ProxyError } from '../errors/proxy-error';
import { Deadline } from './deadline';

const LIMIT_MS = 3000;

function startedAt0() {
  const caller = new AbortController();
  const clock = { nowMs: 0, fire: () => undefined as void, isCancelled: false };
  const deadline = new Deadline({
    limitMs: LIMIT_MS,
    signal: caller.signal,
    elapsedMs: () => clock.nowMs,
    startTimer: (callback) => {
      clock.fire = callback;
      return () => (clock.isCancelled = true);
    },
  });
  return { deadline, caller, clock };
}

const codeOf = (work: () => void) => {
  try {
    work();
    return undefined;
  } catch (reason) {
    return ProxyError.from(reason).code;
  }
};

it('counts down to 0, and throws query_timeout at 0', () => {
  const { deadline, clock } = startedAt0();
  expect([deadline.leftMs(), codeOf(() => deadline.check())]).toEqual([3000, undefined]);
  clock.nowMs = 1000;
  expect([deadline.leftMs(), codeOf(() => deadline.check())]).toEqual([2000, undefined]);
  clock.nowMs = 4000;
  expect([deadline.leftMs(), codeOf(() => deadline.check())]).toEqual([0, 'query_timeout']);
});

it('aborts work after the limit, and then replaces query_cancelled by query_timeout', () => {
  const { deadline, clock } = startedAt0();
  const cancelled = new ProxyError('query_cancelled');
  expect(deadline.errorOf(cancelled)).toBe(cancelled);
  clock.fire();
  expect(ProxyError.from(deadline.signal.reason).code).toBe('query_timeout');
  expect(deadline.errorOf(cancelled)).toMatchObject({ code: 'query_timeout' });
  const other = new ProxyError('query_invalid');
  expect(deadline.errorOf(other)).toBe(other);
});

it('reports the error with which the process stopped the call', () => {
  const { deadline, caller } = startedAt0();
  caller.abort(new ProxyError('backend_stopped'));
  expect(codeOf(() => deadline.check())).toBe('backend_stopped');
  expect(deadline.errorOf(new ProxyError('query_cancelled'))).toMatchObject({ code: 'backend_stopped' });
});

it('aborts work when the caller leaves, and removes its timer and listener', () => {
  const { deadline, caller, clock } = startedAt0();
  caller.abort();
  expect([deadline.signal.aborted, codeOf(() => deadline.check())]).toEqual([true, 'query_cancelled']);
  expect([getEventListeners(caller.signal, 'abort').length, clock.isCancelled]).toEqual([0, true]);
});

it('when it ends, removes its timer and listener and does not abort the work', () => {
  const { deadline, caller, clock } = startedAt0();
  deadline.end();
  caller.abort();
  expect(deadline.signal.aborted).toBe(false);
  expect([getEventListeners(caller.signal, 'abort').length, clock.isCancelled]).toEqual([0, true]);
});
