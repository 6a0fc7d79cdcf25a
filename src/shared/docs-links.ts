/** Links from the plugin's pages to the documentation of this project. */

import { PROJECT_URL } from '../../contract/repository';

/** The pages of `docs/` that the plugin links to. A test looks for their files. */
export const DOCS_PAGES = [
  'admin/provisioning',
  'admin/sign-in/auth0',
  'admin/sign-in/entra-id',
  'admin/sign-in/google',
  'admin/sign-in/keycloak',
  'admin/sign-in/okta',
  'admin/sign-in/other',
  'operator/observability',
  'operator/security',
  'user/query-editor',
  'user/sql',
] as const;

export type DocsPage = (typeof DOCS_PAGES)[number];

/** An absolute URL, which needs access to the internet. @param page Path below `docs/`, without its extension. */
export function docsUrl(page: DocsPage): string {
  return `${PROJECT_URL}docs/${page}.md`;
}
