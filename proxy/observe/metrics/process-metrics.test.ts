import { EventLoopDelay } from './process-metrics';

let elapsedMs: number;
let delays: number[];
let delay: EventLoopDelay;

beforeEach(() => {
  jest.useFakeTimers();
  elapsedMs = 0;
  delays = [];
  delay = new EventLoopDelay({ observe: (seconds) => delays.push(seconds), elapsedMs: () => elapsedMs });
});

afterEach(() => {
  delay.stop();
  jest.useRealTimers();
});

/** Lets a timer of 20 ms fire after `ms` milliseconds. */
function tickAfter(ms: number): void {
  elapsedMs += ms;
  jest.advanceTimersByTime(20);
}

it('measures how late a timer fires', () => {
  delay.start();
  tickAfter(20);
  tickAfter(23);
  expect(delays).toEqual([0, 0.003]);
});

it('counts the ticks that a long delay has prevented', () => {
  delay.start();
  tickAfter(20 + 50);
  expect(delays).toEqual([0.05, 0.03, 0.01]);
});

it('counts a bounded number of ticks after the machine has slept', () => {
  delay.start();
  tickAfter(24 * 3_600_000);
  expect(delays).toHaveLength(501);
});

it('has one timer even if it is started several times, and no timer after it is stopped', () => {
  delay.start();
  delay.start();
  expect(jest.getTimerCount()).toBe(1);
  tickAfter(20);
  expect(delays).toHaveLength(1);
  delay.stop();
  expect(jest.getTimerCount()).toBe(0);
});
