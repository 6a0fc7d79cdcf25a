import { generateKeyPairSync } from 'node:crypto';
import { type GoogleKey } from './client-credentials';
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

function keyOf(text: string, clientId: string): GoogleKey {
  const result = readGoogleKey(text, clientId);
  if ('problem' in result) {
    throw new Error(result.problem);
  }
  return result;
}

const files = [
  { name: 'as downloaded', text: json(), clientId: '' },
  { name: 'with Windows line breaks', text: json().replaceAll('\n', '\r\n'), clientId: '' },
  { name: 'with a byte order mark and spaces', text: `\uFEFF ${json()}\n\n`, clientId: '' },
  { name: 'with the e-mail as Client ID', text: json(), clientId: EMAIL },
  { name: 'with the numeric id as Client ID', text: json(), clientId: '1234567890' },
  { name: 'with line breaks escaped twice', text: json({ private_key: PEM.replaceAll('\n', '\\n') }), clientId: '' },
];
it.each(files)('reads the JSON key $name', ({ text, clientId }) => {
  const { email, keyId, tokenUri, privateKey: pem } = keyOf(text, clientId);
  expect({ email, keyId, tokenUri }).toEqual({ email: EMAIL, keyId: 'abc123', tokenUri: FILE.token_uri });
  expect(pem.reveal()).toBe(PEM);
});

const bare = [
  { name: 'unchanged', text: PEM },
  { name: 'with literal line breaks', text: PEM.replaceAll('\n', '\\n') },
  { name: 'with quotes of the JSON file', text: `"${PEM.replaceAll('\n', '\\n')}",` },
  { name: 'with Windows line breaks', text: PEM.replaceAll('\n', '\r\n') },
  { name: 'on one line', text: PEM.replaceAll('\n', ' ') },
  { name: 'on one line without spaces', text: PEM.replaceAll('\n', '') },
  { name: 'indented', text: PEM.replaceAll('\n', '\n    ') },
];
it.each(bare)('reads a private key without the JSON file, $name', ({ text }) => {
  const key = keyOf(text, EMAIL);
  expect(key.privateKey.reveal()).toBe(PEM);
  expect(key.email).toBe(EMAIL);
  expect(key.tokenUri).toBeUndefined();
});

const rejected = [
  { name: 'blank text', text: ' ', clientId: EMAIL, problem: 'neither the JSON key' },
  { name: 'a client secret', text: 'GOCSPX-secret', clientId: EMAIL, problem: 'neither the JSON key' },
  { name: 'half of the file', text: json().slice(0, 300), clientId: '', problem: 'a part of it may be missing' },
  { name: 'an OAuth client', text: '{"web":{"client_id":"x"}}', clientId: '', problem: 'OAuth client' },
  { name: 'an installed OAuth client', text: '{"installed":{}}', clientId: '', problem: 'OAuth client' },
  { name: "a user's credentials", text: json({ type: 'authorized_user' }), clientId: '', problem: 'authorized_user' },
  {
    name: 'a configuration of workload identity federation',
    text: json({ type: 'external_account' }),
    clientId: '',
    problem: 'external_account',
  },
  {
    name: 'a file of another type',
    text: json({ type: 'gdch_service_account' }),
    clientId: '',
    problem: 'gdch_service_account',
  },
  {
    name: 'a file without e-mail',
    text: json({ client_email: undefined }),
    clientId: '',
    problem: 'lacks client_email',
  },
  { name: 'a file without key', text: json({ private_key: '' }), clientId: '', problem: 'lacks private_key' },
  { name: 'other JSON', text: '{"a":1}', clientId: '', problem: 'lacks client_email and private_key' },
  {
    name: 'the e-mail of another account as Client ID',
    text: json(),
    clientId: 'other@x',
    problem: `belongs to ${EMAIL}`,
  },
  { name: 'a broken key', text: json({ private_key: PEM.slice(0, 500) }), clientId: '', problem: 'cannot be read' },
  { name: 'an EC key', text: json({ private_key: EC }), clientId: '', problem: 'not an RSA key' },
  { name: 'an invalid token_uri', text: json({ token_uri: 'token' }), clientId: '', problem: 'token_uri' },
  { name: 'a PEM key without e-mail', text: PEM, clientId: '', problem: 'must be the e-mail address' },
  { name: 'a PEM key with a number as Client ID', text: PEM, clientId: '1234', problem: 'must be the e-mail address' },
  { name: 'half of a PEM key', text: PEM.slice(0, 500), clientId: EMAIL, problem: 'cannot be read' },
];
it.each(rejected)('rejects $name with the reason', ({ text, clientId, problem }) => {
  const result = readGoogleKey(text, clientId);
  const sentence = 'problem' in result ? result.problem : '';
  expect(sentence).toContain(problem);
  expect(sentence).not.toContain('GOCSPX');
  expect(sentence).not.toContain(PEM.slice(40, 60));
});
