/** Microsoft Entra ID: the numbers in its texts (AADSTS…) are the only part that says what was wrong. */
import { checkClock, checkCredentials } from './client-proofs';
import { type ProviderHint } from './hint';

const SCOPE_ADVICE =
  'Check Application ID URI: it is that of one API, followed by /.default. Entra ID takes no Audience.';

export const ENTRA_HINTS: readonly ProviderHint[] = [
  {
    pattern: /AADSTS7000215\b/,
    advice:
      'Enter the Value of the client secret from Entra ID, not its Secret ID. If the value is lost, make a new one.',
  },
  {
    pattern: /AADSTS7000222\b/,
    advice: 'The client secret has expired. Make a new one in Entra ID and enter its value.',
  },
  {
    pattern: /AADSTS7000218\b/,
    advice: 'Enter the client secret, or choose the private key whose certificate the app registration holds.',
  },
  {
    pattern: /AADSTS700016\b/,
    code: 'provider_refused',
    advice:
      'Check Client ID and Directory (tenant) ID, which is a part of the issuer: the application is not in this tenant.',
  },
  {
    pattern: /AADSTS7000112\b/,
    code: 'provider_not_granted',
    advice: 'The application is disabled in Entra ID. Enable it, or use another one.',
  },
  {
    pattern: /AADSTS7000229\b/,
    code: 'provider_not_granted',
    advice: 'Make the application an enterprise application (service principal) of this tenant in Entra ID.',
  },
  {
    pattern: /AADSTS(?:90002|900023)\b/,
    advice: 'Check Directory (tenant) ID, which is a part of the issuer: the tenant is not known.',
  },
  {
    pattern: /AADSTS(?:90038|900382|900432)\b/,
    advice: 'The tenant is in another cloud of Microsoft. Use the host of that cloud in the issuer.',
  },
  {
    pattern: /AADSTS(?:1002012|70011|700022|900144|90014)\b/,
    code: 'provider_rejected_request',
    advice: SCOPE_ADVICE,
  },
  {
    pattern: /AADSTS901002\b/,
    code: 'provider_rejected_request',
    advice: `Remove the additional token parameter resource. ${SCOPE_ADVICE}`,
  },
  {
    pattern: /AADSTS500011\b/,
    code: 'provider_rejected_request',
    advice: 'Check Application ID URI: the tenant has no API that is called so.',
  },
  {
    pattern: /AADSTS501051\b/,
    code: 'provider_not_granted',
    advice: 'Assign the application a role of the API in Entra ID, or switch off "Assignment required" of the API.',
  },
  {
    pattern: /AADSTS700024\b/,
    code: 'provider_clock',
    advice: checkClock,
  },
  {
    pattern: /AADSTS700027\b/,
    advice:
      'Upload the certificate of the private key to the app registration in Entra ID, and enter it as Certificate.',
  },
  {
    pattern: /AADSTS(?:70021|700211|700212|700213)\b/,
    advice:
      'Add a federated credential to the app registration in Entra ID whose issuer, subject and audience are those of the assertion in Assertion file.',
    proofs: ['assertion-file'],
  },
  {
    pattern: /AADSTS(?:70021|700211|700212|700213)\b/,
    advice: checkCredentials,
  },
  { pattern: /AADSTS90055\b/, code: 'provider_rate_limited', advice: 'Wait. The proxy retries by itself.' },
];
