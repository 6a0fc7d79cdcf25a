import { GrafanaWatch } from './grafana-watch';

let parent: number;
let signs: string[];
let watch: GrafanaWatch;

beforeEach(() => {
  jest.useFakeTimers();
  parent = 100;
  signs = [];
  watch = new GrafanaWatch({ parentId: () => parent, onGone: (sign) => signs.push(sign) });
});

afterEach(() => {
  watch.stop();
  jest.useRealTimers();
});

it('detects a new parent process', () => {
  jest.advanceTimersByTime(10_000);
  expect(signs).toEqual([]);
  parent = 1;
  jest.advanceTimersByTime(1000);
  jest.advanceTimersByTime(60_000);
  expect(signs).toEqual(['the parent process ended']);
});

it('has no time limit for the first connection', () => {
  jest.advanceTimersByTime(60_000);
  expect(signs).toEqual([]);
});

it('checks the parent immediately when the connection ends', () => {
  watch.connections(1);
  parent = 1;
  watch.connections(0);
  expect(signs).toEqual(['the parent process ended']);
});

it('lets a client reconnect', () => {
  watch.connections(1);
  watch.connections(0);
  jest.advanceTimersByTime(4000);
  watch.connections(1);
  jest.advanceTimersByTime(60_000);
  expect(signs).toEqual([]);
});

// If a wrapper script runs between Grafana and the plugin, the parent process does not change when Grafana ends.
it('detects a client that does not reconnect', () => {
  watch.connections(1);
  watch.connections(0);
  jest.advanceTimersByTime(5000);
  expect(signs).toEqual(['the connection of Grafana ended']);
});
