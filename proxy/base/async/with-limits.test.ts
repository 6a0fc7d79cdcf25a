import { getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ProxyError } from '../errors/proxy-error';
import { type StartTimer, TimeoutError, untilAborted, waitAtMost, withLimits } from './with-limits';

/** A timer that fires when the test calls `fire`. */
class ManualTimer {
  readonly callbacks = new Set<() => void>();

  readonly start: StartTimer = (callback) => {
    this.callbacks.add(callback);
    return () => void this.callbacks.delete(callback);
  };

  fire(): void {
    this.callbacks.forEach((callback) => callback());
  }
}

const pending = () => new Promise<never>(() => undefined);
const listenerCount = (signal: AbortSignal) => getEventListeners(signal, 'abort').length;

describe('withLimits', () => {
  it('resolves with the result of the work, and removes its timer and listener', async () => {
    const timer = new ManualTimer();
    const { signal } = new AbortController();
    const during: number[] = [];
    const limits = { limitMs: 10, signal, startTimer: timer.start };
    const result = await withLimits(limits, () => {
      during.push(timer.callbacks.size, listenerCount(signal));
      return 'result';
    });
    expect(result).toBe('result');
    expect(during).toEqual([1, 1]);
    expect([timer.callbacks.size, listenerCount(signal)]).toEqual([0, 0]);
  });

  it.each([
    { name: 'rejects', work: () => Promise.reject(new Error('no')) },
    {
      name: 'throws',
      work: () => {
        throw new Error('no');
      },
    },
  ])('rejects with the error of work that $name, and removes its timer and listener', async ({ work }) => {
    const timer = new ManualTimer();
    const { signal } = new AbortController();
    await expect(withLimits({ limitMs: 10, signal, startTimer: timer.start }, work)).rejects.toThrow('no');
    expect([timer.callbacks.size, listenerCount(signal)]).toEqual([0, 0]);
  });

  it('rejects with TimeoutError when the time limit passes, even if the work ignores its signal', async () => {
    const timer = new ManualTimer();
    const parent = new AbortController();
    let given: AbortSignal | undefined;
    const limits = { limitMs: 10, late: 'no response', signal: parent.signal, startTimer: timer.start };
    const waiting = withLimits(limits, (signal) => {
      given = signal;
      return pending();
    });
    timer.fire();
    await expect(waiting).rejects.toMatchObject({ name: 'TimeoutError', code: 'ETIMEDOUT', message: 'no response' });
    expect(given?.reason).toBeInstanceOf(TimeoutError);
    expect([timer.callbacks.size, listenerCount(parent.signal)]).toEqual([0, 0]);
  });

  it('rejects with the reason of limits.signal when that signal aborts, even if the work ignores its signal', async () => {
    const timer = new ManualTimer();
    const parent = new AbortController();
    const waiting = withLimits({ limitMs: 10, signal: parent.signal, startTimer: timer.start }, pending);
    parent.abort(new Error('left'));
    await expect(waiting).rejects.toThrow('left');
    expect([timer.callbacks.size, listenerCount(parent.signal)]).toEqual([0, 0]);
  });

  it('does not start the work if the signal has already aborted', async () => {
    const work = jest.fn();
    await expect(withLimits({ signal: AbortSignal.abort(new Error('left')) }, work)).rejects.toThrow('left');
    expect(work).not.toHaveBeenCalled();
  });

  it('after the wait has ended, ignores a failure of the work', async () => {
    const parent = new AbortController();
    const late = Promise.withResolvers<void>();
    const waiting = withLimits({ signal: parent.signal }, () => late.promise);
    parent.abort(new Error('left'));
    await expect(waiting).rejects.toThrow('left');
    // An unhandled rejection would fail the test run.
    late.reject(new Error('late'));
    await expect(late.promise).rejects.toThrow('late');
  });

  it('with awaitsWork, rejects with the error of the work when the time limit passes', async () => {
    const timer = new ManualTimer();
    const limits = { limitMs: 10, awaitsWork: true, startTimer: timer.start };
    const waiting = withLimits(
      limits,
      (signal) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('details'))))
    );
    timer.fire();
    await expect(waiting).rejects.toThrow('details');
  });

  it('leaks no memory with 100,000 waits on one long-lived signal', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const { signal } = new AbortController();
    const wait = () => withLimits({ limitMs: 600_000, signal }, () => Promise.resolve());
    // During the first waits, V8 compiles the code, which takes memory too.
    for (let count = 0; count < 1000; count++) {
      await wait();
    }
    collectGarbage();
    const heapBefore = process.memoryUsage().heapUsed;
    for (let count = 0; count < 100_000; count++) {
      await wait();
    }
    collectGarbage();
    const grownBytes = process.memoryUsage().heapUsed - heapBefore;
    expect(listenerCount(signal)).toBe(0);
    // Timers that were not cleared would take more. `AbortSignal.any` and `AbortSignal.timeout` would take 120 MB.
    expect(grownBytes).toBeLessThan(10 * 1024 * 1024);
  });
});

describe('untilAborted', () => {
  it('settles like the work', async () => {
    const { signal } = new AbortController();
    await expect(untilAborted(Promise.resolve(1), signal)).resolves.toBe(1);
    await expect(untilAborted(Promise.reject(new Error('no')), signal)).rejects.toThrow('no');
  });

  it('rejects with query_cancelled when the signal aborts, before and during the wait', async () => {
    const caller = new AbortController();
    const waiting = untilAborted(pending(), caller.signal);
    caller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'query_cancelled' });
    const failing = Promise.reject(new Error('unseen'));
    await expect(untilAborted(failing, caller.signal)).rejects.toMatchObject({ code: 'query_cancelled' });
  });

  it('rejects with the reason of the signal if that is a ProxyError', async () => {
    const reason = new ProxyError('connection_lost');
    await expect(untilAborted(pending(), AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

describe('waitAtMost', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('resolves when the time limit passes', async () => {
    const waiting = waitAtMost(500, pending());
    jest.advanceTimersByTime(500);
    await expect(waiting).resolves.toBeUndefined();
  });

  it('resolves when the work resolves, and clears its timer', async () => {
    await waitAtMost(500, Promise.resolve());
    expect(jest.getTimerCount()).toBe(0);
  });

  it('rejects when the work rejects', async () => {
    await expect(waitAtMost(600_000, Promise.reject(new Error('no')))).rejects.toThrow('no');
  });
});
