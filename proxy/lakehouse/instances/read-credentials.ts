/** Reads the service account of a data source: provider, token parameters and client authentication. */
import { providerProblems } from '../../../contract/problems/provider-problems';
import { choiceWarning } from '../../../contract/problems/choice-problems';
import { choiceOf } from '../../../contract/settings/choices';
import { fieldLabels, type FieldName } from '../../../contract/settings/field-labels';
import { message } from '../../../contract/messages/message';
import { GOOGLE_ISSUER, providerOf, recogniseProvider } from '../../../contract/settings/providers';
import {
  endpointAuthority,
  endpointHostEntries,
  endpointHostsProblem,
} from '../../../contract/problems/endpoint-hosts';
import { secretWarning } from '../../../contract/settings/secret-shape';
import {
  filePathProblem,
  issuerProblem,
  parameterNameProblem,
  signingAlgorithmProblem,
} from '../../../contract/problems/settings-problems';
import {
  type MicromegasSettings,
  KEY_ALGORITHMS,
  type KeyAlgorithm,
  SECRET_ALGORITHMS,
  type SecretStyle,
} from '../../../contract/settings/settings';
import { ProxyError } from '../../base/errors/proxy-error';
import { Secret } from '../../observe/logging/secret';
import { type AuthenticationMethod, type ClientCredentials, type ServiceAccountKey } from '../oidc/client-credentials';
import { readGoogleKey } from '../oidc/google-key';
import { repairPem } from '../oidc/pem';
import { readSigningKey, readThumbprints } from '../oidc/signing-key';
import { type Findings } from './findings';
import { type SavedFields } from './saved-fields';
import { type SecretFields } from './secret-fields';

/** The OAuth settings, for the checks in `contract/`. */
export function oauthFields(saved: SavedFields): MicromegasSettings {
  const oauthProvider = choiceOf('oauthProvider', saved.oauthProvider);
  return {
    oauthProvider,
    oauthIssuer: saved.oauthIssuer === '' && oauthProvider === 'google' ? GOOGLE_ISSUER : saved.oauthIssuer,
    oauthClientId: saved.oauthClientId,
    oauthAudience: saved.oauthAudience,
    oauthScope: saved.oauthScope,
    oauthClientProof: choiceOf('oauthClientProof', saved.oauthClientProof),
    oauthSecretFile: saved.oauthSecretFile,
    oauthAssertionFile: saved.oauthAssertionFile,
    oauthPassThru: saved.oauthPassThru,
    ...Object.fromEntries(saved.oauthParameters.map(({ number, name }) => [`oauthParameterName${number}`, name])),
  };
}

class CredentialsReader {
  readonly #saved: SavedFields;
  readonly #secrets: SecretFields;
  readonly #findings: Findings;
  readonly #fields: MicromegasSettings;
  readonly #issuer: string;
  readonly #isGoogle: boolean;

  constructor(saved: SavedFields, secrets: SecretFields, findings: Findings) {
    this.#saved = saved;
    this.#secrets = secrets;
    this.#findings = findings;
    this.#fields = oauthFields(saved);
    this.#issuer = this.#fields.oauthIssuer ?? '';
    const provider = providerOf(this.#fields);
    this.#isGoogle = provider === 'google';
    findings.labels = fieldLabels(provider);
    findings.warn('oauthProvider', choiceWarning('oauthProvider', saved.oauthProvider, provider));
  }

  read(): ClientCredentials {
    const saved = this.#saved;
    const findings = this.#findings;
    const wrongIssuer = issuerProblem(this.#issuer);
    findings.check('oauthIssuer', wrongIssuer);
    const authentication = this.#authentication();
    const clientId = saved.oauthClientId || (authentication.kind === 'google-key' ? authentication.key.email : '');
    findings.check('oauthClientId', clientId === '' ? message('client-id-missing') : undefined);
    if (wrongIssuer === undefined) {
      this.#checkProvider();
    }
    return {
      issuer: this.#issuer,
      ...(this.#fields.oauthProvider && { provider: this.#fields.oauthProvider }),
      clientId,
      authentication,
      ...this.#endpointHosts(),
      parameters: this.#parameters(),
      ...(saved.oauthAudience !== '' && { audience: saved.oauthAudience }),
      ...(saved.oauthScope !== '' && { scope: saved.oauthScope }),
    };
  }

  #checkProvider(): void {
    const { problems, warnings } = providerProblems(this.#fields);
    for (const field of ['oauthIssuer', 'oauthAudience', 'oauthScope'] as const) {
      this.#findings.check(field, problems[field]);
      this.#findings.warn(field, warnings[field]);
    }
  }

  #endpointHosts(): Pick<ClientCredentials, 'endpointHosts'> {
    const { oauthEndpointHosts } = this.#saved;
    this.#findings.check('oauthEndpointHosts', endpointHostsProblem(oauthEndpointHosts));
    const endpointHosts = endpointHostEntries(oauthEndpointHosts).flatMap((entry) => endpointAuthority(entry) ?? []);
    return endpointHosts.length === 0 ? {} : { endpointHosts };
  }

  #authentication(): AuthenticationMethod {
    const saved = this.#saved;
    const findings = this.#findings;
    const kind = findings.choice('oauthClientProof', saved.oauthClientProof, 'secret');
    const style = findings.choice('oauthSecretStyle', saved.oauthSecretStyle, 'auto');
    switch (kind) {
      case 'private_key':
        return this.#privateKey();
      case 'secret_jwt':
        return this.#secretJwt();
      case 'secret_file':
        findings.check('oauthSecretFile', filePathProblem(saved.oauthSecretFile));
        return { kind: 'secret-file', path: saved.oauthSecretFile, style };
      case 'assertion_file':
        findings.check('oauthAssertionFile', filePathProblem(saved.oauthAssertionFile));
        return { kind: 'assertion-file', path: saved.oauthAssertionFile };
      default:
        return this.#secret(style);
    }
  }

  #secret(style: SecretStyle): AuthenticationMethod {
    const secret = this.#secrets.string('oauthClientSecret');
    if (!this.#isGoogle) {
      this.#warnAboutSecret(secret);
    }
    if (this.#isGoogle && secret !== '') {
      const key = this.#googleKey('oauthClientSecret', secret);
      if (key !== undefined) {
        return { kind: 'google-key', key };
      }
    } else {
      const missing = message(this.#isGoogle ? 'google-key-missing' : 'client-secret-missing');
      this.#findings.missing('oauthClientSecret', secret === '' ? missing : undefined);
    }
    return { kind: 'secret', secret: new Secret(secret), style };
  }

  #warnAboutSecret(secret: string): void {
    const warning = secretWarning(secret);
    this.#findings.warn('oauthClientSecret', warning && message(warning));
  }

  #secretJwt(): AuthenticationMethod {
    const secret = this.#secrets.string('oauthClientSecret');
    this.#findings.missing('oauthClientSecret', secret === '' ? message('client-secret-missing') : undefined);
    this.#warnAboutSecret(secret);
    const algorithm = this.#algorithm(SECRET_ALGORITHMS) ?? SECRET_ALGORITHMS[0];
    return { kind: 'secret-jwt', secret: new Secret(secret), algorithm };
  }

  /**
   * The algorithm in the settings. Undefined if none is set. If `fitting` does not contain the algorithm, adds a
   * problem and returns undefined.
   */
  #algorithm<Algorithm extends string>(fitting: readonly Algorithm[]): Algorithm | undefined {
    const { oauthSigningAlgorithm: word } = this.#saved;
    this.#findings.check('oauthSigningAlgorithm', signingAlgorithmProblem(word, fitting));
    return fitting.find((known) => known === word);
  }

  /**
   * Reads the key. For an invalid key, adds a problem and returns undefined. Adds only a warning if the value may be a
   * client secret of another issuer.
   */
  #googleKey(field: FieldName, json: string): ServiceAccountKey | undefined {
    const key = readGoogleKey(json, this.#saved.oauthClientId);
    if ('problem' in key) {
      const problem = message('verbatim', { text: key.problem });
      const isCertain = recogniseProvider(this.#issuer) === 'google' || json.includes('PRIVATE KEY');
      if (isCertain) {
        this.#findings.check(field, problem);
      } else {
        this.#findings.warn(field, problem);
      }
      return undefined;
    }
    return key;
  }

  #privateKey(): AuthenticationMethod {
    const saved = this.#saved;
    const findings = this.#findings;
    const pem = this.#secrets.pem('oauthPrivateKey');
    const keyId = saved.oauthKeyId === '' ? {} : { keyId: saved.oauthKeyId };
    if (pem === '') {
      findings.check('oauthPrivateKey', message('private-key-missing'));
    } else if (this.#isGoogle) {
      const key = this.#googleKey('oauthPrivateKey', pem);
      if (key !== undefined) {
        return { kind: 'google-key', key: { ...key, ...keyId } };
      }
    }
    const algorithm = this.#algorithm(KEY_ALGORITHMS);
    const certificate = repairPem(saved.oauthCertificate);
    const key = new Secret(pem);
    if (pem !== '') {
      this.#checkKey(key, algorithm, certificate);
    }
    return {
      kind: 'private-key',
      key,
      ...(algorithm && { algorithm }),
      ...keyId,
      ...(certificate !== '' && { certificate }),
    };
  }

  /** Checks the key in the same way as a token request does. */
  #checkKey(pem: Secret, algorithm: KeyAlgorithm | undefined, certificate: string): void {
    try {
      const { key } = readSigningKey(pem, algorithm);
      if (certificate !== '') {
        readThumbprints(certificate, key);
      }
    } catch (reason) {
      // The first message is the summary of the error.
      this.#findings.problems.push(...ProxyError.from(reason).failureMessages.slice(1));
    }
  }

  #parameters(): Array<ClientCredentials['parameters'][number]> {
    const saved = this.#saved;
    const findings = this.#findings;
    const filled: Readonly<Record<string, string>> = { audience: saved.oauthAudience, scope: saved.oauthScope };
    return saved.oauthParameters.flatMap(({ number, name, value: plain }) => {
      const stored = this.#secrets.string(`oauthParameterValue${number}`);
      const value = stored || plain;
      const problem = name === '' ? message('parameter-without-name') : parameterNameProblem(name);
      findings.check('oauthParameters', problem);
      if (value !== '' && Object.hasOwn(filled, name) && filled[name] !== '') {
        findings.warn('oauthParameters', message('parameter-replaces-field', { name }));
      }
      if (problem === undefined && value === '') {
        findings.warn('oauthParameters', message('entry-not-sent-empty', { name }));
      }
      return value === '' ? [] : [[name, new Secret(value), stored === ''] as const];
    });
  }
}

/** Reads the service account. Adds problems and warnings to `findings`. */
export function readCredentials(saved: SavedFields, secrets: SecretFields, findings: Findings): ClientCredentials {
  return new CredentialsReader(saved, secrets, findings).read();
}
