/**
 * A client that is set to another kind of authentication at its provider than the data source uses: each combination has
 * a code of its own, and advice that names what is configured and nothing else.
 */
import { type MicromegasSettings } from '../../contract/settings';
import { type ErrorCode } from '../../proxy/errors/catalogue';
import { keycloak } from '../fakes/providers/keycloak';
import { type RegisteredClient } from '../fakes/providers/rules';
import { APPLICATION } from '../support/certificates';
import { expectNoSecretsAtEnd } from '../support/secret-watch';
import { useSignInLab, type TestedProvider } from '../support/sign-in-lab';

const lab = useSignInLab();

type Prepare = (tested: TestedProvider) => MicromegasSettings;

const withRsa: Prepare = ({ provider, saved }) => {
  saved.secrets = { oauthPrivateKey: provider.client.rsa.privatePem };
  return { oauthClientProof: 'private_key' };
};
const withSecretJwt: Prepare = () => ({ oauthClientProof: 'secret_jwt' });

describe('a client that is set to another authentication at Keycloak', () => {
  interface Mismatch {
    name: string;
    client: Partial<RegisteredClient>;
    prepare: Prepare;
    code: ErrorCode;
    says: RegExp;
    /** What must not be mentioned, because it is not configured. */
    never?: RegExp;
  }
  const secret: Prepare = () => ({});
  const mismatches: Mismatch[] = [
    {
      name: 'a secret, where a signed JWT is expected',
      client: { method: 'private_key_jwt' },
      prepare: secret,
      code: 'provider_client_method',
      says: /set to a signed JWT.*sends a client secret.*Select Private key/,
      never: /\bfile\b/,
    },
    {
      name: 'a secret in the header, where a signed JWT is expected',
      client: { method: 'client_secret_jwt' },
      prepare: () => ({ oauthSecretStyle: 'basic' }),
      code: 'provider_client_method',
      says: /Client secret \(signed JWT\)/,
    },
    {
      name: 'a private key, where a secret is expected',
      client: { method: 'secret' },
      prepare: withRsa,
      code: 'provider_client_method',
      says: /set to a client secret.*sends an assertion signed with the private key/,
      never: /Check Client ID and Client Secret|\bfile\b/,
    },
    {
      name: 'a private key, where the secret must sign',
      client: { method: 'client_secret_jwt' },
      prepare: withRsa,
      code: 'provider_client_method',
      says: /Select Client secret \(signed JWT\) as Client authentication/,
    },
    {
      name: 'a secret that signs, where a private key is expected',
      client: { method: 'private_key_jwt' },
      prepare: withSecretJwt,
      code: 'provider_client_method',
      says: /Select Private key as Client authentication/,
    },
    {
      name: 'RS256, where PS256 is required',
      client: { method: 'private_key_jwt', algorithm: 'PS256' },
      prepare: withRsa,
      code: 'provider_algorithm',
      says: /signs with RS256.*Signing algorithm/,
      never: /Client Secret|\bfile\b/,
    },
    {
      name: 'HS256, where HS512 is required',
      client: { method: 'client_secret_jwt', algorithm: 'HS512' },
      prepare: withSecretJwt,
      code: 'provider_algorithm',
      says: /signs with HS256.*Signing algorithm/,
    },
    {
      name: 'no DPoP, where it is required',
      client: { requiresDpop: true },
      prepare: secret,
      code: 'provider_dpop_required',
      says: /DPoP.*does not support.*Switch off/,
    },
    {
      name: 'another private key',
      client: { method: 'private_key_jwt' },
      prepare: (tested) => {
        tested.saved.secrets = { oauthPrivateKey: APPLICATION.key };
        return { oauthClientProof: 'private_key' };
      },
      code: 'provider_refused',
      says: /Private Key/,
      never: /Client Secret|\bfile\b/,
    },
  ];

  it.each(mismatches)('$name', async ({ client, prepare, code, says, never }) => {
    const tested = await lab.provider(keycloak);
    Object.assign(tested.provider.client, client);
    const outcome = await lab.saveAndTest(lab.oauth(tested, prepare(tested)));
    expect(`${outcome.code} ${outcome.text}`).toMatch(new RegExp(`^${code} `));
    expect(outcome.text).toMatch(says);
    if (never !== undefined) {
      expect(outcome.text).not.toMatch(never);
    }
  });
});

expectNoSecretsAtEnd();
