import { generateKeyPairSync } from 'node:crypto';
import { type ServiceAccountKey } from './client-credentials';
import { readGoogleKey } from './google-key';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PEM = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const EC = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' });
const EMAIL = 'lake@project.iam.gserviceaccount.com';
const FILE = {
  type: 'service_account',
  project_id: 'project',
  private_key_id: 'abc123',
  private_key: PEM,
  client_email: EMAIL,
  client_id: '1234567890',
  token_uri: 'https://oauth2.googleapis.com/token',
};
const json = (changes: Record<string, unknown> = {}) => JSON.stringify({ ...FILE, ...changes }, null, 2);

function keyOf(key: string, clientId: string): ServiceAccountKey {
  const result = readGoogleKey(key, clientId);
  if ('problem' in result) {
    throw new Error(result.problem);
  }
  return result;
}

const files = [
  { name: 'as downloaded', key: json(), clientId: '' },
  { name: 'with Windows line breaks', key: json().replaceAll('\n', '\r\n'), clientId: '' },
  { name: 'with a byte order mark and spaces', key: `\uFEFF ${json()}\n\n`, clientId: '' },
  { name: 'with the e-mail as Client ID', key: json(), clientId: EMAIL },
  { name: 'with the numeric id as Client ID', key: json(), clientId: '1234567890' },
  { name: 'with line breaks escaped twice', key: json({ private_key: PEM.replaceAll('\n', '\\n') }), clientId: '' },
];
it.each(files)('reads the JSON key $name', ({ key, clientId }) => {
  const { email, keyId, tokenUri, privateKey: pem } = keyOf(key, clientId);
  expect({ email, keyId, tokenUri }).toEqual({ email: EMAIL, keyId: 'abc123', tokenUri: FILE.token_uri });
  expect(pem.reveal()).toBe(PEM);
});

const bare = [
  { name: 'unchanged', key: PEM },
  { name: 'with literal line breaks', key: PEM.replaceAll('\n', '\\n') },
  { name: 'with quotes of the JSON file', key: `"${PEM.replaceAll('\n', '\\n')}",` },
  { name: 'with Windows line breaks', key: PEM.replaceAll('\n', '\r\n') },
  { name: 'on one line', key: PEM.replaceAll('\n', ' ') },
  { name: 'on one line without spaces', key: PEM.replaceAll('\n', '') },
  { name: 'indented', key: PEM.replaceAll('\n', '\n    ') },
];
it.each(bare)('reads a private key without the JSON file, $name', ({ key: pem }) => {
  const key = keyOf(pem, EMAIL);
  expect(key.privateKey.reveal()).toBe(PEM);
  expect(key.email).toBe(EMAIL);
  expect(key.tokenUri).toBeUndefined();
});

const rejected = [
  { name: 'blank text', key: ' ', clientId: EMAIL, problem: 'neither the JSON key' },
  { name: 'a client secret', key: 'GOCSPX-secret', clientId: EMAIL, problem: 'neither the JSON key' },
  { name: 'half of the file', key: json().slice(0, 300), clientId: '', problem: 'a part of it may be missing' },
  { name: 'an OAuth client', key: '{"web":{"client_id":"x"}}', clientId: '', problem: 'OAuth client' },
  { name: 'an installed OAuth client', key: '{"installed":{}}', clientId: '', problem: 'OAuth client' },
  { name: "a user's credentials", key: json({ type: 'authorized_user' }), clientId: '', problem: 'authorized_user' },
  {
    name: 'a configuration of workload identity federation',
    key: json({ type: 'external_account' }),
    clientId: '',
    problem: 'external_account',
  },
  {
    name: 'a file of another type',
    key: json({ type: 'gdch_service_account' }),
    clientId: '',
    problem: 'gdch_service_account',
  },
  {
    name: 'a file without e-mail',
    key: json({ client_email: undefined }),
    clientId: '',
    problem: 'lacks client_email',
  },
  { name: 'a file without key', key: json({ private_key: '' }), clientId: '', problem: 'lacks private_key' },
  { name: 'other JSON', key: '{"a":1}', clientId: '', problem: 'lacks client_email and private_key' },
  {
    name: 'the e-mail of another account as Client ID',
    key: json(),
    clientId: 'other@x',
    problem: `belongs to ${EMAIL}`,
  },
  { name: 'a broken key', key: json({ private_key: PEM.slice(0, 500) }), clientId: '', problem: 'cannot be read' },
  { name: 'an EC key', key: json({ private_key: EC }), clientId: '', problem: 'not an RSA key' },
  { name: 'an invalid token_uri', key: json({ token_uri: 'token' }), clientId: '', problem: 'token_uri' },
  { name: 'a PEM key without e-mail', key: PEM, clientId: '', problem: 'must be the e-mail address' },
  { name: 'a PEM key with a number as Client ID', key: PEM, clientId: '1234', problem: 'must be the e-mail address' },
  { name: 'half of a PEM key', key: PEM.slice(0, 500), clientId: EMAIL, problem: 'cannot be read' },
];
it.each(rejected)('rejects $name with the reason', ({ key, clientId, problem }) => {
  const result = readGoogleKey(key, clientId);
  const sentence = 'problem' in result ? result.problem : '';
  expect(sentence).toContain(problem);
  expect(sentence).not.toContain('GOCSPX');
  expect(sentence).not.toContain(PEM.slice(40, 60));
});
