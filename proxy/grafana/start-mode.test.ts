import { type Environment } from '../base/environment';
import { handshakeLine, type ListenAddress, formatListenAddress, parseListenAddress, startMode } from './start-mode';

const grafana = { grafana_plugin_type: 'datasource', PLUGIN_PROTOCOL_VERSIONS: '2' };

interface Case {
  name: string;
  env: Environment;
  args?: string[];
  nodeVersion?: string;
  platform?: NodeJS.Platform;
  expected: object;
}

const cases: Case[] = [
  {
    name: "starts as a plugin if the environment contains Grafana's cookie",
    env: { ...grafana, PLUGIN_MIN_PORT: '11000', PLUGIN_MAX_PORT: '12000' },
    expected: { kind: 'plugin', ports: { first: 11_000, last: 12_000 } },
  },
  {
    name: 'uses default ports if Grafana gives no port range',
    env: grafana,
    expected: { ports: { first: 10_000, last: 25_000 } },
  },
  {
    name: 'starts as a plugin even if Grafana passes on a sidecar setting',
    env: { ...grafana, GF_PLUGIN_PROXY_LISTEN: 'unix:/s' },
    expected: { kind: 'plugin' },
  },
  {
    name: 'rejects an unsupported protocol',
    env: { ...grafana, PLUGIN_PROTOCOL_VERSIONS: '3' },
    expected: { kind: 'rejected', sentence: expect.stringContaining('protocol 3') },
  },
  {
    name: 'tells a user who starts the program directly that Grafana starts the program',
    env: {},
    expected: { kind: 'rejected', sentence: expect.stringContaining('started by Grafana') },
  },
  {
    name: 'listens at the address of the command line',
    env: {},
    args: ['--serve', 'unix:/run/p.sock'],
    expected: {
      kind: 'sidecar',
      address: { network: 'unix', path: '/run/p.sock' },
      socketMode: 0o660,
      drainMs: 25_000,
      takesOver: false,
      logLevel: 'info',
    },
  },
  {
    name: 'listens at the address of the environment',
    env: {
      GF_PLUGIN_PROXY_LISTEN: '127.0.0.1:4000',
      GF_PLUGIN_PROXY_SOCKET_MODE: '0600',
      GF_PLUGIN_DRAIN_SECONDS: '90.5',
      GF_PLUGIN_PROXY_HANDOVER: 'true',
      GF_PLUGIN_LOG_LEVEL: 'debug',
    },
    args: ['--serve'],
    expected: {
      kind: 'sidecar',
      address: { host: '127.0.0.1', port: 4000 },
      socketMode: 0o600,
      drainMs: 90_500,
      takesOver: true,
      logLevel: 'debug',
    },
  },
  { name: 'requires an address after --serve', env: {}, args: ['--serve'], expected: { kind: 'rejected' } },
  {
    name: 'rejects an invalid listen address',
    env: {},
    args: ['--serve', 'here'],
    expected: { kind: 'rejected', sentence: expect.stringContaining('"here"') },
  },
  {
    name: 'rejects a remote address',
    env: { GF_PLUGIN_PROXY_LISTEN: '0.0.0.0:4000' },
    expected: { kind: 'rejected', sentence: expect.stringContaining('GF_PLUGIN_PROXY_ALLOW_REMOTE') },
  },
  {
    name: 'accepts a remote address if remote addresses are allowed',
    env: { GF_PLUGIN_PROXY_LISTEN: '0.0.0.0:4000', GF_PLUGIN_PROXY_ALLOW_REMOTE: 'true' },
    expected: { kind: 'sidecar' },
  },
  {
    name: 'rejects invalid permissions for the socket',
    env: { GF_PLUGIN_PROXY_LISTEN: 'unix:/s', GF_PLUGIN_PROXY_SOCKET_MODE: 'rw' },
    expected: { kind: 'rejected', sentence: expect.stringContaining('octal') },
  },
  ...['soon', '-1', '100000'].map((seconds) => ({
    name: `rejects ${seconds} as the time for running calls`,
    env: { GF_PLUGIN_PROXY_LISTEN: 'unix:/s', GF_PLUGIN_DRAIN_SECONDS: seconds },
    expected: { kind: 'rejected', sentence: expect.stringContaining('from 0 to 3600') },
  })),
  {
    name: 'rejects an unknown level of its log',
    env: { GF_PLUGIN_PROXY_LISTEN: 'unix:/s', GF_PLUGIN_LOG_LEVEL: 'trace' },
    expected: { kind: 'rejected', sentence: 'GF_PLUGIN_LOG_LEVEL must be one of debug, info, warn, error.' },
  },
  {
    name: 'rejects an old Node.js',
    env: {},
    args: ['--serve', 'unix:/s'],
    nodeVersion: '21.9.0',
    expected: {
      kind: 'rejected',
      sentence: expect.stringContaining('needs Node.js 22 or newer, and this is Node.js 21.9.0'),
    },
  },
  {
    name: "prints the version even with an old Node.js and without Grafana's cookie",
    env: {},
    args: ['--version'],
    nodeVersion: '12.0.0',
    expected: { kind: 'version' },
  },
  { name: 'prints the options', env: {}, args: ['--serve', '--help'], expected: { kind: 'help' } },
  {
    name: 'gives Grafana the socket of a sidecar',
    env: { ...grafana, GF_PLUGIN_BACKEND_SOCKET: '/run/p.sock', GF_PLUGIN_BACKEND_ADDRESS: 'backend:4000' },
    expected: { kind: 'pointer', network: 'unix', address: '/run/p.sock' },
  },
  {
    name: 'gives Grafana the address of a sidecar',
    env: { ...grafana, GF_PLUGIN_BACKEND_SOCKET: '', GF_PLUGIN_BACKEND_ADDRESS: 'backend:4000' },
    platform: 'win32',
    expected: { kind: 'pointer', network: 'tcp', address: 'backend:4000' },
  },
  {
    name: 'reads the setting of the socket under its former name',
    env: { ...grafana, GF_PLUGIN_PROXY_SOCKET: '/run/p.sock' },
    expected: {
      kind: 'pointer',
      network: 'unix',
      address: '/run/p.sock',
      renamed: { formerKey: 'proxy_socket', key: 'backend_socket' },
    },
  },
  {
    name: 'reads the setting of the address under its former name',
    env: { ...grafana, GF_PLUGIN_PROXY_ADDRESS: 'backend:4000' },
    expected: {
      kind: 'pointer',
      network: 'tcp',
      address: 'backend:4000',
      renamed: { formerKey: 'proxy_address', key: 'backend_address' },
    },
  },
  {
    name: 'prefers the current name of a setting to the former name',
    env: { ...grafana, GF_PLUGIN_BACKEND_ADDRESS: 'backend:4000', GF_PLUGIN_PROXY_SOCKET: '/run/p.sock' },
    expected: { kind: 'pointer', network: 'tcp', address: 'backend:4000' },
  },
  {
    name: 'does not use a sidecar that would not apply the restrictions of grafana.ini',
    env: { ...grafana, GF_PLUGIN_BACKEND_SOCKET: '/run/p.sock', GF_PLUGIN_ALLOWED_HOSTS: 'lake.example' },
    expected: { kind: 'rejected', sentence: expect.stringContaining('does not read allowed_hosts') },
  },
  {
    name: 'does not use a sidecar if a restriction of grafana.ini is mistyped',
    env: { ...grafana, GF_PLUGIN_BACKEND_SOCKET: '/run/p.sock', GF_PLUGIN_ALLOWED_HOST: 'lake.example' },
    expected: { kind: 'rejected', sentence: expect.stringContaining('does not read allowed_host of') },
  },
  {
    name: 'uses a sidecar that has restrictions of its own',
    env: {
      ...grafana,
      GF_PLUGIN_BACKEND_SOCKET: '/run/p.sock',
      GF_PLUGIN_ALLOWED_HOSTS: 'lake.example',
      GF_PLUGIN_BACKEND_RESTRICTIONS: 'sidecar',
    },
    expected: { kind: 'pointer' },
  },
  {
    name: 'checks the address of the command line',
    env: { GF_PLUGIN_PROXY_LISTEN: 'unix:/other' },
    args: ['--check', '0.0.0.0:4000'],
    expected: { kind: 'check', address: { network: 'tcp', host: '0.0.0.0', port: 4000 } },
  },
  {
    name: "checks the address of the environment even with Grafana's cookie",
    env: { ...grafana, GF_PLUGIN_PROXY_LISTEN: 'unix:/run/p.sock' },
    args: ['--check'],
    expected: { kind: 'check', address: { network: 'unix', path: '/run/p.sock' } },
  },
  {
    name: 'requires an address to check',
    env: {},
    args: ['--check'],
    expected: { kind: 'rejected', sentence: expect.stringContaining('--check unix:') },
  },
  {
    name: 'rejects a unix socket on Windows',
    env: {},
    args: ['--serve', 'unix:/run/p.sock'],
    platform: 'win32',
    expected: { kind: 'rejected', sentence: expect.stringContaining('host:port') },
  },
];

it.each(cases)('$name', ({ env, args = [], nodeVersion = '22.0.0', platform = 'linux', expected }) => {
  expect(startMode(env, args, { nodeVersion, platform })).toMatchObject(expected);
});

interface AddressCase {
  address: string;
  expected: ListenAddress | undefined;
}
const addresses: AddressCase[] = [
  { address: 'unix:/run/p.sock', expected: { network: 'unix', path: '/run/p.sock' } },
  { address: 'unix:///run/p.sock', expected: { network: 'unix', path: '/run/p.sock' } },
  { address: 'unix:relative', expected: undefined },
  { address: '127.0.0.1:4000', expected: { network: 'tcp', host: '127.0.0.1', port: 4000 } },
  { address: '[::1]:4000', expected: { network: 'tcp', host: '::1', port: 4000 } },
  { address: '::1:4000', expected: undefined },
  { address: 'proxy', expected: undefined },
  { address: 'proxy:70000', expected: undefined },
];

it.each(addresses)('parses the listen address $address as $expected', ({ address, expected }) => {
  expect(parseListenAddress(address)).toEqual(expected);
});

it('writes the handshake for a socket and for TCP', () => {
  expect(handshakeLine('unix', '/t/s')).toBe('1|2|unix|/t/s|grpc\n');
  expect(handshakeLine('tcp', '127.0.0.1:10001')).toBe('1|2|tcp|127.0.0.1:10001|grpc\n');
  expect(formatListenAddress({ network: 'tcp', host: '::1', port: 1 })).toBe('[::1]:1');
});
