/**
 * How the settings page speaks with the admin of each identity provider: what is asked, and by which name the provider's
 * own pages call it. What is right or wrong in the fields is in contract/provider-problems.ts.
 */
import { type ClientProof, type OAuthProvider } from '../../../contract/settings';

interface FieldTexts {
  label: string;
  description: string;
  placeholder?: string;
  required?: boolean;
}

export interface ProviderForm {
  value: OAuthProvider;
  label: string;
  description: string;
  /** What has to be set up there, in a sentence or two. */
  setUp: string;
  /** Where the admin of the provider does that. Keycloak and others have an address of their own. */
  console?: string;
  /** The provider's own explanation of this kind of sign-in. */
  docs: string;
  clientId: string;
  secret: string;
  /** Undefined: the provider takes none. */
  audience?: FieldTexts;
  scope?: FieldTexts;
  /** The ways to prove who the client is that the provider takes; the first is the usual one. */
  proofs: readonly ClientProof[];
}

const FORMS: Record<OAuthProvider, ProviderForm> = {
  auth0: {
    value: 'auth0',
    label: 'Auth0',
    description: 'A tenant at auth0.com, or under a domain of your own',
    setUp: 'Needs an API with signing algorithm RS256, and a machine-to-machine application that is authorized for it.',
    console: 'https://manage.auth0.com/',
    docs: 'https://auth0.com/docs/get-started/authentication-and-authorization-flow/client-credentials-flow',
    clientId: 'Of the machine-to-machine application.',
    secret: 'Of the same application.',
    audience: {
      label: 'Audience (API Identifier)',
      description: 'The Identifier of the API, to the character. Auth0 writes it into the token.',
      placeholder: 'https://micromegas.example.com',
      required: true,
    },
    scope: { label: 'Scope', description: 'Optional. To get fewer scopes than were granted to the application.' },
    proofs: ['secret', 'private_key', 'secret_file'],
  },
  entra: {
    value: 'entra',
    label: 'Microsoft Entra ID',
    description: 'Formerly Azure Active Directory',
    setUp: 'Needs an app registration for the Micromegas API, and one for Grafana.',
    console: 'https://entra.microsoft.com/',
    docs: 'https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow',
    clientId: "Application (client) ID of Grafana's app registration.",
    secret: 'The Value of the secret, not its Secret ID.',
    proofs: ['secret', 'private_key', 'secret_file', 'assertion_file'],
  },
  okta: {
    value: 'okta',
    label: 'Okta',
    description: 'Custom authorization server',
    setUp:
      'Needs a custom authorization server with a scope and an access policy, and an application of type API Services.',
    console: 'https://login.okta.com/',
    docs: 'https://developer.okta.com/docs/guides/implement-grant-type/clientcreds/main/',
    clientId: 'Of the API Services application.',
    secret: 'Of the same application.',
    scope: {
      label: 'Scope',
      description: 'A scope that was added to the authorization server. Several are separated by spaces.',
      placeholder: 'micromegas',
      required: true,
    },
    proofs: ['secret', 'private_key', 'secret_file'],
  },
  google: {
    value: 'google',
    label: 'Google',
    description: 'Service account of Google Cloud',
    setUp: 'Needs a service account with a JSON key. It needs no role.',
    console: 'https://console.cloud.google.com/iam-admin/serviceaccounts',
    docs: 'https://cloud.google.com/iam/docs/keys-create-delete',
    clientId:
      'E-mail address of the service account. Filled in from the JSON key; needed only with a private key alone.',
    secret: '',
    audience: {
      label: 'Target audience',
      description: 'What the Micromegas server is configured with. Google writes it into the token.',
      placeholder: 'https://micromegas.example.com',
      required: true,
    },
    proofs: ['secret'],
  },
  keycloak: {
    value: 'keycloak',
    label: 'Keycloak',
    description: 'Also Red Hat build of Keycloak',
    setUp:
      'Needs a client with client authentication and service account roles, and an audience mapper with the audience of the Micromegas server.',
    docs: 'https://www.keycloak.org/docs/latest/server_admin/index.html#_service_accounts',
    clientId: 'Of the client in the realm.',
    secret: 'As the tab Credentials of the client shows it.',
    scope: { label: 'Scope', description: 'Optional. Client scopes to ask for beside the default ones.' },
    proofs: ['secret', 'private_key', 'secret_jwt', 'secret_file', 'assertion_file'],
  },
  other: {
    value: 'other',
    label: 'Other OIDC provider',
    description: 'Any provider with a discovery document',
    setUp: 'Needs a client with the client credentials grant, whose access tokens are JWTs signed with RS256.',
    docs: 'https://openid.net/specs/openid-connect-discovery-1_0.html',
    clientId: 'Of the service account.',
    secret: "Stored encrypted. Only Grafana's server can read it again.",
    audience: {
      label: 'Audience',
      description: 'Optional. Whom the token is for, where the provider takes that parameter.',
      placeholder: 'https://micromegas.example.com',
    },
    scope: { label: 'Scope', description: 'Optional. Scopes to ask for, separated by spaces.' },
    proofs: ['secret', 'private_key', 'secret_jwt', 'secret_file', 'assertion_file'],
  },
};

export const PROVIDER_FORMS: readonly ProviderForm[] = [
  FORMS.auth0,
  FORMS.entra,
  FORMS.okta,
  FORMS.google,
  FORMS.keycloak,
  FORMS.other,
];

export function providerForm(provider: OAuthProvider): ProviderForm {
  return FORMS[provider];
}
