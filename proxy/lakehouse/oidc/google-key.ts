/**
 * Reads the key of a Google service account. An admin pastes the whole JSON key file, or only the private key in it,
 * with any line breaks. Problems never quote the private key.
 */
import { createPrivateKey } from 'node:crypto';
import { Secret } from '../../observe/logging/secret';
import { type ServiceAccountKey } from './client-credentials';
import { repairPem } from './pem';
import { MIN_RSA_BITS } from './signing-key';
import { jsonObject } from './provider-http';

/** The reason why the string is not a usable key. */
export interface KeyProblem {
  /** One or two sentences: the problem of the string, and what to paste instead. */
  readonly problem: string;
}

const WHERE =
  'Make a JSON key for the service account in Google Cloud (IAM, Service Accounts, Keys) and paste the file.';

function problem(sentence: string): KeyProblem {
  return { problem: `${sentence} ${WHERE}` };
}

function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

/** The repaired private key, or the reason why it cannot sign with RS256. */
function rsaKey(value: string): Secret | KeyProblem {
  const pem = repairPem(value);
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = createPrivateKey(pem);
    if (asymmetricKeyType !== 'rsa') {
      return problem('The private key is not an RSA key, so it is not the key of a Google service account.');
    }
    const isLong = (asymmetricKeyDetails?.modulusLength ?? 0) >= MIN_RSA_BITS;
    return isLong ? new Secret(pem) : problem(`The private key has fewer than ${MIN_RSA_BITS} bits.`);
  } catch {
    return problem('The private key cannot be read; a part of it may be missing.');
  }
}

/** The problem if the file is a JSON file of Google, but not the key of a service account. */
function otherFile(file: Record<string, unknown>): KeyProblem | undefined {
  if ('web' in file || 'installed' in file) {
    return problem('This is an OAuth client for user sign-in, not the key of a service account.');
  }
  const type = stringOf(file.type);
  if (type === undefined || type === 'service_account') {
    return undefined;
  }
  if (type === 'authorized_user') {
    return problem('These are the credentials of a user (authorized_user), not the key of a service account.');
  }
  if (type === 'external_account') {
    return problem('This is a configuration of workload identity federation (external_account), which has no key.');
  }
  return problem(`This file is of the type ${type.slice(0, 40).replace(/[^\w-]/g, '')}, not service_account.`);
}

function fromFile(file: Record<string, unknown>, clientId: string): ServiceAccountKey | KeyProblem {
  const other = otherFile(file);
  if (other !== undefined) {
    return other;
  }
  const email = stringOf(file.client_email);
  const pem = stringOf(file.private_key);
  const missing = [email === undefined && 'client_email', pem === undefined && 'private_key'].filter(
    (name) => name !== false
  );
  if (email === undefined || pem === undefined) {
    return problem(`The JSON lacks ${missing.join(' and ')}, so it is not the whole key of a service account.`);
  }
  if (clientId !== '' && clientId !== email && clientId !== stringOf(file.client_id)) {
    return {
      problem: `The key belongs to ${email}, which is not the account in Client ID. Clear Client ID, or paste the key of that account.`,
    };
  }
  const privateKey = rsaKey(pem);
  if ('problem' in privateKey) {
    return privateKey;
  }
  const keyId = stringOf(file.private_key_id);
  const tokenUri = stringOf(file.token_uri);
  if (tokenUri !== undefined && !URL.canParse(tokenUri)) {
    return problem('The token_uri in the JSON is not a URL.');
  }
  return { email, privateKey, ...(keyId !== undefined && { keyId }), ...(tokenUri !== undefined && { tokenUri }) };
}

function fromPem(pem: string, clientId: string): ServiceAccountKey | KeyProblem {
  if (!clientId.includes('@')) {
    return {
      problem:
        'With the private key alone, Client ID must be the e-mail address of the service account. Or paste the whole JSON key.',
    };
  }
  const privateKey = rsaKey(pem);
  return 'problem' in privateKey ? privateKey : { email: clientId, privateKey };
}

/**
 * The key of a service account, or the problem of the string.
 *
 * @param entered The JSON key file, or the private key in it (PEM).
 * @param clientId From the settings. With a private key only, it must be the account's e-mail address. With the JSON
 *   file it may be empty.
 */
export function readGoogleKey(entered: string, clientId: string): ServiceAccountKey | KeyProblem {
  const content = entered.replace(/^\uFEFF/, '').trim();
  const account = clientId.trim();
  const file = jsonObject(content);
  if (file !== undefined) {
    return fromFile(file, account);
  }
  if (content.startsWith('{')) {
    return problem('The JSON cannot be read; a part of it may be missing.');
  }
  return content.includes('PRIVATE KEY-----')
    ? fromPem(content, account)
    : problem('This is neither the JSON key of a service account nor the private key in it.');
}
