/** Hosts of the provider beside the issuer's own, for a token endpoint or a key set that is elsewhere. */
import { onUpdateDatasourceJsonDataOption } from '@grafana/data';
import React from 'react';
import { endpointHostEntries, endpointHostsProblem } from '../../../contract/endpoint-hosts';
import { type SettingsProps } from '../../types';
import { TextSetting } from '../fields/SettingField';

/** The setting as one line: provisioning may have saved a list. */
export function endpointHostsText(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? endpointHostEntries(value).join(', ') : value;
}

export function EndpointHosts(page: SettingsProps) {
  const { jsonData, readOnly } = page.options;
  return (
    <TextSetting
      id="micromegas-oauth-endpoint-hosts"
      label="Endpoint hosts"
      description="Optional. Hosts of your provider to which its discovery document may point beside the issuer's own, such as a custom domain of AWS Cognito or a back channel of Keycloak. As host or host:port, separated by commas."
      disabled={readOnly}
      problem={endpointHostsProblem(jsonData.oauthEndpointHosts)}
      value={endpointHostsText(jsonData.oauthEndpointHosts)}
      placeholder="auth.example.com, keycloak.internal:8443"
      onChange={onUpdateDatasourceJsonDataOption(page, 'oauthEndpointHosts')}
    />
  );
}
