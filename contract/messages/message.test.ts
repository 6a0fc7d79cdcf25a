import { inFormWords } from './provider-labels';

it.each([
  ['auth0', 'Check Domain, Audience (API Identifier) and Client Secret.'],
  ['google', 'Check OIDC Issuer, Target audience and Service account key (JSON).'],
  ['entra', 'Check Directory (tenant) ID, Audience and Client Secret.'],
  ['other', 'Check OIDC Issuer, Audience and Client Secret.'],
] as const)('names the fields as the form of %s does', (provider, words) => {
  expect(inFormWords('Check OIDC Issuer, Audience and Client Secret.', provider)).toBe(words);
});

it('leaves a label that is already whole', () => {
  expect(inFormWords('Fill in Audience (API Identifier).', 'auth0')).toBe('Fill in Audience (API Identifier).');
});
