/**
 * The sentences of a health check about who signs in and what the server's audit trail will show of Grafana's users.
 */
import { isLoopback } from '../../../contract/settings-problems';
import { type AccessToken } from '../../oidc/token-source';
import { type HealthSettings } from './health-instance';

const CREDENTIALS: Readonly<Record<HealthSettings['auth']['kind'], string>> = {
  none: '',
  token: 'the API key',
  oauth2: 'the access token',
};

/** `host:port`, with an IPv6 address in brackets. */
export function addressText({ host, port }: HealthSettings): string {
  return `${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`;
}

/** How the data source signs in, as it stands in the result. */
export function signInText({ auth }: HealthSettings, token: AccessToken | undefined): string {
  switch (auth.kind) {
    case 'none':
      return 'no sign-in';
    case 'token':
      return 'signed in with API key';
    case 'oauth2': {
      const { subject, issuer } = token?.description ?? {};
      return `signed in with OAuth${subject ? ` as ${subject}` : ''}${issuer ? ` of ${issuer}` : ''}`;
    }
  }
}

/** What the server learns of the Grafana user behind a query. */
export function attributionText({ auth, attribution }: HealthSettings, token: AccessToken | undefined): string {
  if (attribution === 'off') {
    return auth.kind === 'none'
      ? 'User attribution is off: queries carry no user.'
      : 'User attribution is off: the audit trail shows the service account only.';
  }
  if (attribution === 'full') {
    return "Queries carry the Grafana user's login, e-mail and name.";
  }
  const subject = token?.description.subject;
  return `The audit trail names ${subject ?? 'the service account'} as the user, and the Grafana user beside it (x-user-name).`;
}

/**
 * What the answer to the first query says of the sign-in. No more than that: a server that asks nobody for a sign-in takes
 * the query as well.
 */
export function acceptedText({ auth }: HealthSettings): string {
  return auth.kind === 'none'
    ? 'The server answers without a sign-in.'
    : `The server took the query with ${CREDENTIALS[auth.kind]}.`;
}

/** A warning when credentials cross a network in plain text. */
export function plaintextWarnings(settings: HealthSettings): string[] {
  const { auth, secure, host } = settings;
  return auth.kind === 'none' || secure || isLoopback(host)
    ? []
    : [
        `Without TLS, ${CREDENTIALS[auth.kind]} and all data cross the network to ${host} in plain text: switch on TLS, or terminate it on this machine.`,
      ];
}
