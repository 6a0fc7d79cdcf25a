import { handshakeLine } from './handshake';
import { listenText, parseListenAddress, type ListenAddress } from './listen-address';

interface AddressCase {
  text: string;
  expected: ListenAddress | undefined;
}
const addresses: AddressCase[] = [
  { text: 'unix:/run/p.sock', expected: { network: 'unix', path: '/run/p.sock' } },
  { text: 'unix:///run/p.sock', expected: { network: 'unix', path: '/run/p.sock' } },
  { text: 'unix:relative', expected: undefined },
  { text: '127.0.0.1:4000', expected: { network: 'tcp', host: '127.0.0.1', port: 4000 } },
  { text: '[::1]:4000', expected: { network: 'tcp', host: '::1', port: 4000 } },
  { text: '::1:4000', expected: undefined },
  { text: 'proxy', expected: undefined },
  { text: 'proxy:70000', expected: undefined },
];

it.each(addresses)('reads the listening place $text', ({ text, expected }) => {
  expect(parseListenAddress(text)).toEqual(expected);
});

it('writes the handshake for a socket and for TCP', () => {
  expect(handshakeLine({ network: 'unix', path: '/t/s' })).toBe('1|2|unix|/t/s|grpc\n');
  expect(handshakeLine({ network: 'tcp', host: '127.0.0.1', port: 10_001 })).toBe('1|2|tcp|127.0.0.1:10001|grpc\n');
  expect(listenText({ network: 'tcp', host: '::1', port: 1 })).toBe('[::1]:1');
});
