/**
 * Audiences of an identity provider's own APIs, which tokens of many clients contain. If a server accepts such an
 * audience, it accepts the tokens of all these clients. So the backend must never propose such an audience for the
 * server.
 *
 * A client's own id is not a shared audience: only tokens of that client contain it (ID tokens of a sign-in, and tokens
 * of Entra ID applications that request their own scope).
 *
 * Sources: the documentation of each provider; for Keycloak, tokens of version 26.5.6 (default clients of a realm).
 */
import { recogniseProvider, urlOf } from '../../../contract/settings/providers';
import { type TokenDescription } from './token-source';

export type AudienceOwner =
  | 'keycloak'
  /** A client of Keycloak whose roles the token contains. Keycloak adds the ids of such clients to the audiences. */
  | 'keycloak-roles'
  | 'microsoft'
  | 'auth0-management'
  | 'auth0-userinfo'
  | 'google'
  | 'identity-server'
  | 'aws'
  | 'kubernetes'
  /** The identity provider itself: the audience is equal to the issuer of the token. */
  | 'issuer';

/** A shared audience of the token, and the owner of the API. */
export interface SharedAudience {
  audience: string;
  owner: AudienceOwner;
}

/** The audiences of a token, in two lists. Both have the order of the token. */
export interface AudienceFinding {
  /** Audiences that may belong to Micromegas. */
  own: string[];
  shared: SharedAudience[];
  /**
   * The audience for the server's configuration: the audience in the settings if `own` contains it, or else the only
   * audience in `own`. Undefined if it is not known.
   */
  forServer: string | undefined;
}

/**
 * Default clients of every Keycloak realm. If a token contains a role of such a client, the `aud` of the token contains
 * the id of the client.
 */
const KEYCLOAK_CLIENTS = new Set([
  'account',
  'account-console',
  'admin-cli',
  'broker',
  'realm-management',
  'security-admin-console',
]);

/**
 * Ids of Microsoft's own APIs that `MICROSOFT_ID` does not match: Azure management, Key Vault, Storage, SQL, logs and
 * others.
 */
const MICROSOFT_IDS = new Set([
  '797f4846-ba00-4fd7-ba43-dac1f8f63013',
  'cfa8b339-82a2-471a-a3c9-0fc0be7a4093',
  'e406a681-f3d4-42a8-90b6-c2b029497af1',
  '022907d3-0f1b-48f7-badc-1ba6abab6d66',
  'ca7f3f0b-7d91-482c-8e09-c5d840d0eac5',
  '499b84ac-1321-427f-aa17-267ca6975798',
  'c5393580-f805-4401-95e8-94b7a6ef2fc2',
  '2746ea77-4702-4b45-80ca-3c97e680e8b7',
]);

/** Microsoft Graph (00000003-0000-0000-c000-…), Azure AD Graph, Exchange, SharePoint, Power BI and the like. */
const MICROSOFT_ID = /^0000000[0-9a-f]-0000-0(?:000|ff1)-c(?:000|e00)-000000000000$/;

const MICROSOFT_HOSTS = new Set([
  'graph.microsoft.com',
  'graph.microsoft.us',
  'dod-graph.microsoft.us',
  'microsoftgraph.chinacloudapi.cn',
  'graph.windows.net',
  'graph.chinacloudapi.cn',
  'management.azure.com',
  'management.core.windows.net',
  'management.core.usgovcloudapi.net',
  'management.core.chinacloudapi.cn',
  'management.usgovcloudapi.net',
  'management.chinacloudapi.cn',
  'vault.azure.net',
  'storage.azure.com',
  'database.windows.net',
  'api.loganalytics.io',
  'api.azrbac.mspim.azure.com',
  'analysis.windows.net',
  'outlook.office.com',
  'outlook.office365.com',
]);

const MICROSOFT_AUDIENCES = new Set(['api://azureadtokenexchange']);

/** Removes one slash at the end of an audience, issuer or path, if there is one. */
export function withoutSlash(value: string): string {
  return value.endsWith('/') ? value.slice(0, -1) : value;
}

function isMicrosofts(audience: string): boolean {
  const lowerCase = audience.toLowerCase();
  const host = urlOf(audience)?.hostname ?? '';
  return (
    MICROSOFT_IDS.has(lowerCase) ||
    MICROSOFT_ID.test(lowerCase) ||
    MICROSOFT_AUDIENCES.has(lowerCase) ||
    MICROSOFT_HOSTS.has(host) ||
    host.endsWith('.sharepoint.com')
  );
}

/**
 * True for default clients of Keycloak. The realm `master` also has a client for each realm, such as `lake-realm` for
 * the realm `lake`.
 */
function isKeycloaks(audience: string, issuer: string | undefined): boolean {
  const isMaster = /\/realms\/master\/?$/.test(urlOf(issuer)?.pathname ?? '');
  return KEYCLOAK_CLIENTS.has(audience) || (isMaster && audience.endsWith('-realm'));
}

function ownerOf(audience: string, { issuer, roleClients = [] }: TokenDescription): AudienceOwner | undefined {
  const url = urlOf(audience);
  const { hostname: host = '', pathname: path = '' } = url ?? {};
  if (recogniseProvider(issuer) === 'keycloak' && isKeycloaks(audience, issuer)) {
    return 'keycloak';
  }
  if (roleClients.includes(audience)) {
    return 'keycloak-roles';
  }
  if (isMicrosofts(audience)) {
    return 'microsoft';
  }
  // The host of the Management API's audience is `<tenant>.auth0.com`, even if the tenant has a custom domain.
  if (host.endsWith('.auth0.com') && withoutSlash(path) === '/api/v2') {
    return 'auth0-management';
  }
  if (issuer !== undefined && withoutSlash(audience) === `${withoutSlash(issuer)}/userinfo`) {
    return 'auth0-userinfo';
  }
  if (host === 'googleapis.com' || host.endsWith('.googleapis.com') || host === 'accounts.google.com') {
    return 'google';
  }
  if (audience === 'sts.amazonaws.com') {
    return 'aws';
  }
  if (host === 'kubernetes.default.svc' || host.startsWith('kubernetes.default.svc.')) {
    return 'kubernetes';
  }
  if (issuer !== undefined && withoutSlash(audience) === `${withoutSlash(issuer)}/resources`) {
    return 'identity-server';
  }
  return issuer !== undefined && withoutSlash(audience) === withoutSlash(issuer) ? 'issuer' : undefined;
}

/**
 * Separates the audiences of a token into those that may belong to Micromegas, and shared audiences.
 *
 * @param wanted The audience in the settings, which is preferred.
 */
export function sortAudiences(token: TokenDescription, wanted?: string): AudienceFinding {
  const own: string[] = [];
  const shared: SharedAudience[] = [];
  for (const name of token.audience ?? []) {
    const owner = ownerOf(name, token);
    if (owner === undefined) {
      own.push(name);
    } else {
      shared.push({ audience: name, owner });
    }
  }
  const isWanted = wanted !== undefined && own.includes(wanted);
  return { own, shared, forServer: isWanted ? wanted : own.length === 1 ? own[0] : undefined };
}
