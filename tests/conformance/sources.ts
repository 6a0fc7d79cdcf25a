/** The data sources of a conformance run: one server, each way to sign in. */
import { type MicromegasSettings } from '../../contract/settings';
import { ADA, type Source } from '../support/plugin';

export interface Server {
  /** `host:port` of the Flight SQL server. */
  host: string;
  apiKey: string;
  issuer: string;
  clientId: string;
  clientSecret: string;
  audience: string;
}

export interface SignIns {
  apiKey: Source;
  apiKeyUnattributed: Source;
  oauth: Source;
  oauthUnattributed: Source;
}

/** The same sources for the demo and for a real Micromegas, all used by the same Grafana user. */
export function signIns(server: Server): SignIns {
  const common: MicromegasSettings = { host: server.host, secure: false };
  const oauth: MicromegasSettings = {
    ...common,
    selectedAuthType: 'oauth2',
    oauthIssuer: server.issuer,
    oauthClientId: server.clientId,
    oauthAudience: server.audience,
  };
  const key = { token: server.apiKey };
  const secret = { oauthClientSecret: server.clientSecret };
  const token: MicromegasSettings = { ...common, selectedAuthType: 'token' };
  return {
    apiKey: { uid: 'key', user: ADA, jsonData: { ...token }, secureJsonData: key },
    apiKeyUnattributed: {
      uid: 'key-off',
      user: ADA,
      jsonData: { ...token, enableUserAttribution: false },
      secureJsonData: key,
    },
    oauth: { uid: 'oauth', user: ADA, jsonData: { ...oauth }, secureJsonData: secret },
    oauthUnattributed: {
      uid: 'oauth-off',
      user: ADA,
      jsonData: { ...oauth, enableUserAttribution: false },
      secureJsonData: secret,
    },
  };
}
