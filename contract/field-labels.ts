/**
 * What the settings page calls the fields of the OAuth sign-in. The form of a provider has the names that the provider's
 * own pages have for them; errors name the fields in the same way.
 */
import { type RecognisedProvider } from './providers';

export interface OAuthLabels {
  oauthIssuer: string;
  oauthAudience: string;
  oauthScope: string;
  oauthClientSecret: string;
}

const LABELS: OAuthLabels = {
  oauthIssuer: 'OIDC Issuer',
  oauthAudience: 'Audience',
  oauthScope: 'Scope',
  oauthClientSecret: 'Client Secret',
};

const PROVIDER_LABELS: Readonly<Partial<Record<RecognisedProvider, Partial<OAuthLabels>>>> = {
  auth0: { oauthIssuer: 'Domain', oauthAudience: 'Audience (API Identifier)' },
  entra: { oauthIssuer: 'Directory (tenant) ID', oauthScope: 'Application ID URI' },
  google: { oauthAudience: 'Target audience', oauthClientSecret: 'Service account key (JSON)' },
  keycloak: { oauthIssuer: 'Server URL and Realm' },
};

/** The labels of a provider's form. */
export function oauthLabels(provider: RecognisedProvider): OAuthLabels {
  return { ...LABELS, ...PROVIDER_LABELS[provider] };
}

/**
 * A sentence of ours in the words of a provider's form.
 *
 * @param text Names fields by their usual labels, such as `Check the OIDC Issuer.`
 */
export function inFormWords(text: string, provider: RecognisedProvider): string {
  const labels = oauthLabels(provider);
  return text
    .replaceAll(LABELS.oauthIssuer, labels.oauthIssuer)
    .replaceAll(LABELS.oauthClientSecret, labels.oauthClientSecret)
    .replace(/\bAudience\b(?! \()/g, labels.oauthAudience)
    .replace(/\bScope\b/g, labels.oauthScope);
}
