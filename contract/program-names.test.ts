import { growth } from '../tests/support/growth';
import { shortProgramNames } from './program-names';

const names = (...programs: string[]) => [...shortProgramNames(programs).values()];

it.each([
  ['Unix', '/usr/local/bin/foo', 'foo'],
  ['Windows', 'C:\\games\\foo.exe', 'foo.exe'],
  ['a Windows share', '\\\\server\\share\\foo.exe', 'foo.exe'],
  ['Windows with slashes', 'C:/games/foo.exe', 'foo.exe'],
  ['the root folder', '/foo', 'foo'],
])('uses the last part of a path: %s', (_name, program, short) => {
  expect(names(program)).toEqual([short]);
});

it.each(['foo', 'shop/cart', 'foo.exe', '', '/', 'C:\\', '/usr/bin/'])(
  'keeps a name that is no path of a file: %j',
  (program) => {
    expect(names(program)).toEqual([program]);
  }
);

it.each([
  ['one more part', ['/opt/a/foo', '/opt/b/foo', '/opt/bar'], ['a/foo', 'b/foo', 'bar']],
  ['a program without a path', ['/opt/a/foo', 'foo'], ['a/foo', 'foo']],
  ['a name that another program has', ['/x/b/foo', '/x/c/foo', 'b/foo'], ['x/b/foo', 'c/foo', 'b/foo']],
  ['the whole path', ['/a/x/y/foo', '/b/x/y/foo'], ['/a/x/y/foo', '/b/x/y/foo']],
  ['a file in the root folder', ['/foo', '/opt/foo'], ['/foo', 'opt/foo']],
  ['both systems', ['C:\\a\\foo', '/a/foo'], ['a\\foo', 'a/foo']],
])('keeps more of the path where two programs would have the same name: %s', (_name, programs, expected) => {
  expect(names(...programs)).toEqual(expected);
});

it('keeps all paths if a short name is the path of another program', () => {
  const programs = ['/x/C:\\foo', '/y/foo', 'C:\\foo', '/z/C:\\foo'];
  expect(new Set(names(...programs)).size).toBe(programs.length);
});

it('takes linear time for long paths', async () => {
  const programsOf = (length: number) => Array.from({ length: 20 }, (_, index) => `/${index}${'/a'.repeat(length)}`);
  expect(await growth(shortProgramNames, programsOf, 20_000)).toBeLessThan(8);
});
