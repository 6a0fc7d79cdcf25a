import { render } from '../../../contract/messages/message';
import { rejectionCauses, type RejectionSigns } from './rejection-causes';

/** The observations about a token that breaks no rule. */
const SIGNS: RejectionSigns = {
  issuer: 'https://idp.example',
  audiences: ['lake'],
  keyId: 'k1',
  entry: '{"issuer":"https://idp.example","audience":"lake"}',
  key: 'known',
  serverHost: 'lake.example.com',
  hasOwnAuthority: false,
  usesProxy: false,
  isCurrentOnServer: false,
  accepted: undefined,
  sender: [],
};

const ACCEPTED = { issuer: SIGNS.issuer, audience: SIGNS.audiences, keyId: 'k1', agoMs: 120_000, isSameAudience: true };

const LOCAL = { issuer: 'http://localhost:8080/realms/lake' };
const [CONFIGURATION, ACCESS, HEADER, CLOCK, KEYS] = ['cause-configuration', 'cause-issuer-access', 'cause-authorization', 'cause-server-clock', 'cause-old-keys']; // prettier-ignore

it.each<{ name: string; signs: Partial<RejectionSigns>; codes: Array<string | undefined> }>([
  { name: 'no special observation', signs: {}, codes: [CONFIGURATION, ACCESS, HEADER, CLOCK, KEYS] },
  {
    name: 'a server with a correct clock',
    signs: { isCurrentOnServer: true },
    codes: [CONFIGURATION, ACCESS, HEADER, KEYS],
  },
  { name: 'a key that is not published', signs: { key: 'unknown' }, codes: ['cause-key-unlisted', CONFIGURATION, ACCESS, HEADER, CLOCK] }, // prettier-ignore
  {
    name: 'an issuer on loopback',
    signs: LOCAL,
    codes: ['cause-issuer-access-loopback', CONFIGURATION, HEADER, CLOCK, KEYS],
  },
  { name: 'issuer and server on loopback', signs: { ...LOCAL, serverHost: '127.0.0.1' }, codes: [CONFIGURATION, ACCESS, HEADER, CLOCK, KEYS] }, // prettier-ignore
  { name: 'several audiences', signs: { entry: undefined, audiences: ['a', 'b'] }, codes: ['cause-configuration-several', ACCESS, HEADER, CLOCK, KEYS] }, // prettier-ignore
  {
    name: 'a certificate authority in the settings',
    signs: { hasOwnAuthority: true },
    codes: [CONFIGURATION, 'cause-issuer-access-authority', HEADER, CLOCK, KEYS],
  },
  {
    name: 'a proxy on the way to the provider',
    signs: { usesProxy: true },
    codes: [CONFIGURATION, 'cause-issuer-access-proxy', HEADER, CLOCK, KEYS],
  },
  {
    name: 'a proxy in front of the server',
    signs: { sender: ['Server: nginx'] },
    codes: [CONFIGURATION, 'cause-authorization-sender', ACCESS, CLOCK, KEYS],
  },
  {
    name: 'an accepted token of the same kind',
    signs: { accepted: ACCEPTED },
    codes: [ACCESS, HEADER, CLOCK, KEYS, 'cause-configuration-changed'],
  },
  {
    name: 'an accepted token of another key',
    signs: { accepted: { ...ACCEPTED, keyId: 'k0' } },
    codes: ['cause-key-new', ACCESS, HEADER, CLOCK, 'cause-configuration-changed'],
  },
  { name: 'an accepted token of another audience', signs: { accepted: { ...ACCEPTED, audience: ['cli'], isSameAudience: false } }, codes: ['cause-audience-other', ACCESS, HEADER, CLOCK, KEYS] }, // prettier-ignore
])('lists the most likely cause first for $name', ({ signs, codes }) => {
  expect(rejectionCauses({ ...SIGNS, ...signs }).map(({ message }) => message.code)).toEqual(codes);
});

it.each<{ name: string; signs: Partial<RejectionSigns>; message: RegExp }>([
  {
    name: 'the entry for MICROMEGAS_OIDC_CONFIG',
    signs: {},
    message: /must contain this entry in issuers: \{"issuer"/,
  },
  {
    name: 'the audiences',
    signs: { entry: undefined, audiences: ['a', 'b'] },
    message: /one audience of the token \(a, b\): enter the audience that only/,
  },
  { name: 'the URL that the server reads', signs: { issuer: 'https://idp.example/' }, message: /read https:\/\/idp\.example\/\.well-known\/openid-configuration, and/ }, // prettier-ignore
])('names $name among the causes', ({ signs, message }) => {
  expect(render(rejectionCauses({ ...SIGNS, ...signs }).map((cause) => cause.message))).toMatch(message);
});
