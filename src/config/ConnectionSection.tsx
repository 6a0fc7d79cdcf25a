/** Where the server is, and whether the way there is encrypted. */
import { onUpdateDatasourceJsonDataOption, onUpdateDatasourceJsonDataOptionChecked } from '@grafana/data';
import { ConfigSection } from '@grafana/plugin-ui';
import { Alert, Switch } from '@grafana/ui';
import React from 'react';
import { type AuthType } from '../../contract/settings';
import { hostProblem, isLoopback } from '../../contract/settings-problems';
import { type SettingsProps } from '../types';
import { SettingField, TextSetting } from './SettingField';
import { hostnameOf } from './update-settings';

/** @param props.method The sign-in method that the page shows: it decides what plaintext would give away. */
export function ConnectionSection({ method, ...props }: SettingsProps & { method: AuthType }) {
  const { jsonData, readOnly } = props.options;
  const hostname = hostnameOf(jsonData.host);
  const problem = hostProblem(jsonData.host);
  const isExposed = !jsonData.secure && method !== 'none' && problem === undefined && !isLoopback(hostname);
  return (
    <ConfigSection title="Connection">
      <TextSetting
        id="micromegas-host"
        label="Host"
        description="Address of the Flight SQL server as host:port, as Grafana's server reaches it."
        required
        disabled={readOnly}
        problem={problem}
        value={jsonData.host}
        placeholder="micromegas.example.com:50051"
        onChange={onUpdateDatasourceJsonDataOption(props, 'host')}
      />
      <SettingField
        id="micromegas-tls"
        label="TLS"
        description="Encrypts the connection. The server's certificate is checked against the system's authorities."
        disabled={readOnly}
      >
        <Switch
          id="micromegas-tls"
          value={jsonData.secure ?? false}
          onChange={onUpdateDatasourceJsonDataOptionChecked(props, 'secure')}
        />
      </SettingField>
      {isExposed && (
        <Alert severity="warning" title="Credentials travel in plaintext">
          Without TLS, everyone between Grafana and {hostname} can read them and the data. Turn TLS on unless something
          else encrypts this connection.
        </Alert>
      )}
    </ConfigSection>
  );
}
