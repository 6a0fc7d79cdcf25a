/** Tests allowed folders with Windows paths, on any system. operator-policy.test.ts tests them with real files. */
import { win32 } from 'node:path';
import { isInside, readAllowedFolders } from './allowed-files';

it.each([
  ['C:\\Secrets\\token', true],
  ['c:\\secrets\\SUB\\token', true],
  ['C:/Secrets/token', true],
  ['C:\\Secrets', false],
  ['C:\\Secrets-not\\token', false],
  ['C:\\Secrets\\..\\token', false],
  ['D:\\Secrets\\token', false],
  ['\\\\server\\share\\token', false],
  ['\\\\?\\C:\\Secrets\\token', false],
  ['\\\\.\\C:\\Secrets\\token', false],
])('%s is in an allowed folder on Windows: %s', (path, expected) => {
  expect(isInside(win32.resolve(path), ['C:\\Secrets'], win32)).toBe(expected);
});

it('reads a list of Windows folders with spaces and slashes in their names', () => {
  expect(readAllowedFolders('C:\\My Secrets D:/tokens, \\\\server\\share \\\\other\\share, relative', win32)).toEqual({
    folders: ['C:\\My Secrets', 'D:\\tokens', '\\\\server\\share\\', '\\\\other\\share\\'],
    unreadable: ['relative'],
  });
});
