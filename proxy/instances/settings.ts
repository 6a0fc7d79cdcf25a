/**
 * Saved settings, checked and in the form that the rest of the proxy uses.
 *
 * Saves of the older plugin (contract/settings.ts) are read as it read them. All problems are named at once, each with
 * its field as the form calls it, because the reader corrects them in one go.
 */
import {
  DEFAULT_MAX_ROWS,
  DEFAULT_QUERY_TIMEOUT_SECONDS,
  effectiveAuthType,
  type AuthType,
  type MicromegasSettings,
} from '../../contract/settings';
import {
  hostProblem,
  isReservedMetadata,
  issuerProblem,
  maxRowsProblem,
  metadataKeyProblem,
  metadataValueProblem,
  timeoutProblem,
} from '../../contract/settings-problems';
import { ProxyError } from '../errors/proxy-error';
import { type AttributionMode } from '../flight-sql/flight-sql-client';
import { Secret } from '../logging/secret';
import { type ClientCredentials } from '../oidc/client-credentials';
import { type SavedDataSource } from './saved-data-source';
import { readSavedFields, type SavedFields } from './saved-fields';

export type DataSourceAuth =
  | { readonly kind: 'none' }
  | { readonly kind: 'token'; readonly token: Secret }
  | { readonly kind: 'oauth2'; readonly credentials: ClientCredentials };

/** What one data source is set to. Holds nothing that was not checked. */
export interface DataSourceSettings {
  readonly uid: string;
  readonly orgId: number;
  readonly name: string;
  /** Without brackets, also for IPv6. */
  readonly host: string;
  readonly port: number;
  /** True: TLS. */
  readonly secure: boolean;
  readonly auth: DataSourceAuth;
  readonly attribution: AttributionMode;
  /** Additional gRPC metadata: names in lower case, neither part empty. */
  readonly metadata: ReadonlyArray<[name: string, value: string]>;
  /** Milliseconds that a query may take. */
  readonly timeoutMs: number;
  /** Rows that an answer may have. */
  readonly maxRows: number;
  /** Sentences about saved values that were read with a doubt, for Save & Test. */
  readonly warnings: readonly string[];
}

const AUTH_LABELS: Readonly<Record<AuthType, string>> = {
  none: 'None',
  token: 'API Key',
  oauth2: 'OAuth 2.0 Client Credentials',
  'username/password': 'User name and password',
};

function isAuthType(word: string): word is AuthType {
  return Object.hasOwn(AUTH_LABELS, word);
}

/** Problems and doubts, collected while the fields are read. */
class Findings {
  readonly problems: string[] = [];
  readonly warnings: string[] = [];

  /** Notes what is wrong with a field, if anything is. */
  check(label: string, problem: string | undefined): void {
    if (problem !== undefined) {
      this.problems.push(`${label}: ${problem}`);
    }
  }
}

function readAddress(host: string, findings: Findings): { host: string; port: number } {
  findings.check('Host', hostProblem(host));
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(host);
  return { host: match?.[1] ?? match?.[2] ?? '', port: Number(match?.[3] ?? 0) };
}

/**
 * Additional metadata. The older plugin let people name what it set itself as well: such saves load, and the entries are
 * left out with a word in Save & Test. Only an `authorization` that is the one sign-in there is goes on being sent.
 */
function readMetadata(saved: SavedFields, auth: DataSourceAuth, findings: Findings): Array<[string, string]> {
  const kept: Array<[string, string]> = [];
  for (const [name, value] of saved.metadata) {
    const signsIn = name.toLowerCase() === 'authorization' && auth.kind === 'none';
    if (isReservedMetadata(name.toLowerCase()) && !signsIn) {
      findings.warnings.push(`Additional metadata: "${name}" is set by the data source itself; the entry is not sent.`);
      continue;
    }
    if (signsIn) {
      findings.warnings.push('Additional metadata: "authorization" is stored unencrypted. Choose API Key instead.');
    }
    const nameProblem = signsIn ? undefined : metadataKeyProblem(name);
    const problem = name === '' ? `the value "${value}" has no name.` : (nameProblem ?? metadataValueProblem(value));
    if (problem !== undefined) {
      findings.check('Additional metadata', problem);
    } else if (value === '') {
      findings.warnings.push(`Additional metadata: "${name}" has no value and is not sent.`);
    } else {
      kept.push([name.toLowerCase(), value]);
    }
  }
  return kept;
}

/** The API key as it is sent. People paste it with the word that goes in front of it on the wire. */
function readToken(stored: string, findings: Findings): Secret {
  const token = stored.replace(/^bearer\s+/i, '');
  if (token === '') {
    findings.check('API Key', 'Enter the API key.');
  } else if (!/^[\x21-\x7e]+$/.test(token)) {
    findings.check('API Key', 'The key holds spaces or other characters that no key has. Enter it again.');
  }
  return new Secret(token);
}

function readCredentials(saved: SavedFields, clientSecret: string, findings: Findings): ClientCredentials {
  findings.check('OIDC Issuer', issuerProblem(saved.oauthIssuer));
  findings.check('Client ID', saved.oauthClientId === '' ? 'Enter the client ID.' : undefined);
  findings.check('Client Secret', clientSecret === '' ? 'Enter the client secret.' : undefined);
  return {
    issuer: saved.oauthIssuer,
    clientId: saved.oauthClientId,
    proof: { kind: 'secret', secret: new Secret(clientSecret), style: 'auto' },
    parameters: [],
    ...(saved.oauthAudience !== '' && { audience: saved.oauthAudience }),
    ...(saved.oauthScope !== '' && { scope: saved.oauthScope }),
  };
}

function readAuth(
  saved: SavedFields,
  secrets: SavedDataSource['decryptedSecureJsonData'],
  findings: Findings
): DataSourceAuth {
  const secret = (name: string) => secrets[name]?.trim() ?? '';
  const selected = isAuthType(saved.selectedAuthType) ? saved.selectedAuthType : undefined;
  const known: MicromegasSettings = {
    token: saved.token,
    username: saved.username,
    oauthIssuer: saved.oauthIssuer,
    oauthClientId: saved.oauthClientId,
    selectedAuthType: selected,
  };
  const type = effectiveAuthType(known, {
    token: secret('token') !== '',
    oauthClientSecret: secret('oauthClientSecret') !== '',
  });
  if (selected !== undefined && selected !== type) {
    findings.warnings.push(
      `Auth Method: "${AUTH_LABELS[selected]}" is selected, but the fields of "${AUTH_LABELS[type]}" are filled in and used.`
    );
  }
  switch (type) {
    case 'username/password':
      throw new ProxyError('password_unsupported', {
        detail: 'An older version of the data source saved these settings.',
      });
    case 'none':
      if (secret('token') !== '') {
        findings.warnings.push('Auth Method: "None" is selected, so the API key that is stored is not used.');
      }
      return { kind: 'none' };
    case 'oauth2':
      return { kind: 'oauth2', credentials: readCredentials(saved, secret('oauthClientSecret'), findings) };
    case 'token':
      if (secret('token') === '' && saved.token !== '') {
        findings.warnings.push(
          'API Key: an old version saved the key unencrypted. Enter it again to have it encrypted.'
        );
      }
      return { kind: 'token', token: readToken(secret('token') || saved.token, findings) };
  }
}

/** Under OAuth the server refuses to hear of other users, except for a name that it does not check. */
function attributionMode(isEnabled: boolean, auth: DataSourceAuth): AttributionMode {
  if (!isEnabled) {
    return 'off';
  }
  return auth.kind === 'oauth2' ? 'name-only' : 'full';
}

/**
 * Checks saved settings.
 *
 * @throws {ProxyError} `settings_invalid` that names every problem with its field; `password_unsupported`.
 */
export function parseSettings(source: SavedDataSource): DataSourceSettings {
  const saved = readSavedFields(source.jsonData);
  const findings = new Findings();
  const address = readAddress(saved.host, findings);
  const auth = readAuth(saved, source.decryptedSecureJsonData, findings);
  const metadata = readMetadata(saved, auth, findings);
  findings.check('Query timeout', timeoutProblem(saved.queryTimeoutSeconds));
  findings.check('Row limit', maxRowsProblem(saved.maxRows));
  if (findings.problems.length > 0) {
    throw new ProxyError('settings_invalid', { detail: findings.problems.join(' ') });
  }
  return {
    uid: source.uid,
    orgId: source.orgId,
    name: source.name,
    ...address,
    secure: saved.secure ?? false,
    auth,
    attribution: attributionMode(saved.enableUserAttribution ?? true, auth),
    metadata,
    timeoutMs: Math.max(1, Math.round((saved.queryTimeoutSeconds ?? DEFAULT_QUERY_TIMEOUT_SECONDS) * 1000)),
    maxRows: saved.maxRows ?? DEFAULT_MAX_ROWS,
    warnings: findings.warnings,
  };
}
