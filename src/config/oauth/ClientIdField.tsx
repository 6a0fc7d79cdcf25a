/** The name of the service account at the provider. */
import { onUpdateDatasourceJsonDataOption } from '@grafana/data';
import React from 'react';
import { TextSetting } from '../fields/SettingField';
import { readPastedKey } from './google-key';
import { type ProviderFieldProps } from './provider-field-props';
import { type ProviderForm } from './provider-forms';

interface Props extends ProviderFieldProps {
  form: ProviderForm;
}

/** The JSON key of a Google service account names the account itself; a private key out of it does not. */
function isNeeded({ page, form, isRequired }: Props): boolean {
  return (
    isRequired &&
    (form.value !== 'google' || readPastedKey(page.options.secureJsonData?.oauthClientSecret ?? '')?.kind === 'bare')
  );
}

export function ClientIdField(props: Props) {
  const { page, form } = props;
  const { jsonData, readOnly } = page.options;
  const isRequired = isNeeded(props);
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
