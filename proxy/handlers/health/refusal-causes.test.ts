import { causesInWords, refusalCauses, type RefusalSigns } from './refusal-causes';

const CONFIG = '{"issuers":[{"issuer":"https://idp.example","audience":"lake"}]}';

const SIGNS: RefusalSigns = {
  issuer: 'https://idp.example',
  audiences: ['lake'],
  config: CONFIG,
  key: 'known',
  serverHost: 'lake.example.com',
  hasOwnAuthority: false,
  isServerTimeRight: false,
};

const LOCAL = { issuer: 'http://localhost:8080/realms/lake' };

it.each<{ name: string; signs: Partial<RefusalSigns>; kinds: string[] }>([
  { name: 'nothing particular', signs: {}, kinds: ['configuration', 'issuer-access', 'server-clock', 'old-keys'] },
  { name: 'a server whose clock is right', signs: { isServerTimeRight: true }, kinds: ['configuration', 'issuer-access', 'old-keys'] }, // prettier-ignore
  { name: 'a key that is not published', signs: { key: 'unknown' }, kinds: ['key-unlisted', 'configuration', 'issuer-access', 'server-clock'] }, // prettier-ignore
  { name: 'an issuer on loopback', signs: LOCAL, kinds: ['issuer-access', 'configuration', 'server-clock', 'old-keys'] }, // prettier-ignore
  { name: 'issuer and server on loopback', signs: { ...LOCAL, serverHost: '127.0.0.1' }, kinds: ['configuration', 'issuer-access', 'server-clock', 'old-keys'] }, // prettier-ignore
])('orders the causes: $name', ({ signs, kinds }) => {
  expect(refusalCauses({ ...SIGNS, ...signs }).map(({ kind }) => kind)).toEqual(kinds);
});

it.each<{ name: string; signs: Partial<RefusalSigns>; text: RegExp }>([
  {
    name: 'the line of the configuration',
    signs: {},
    text: /\(1\) MICROMEGAS_OIDC_CONFIG on the server must contain \{"issuers"/,
  },
  { name: 'the audiences where there are several', signs: { config: undefined, audiences: ['a', 'b'] }, text: /the one of the audiences a, b that stands/ }, // prettier-ignore
  { name: "the address that the server reads", signs: { issuer: 'https://idp.example/' }, text: /\(2\).* https:\/\/idp\.example\/\.well-known\/openid-configuration itself/ }, // prettier-ignore
  { name: 'an authority of its own', signs: { hasOwnAuthority: true }, text: /server needs that authority as well/ },
  { name: 'loopback', signs: LOCAL, text: /\(1\).*is on loopback/ },
])('says $name', ({ signs, text }) => {
  expect(causesInWords(refusalCauses({ ...SIGNS, ...signs }))).toMatch(text);
});
