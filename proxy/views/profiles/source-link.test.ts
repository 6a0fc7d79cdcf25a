import { sourceAddress } from './source-link';

const TEMPLATE = 'https://git.example/blob/main/{file}#L{line}';

it.each([
  { file: 'src/sim/frame.rs', address: 'https://git.example/blob/main/src/sim/frame.rs#L41' },
  { file: 'src\\sim\\frame.cpp', address: 'https://git.example/blob/main/src/sim/frame.cpp#L41' },
  { file: '/build/./a b/ü#?.rs', address: 'https://git.example/blob/main/build/a%20b/%C3%BC%23%3F.rs#L41' },
  { file: '../../../evil', address: 'https://git.example/blob/main/evil#L41' },
  {
    file: 'src/{line}${__user.login}.rs',
    address: 'https://git.example/blob/main/src/%7Bline%7D%24%7B__user.login%7D.rs#L41',
  },
  { file: 'src/\ud800.rs', address: 'https://git.example/blob/main/src/%EF%BF%BD.rs#L41' },
  { file: '', address: undefined },
  { file: '..', address: undefined },
  { file: 'src/a\nb.rs', address: undefined },
])('converts the file $file to the address $address', ({ file, address }) => {
  expect(sourceAddress(TEMPLATE, file, 41)).toBe(address);
});

it('accepts only templates with http and https', () => {
  expect(sourceAddress('javascript:alert("{file}")', 'a.rs', 1)).toBeUndefined();
  expect(sourceAddress('{file}', 'https://evil.example', 1)).toBeUndefined();
  expect(sourceAddress('http://git.example/?path={file}&line={line}', 'a/b.rs', 3)).toBe(
    'http://git.example/?path=a/b.rs&line=3'
  );
});
