/** Where the server is, and how the way there is secured. */
import { onUpdateDatasourceJsonDataOption, updateDatasourcePluginJsonDataOption } from '@grafana/data';
import { ConfigSection } from '@grafana/plugin-ui';
import { Alert } from '@grafana/ui';
import React from 'react';
import { type AuthType } from '../../contract/settings';
import { isLoopback } from '../../contract/host';
import { hostProblem } from '../../contract/settings-problems';
import { type SettingsProps } from '../types';
import { TextSetting } from './fields/SettingField';
import { SwitchSetting } from './fields/SwitchSetting';
import { SocksProxySetting } from './tls/SocksProxySetting';
import { SERVER_TLS, usesTlsFields } from './tls/tls-fields';
import { TlsSettings } from './tls/TlsSettings';
import { hostnameOf } from './update-settings';
import { Subsection } from './fields/Subsection';

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
      <SwitchSetting
        id="micromegas-tls"
        label="TLS"
        description="Encrypts the connection. The server's certificate is checked against the system's authorities, or yours."
        disabled={readOnly}
        value={jsonData.secure ?? false}
        onChange={(isOn) => updateDatasourcePluginJsonDataOption(props, 'secure', isOn)}
      />
      {isExposed && (
        <Alert severity="warning" title="Credentials travel in plaintext">
          Without TLS, everyone between Grafana and {hostname} can read them and the data. Turn TLS on unless something
          else encrypts this connection.
        </Alert>
      )}
      <SocksProxySetting {...props} />
      {jsonData.secure && (
        <Subsection
          title="TLS settings"
          description="Certificates of your own, for both sides of the connection."
          isCollapsible
          isInitiallyOpen={usesTlsFields(jsonData, SERVER_TLS)}
        >
          <TlsSettings page={props} fields={SERVER_TLS} />
        </Subsection>
      )}
    </ConfigSection>
  );
}
