import { Pace } from '../../base/async/turns';
import { unlimitedAccount } from '../../observe/memory/testing/accounts';
import { CallPaths, MAX_LEVELS } from './call-paths';
import { flameFrame } from './flame-frame';
import { Functions, OTHER } from './functions';
import { pathTree } from './path-order';
import { pathsOf } from './testing/calls';

it('merges paths beyond the limit into one path per caller', async () => {
  const memory = unlimitedAccount();
  const functions = new Functions(memory);
  const paths = new CallPaths(functions.addGroup('total'), memory);
  const thread = paths.child(0, functions.addGroup('main'));
  const called = (name: string) => functions.of(name, 'src/a.rs', 1, () => 'game');
  const frame = paths.child(thread, called('frame'));
  paths.add(frame, 100);
  for (const [name, ns] of [
    ['a', 40],
    ['b', 30],
    ['c', 20],
    ['d', 5],
  ] as const) {
    const node = paths.child(frame, called(name));
    paths.add(node, ns);
    paths.add(paths.child(node, called('leaf')), 1);
  }
  const pace = new Pace();
  const tree = await pathTree(paths, (each) => functions.list[each].isGroup, pace);
  const { frame: shown, merged } = await flameFrame(tree, functions, [], pace, 5);
  expect(merged).toBe(6);
  expect(pathsOf(shown)).toEqual({
    total: { total: 100, self: 0 },
    'total > main': { total: 100, self: 0 },
    'total > main > frame': { total: 100, self: 5 },
    'total > main > frame > a': { total: 40, self: 39 },
    'total > main > frame > a > (other)': { total: 1, self: 1 },
    'total > main > frame > b': { total: 30, self: 29 },
    'total > main > frame > b > (other)': { total: 1, self: 1 },
    'total > main > frame > (other)': { total: 25, self: 25 },
  });
});

it('limits the number of paths and levels when paths are added', () => {
  const memory = unlimitedAccount();
  const functions = new Functions(memory);
  const paths = new CallPaths(functions.addGroup('total'), memory, 4);
  const called = (name: string) => functions.of(name, 'src/a.rs', 1, () => 'game');
  const nodes = ['a', 'b', 'c', 'd', 'e', 'b'].map((name) => paths.child(0, called(name)));
  expect(nodes).toEqual([1, 2, 3, 4, 4, 2]);
  expect(paths.functionOf(4)).toBe(OTHER);
  expect(paths.child(4, called('a'))).toBe(4);
  expect(paths.isLarge).toBe(true);
  const deep = new CallPaths(functions.addGroup('total'), memory);
  let node = 0;
  for (let level = 0; level < 600; level++) {
    node = deep.child(node, called('a'));
  }
  expect(deep.size).toBe(MAX_LEVELS + 1);
  expect(deep.isDeep).toBe(true);
});
