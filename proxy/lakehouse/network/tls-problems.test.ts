import { render } from '../../../contract/messages/message';
import { generateKeyPairSync } from 'node:crypto';
import { AUTHORITY, CLIENT, LOCALHOST, SELF_SIGNED_LEAF, STRANGER } from '../../../tests/support/certificates';
import { Secret } from '../../observe/logging/secret';
import { type TlsSettings } from './routes';
import { tlsProblems } from './tls-problems';

const PASSPHRASE = generateKeyPairSync('ec', {
  namedCurve: 'prime256v1',
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' },
}).privateKey;

interface Case {
  name: string;
  tls: Partial<TlsSettings>;
  problems: RegExp[];
}

const client = (certificate: string, key: string) => ({ clientCertificate: certificate, clientKey: new Secret(key) });
const damaged = (pem: string) => pem.replace(/\n.{20}/, '\n');

const cases: Case[] = [
  { name: 'no settings', tls: {}, problems: [] },
  {
    name: 'all settings',
    tls: { ca: AUTHORITY + STRANGER.certificate, serverName: 'lake.test', ...client(CLIENT.certificate, CLIENT.key) },
    problems: [],
  },
  {
    name: 'a certificate authority that is not PEM',
    tls: { ca: 'my CA' },
    problems: [/^ca: Paste the certificate as PEM/],
  },
  {
    name: 'an empty certificate authority',
    tls: { ca: '' },
    problems: [/^ca: Paste the certificate as PEM/],
  },
  {
    name: 'a damaged certificate authority',
    tls: { ca: damaged(AUTHORITY) },
    problems: [/^ca: .*damaged/],
  },
  {
    name: 'a private key as certificate authority',
    tls: { ca: CLIENT.key },
    problems: [/^ca: This is a private key/],
  },
  {
    name: 'a certificate of another authority as certificate authority',
    tls: { ca: LOCALHOST.certificate },
    problems: [/^ca: .*"CN=localhost, O=Test only" itself.*authority "CN=Test authority, O=Test only"/],
  },
  {
    name: 'a chain of a certificate and its authority',
    tls: { ca: LOCALHOST.certificate + AUTHORITY },
    problems: [],
  },
  { name: 'a self-signed certificate that is no authority', tls: { ca: SELF_SIGNED_LEAF.certificate }, problems: [] },
  {
    name: 'a certificate without key',
    tls: { clientCertificate: CLIENT.certificate },
    problems: [/^clientKey: Paste the private key/],
  },
  {
    name: 'a key without certificate',
    tls: { clientKey: new Secret(CLIENT.key) },
    problems: [/^clientCertificate: Paste the client certificate/],
  },
  {
    name: "a certificate and a key in each other's field",
    tls: client(CLIENT.key, CLIENT.certificate),
    problems: [/^clientCertificate: This is a private key/, /^clientKey: This is a certificate/],
  },
  { name: 'a damaged key', tls: client(CLIENT.certificate, damaged(CLIENT.key)), problems: [/^clientKey: .*damaged/] },
  { name: 'a passphrase', tls: client(CLIENT.certificate, PASSPHRASE), problems: [/^clientKey: .*passphrase/] },
  {
    name: 'the key of another certificate',
    tls: client(CLIENT.certificate, STRANGER.key),
    problems: [/^clientKey: The key does not belong/],
  },
  { name: 'a URL as server name', tls: { serverName: 'https://lake.test' }, problems: [/^serverName: /] },
  { name: 'a port in the server name', tls: { serverName: 'lake.test:443' }, problems: [/^serverName: /] },
  { name: 'a port after a hexadecimal name', tls: { serverName: 'beef:443' }, problems: [/^serverName: /] },
  { name: 'an IP address as server name', tls: { serverName: '2001:db8::1' }, problems: [] },
];

it.each(cases)('finds the problems, if any, of $name', ({ tls, problems }) => {
  const found = tlsProblems({ skipVerify: false, ...tls });
  const messages = found.map(({ field, problem }) => `${field}: ${render(problem)}`);
  expect(messages).toEqual(problems.map((problem) => expect.stringMatching(problem)));
  expect(JSON.stringify(found)).not.toContain(CLIENT.key.slice(40, 80));
});
