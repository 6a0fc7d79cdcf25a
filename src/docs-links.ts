/** Links from the plugin's pages to the documentation of this project. */

/** Base URL of the documentation. It changes here, and nowhere else, when the project moves. */
export const DOCS_BASE_URL = 'https://github.com/madesroches/micromegas/blob/main/grafana/docs';

/** The pages of `docs/` that the plugin links to. A test looks for their files. */
export const DOCS_PAGES = [
  'explore',
  'observability',
  'provisioning',
  'queries',
  'security',
  'sign-in/auth0',
  'sign-in/entra-id',
  'sign-in/google',
  'sign-in/keycloak',
  'sign-in/okta',
  'sign-in/other',
] as const;

export type DocsPage = (typeof DOCS_PAGES)[number];

export function docsUrl(page: DocsPage): string {
  return `${DOCS_BASE_URL}/${page}.md`;
}
