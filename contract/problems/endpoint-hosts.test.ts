import {
  authorityOf,
  endpointAuthority,
  endpointHostEntries,
  endpointHostsProblem,
  formatEndpointHost,
} from './endpoint-hosts';

it.each<[name: string, value: string | string[] | undefined, entries: string[]]>([
  ['no setting', undefined, []],
  ['only spaces', '  ', []],
  [
    'entries with commas and white space between them',
    'a.example, b.example:8443\n[::1]:1',
    ['a.example', 'b.example:8443', '[::1]:1'],
  ],
  ['a list', ['a.example', 'b.example, c.example'], ['a.example', 'b.example', 'c.example']],
])('splits the setting: %s', (_name, value, entries) => {
  expect(endpointHostEntries(value)).toEqual(entries);
});

it.each([
  ['auth.example.com', 'auth.example.com:443'],
  ['AUTH.example.com.:8443', 'auth.example.com:8443'],
  ['bücher.example', 'xn--bcher-kva.example:443'],
  ['2130706433', '127.0.0.1:443'],
  ['[0:0:0:0:0:0:0:1]:8080', '[::1]:8080'],
])('reads %s as %s', (entry, authority) => {
  expect(endpointAuthority(entry)).toBe(authority);
  expect(endpointHostsProblem(entry)).toBeUndefined();
});

it.each(['https://auth.example.com', 'auth.example.com/token', 'a@b', '*.example.com', '::1', 'host:port', 'a\\b'])(
  'rejects %s',
  (entry) => {
    expect(endpointAuthority(entry)).toBeUndefined();
    expect(endpointHostsProblem(`good.example ${entry}`)?.values).toEqual({ entry });
  }
);

it('normalizes the host of a URL, removes its final dot, and adds the port', () => {
  expect(authorityOf(new URL('http://0x7f.1/'))).toBe('127.0.0.1:80');
  expect(authorityOf(new URL('https://user@Example.com./'))).toBe('example.com:443');
});

it('shows a port only if it is not 443', () => {
  expect(formatEndpointHost('example.com:443')).toBe('example.com');
  expect(formatEndpointHost('example.com:8443')).toBe('example.com:8443');
});
