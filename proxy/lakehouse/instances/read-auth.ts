/** Reads the authentication settings of a data source. */
import { message, type Message } from '../../../contract/messages/message';
import { choiceWarning } from '../../../contract/problems/choice-problems';
import { choiceOf } from '../../../contract/settings/choices';
import { secretWarning } from '../../../contract/settings/secret-shape';
import {
  effectiveAuthType,
  type AuthType,
  type ForwardedToken,
  type StoredSecrets,
} from '../../../contract/settings/settings';
import { ProxyError } from '../../base/errors/proxy-error';
import { Secret } from '../../observe/logging/secret';
import { type ClientCredentials } from '../oidc/client-credentials';
import { type Findings } from './findings';
import { oauthFields, readCredentials } from './read-credentials';
import { type SavedFields } from './saved-fields';
import { type SecretFields } from './secret-fields';

/** The settings for forwarding the tokens of users. */
export interface Forwarding {
  /** True: use the service account when there is no user token. */
  readonly fallback: boolean;
  readonly token: ForwardedToken;
}

export type DataSourceAuth =
  | { readonly kind: 'none' }
  | { readonly kind: 'token'; readonly token: Secret }
  | {
      readonly kind: 'oauth2';
      /** The service account. Missing when only users' own tokens are used. */
      readonly credentials?: ClientCredentials;
      readonly forwarding?: Forwarding;
    };

const AUTH_LABELS: Readonly<Record<AuthType, string>> = {
  none: 'None',
  token: 'API Key',
  oauth2: 'OAuth 2.0 Client Credentials',
  'username/password': 'User name and password',
};

/** The API key without the word `Bearer`, which some users paste together with the key. */
function readApiKey(stored: string, findings: Findings): Secret {
  const token = stored.replace(/^bearer\s+/i, '');
  if (token === '') {
    findings.missing('token', message('api-key-missing'));
  } else if (!/^[\x21-\x7e]+$/.test(token)) {
    findings.check('token', message('api-key-invalid'));
  }
  const warning = secretWarning(token);
  findings.warn('token', warning && message(warning));
  return new Secret(token);
}

function readForwarding(saved: SavedFields, findings: Findings): Forwarding | undefined {
  if (saved.oauthPassThru !== true) {
    return undefined;
  }
  const token = findings.choice('oauthForwardedToken', saved.oauthForwardedToken, 'auto');
  return { fallback: saved.oauthPassThruFallback ?? false, token };
}

function readOAuth(saved: SavedFields, secrets: SecretFields, findings: Findings): DataSourceAuth {
  const forwarding = readForwarding(saved, findings);
  const needsServiceAccount = forwarding === undefined || forwarding.fallback;
  return {
    kind: 'oauth2',
    ...(needsServiceAccount && { credentials: readCredentials(saved, secrets, findings) }),
    ...(forwarding && { forwarding }),
  };
}

/** The saved method, if it is a known one. */
function selectedType({ selectedAuthType }: SavedFields): AuthType | undefined {
  return choiceOf('selectedAuthType', selectedAuthType);
}

/** The method with which the data source signs in. */
export function authTypeOf(saved: SavedFields, secrets: SecretFields): AuthType {
  const stored: StoredSecrets = {
    token: secrets.has('token'),
    oauthClientSecret: secrets.has('oauthClientSecret'),
    oauthPrivateKey: secrets.has('oauthPrivateKey'),
  };
  const { token, username, authMethodChosen } = saved;
  return effectiveAuthType(
    { ...oauthFields(saved), token, username, authMethodChosen, selectedAuthType: selectedType(saved) },
    stored
  );
}

/** Warning for settings that an older version saved: their fields imply another method than `selectedAuthType`. */
function otherMethodWarning(selected: AuthType, used: AuthType): Message {
  return selected === 'token' && used === 'oauth2'
    ? message('api-key-empty-oauth-used')
    : message('auth-method-differs', { selected: AUTH_LABELS[selected], used: AUTH_LABELS[used] });
}

/**
 * The sign-in of a data source. Adds problems and warnings to `findings`.
 *
 * @throws {ProxyError} `password_unsupported`.
 */
export function readAuth(saved: SavedFields, secrets: SecretFields, findings: Findings): DataSourceAuth {
  const selected = selectedType(saved);
  const type = authTypeOf(saved, secrets);
  if (selected !== undefined && selected !== type) {
    findings.warn('selectedAuthType', otherMethodWarning(selected, type));
  }
  findings.warn('selectedAuthType', choiceWarning('selectedAuthType', saved.selectedAuthType, type));
  if (saved.oauthPassThru === true && type !== 'oauth2') {
    findings.warn('oauthPassThru', message('pass-thru-unused', { used: AUTH_LABELS[type] }));
  }
  switch (type) {
    case 'username/password':
      throw new ProxyError('password_unsupported', {
        detail: 'An older version of the data source saved these settings.',
      });
    case 'none':
      findings.warn('selectedAuthType', secrets.has('token') ? message('api-key-unused') : undefined);
      return { kind: 'none' };
    case 'oauth2':
      return readOAuth(saved, secrets, findings);
    case 'token':
      if (saved.token !== '') {
        const isUsed = !secrets.has('token');
        findings.warn('token', message(isUsed ? 'api-key-stored-in-plain-text' : 'unused-api-key-in-plain-text'));
      }
      return { kind: 'token', token: readApiKey(secrets.string('token') || saved.token, findings) };
  }
}
