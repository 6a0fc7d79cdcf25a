/** Ory Hydra and other servers made of fosite, whose texts name the method or algorithm that the client is set to. */
import { useAlgorithm, useMethod } from './client-proofs';
import { type ProviderHint } from './hint';

export const HYDRA_HINTS: readonly ProviderHint[] = [
  {
    pattern: /requested audience\b.{0,300}\bhas not been whitelisted/i,
    code: 'provider_not_granted',
    advice: 'Check Audience, and allow it for the client in Hydra (audience of the client).',
  },
  {
    pattern: /client authentication method 'private_key_jwt', but method/,
    code: 'provider_client_method',
    advice: useMethod('private-key'),
  },
  {
    pattern: /client authentication method 'client_secret_(?:post|basic)', but method/,
    code: 'provider_client_method',
    advice:
      'The client takes the secret in one place only, and the data source sends it in the other. Select Automatic as Secret style under Advanced token request.',
  },
  {
    pattern: /client authentication method 'client_secret_(?:post|basic)', however 'client_assertion'/,
    code: 'provider_client_method',
    advice: useMethod('secret'),
  },
  {
    pattern: /however that method is not supported by this server/,
    code: 'provider_client_method',
    advice:
      'The identity provider does not support the method that is set for the client. Set the client to another one there, such as private_key_jwt.',
  },
  { pattern: /enforces signing algorithm '/, code: 'provider_algorithm', advice: useAlgorithm },
];
