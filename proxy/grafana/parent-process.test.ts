import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parentId, type ParentSource } from './parent-process';

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

it('returns the same id on Windows without the permission to query the parent', () => {
  const reject = (): never => {
    throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
  };
  expect(parentId({ ppid: 100, kill: reject, platform: 'win32' })()).toBe(100);
});
