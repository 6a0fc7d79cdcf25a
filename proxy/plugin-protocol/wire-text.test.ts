import { encodeGrpcMessage } from './grpc-status';
import { grpcTimeoutMs } from './grpc-timeout';
import { handshakeLine } from './handshake';
import { addressText, parseListenAddress, type ListenAddress } from './listen-address';

describe('grpc-message', () => {
  it.each([
    ['plain words, 1 + 1', 'plain words, 1 + 1'],
    ['50 %', '50 %25'],
    ['line\nfeed', 'line%0Afeed'],
    ['é', '%C3%A9'],
    ['🙂', '%F0%9F%99%82'],
  ])('%j travels as %s', (text, expected) => {
    expect(encodeGrpcMessage(text)).toBe(expected);
    expect(decodeURIComponent(encodeGrpcMessage(text))).toBe(text);
  });

  it('is cut between characters, since headers are bounded', () => {
    const encoded = encodeGrpcMessage('é'.repeat(5000));
    expect(encoded.length).toBeLessThanOrEqual(2048);
    expect(() => decodeURIComponent(encoded)).not.toThrow();
  });
});

describe('grpc-timeout', () => {
  it.each([
    ['2H', 7_200_000],
    ['3M', 180_000],
    ['4S', 4000],
    ['250m', 250],
    ['5000u', 5],
    ['1000000n', 1],
    ['99999999H', 2 ** 31 - 1],
    ['123456789S', undefined],
    ['1', undefined],
    ['x', undefined],
    [undefined, undefined],
  ])('%s is %s ms', (text, expected) => {
    expect(grpcTimeoutMs(text)).toBe(expected);
  });
});

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
  expect(addressText({ network: 'tcp', host: '::1', port: 1 })).toBe('[::1]:1');
});
