/**
 * Tests clients whose registration at the provider differs from the settings of the data source. The error has a code
 * for this cause, and advice for this case only.
 */
import { type MicromegasSettings } from '../../contract/settings/settings';
import { type ErrorCode } from '../../proxy/base/errors/catalogue';
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

describe('a client that is registered differently at Keycloak', () => {
  interface Mismatch {
    name: string;
    client: Partial<RegisteredClient>;
    prepare: Prepare;
    code: ErrorCode;
    message: RegExp;
    /** Advice that does not fit this case. */
    forbidden?: RegExp;
  }
  const secret: Prepare = () => ({});
  const mismatches: Mismatch[] = [
    {
      name: 'a secret instead of a signed JWT',
      client: { method: 'private_key_jwt' },
      prepare: secret,
      code: 'provider_client_method',
      message: /configured for a signed JWT.*sends a client secret.*Select Private key/,
      forbidden: /\bfile\b/,
    },
    {
      name: 'a secret in the header instead of a signed JWT',
      client: { method: 'client_secret_jwt' },
      prepare: () => ({ oauthSecretStyle: 'basic' }),
      code: 'provider_client_method',
      message: /Client secret \(signed JWT\)/,
    },
    {
      name: 'a private key instead of a secret',
      client: { method: 'secret' },
      prepare: withRsa,
      code: 'provider_client_method',
      message: /configured for a client secret.*sends an assertion signed with the private key/,
      forbidden: /Check Client ID and Client Secret|\bfile\b/,
    },
    {
      name: 'a private key instead of a JWT signed with the secret',
      client: { method: 'client_secret_jwt' },
      prepare: withRsa,
      code: 'provider_client_method',
      message: /Select Client secret \(signed JWT\) as Client authentication/,
    },
    {
      name: 'a JWT signed with the secret instead of a private key',
      client: { method: 'private_key_jwt' },
      prepare: withSecretJwt,
      code: 'provider_client_method',
      message: /Select Private key as Client authentication/,
    },
    {
      name: 'RS256 instead of PS256',
      client: { method: 'private_key_jwt', algorithm: 'PS256' },
      prepare: withRsa,
      code: 'provider_algorithm',
      message: /signs with RS256.*Signing algorithm/,
      forbidden: /Client Secret|\bfile\b/,
    },
    {
      name: 'HS256 instead of HS512',
      client: { method: 'client_secret_jwt', algorithm: 'HS512' },
      prepare: withSecretJwt,
      code: 'provider_algorithm',
      message: /signs with HS256.*Signing algorithm/,
    },
    {
      name: 'no DPoP proof, although the client requires one',
      client: { requiresDpop: true },
      prepare: secret,
      code: 'provider_dpop_required',
      message: /DPoP.*does not support.*Switch off/,
    },
    {
      name: 'a private key that is not registered',
      client: { method: 'private_key_jwt' },
      prepare: (tested) => {
        tested.saved.secrets = { oauthPrivateKey: APPLICATION.key };
        return { oauthClientProof: 'private_key' };
      },
      code: 'provider_refused',
      message: /Private Key/,
      forbidden: /Client Secret|\bfile\b/,
    },
  ];

  it.each(mismatches)('fails with $code: $name', async ({ client, prepare, code, message, forbidden }) => {
    const tested = await lab.provider(keycloak);
    Object.assign(tested.provider.client, client);
    const outcome = await lab.saveAndTest(lab.oauth(tested, prepare(tested)));
    expect(`${outcome.code} ${outcome.report}`).toMatch(new RegExp(`^${code} `));
    expect(outcome.report).toMatch(message);
    if (forbidden !== undefined) {
      expect(outcome.report).not.toMatch(forbidden);
    }
  });
});

expectNoSecretsAtEnd();
