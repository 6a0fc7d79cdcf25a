/** The name of the service account at the provider. */
import { onUpdateDatasourceJsonDataOption } from '@grafana/data';
import React from 'react';
import { TextSetting } from '../fields/SettingField';
import { type ProviderFieldProps } from './provider-field-props';
import { type ProviderForm } from './provider-forms';

export function ClientIdField({ page, form, isRequired }: ProviderFieldProps & { form: ProviderForm }) {
  const { jsonData, readOnly } = page.options;
  const isMissing = isRequired && !jsonData.oauthClientId?.trim();
  return (
    <TextSetting
      id="micromegas-oauth-client-id"
      label="Client ID"
      description={form.clientId}
      required={isRequired}
      disabled={readOnly}
      problem={isMissing ? 'Enter the client ID of the service account.' : undefined}
      value={jsonData.oauthClientId}
      placeholder={form.value === 'google' ? 'grafana@project.iam.gserviceaccount.com' : undefined}
      onChange={onUpdateDatasourceJsonDataOption(page, 'oauthClientId')}
    />
  );
}
