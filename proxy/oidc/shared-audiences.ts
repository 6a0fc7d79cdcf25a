/**
 * Audiences that belong to an identity provider's own APIs, or to everybody. Tokens of many clients name them, so a
 * server that accepts one lets all these clients in: such an audience must never be offered for its configuration.
 *
 * An audience equal to the client's own id is not among them: only that client's tokens name it (ID tokens of a sign-in,
 * and applications of Entra ID that ask for their own scope).
 *
 * Sources: the documentation of each provider; for Keycloak, tokens of version 26.5.6 (default clients of a realm).
 */
import { recogniseProvider, urlOf } from '../../contract/providers';
import { type TokenDescription } from './token-source';

export type AudienceOwner =
  | 'keycloak'
  | 'microsoft'
  | 'auth0-management'
  | 'auth0-userinfo'
  | 'google'
  | 'identity-server'
  | 'aws'
  | 'kubernetes'
  /** The identity provider itself: the audience is its issuer. */
  | 'issuer';

export interface SharedAudience {
  audience: string;
  owner: AudienceOwner;
}

export interface AudienceFinding {
  /** Audiences that may stand for Micromegas. */
  own: string[];
  shared: SharedAudience[];
  /** The one that the server's configuration should name; undefined where that cannot be told. */
  forServer: string | undefined;
}

/** Clients that every realm of Keycloak has. Where a role of one is granted, its id is in `aud`. */
const KEYCLOAK_CLIENTS = new Set([
  'account',
  'account-console',
  'admin-cli',
  'broker',
  'realm-management',
  'security-admin-console',
]);

/** Ids of Microsoft's own APIs beside those that the pattern covers: Azure management, Key Vault, Storage, SQL, logs, … */
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

const MICROSOFT_TEXTS = new Set(['api://azureadtokenexchange']);

function withoutSlash(text: string): string {
  return text.endsWith('/') ? text.slice(0, -1) : text;
}

function isMicrosofts(audience: string): boolean {
  const text = audience.toLowerCase();
  const host = urlOf(audience)?.hostname ?? '';
  return (
    MICROSOFT_IDS.has(text) ||
    MICROSOFT_ID.test(text) ||
    MICROSOFT_TEXTS.has(text) ||
    MICROSOFT_HOSTS.has(host) ||
    host.endsWith('.sharepoint.com')
  );
}

/** Clients of Keycloak that are there without anybody's doing; in the realm master, one per realm: `lake-realm`. */
function isKeycloaks(audience: string, issuer: string | undefined): boolean {
  const isMaster = /\/realms\/master\/?$/.test(urlOf(issuer)?.pathname ?? '');
  return KEYCLOAK_CLIENTS.has(audience) || (isMaster && audience.endsWith('-realm'));
}

/** @param issuer Of the token. */
function ownerOf(audience: string, issuer: string | undefined): AudienceOwner | undefined {
  const url = urlOf(audience);
  const { hostname: host = '', pathname: path = '' } = url ?? {};
  if (recogniseProvider(issuer) === 'keycloak' && isKeycloaks(audience, issuer)) {
    return 'keycloak';
  }
  if (isMicrosofts(audience)) {
    return 'microsoft';
  }
  // Auth0 at a domain of the customer's own keeps the tenant's name in the Management API.
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
 * Sorts the audiences of a token into those that may stand for Micromegas and those that belong to others.
 *
 * @param wanted The audience in the settings, which decides among several.
 */
export function sortAudiences({ audience = [], issuer }: TokenDescription, wanted?: string): AudienceFinding {
  const own: string[] = [];
  const shared: SharedAudience[] = [];
  for (const name of audience) {
    const owner = ownerOf(name, issuer);
    if (owner === undefined) {
      own.push(name);
    } else {
      shared.push({ audience: name, owner });
    }
  }
  const isWanted = wanted !== undefined && own.includes(wanted);
  return { own, shared, forServer: isWanted ? wanted : own.length === 1 ? own[0] : undefined };
}
