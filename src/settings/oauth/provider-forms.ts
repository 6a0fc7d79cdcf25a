/**
 * The form of each identity provider as data: its fields in order, with the names that the provider's own pages use.
 * The rules for the values are in `contract/problems/provider-problems.ts`.
 *
 * The forms are functions, because `t` returns translations only after the module is loaded.
 */
import { t } from '@grafana/i18n';
import { type ClientAuthentication, type KeyAlgorithm, type OAuthProvider } from '../../../contract/settings/settings';
import { type DocsPage } from '../../shared/docs-links';
import { storedEncrypted } from '../fields/SecretSetting';
import { AUTH0_DOMAIN, type Conversion, ENTRA_APPLICATION, ENTRA_TENANT } from './entered-values';

export type FieldSetting = 'oauthIssuer' | 'oauthClientId' | 'oauthAudience' | 'oauthScope';

/** A setting with one line of input. */
export interface InputPart {
  kind: 'text';
  setting: FieldSetting;
  label: string;
  description: string;
  placeholder?: string;
  /**
   * Whether a service account needs the value. Google needs the client ID only if the private key was pasted without
   * its JSON file, which names the account.
   */
  required?: boolean | 'with-bare-key';
  /** Error message for an empty required field. Default: the message of `contract/`. */
  missing?: string;
  /** For a field whose input differs from the saved value. Default: the input is saved. */
  conversion?: Conversion;
  /** The provider does not use the setting. The field is shown only if a value is saved. */
  isUnused?: boolean;
}

/** A part of a form: a text field, or a component of its own. */
export type FormPart =
  InputPart | { kind: 'client-authentication' | 'google-issuer' | 'google-key' | 'keycloak-realm' };

/** The form of one provider. Its strings are in the language of the user, so it must be created while rendering. */
export interface ProviderForm {
  value: OAuthProvider;
  label: string;
  description: string;
  /** The objects that the admin has to create at the provider. */
  setUp: string;
  /** The provider's administration pages, if all customers use the same address. */
  consoleUrl?: string;
  /** The page of the documentation about this provider. */
  guide: DocsPage;
  /** The fields, from top to bottom. */
  parts: readonly FormPart[];
  /** Client authentication methods of the provider, the usual one first. */
  methods: readonly ClientAuthentication[];
  /** Default: `storedEncrypted`. */
  secretDescription?: string;
  /** True if the provider finds a private key by its certificate, and not by a key ID. */
  usesCertificate?: boolean;
  /** Signing algorithms that the provider rejects. */
  rejectedAlgorithms?: readonly KeyAlgorithm[];
}

/** Names of products. They are the same in all languages. */
const AUTH0 = 'Auth0';
const ENTRA_ID = 'Microsoft Entra ID';
const OKTA = 'Okta';
const GOOGLE = 'Google';
const KEYCLOAK = 'Keycloak';

const EXAMPLES = {
  audience: 'https://micromegas.example.com',
  auth0Domain: 'tenant.eu.auth0.com',
  tenantId: '00000000-0000-0000-0000-000000000000',
  applicationId: 'api://00000000-0000-0000-0000-000000000000',
  oktaIssuer: 'https://example.okta.com/oauth2/default',
  scope: 'micromegas',
  googleAccount: 'grafana@project.iam.gserviceaccount.com',
  issuer: 'https://id.example.com',
} as const;

const CLIENT_AUTHENTICATION: FormPart = { kind: 'client-authentication' };

const issuer = (part: Pick<InputPart, 'description' | 'placeholder'>): InputPart => ({
  kind: 'text',
  setting: 'oauthIssuer',
  label: t('config.issuer.label', 'OIDC Issuer'),
  required: true,
  ...part,
});

const clientId = (description: string): InputPart => ({
  kind: 'text',
  setting: 'oauthClientId',
  label: t('config.client-id.label', 'Client ID'),
  description,
  required: true,
  missing: t('config.client-id.missing', 'Enter the client ID of the service account.'),
});

const audience = (part: Pick<InputPart, 'description'> & Partial<InputPart>): InputPart => ({
  kind: 'text',
  setting: 'oauthAudience',
  label: t('config.audience.label', 'Audience'),
  placeholder: EXAMPLES.audience,
  ...part,
});

const scope = (part: Pick<InputPart, 'description'> & Partial<InputPart>): InputPart => ({
  kind: 'text',
  setting: 'oauthScope',
  label: t('config.scope.label', 'Scope'),
  ...part,
});

const unused = (provider: string): Pick<InputPart, 'description' | 'placeholder' | 'isUnused'> => ({
  description: t(
    'config.unused-field.description',
    '{{provider}} does not use this setting. An older version saved this value.',
    {
      provider,
      interpolation: { escapeValue: false },
    }
  ),
  placeholder: undefined,
  isUnused: true,
});

const sameApplication = () => t('config.client-secret.same-application', 'Of the same application.');

const auth0 = (): ProviderForm => ({
  value: 'auth0',
  label: AUTH0,
  description: t('config.auth0.description', 'A tenant at auth0.com, or under your own domain'),
  setUp: t(
    'config.auth0.set-up',
    'Needs an API with signing algorithm RS256, and a machine-to-machine application that is authorized for this API.'
  ),
  consoleUrl: 'https://manage.auth0.com/',
  guide: 'admin/sign-in/auth0',
  parts: [
    {
      kind: 'text',
      setting: 'oauthIssuer',
      label: t('config.auth0.domain.label', 'Domain'),
      description: t('config.auth0.domain.description', "From the application's settings, or your custom domain."),
      placeholder: EXAMPLES.auth0Domain,
      required: true,
      missing: t('config.auth0.domain.missing', 'Enter the domain.'),
      conversion: AUTH0_DOMAIN,
    },
    clientId(t('config.auth0.client-id', 'Of the machine-to-machine application.')),
    CLIENT_AUTHENTICATION,
    audience({
      label: t('config.auth0.audience.label', 'Audience (API Identifier)'),
      description: t(
        'config.auth0.audience.description',
        'The Identifier of the API, exactly as in Auth0. Auth0 writes this value into the token.'
      ),
      required: true,
    }),
    scope({
      description: t('config.auth0.scope', 'Optional. To get fewer scopes than the application was granted.'),
    }),
  ],
  methods: ['secret', 'private_key', 'secret_file'],
  secretDescription: sameApplication(),
  rejectedAlgorithms: ['ES256'],
});

const entra = (): ProviderForm => ({
  value: 'entra',
  label: ENTRA_ID,
  description: t('config.entra.description', 'Formerly Azure Active Directory'),
  setUp: t('config.entra.set-up', 'Needs an app registration for the Micromegas API, and one for Grafana.'),
  consoleUrl: 'https://entra.microsoft.com/',
  guide: 'admin/sign-in/entra-id',
  parts: [
    {
      kind: 'text',
      setting: 'oauthIssuer',
      label: t('config.entra.tenant.label', 'Directory (tenant) ID'),
      description: t('config.entra.tenant.description', 'From the overview of the app registration.'),
      placeholder: EXAMPLES.tenantId,
      required: true,
      missing: t('config.entra.tenant.missing', 'Enter the tenant ID.'),
      conversion: ENTRA_TENANT,
    },
    clientId(t('config.entra.client-id', "Application (client) ID of Grafana's app registration.")),
    CLIENT_AUTHENTICATION,
    audience(unused(ENTRA_ID)),
    scope({
      label: t('config.entra.application.label', 'Application ID URI'),
      description: t(
        'config.entra.application.description',
        "From the Micromegas API's app registration, under Expose an API. The application ID works too."
      ),
      placeholder: EXAMPLES.applicationId,
      required: true,
      missing: t('config.entra.application.missing', 'Enter the Application ID URI.'),
      conversion: ENTRA_APPLICATION,
    }),
  ],
  methods: ['secret', 'private_key', 'secret_file', 'assertion_file'],
  secretDescription: t('config.entra.secret', 'The Value of the secret, not its Secret ID.'),
  usesCertificate: true,
  rejectedAlgorithms: ['ES256'],
});

const okta = (): ProviderForm => ({
  value: 'okta',
  label: OKTA,
  description: t('config.okta.description', 'Custom authorization server'),
  setUp: t(
    'config.okta.set-up',
    'Needs a custom authorization server with a scope and an access policy, and an application of type API Services.'
  ),
  consoleUrl: 'https://login.okta.com/',
  guide: 'admin/sign-in/okta',
  parts: [
    issuer({
      description: t('config.okta.issuer', 'Issuer URI of the custom authorization server, from Security > API.'),
      placeholder: EXAMPLES.oktaIssuer,
    }),
    clientId(t('config.okta.client-id', 'Of the API Services application.')),
    CLIENT_AUTHENTICATION,
    audience(unused(OKTA)),
    scope({
      description: t('config.okta.scope', 'A custom scope of the authorization server. Separate several with spaces.'),
      placeholder: EXAMPLES.scope,
      required: true,
    }),
  ],
  methods: ['secret', 'private_key', 'secret_file'],
  secretDescription: sameApplication(),
  rejectedAlgorithms: ['PS256'],
});

const google = (): ProviderForm => ({
  value: 'google',
  label: GOOGLE,
  description: t('config.google.description', 'Service account of Google Cloud'),
  setUp: t('config.google.set-up', 'Needs a service account with a JSON key. The account needs no role.'),
  consoleUrl: 'https://console.cloud.google.com/iam-admin/serviceaccounts',
  guide: 'admin/sign-in/google',
  parts: [
    { kind: 'google-issuer' },
    { kind: 'google-key' },
    {
      ...clientId(
        t(
          'config.google.client-id',
          'E-mail address of the service account. Filled in from the JSON key. Required only if you paste a private key without the JSON file.'
        )
      ),
      placeholder: EXAMPLES.googleAccount,
      required: 'with-bare-key',
    },
    audience({
      label: t('config.google.audience.label', 'Target audience'),
      description: t(
        'config.google.audience.description',
        'The audience in the configuration of the Micromegas server. Google writes this value into the token.'
      ),
      required: true,
    }),
    scope(unused(GOOGLE)),
  ],
  methods: ['secret'],
});

const keycloak = (): ProviderForm => ({
  value: 'keycloak',
  label: KEYCLOAK,
  description: t('config.keycloak.description', 'Also Red Hat build of Keycloak'),
  setUp: t(
    'config.keycloak.set-up',
    'Needs a client with client authentication and service account roles, and an audience mapper with the audience of the Micromegas server.'
  ),
  guide: 'admin/sign-in/keycloak',
  parts: [
    { kind: 'keycloak-realm' },
    clientId(t('config.keycloak.client-id', 'Of the client in the realm.')),
    CLIENT_AUTHENTICATION,
    audience(unused(KEYCLOAK)),
    scope({
      description: t('config.keycloak.scope', 'Optional. Client scopes to request in addition to the default ones.'),
    }),
  ],
  methods: ['secret', 'private_key', 'secret_jwt', 'secret_file', 'assertion_file'],
  secretDescription: t('config.keycloak.secret', 'From the Credentials tab of the client.'),
});

const other = (): ProviderForm => ({
  value: 'other',
  label: t('config.other-provider.label', 'Other OIDC provider'),
  description: t('config.other-provider.description', 'Any provider with a discovery document'),
  setUp: t(
    'config.other-provider.set-up',
    'Needs a client with the client credentials grant, whose access tokens are JWTs signed with RS256.'
  ),
  guide: 'admin/sign-in/other',
  parts: [
    issuer({
      description: t(
        'config.other-provider.issuer',
        'URL of your identity provider. Its discovery document names the token endpoint.'
      ),
      placeholder: EXAMPLES.issuer,
    }),
    clientId(t('config.other-provider.client-id', 'Of the service account.')),
    CLIENT_AUTHENTICATION,
    audience({
      description: t(
        'config.other-provider.audience',
        'Optional. The API that the token is for, if the provider supports an audience.'
      ),
    }),
    scope({
      description: t('config.other-provider.scope', 'Optional. Scopes to request, separated by spaces.'),
    }),
  ],
  methods: ['secret', 'private_key', 'secret_jwt', 'secret_file', 'assertion_file'],
  secretDescription: storedEncrypted(),
});

const FORMS: Record<OAuthProvider, () => ProviderForm> = { auth0, entra, okta, google, keycloak, other };

/** The forms in the order in which the page lists the providers. */
export function providerForms(): ProviderForm[] {
  return Object.values(FORMS).map((form) => form());
}

/** The form of a provider, in the language of the user. Must be called while rendering. */
export function providerForm(provider: OAuthProvider): ProviderForm {
  return FORMS[provider]();
}
