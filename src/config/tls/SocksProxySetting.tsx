/** Grafana's secure SOCKS proxy, and the sign-in there. Shown where Grafana has one, or where it was switched on before. */
import { onUpdateDatasourceJsonDataOption, updateDatasourcePluginJsonDataOption } from '@grafana/data';
import { config } from '@grafana/runtime';
import React, { useState } from 'react';
import { type SettingsProps } from '../../types';
import { SecretSetting } from '../fields/SecretSetting';
import { TextSetting } from '../fields/SettingField';
import { SwitchSetting } from '../fields/SwitchSetting';

export function SocksProxySetting(props: SettingsProps) {
  const { jsonData, readOnly } = props.options;
  // Where it was saved, the switch stays after it was turned off: one can change one's mind.
  const [wasOn] = useState(jsonData.enableSecureSocksProxy ?? false);
  const isAvailable = config.secureSocksDSProxyEnabled ?? false;
  if (!isAvailable && !wasOn) {
    return null;
  }
  return (
    <>
      <SwitchSetting
        id="micromegas-socks-proxy"
        label="Secure Socks Proxy"
        description="Reaches the server and the identity provider through the SOCKS proxy that Grafana is configured with."
        disabled={readOnly}
        problem={
          jsonData.enableSecureSocksProxy && !isAvailable
            ? 'This Grafana has no secure SOCKS proxy: turn the switch off, or enable [secure_socks_datasource_proxy].'
            : undefined
        }
        value={jsonData.enableSecureSocksProxy ?? false}
        onChange={(isOn) => updateDatasourcePluginJsonDataOption(props, 'enableSecureSocksProxy', isOn)}
      />
      {jsonData.enableSecureSocksProxy && <SocksSignIn {...props} />}
    </>
  );
}

/** For a SOCKS proxy that tells data sources apart, or asks for a password. */
function SocksSignIn(props: SettingsProps) {
  const { jsonData, readOnly, uid } = props.options;
  return (
    <>
      <TextSetting
        id="micromegas-socks-user"
        label="SOCKS user name"
        description="Optional. Without one, the uid of the data source is sent."
        disabled={readOnly}
        value={jsonData.secureSocksProxyUsername}
        placeholder={uid}
        onChange={onUpdateDatasourceJsonDataOption(props, 'secureSocksProxyUsername')}
      />
      <SecretSetting
        id="micromegas-socks-password"
        label="SOCKS password"
        description="Optional. Stored encrypted: only Grafana's server can read it again."
        page={props}
        secret="secureSocksProxyPassword"
      />
    </>
  );
}
