import { useAlgorithm, useMethod, type ProviderHint } from './hint';

/**
 * Ory Hydra and other servers built on fosite. Their messages name the method or algorithm that is configured for the
 * client.
 */
export const HYDRA_HINTS: readonly ProviderHint[] = [
  {
    pattern: /requested audience\b.{0,300}\bhas not been whitelisted/i,
    code: 'provider_not_granted',
    advice: ['hydra-audience-not-allowed'],
  },
  { pattern: /client authentication method ['"]private_key_jwt['"], but method/, ...useMethod('private-key') },
  {
    pattern: /client authentication method ['"]client_secret_(?:post|basic)['"], but method/,
    code: 'provider_client_method',
    advice: ['hydra-secret-place'],
    isAboutMethod: true,
  },
  {
    pattern: /client authentication method ['"]client_secret_(?:post|basic)['"], however ['"]client_assertion['"]/,
    ...useMethod('secret'),
  },
  {
    pattern: /however that method is not supported by this server/,
    code: 'provider_client_method',
    advice: ['hydra-method-unsupported'],
  },
  { pattern: /enforces signing algorithm ['"]/, code: 'provider_algorithm', advice: [useAlgorithm] },
  { pattern: /must contain a kid header/i, code: 'provider_refused', advice: ['key-id-required'] },
  {
    pattern: /\bkid ['"].{0,300}['"], which could not be found|public key with use=.{1,300} for kid/i,
    code: 'provider_refused',
    advice: ['hydra-key-unknown'],
  },
  { pattern: /no json web keys set registered/i, code: 'provider_refused', advice: ['hydra-no-keys'] },
  {
    pattern: /claim ['"]aud(?:ience)?['"] from ['"]client_assertion['"] must match/i,
    code: 'provider_refused',
    advice: ['assertion-audience'],
    isAboutMethod: true,
  },
];
