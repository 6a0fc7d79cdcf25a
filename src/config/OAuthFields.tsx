/** OAuth 2.0 client credentials: the service account that the data source signs in as. */
import {
  onUpdateDatasourceJsonDataOption,
  onUpdateDatasourceSecureJsonDataOption,
  updateDatasourcePluginResetOption,
} from '@grafana/data';
import React from 'react';
import { issuerProblem } from '../../contract/settings-problems';
import { type SettingsProps } from '../types';
import { SettingField, TextSetting } from './SettingField';
import { StoredSecretInput } from './StoredSecretInput';
import { presentSecrets } from './update-settings';

export function OAuthFields(props: SettingsProps) {
  const { jsonData, secureJsonData, secureJsonFields, readOnly } = props.options;
  const hasSecret = presentSecrets(props.options).oauthClientSecret;
  return (
    <>
      <TextSetting
        id="micromegas-oauth-issuer"
        label="OIDC Issuer"
        description="URL of your identity provider. Its token endpoint is found from there."
        required
        disabled={readOnly}
        problem={issuerProblem(jsonData.oauthIssuer)}
        value={jsonData.oauthIssuer}
        placeholder="https://tenant.eu.auth0.com/"
        onChange={onUpdateDatasourceJsonDataOption(props, 'oauthIssuer')}
      />
      <TextSetting
        id="micromegas-oauth-client-id"
        label="Client ID"
        required
        disabled={readOnly}
        problem={jsonData.oauthClientId?.trim() ? undefined : 'Enter the client ID of the service account.'}
        value={jsonData.oauthClientId}
        onChange={onUpdateDatasourceJsonDataOption(props, 'oauthClientId')}
      />
      <SettingField
        id="micromegas-oauth-client-secret"
        label="Client Secret"
        description="Stored encrypted. Only Grafana's server can read it again."
        required
        disabled={readOnly}
        problem={hasSecret ? undefined : 'Enter the client secret of the service account.'}
        isEmpty={!hasSecret}
      >
        <StoredSecretInput
          id="micromegas-oauth-client-secret"
          value={secureJsonData?.oauthClientSecret ?? ''}
          isStored={Boolean(secureJsonFields?.oauthClientSecret)}
          readOnly={readOnly}
          onChange={onUpdateDatasourceSecureJsonDataOption(props, 'oauthClientSecret')}
          onReset={() => updateDatasourcePluginResetOption(props, 'oauthClientSecret')}
        />
      </SettingField>
      <TextSetting
        id="micromegas-oauth-audience"
        label="Audience"
        description="Optional. Whom the token is for, as the server's configuration names it. Auth0 needs it."
        disabled={readOnly}
        value={jsonData.oauthAudience}
        placeholder="https://micromegas.example.com"
        onChange={onUpdateDatasourceJsonDataOption(props, 'oauthAudience')}
      />
      <TextSetting
        id="micromegas-oauth-scope"
        label="Scope"
        description="Optional. Scopes to ask for, separated by spaces. Entra ID and Okta need one, such as api://…/.default."
        disabled={readOnly}
        value={jsonData.oauthScope}
        onChange={onUpdateDatasourceJsonDataOption(props, 'oauthScope')}
      />
    </>
  );
}
