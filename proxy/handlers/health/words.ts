/** The sentences of a health check about the settings: where the server is, and who signs in how. */
import { isLoopback } from '../../../contract/host';
import { Secret } from '../../logging/secret';
import { type HealthSettings } from './health-instance';

type AuthKind = HealthSettings['auth']['kind'];

const CREDENTIALS: Readonly<Record<AuthKind, string>> = {
  none: '',
  token: 'the API key',
  oauth2: 'the access token',
};

/** How the data source signs in, for the stage of the settings. */
export function signInKind({ auth }: HealthSettings): string {
  switch (auth.kind) {
    case 'none':
      return 'no sign-in';
    case 'token':
      return 'API key';
    case 'oauth2': {
      const forwarded = "the users' own OAuth identity";
      if (auth.forwarding === undefined) {
        return 'OAuth 2.0 client credentials';
      }
      return auth.credentials === undefined ? forwarded : `${forwarded}, else OAuth 2.0 client credentials`;
    }
  }
}

/** Everything secret that travels with a call, or undefined when nothing does. */
function secretsText({ auth, metadata }: HealthSettings): string | undefined {
  const hasSecretMetadata = metadata.some(([, value]) => value instanceof Secret);
  const parts = [CREDENTIALS[auth.kind], hasSecretMetadata ? 'the secret metadata' : ''].filter((part) => part !== '');
  return parts.length === 0 ? undefined : parts.join(', ');
}

/** A warning when credentials cross a network in plain text. */
export function plaintextWarnings(settings: HealthSettings): string[] {
  const { host, tls } = settings.server;
  const secrets = secretsText(settings);
  return secrets === undefined || tls !== undefined || isLoopback(host)
    ? []
    : [
        `Without TLS, ${secrets} and all data cross the network to ${host} in plain text: switch on TLS, or terminate it on this machine.`,
      ];
}

/** A number with its noun: `1 table`, `6 tables`. */
export function countText(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Up to and with the first full stop or colon that ends a word. */
export function firstSentence(text: string): string {
  return /^.*?[.:](?=\s|$)/.exec(text)?.[0] ?? text;
}
