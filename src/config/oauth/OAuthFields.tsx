/** OAuth 2.0: the service account that the data source signs in as, in the words of its provider. */
import React from 'react';
import { type SettingsProps } from '../../types';
import { AdvancedOAuth } from './AdvancedOAuth';
import { AudienceField, ScopeField } from './AudienceAndScope';
import { Auth0Domain } from './Auth0Domain';
import { ClientIdField } from './ClientIdField';
import { ClientProofFields } from './ClientProofFields';
import { EntraApplication, EntraTenant } from './EntraFields';
import { ForwardIdentity, forwardsOnly } from './ForwardIdentity';
import { GoogleIssuer, GoogleKey } from './GoogleKey';
import { IssuerField } from './IssuerField';
import { KeycloakRealm } from './KeycloakRealm';
import { ProviderChoice } from './ProviderChoice';
import { ProviderConnection } from './ProviderConnection';
import { type ProviderFieldProps } from './provider-field-props';
import { providerForm } from './provider-forms';
import { type ProviderChoice as Choice } from './use-provider';

export function OAuthFields({ choice, ...page }: SettingsProps & { choice: Choice }) {
  const form = providerForm(choice.provider);
  return (
    <>
      <ProviderChoice options={page.options} choice={choice} />
      <ServiceAccount page={page} isRequired={!forwardsOnly(page.options)} choice={choice} />
      <ForwardIdentity {...page} />
      <AdvancedOAuth {...page} form={form} />
      <ProviderConnection {...page} />
    </>
  );
}

function ServiceAccount({ choice: { provider }, ...props }: ProviderFieldProps & { choice: Choice }) {
  const form = providerForm(provider);
  if (provider === 'google') {
    return (
      <>
        <GoogleIssuer {...props} />
        <GoogleKey {...props} />
        <ClientIdField {...props} form={form} />
        <AudienceField {...props} form={form} />
        <ScopeField {...props} form={form} />
      </>
    );
  }
  return (
    <>
      <Issuer provider={provider} {...props} />
      <ClientIdField {...props} form={form} />
      <ClientProofFields {...props} form={form} />
      <AudienceField {...props} form={form} />
      {provider === 'entra' ? <EntraApplication {...props} /> : <ScopeField {...props} form={form} />}
    </>
  );
}

function Issuer({ provider, ...props }: ProviderFieldProps & { provider: Choice['provider'] }) {
  switch (provider) {
    case 'auth0':
      return <Auth0Domain {...props} />;
    case 'entra':
      return <EntraTenant {...props} />;
    case 'keycloak':
      return <KeycloakRealm {...props} />;
    case 'okta':
      return (
        <IssuerField
          {...props}
          description="Issuer URI of the custom authorization server, as Security > API shows it."
          placeholder="https://example.okta.com/oauth2/default"
        />
      );
    default:
      return (
        <IssuerField
          {...props}
          description="URL of your identity provider. Its token endpoint is found from there."
          placeholder="https://id.example.com"
        />
      );
  }
}
