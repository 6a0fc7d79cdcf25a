/** What few providers need. Folded unless something is set. */
import React from 'react';
import { type MicromegasSettings, type SecretStyle } from '../../../contract/settings';
import { type SettingsProps } from '../../types';
import { type Choice, ChoiceSetting } from '../fields/ChoiceSetting';
import { numberedEntries, TOKEN_PARAMETERS } from '../fields/numbered-entries';
import { withSettings } from '../update-settings';
import { type ProviderForm } from './provider-forms';
import { EndpointHosts, endpointHostsText } from './EndpointHosts';
import { TokenParameters } from './TokenParameters';
import { Subsection } from '../fields/Subsection';

const STYLES: Array<Choice<SecretStyle>> = [
  { value: 'auto', label: 'Automatic', description: "What the provider's metadata says" },
  { value: 'post', label: 'In the form', description: 'client_secret_post' },
  { value: 'basic', label: 'In the Authorization header', description: 'client_secret_basic' },
  {
    value: 'basic_unencoded',
    label: 'In the Authorization header, not encoded',
    description: 'For servers that do not decode it',
  },
];

/** True where a secret is sent, and not an assertion. */
function sendsSecret({ oauthClientProof = 'secret' }: MicromegasSettings, { value }: ProviderForm): boolean {
  return value !== 'google' && (oauthClientProof === 'secret' || oauthClientProof === 'secret_file');
}

export function AdvancedOAuth({ form, ...page }: SettingsProps & { form: ProviderForm }) {
  const { options, onOptionsChange } = page;
  const { jsonData, readOnly } = options;
  const style = jsonData.oauthSecretStyle ?? 'auto';
  const isUsed =
    style !== 'auto' ||
    Boolean(endpointHostsText(jsonData.oauthEndpointHosts)) ||
    numberedEntries(options, TOKEN_PARAMETERS).length > 0;
  return (
    <Subsection
      title="Advanced token request"
      description="How the secret is sent, hosts of the provider, and further parameters."
      isCollapsible
      isInitiallyOpen={isUsed}
    >
      {sendsSecret(jsonData, form) && (
        <ChoiceSetting
          id="micromegas-oauth-secret-style"
          label="Secret style"
          description="How the client secret travels to the token endpoint."
          disabled={readOnly}
          choices={STYLES}
          value={style}
          onChange={(chosen) =>
            onOptionsChange(withSettings(options, { oauthSecretStyle: chosen === 'auto' ? undefined : chosen }))
          }
        />
      )}
      <EndpointHosts {...page} />
      <TokenParameters {...page} />
    </Subsection>
  );
}
