import { addressOf, formatAddress, isLoopback, isLoopbackAddress } from './host';

/** The functions that return true for the host: `both`, only `isLoopback`, or `neither`. */
it.each<[host: string, expected: 'both' | 'isLoopback only' | 'neither']>([
  ['localhost', 'both'],
  ['LOCALHOST', 'both'],
  ['127.0.0.1', 'both'],
  ['127.255.255.255', 'both'],
  ['127.1.2.3', 'both'],
  ['::1', 'both'],
  ['[::1]', 'both'],
  ['app.localhost', 'isLoopback only'],
  ['a.b.LOCALHOST', 'isLoopback only'],
  // Strings that only contain `localhost` or a loopback address.
  ['localhost.evil.com', 'neither'],
  ['evillocalhost', 'neither'],
  ['127.0.0.1.nip.io', 'neither'],
  ['127.0.0.1.localhost.evil.com', 'neither'],
  ['x127.0.0.1', 'neither'],
  ['[localhost]', 'neither'],
  ['[127.0.0.1]', 'neither'],
  ['.localhost', 'neither'],
  ['evil.com/.localhost', 'neither'],
  ['evil.com\n.localhost', 'neither'],
  ['evil.com\nlocalhost', 'neither'],
  // The addresses of all interfaces.
  ['0.0.0.0', 'neither'],
  ['::', 'neither'],
  // Other networks.
  ['126.0.0.1', 'neither'],
  ['128.0.0.1', 'neither'],
  ['10.0.0.1', 'neither'],
  ['169.254.169.254', 'neither'],
  ['fe80::1%eth0', 'neither'],
  // Loopback addresses and names in spellings that are not recognized, and strings that are not addresses.
  ['localhost.', 'neither'],
  ['app.localhost.', 'neither'],
  ['127.0.0.1.', 'neither'],
  ['127.1', 'neither'],
  ['127.0.0.999', 'neither'],
  ['127.000.000.001', 'neither'],
  ['0177.0.0.1', 'neither'],
  ['0x7f.0.0.1', 'neither'],
  ['2130706433', 'neither'],
  ['::ffff:127.0.0.1', 'neither'],
  ['0:0:0:0:0:0:0:1', 'neither'],
  ['::1%lo', 'neither'],
  ['', 'neither'],
  [' localhost', 'neither'],
])('recognizes %j as loopback with these functions: %s', (host, expected) => {
  const results = { isLoopbackAddress: expected === 'both', isLoopback: expected !== 'neither' };
  expect({ isLoopbackAddress: isLoopbackAddress(host), isLoopback: isLoopback(host) }).toEqual(results);
});

it.each([
  ['lake.example.com', 50051, 'lake.example.com:50051'],
  ['10.0.0.1', 443, '10.0.0.1:443'],
  ['fd00::1', 443, '[fd00::1]:443'],
  ['[fd00::1]', 443, '[fd00::1]:443'],
])('writes host %s and port %d as %s', (host, port, expected) => {
  expect(formatAddress(host, port)).toBe(expected);
});

it.each([
  ['https://idp.example.com/x', 'idp.example.com', 443],
  ['http://idp.example.com', 'idp.example.com', 80],
  ['https://[::1]:8443/', '::1', 8443],
  ['http://0x7f.1/', '127.0.0.1', 80],
])('reads from %s the host %s and the port %d', (url, host, port) => {
  expect(addressOf(new URL(url))).toEqual({ host, port });
});
