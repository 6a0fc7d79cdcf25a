/**
 * Searches everything that a proxy wrote or answered for the secrets that a test used.
 *
 * `startBuiltPlugin` lets the watch hear the log, at all levels, and the bytes of all answers; `pluginContext` adds the
 * secrets of each data source. Tokens and keys that come about elsewhere are added by the test.
 */

/** Text that is too short to be a secret, or to be told from other text. */
const MIN_LENGTH = 8;

type Source = 'log' | 'answer';

export interface Finding {
  source: Source;
  /** The beginning of the secret: enough to find it in the test, in a message that only a developer reads. */
  secret: string;
  /** What stands around it. */
  context: string;
}

function isJson(text: string): boolean {
  return text.trimStart().startsWith('{');
}

/** The parts of a secret of which each alone is one: lines of a PEM, values of a key file, pieces of a JWT. */
function partsOf(secret: string): string[] {
  if (isJson(secret)) {
    const file: Record<string, unknown> = JSON.parse(secret);
    return typeof file.private_key === 'string' ? partsOf(file.private_key) : [secret];
  }
  if (secret.includes('-----BEGIN')) {
    const isPublic = secret.includes('-----BEGIN CERTIFICATE-----');
    return isPublic ? [] : secret.split(/\r?\n/).filter((line) => !line.startsWith('-----'));
  }
  const [header, payload, signature, ...rest] = secret.split('.');
  const isJwt = header.startsWith('eyJ') && payload?.startsWith('eyJ') === true && signature !== undefined;
  return isJwt && rest.length === 0 ? [secret, payload, signature] : [secret];
}

/** The ways in which a text may be written without being readable at once. */
function formsOf(text: string): string[] {
  const bytes = Buffer.from(text);
  return [
    text,
    encodeURIComponent(text),
    new URLSearchParams({ x: text }).toString().slice('x='.length),
    JSON.stringify(text).slice(1, -1),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    bytes.toString('hex'),
  ];
}

export class SecretWatch {
  readonly #needles = new Set<string>();
  readonly #heard: Array<{ source: Source; bytes: Buffer }> = [];

  /** Nothing is searched for in certificates, e-mail addresses of key files, and texts of a few characters. */
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

  /** Credentials in a Basic header: id and secret are joined before they are encoded. */
  addBasic(id: string, secret: string): void {
    this.add(`${id}:${secret}`);
    this.add(`${encodeURIComponent(id)}:${new URLSearchParams({ x: secret }).toString().slice('x='.length)}`);
  }

  hear(source: Source, said: string | Uint8Array): void {
    this.#heard.push({ source, bytes: typeof said === 'string' ? Buffer.from(said) : Buffer.from(said) });
  }

  /** Numbers of texts searched for and of messages heard: a watch over nothing proves nothing. */
  get size(): { needles: number; heard: number } {
    return { needles: this.#needles.size, heard: this.#heard.length };
  }

  findings(): Finding[] {
    const found: Finding[] = [];
    for (const { source, bytes } of this.#heard) {
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

/** The watch of this test file: jest loads modules anew for each. */
export const secretWatch = new SecretWatch();

/**
 * Fails the file when anything that its proxies wrote or answered holds a secret. Called at the end of the file, after the
 * hook that ends the proxies: hooks run in the order in which they were registered.
 */
export function expectNoSecretsAtEnd(): void {
  afterAll(() => {
    const { needles, heard } = secretWatch.size;
    expect(needles).toBeGreaterThan(0);
    expect(heard).toBeGreaterThan(0);
    expect(secretWatch.findings()).toEqual([]);
  });
}
