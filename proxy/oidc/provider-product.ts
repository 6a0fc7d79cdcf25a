/** Providers that are known by their discovery document, and not by their address. */
import { type ProviderProduct } from './token-source';

function pathOf(url: unknown): string {
  return typeof url === 'string' && URL.canParse(url) ? new URL(url).pathname : '';
}

/**
 * The product behind a discovery document. Ory Hydra is known by its log-out endpoint, or by the drafts that no other
 * provider supports (version 2.3.0).
 */
export function productOf(document: Readonly<Record<string, unknown>>): ProviderProduct | undefined {
  const isHydra =
    pathOf(document.end_session_endpoint).endsWith('/oauth2/sessions/logout') ||
    'credentials_endpoint_draft_00' in document ||
    'credentials_supported_draft_00' in document;
  return isHydra ? 'hydra' : undefined;
}
