import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { GrafanaWatch, parentId, type ParentSource } from './grafana-watch';

describe('GrafanaWatch', () => {
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

  it('reports nothing if a client reconnects in time', () => {
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
});

describe('parentId', () => {
  const kill: ParentSource['kill'] = (id, signal) => process.kill(id, signal);

  it('returns the parent that the system reports', () => {
    const source = { ppid: 100, kill, platform: 'linux' as const };
    const current = parentId(source);
    source.ppid = 1;
    expect(current()).toBe(1);
  });

  it('returns another id on Windows when the parent has ended', async () => {
    const parent = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
    const ppid = parent.pid ?? 0;
    const current = parentId({ ppid, kill, platform: 'win32' });
    expect(current()).toBe(ppid);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    expect(current()).not.toBe(ppid);
  });

  it('returns the same id on Windows if the plugin may not query the parent', () => {
    const reject = (): never => {
      throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
    };
    expect(parentId({ ppid: 100, kill: reject, platform: 'win32' })()).toBe(100);
  });
});
