import { checkClock, checkCredentials, SECRETS, type ProviderHint } from './hint';

/** Only the number (`AADSTS…`) in a message of Entra ID identifies the error. */
export const ENTRA_HINTS: readonly ProviderHint[] = [
  { pattern: /AADSTS7000215\b/, advice: ['entra-secret-id'], methods: SECRETS },
  { pattern: /AADSTS7000222\b/, advice: ['entra-secret-expired'], methods: SECRETS },
  { pattern: /AADSTS7000218\b/, advice: ['entra-proof-missing'] },
  { pattern: /AADSTS700016\b/, code: 'provider_refused', advice: ['entra-application-unknown'] },
  { pattern: /AADSTS7000112\b/, code: 'provider_not_granted', advice: ['entra-application-disabled'] },
  { pattern: /AADSTS7000229\b/, code: 'provider_not_granted', advice: ['entra-no-service-principal'] },
  { pattern: /AADSTS(?:90002|900023)\b/, advice: ['entra-tenant-unknown'] },
  { pattern: /AADSTS(?:90038|900382|900432)\b/, advice: ['entra-other-cloud'] },
  {
    pattern: /AADSTS(?:1002012|70011|700022|900144|90014)\b/,
    code: 'provider_rejected_request',
    advice: ['entra-scope-invalid'],
  },
  {
    pattern: /AADSTS901002\b/,
    code: 'provider_rejected_request',
    advice: ['entra-resource-parameter'],
    more: ['entra-scope-invalid'],
  },
  { pattern: /AADSTS500011\b/, code: 'provider_rejected_request', advice: ['entra-resource-unknown'] },
  { pattern: /AADSTS501051\b/, code: 'provider_not_granted', advice: ['entra-assignment-required'] },
  { pattern: /AADSTS700024\b/, code: 'provider_clock', advice: [checkClock] },
  { pattern: /AADSTS700027\b/, advice: ['entra-certificate-unknown'] },
  {
    pattern: /AADSTS(?:70021|700211|700212|700213)\b/,
    advice: ['entra-no-federated-credential'],
    methods: ['assertion-file'],
  },
  { pattern: /AADSTS(?:70021|700211|700212|700213)\b/, advice: [checkCredentials] },
  { pattern: /AADSTS90055\b/, code: 'provider_rate_limited', advice: ['wait-for-retry'] },
];
