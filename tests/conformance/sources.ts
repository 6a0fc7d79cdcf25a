/** The data sources of a conformance run: with an API key and with OAuth, each with and without user attribution. */
import { type MicromegasSettings } from '../../contract/settings/settings';
import { ADA, type Source } from '../support/plugin';
import { type OAuthClient } from './micromegas-origin';

export interface KeySources {
  apiKey: Source;
  apiKeyUnattributed: Source;
}

export interface OAuthSources {
  oauth: Source;
  oauthUnattributed: Source;
}

export type SignIns = KeySources & OAuthSources;

/**
 * @param server First word of the uids, which distinguishes the data sources of two servers.
 * @param host `host:port` of Flight SQL.
 */
export function keySources(server: string, host: string, apiKey: string): KeySources {
  const jsonData: MicromegasSettings = { host, secure: false, selectedAuthType: 'token' };
  const common = { user: ADA, secureJsonData: { token: apiKey } };
  return {
    apiKey: { ...common, uid: `${server}-key`, jsonData: { ...jsonData } },
    apiKeyUnattributed: {
      ...common,
      uid: `${server}-key-unattributed`,
      jsonData: { ...jsonData, enableUserAttribution: false },
    },
  };
}

export function oauthSources(server: string, host: string, client: OAuthClient): OAuthSources {
  const jsonData: MicromegasSettings = {
    host,
    secure: false,
    selectedAuthType: 'oauth2',
    oauthIssuer: client.issuer,
    oauthClientId: client.clientId,
    oauthAudience: client.audience,
  };
  const common = { user: ADA, secureJsonData: { oauthClientSecret: client.clientSecret } };
  return {
    oauth: { ...common, uid: `${server}-oauth`, jsonData: { ...jsonData } },
    oauthUnattributed: {
      ...common,
      uid: `${server}-oauth-unattributed`,
      jsonData: { ...jsonData, enableUserAttribution: false },
    },
  };
}
