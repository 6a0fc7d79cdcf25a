/** OAuth 2.0: the provider, its form for the service account, and the subsections below. */
import React from 'react';
import { type SettingsProps } from '../../shared/types';
import { ProviderConnection, TokenRequestFields } from './AdvancedOAuth';
import { ClientAuthenticationFields } from './ClientAuthenticationFields';
import { ForwardIdentity, forwardsOnly } from './ForwardIdentity';
import { GoogleIssuer, GoogleKey } from './GoogleKey';
import { KeycloakRealm } from './KeycloakRealm';
import { type FormPart, providerForm, type ProviderForm } from './provider-forms';
import { ProviderChoice } from './ProviderChoice';
import { type ProviderFieldProps, ProviderInputField } from './ProviderInputField';
import { type ChosenProvider } from './use-provider';

/**
 * Shown for the authentication method `OAuth 2.0`. The service account is optional if only identities of users are
 * forwarded.
 */
export function OAuthFields({ choice, ...page }: SettingsProps & { choice: ChosenProvider }) {
  const form = providerForm(choice.provider);
  const isRequired = !forwardsOnly(page.options);
  return (
    <>
      <ProviderChoice options={page.options} choice={choice} />
      {form.parts.map((part) => (
        // The provider is part of the key, because the state of a field must not survive a change of the provider.
        <Part
          key={`${form.value} ${part.kind === 'text' ? part.setting : part.kind}`}
          page={page}
          form={form}
          part={part}
          isRequired={isRequired}
        />
      ))}
      <ForwardIdentity {...page} />
      <TokenRequestFields {...page} form={form} />
      <ProviderConnection {...page} />
    </>
  );
}

function Part({ part, form, ...props }: ProviderFieldProps & { form: ProviderForm; part: FormPart }) {
  switch (part.kind) {
    case 'text':
      return <ProviderInputField {...props} part={part} />;
    case 'client-authentication':
      return <ClientAuthenticationFields {...props} form={form} />;
    case 'google-issuer':
      return <GoogleIssuer {...props} />;
    case 'google-key':
      return <GoogleKey {...props} />;
    case 'keycloak-realm':
      return <KeycloakRealm {...props} />;
  }
}
