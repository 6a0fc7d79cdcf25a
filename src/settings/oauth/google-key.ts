/**
 * Recognises a pasted key of a Google service account. Only its account, project and key ID are shown, never the key.
 */
import { t } from '@grafana/i18n';
import { type SettingsProps } from '../../shared/types';

export type PastedKey =
  /** The JSON file of a service account. */
  | { kind: 'file'; email: string; keyId?: string; project?: string }
  /** A private key in PEM, which does not name its account. */
  | { kind: 'bare' }
  | { kind: 'wrong'; problem: string };

function withHint(problem: string): string {
  const hint = t(
    'config.google-key.hint',
    'Download the JSON key of a service account: Keys > Add key > Create new key.'
  );
  return `${problem} ${hint}`;
}

function stringOf(fields: object, name: string): string | undefined {
  const value: unknown = Reflect.get(fields, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function readFile(fields: object): PastedKey {
  const type = stringOf(fields, 'type');
  const email = stringOf(fields, 'client_email');
  if ('web' in fields || 'installed' in fields) {
    return {
      kind: 'wrong',
      problem: withHint(
        t('config.google-key.oauth-client', 'This file belongs to an OAuth client, which signs people in.')
      ),
    };
  }
  if (type !== undefined && type !== 'service_account') {
    return {
      kind: 'wrong',
      problem: withHint(
        t('config.google-key.other-type', 'This file has credentials of the type "{{type}}".', {
          type,
          interpolation: { escapeValue: false },
        })
      ),
    };
  }
  if (email === undefined || stringOf(fields, 'private_key') === undefined) {
    return {
      kind: 'wrong',
      problem: withHint(t('config.google-key.incomplete', 'This file has no client_email or no private_key.')),
    };
  }
  return { kind: 'file', email, keyId: stringOf(fields, 'private_key_id'), project: stringOf(fields, 'project_id') };
}

/** The key in a pasted string, or the problem of the string. Undefined for an empty string. */
export function readPastedKey(pasted: string): PastedKey | undefined {
  const trimmed = pasted.trim();
  if (trimmed === '') {
    return undefined;
  }
  if (/^"?-----BEGIN (?:RSA )?PRIVATE KEY-----/.test(trimmed)) {
    return { kind: 'bare' };
  }
  try {
    const parsed: unknown = JSON.parse(trimmed);
    if (parsed !== null && typeof parsed === 'object') {
      return readFile(parsed);
    }
  } catch {
    // The string is not JSON, or only a part of the JSON file. The result below is for both cases.
  }
  return {
    kind: 'wrong',
    problem: trimmed.startsWith('{')
      ? t('config.google-key.truncated', 'The JSON is not complete: paste the file from the first brace to the last.')
      : withHint(t('config.google-key.unknown', 'This is neither the JSON file nor the private key from it.')),
  };
}

/** True if the typed secret is a private key that does not name its account. */
export function isBareKey(secrets: SettingsProps['options']['secureJsonData']): boolean {
  return readPastedKey(secrets?.oauthClientSecret ?? '')?.kind === 'bare';
}
