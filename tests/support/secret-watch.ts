/**
 * Searches the log and the responses of plugin processes for the secrets that a test used.
 *
 * `startBuiltPlugin` records the log, at all levels, and all responses. `pluginContext` adds the secrets of each data
 * source. The test itself adds tokens and keys that are not in the settings of a data source.
 */
import { isObject } from '../../contract/is-object';

/** In characters. Shorter strings are not searched for, because they can occur in the output by chance. */
const MIN_LENGTH = 8;

type Source = 'log' | 'response';

export interface Finding {
  source: Source;
  /** The first characters of the secret or of its encoding, by which a developer recognizes it. */
  secret: string;
  /** The output around the secret. */
  context: string;
}

/** A line break of a PEM, or its escape sequence: the plugin repairs a PEM with escaped line breaks. */
const LINE_BREAK = /\\r\\n|\\n|\r?\n/;

/** The object that a key file contains. Undefined for other secrets. */
function keyFile(secret: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(secret);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The parts of a secret that are secret by themselves: lines of a PEM, the key in a key file, parts of a JWT. */
function partsOf(secret: string): string[] {
  const file = keyFile(secret);
  if (file !== undefined) {
    return typeof file.private_key === 'string' ? partsOf(file.private_key) : [secret];
  }
  if (secret.includes('-----BEGIN')) {
    const blocks = Array.from(secret.matchAll(/-----BEGIN ([^-]*)-----(.*?)-----END/gs));
    return blocks.flatMap(([, label, lines]) => (label === 'CERTIFICATE' ? [] : lines.split(LINE_BREAK)));
  }
  const [header, payload, signature, ...rest] = secret.split('.');
  const isJwt = header.startsWith('eyJ') && payload?.startsWith('eyJ') === true && signature !== undefined;
  return isJwt && rest.length === 0 ? [secret, payload, signature] : [secret];
}

/** A string and its usual encodings. */
function formsOf(value: string): string[] {
  const bytes = Buffer.from(value);
  return [
    value,
    encodeURIComponent(value),
    new URLSearchParams({ x: value }).toString().slice('x='.length),
    JSON.stringify(value).slice(1, -1),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    bytes.toString('hex'),
  ];
}

export class SecretWatch {
  readonly #needles = new Set<string>();
  readonly #recorded: Array<{ source: Source; bytes: Buffer }> = [];

  /**
   * Adds a secret and its parts. In a key file with the field `private_key`, only this field is a secret. Certificates
   * and strings shorter than `MIN_LENGTH` are ignored.
   */
  add(secret: string): void {
    for (const part of partsOf(secret)) {
      if (part.length >= MIN_LENGTH) {
        formsOf(part).forEach((form) => this.#needles.add(form));
      }
    }
  }

  addAll(secrets: ReadonlyArray<string | undefined>): void {
    secrets.forEach((secret) => this.add(secret ?? ''));
  }

  /** Adds the credentials of a Basic header, in which id and secret are joined before they are encoded. */
  addBasic(id: string, secret: string): void {
    this.add(`${id}:${secret}`);
    this.add(`${encodeURIComponent(id)}:${new URLSearchParams({ x: secret }).toString().slice('x='.length)}`);
  }

  record(source: Source, output: string | Uint8Array): void {
    this.#recorded.push({ source, bytes: typeof output === 'string' ? Buffer.from(output) : Buffer.from(output) });
  }

  /** Counts of searched strings and recorded outputs. A test must check that both are above 0. */
  get size(): { needles: number; recorded: number } {
    return { needles: this.#needles.size, recorded: this.#recorded.length };
  }

  findings(): Finding[] {
    const found: Finding[] = [];
    for (const { source, bytes } of this.#recorded) {
      for (const needle of this.#needles) {
        const at = bytes.indexOf(needle);
        if (at >= 0) {
          const context = bytes.toString('utf8', Math.max(0, at - 80), at + needle.length + 80);
          found.push({ source, secret: `${needle.slice(0, MIN_LENGTH)}…`, context });
        }
      }
    }
    return found;
  }
}

/** Each test file has its own instance, because Jest loads modules separately for each test file. */
export const secretWatch = new SecretWatch();

/**
 * Fails the test file if the log or a response of its plugin processes contains a secret. Call it after the `afterAll`
 * that stops the processes, because hooks run in the order of their registration.
 */
export function expectNoSecretsAtEnd(): void {
  afterAll(() => {
    const { needles, recorded } = secretWatch.size;
    expect(needles).toBeGreaterThan(0);
    expect(recorded).toBeGreaterThan(0);
    expect(secretWatch.findings()).toEqual([]);
  });
}
