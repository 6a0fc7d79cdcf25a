import { LineBuffer } from './line-buffer';

function setUp() {
  const written: string[] = [];
  const timers: Array<() => void> = [];
  const lines = new LineBuffer({ write: (lines) => written.push(lines), later: (callback) => timers.push(callback) });
  return { written, timers, lines };
}

it('writes debug and info lines together, in order, with one timer', () => {
  const { written, timers, lines } = setUp();
  lines.add('a\n', 'debug');
  lines.add('b\n', 'info');
  expect(written).toEqual([]);
  expect(timers).toHaveLength(1);
  timers.shift()?.();
  expect(written).toEqual(['a\nb\n']);
  lines.add('c\n', 'debug');
  expect(timers).toHaveLength(1);
});

it.each(['warn', 'error'] as const)('writes a line of level %s immediately, after the buffered lines', (level) => {
  const { written, lines } = setUp();
  lines.add('a\n', 'debug');
  lines.add('b\n', level);
  expect(written).toEqual(['a\nb\n']);
});

it('writes a full buffer immediately', () => {
  const { written, lines } = setUp();
  lines.add(`${'x'.repeat(65_536)}\n`, 'debug');
  expect(written).toHaveLength(1);
});

it('writes the buffered lines once when the process ends', () => {
  const { written, timers, lines } = setUp();
  lines.add('a\n', 'debug');
  lines.flush();
  timers.shift()?.();
  expect(written).toEqual(['a\n']);
});
