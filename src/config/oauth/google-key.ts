/** What a text pasted as the key of a Google service account is. Told to the admin; the key itself is never shown. */

export type PastedKey =
  | { kind: 'file'; email: string; keyId?: string; project?: string }
  | { kind: 'bare' }
  | { kind: 'wrong'; problem: string };

const DOWNLOAD = 'Download the JSON key of a service account: Keys > Add key > Create new key.';

function textOf(fields: object, name: string): string | undefined {
  const value: unknown = Reflect.get(fields, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function readFile(fields: object): PastedKey {
  const type = textOf(fields, 'type');
  const email = textOf(fields, 'client_email');
  if ('web' in fields || 'installed' in fields) {
    return { kind: 'wrong', problem: `This file belongs to an OAuth client, which signs people in. ${DOWNLOAD}` };
  }
  if (type !== undefined && type !== 'service_account') {
    return { kind: 'wrong', problem: `This file holds credentials of the type "${type}". ${DOWNLOAD}` };
  }
  if (email === undefined || textOf(fields, 'private_key') === undefined) {
    return { kind: 'wrong', problem: `This file names no client_email or no private_key. ${DOWNLOAD}` };
  }
  return { kind: 'file', email, keyId: textOf(fields, 'private_key_id'), project: textOf(fields, 'project_id') };
}

/** @returns undefined for an empty text. */
export function readPastedKey(text: string): PastedKey | undefined {
  const trimmed = text.trim();
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
    // Not JSON, or cut off while it was copied: said below either way.
  }
  return {
    kind: 'wrong',
    problem: trimmed.startsWith('{')
      ? 'The JSON is not complete: paste the file from the first brace to the last.'
      : `This is neither the JSON file nor the private key out of it. ${DOWNLOAD}`,
  };
}
