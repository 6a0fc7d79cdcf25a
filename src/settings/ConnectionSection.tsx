/** The address of the server, and the security of the connection to it. */
import { updateDatasourcePluginJsonDataOption } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { ConfigSection } from '@grafana/plugin-ui';
import { config } from '@grafana/runtime';
import { Alert } from '@grafana/ui';
import React, { useState } from 'react';
import { type AuthType } from '../../contract/settings/settings';
import { isLoopback } from '../../contract/settings/host';
import { hostProblem } from '../../contract/problems/settings-problems';
import { readSwitch } from '../../contract/problems/switch-problems';
import { type SettingsProps } from '../shared/types';
import { SwitchSetting, InputSetting } from './fields/input-settings';
import { SecretSetting } from './fields/SecretSetting';
import { Subsection } from './fields/SettingField';
import { hasUnknownTlsSwitch, SERVER_TLS, TlsSection, usesTlsFields } from './tls/TlsSection';
import { hostnameOf } from './update-settings';

const EXAMPLE_HOST = 'micromegas.example.com:50051';

/** @param props.method The chosen sign-in method. With `none`, a plaintext connection exposes no credentials. */
export function ConnectionSection({ method, ...props }: SettingsProps & { method: AuthType }) {
  const { jsonData, readOnly } = props.options;
  const hostname = hostnameOf(jsonData.host);
  const problem = hostProblem(jsonData.host);
  const tls = readSwitch('secure', jsonData, false);
  // If the value is unknown, the data source rejects it and sends no credentials.
  const isPlaintext = !tls.value && tls.problem === undefined;
  const isExposed = isPlaintext && method !== 'none' && problem === undefined && !isLoopback(hostname);
  return (
    <ConfigSection title={t('config.connection.title', 'Connection')}>
      <InputSetting
        id="micromegas-host"
        label={t('config.host.label', 'Host')}
        description={t(
          'config.host.description',
          "Address of the Flight SQL server as host:port, as seen from Grafana's server."
        )}
        required
        disabled={readOnly}
        problem={problem}
        value={jsonData.host}
        placeholder={EXAMPLE_HOST}
        onChange={(value) => updateDatasourcePluginJsonDataOption(props, 'host', value)}
      />
      <SwitchSetting
        id="micromegas-tls"
        label={t('config.tls.label', 'TLS')}
        description={t(
          'config.tls.description',
          "Encrypts the connection. The server's certificate is verified with the certificate authorities of the system, or with your own."
        )}
        disabled={readOnly}
        {...tls}
        onChange={(isOn) => updateDatasourcePluginJsonDataOption(props, 'secure', isOn)}
      />
      {isExposed && (
        <Alert severity="warning" title={t('config.plaintext.title', 'Credentials travel in plaintext')}>
          <Trans i18nKey="config.plaintext.text">
            Without TLS, anyone between Grafana and {{ hostname }} can read the credentials and the data. Turn TLS on,
            unless something else encrypts this connection.
          </Trans>
        </Alert>
      )}
      <SocksProxySetting {...props} />
      {(tls.value || hasUnknownTlsSwitch(jsonData, SERVER_TLS)) && (
        <Subsection
          title={t('config.server-tls.title', 'TLS settings')}
          description={t(
            'config.server-tls.description',
            'Your own certificate authority for the server, and a client certificate for Grafana.'
          )}
          isCollapsible
          isInitiallyOpen={usesTlsFields(jsonData, SERVER_TLS)}
        >
          <TlsSection page={props} fields={SERVER_TLS} />
        </Subsection>
      )}
    </ConfigSection>
  );
}

/** Grafana's secure SOCKS proxy. Shown if Grafana has such a proxy, or if the setting was saved as enabled. */
function SocksProxySetting(props: SettingsProps) {
  const { jsonData, readOnly } = props.options;
  // If the saved switch is on or invalid, it stays on the page after a change, so that the user can turn it on again.
  const socksProxy = readSwitch('enableSecureSocksProxy', jsonData, false);
  const [wasOn] = useState(socksProxy.value || socksProxy.problem !== undefined);
  const isAvailable = config.secureSocksDSProxyEnabled ?? false;
  if (!isAvailable && !wasOn) {
    return null;
  }
  return (
    <>
      <SwitchSetting
        id="micromegas-socks-proxy"
        label={t('config.socks-proxy.label', 'Secure Socks Proxy')}
        description={t(
          'config.socks-proxy.description',
          'Connects to the server and the identity provider through the SOCKS proxy of Grafana.'
        )}
        disabled={readOnly}
        problem={
          socksProxy.value && !isAvailable
            ? t(
                'config.socks-proxy.unavailable',
                'This Grafana has no secure SOCKS proxy: turn the switch off, or enable [secure_socks_datasource_proxy].'
              )
            : socksProxy.problem
        }
        value={socksProxy.value}
        onChange={(isOn) => updateDatasourcePluginJsonDataOption(props, 'enableSecureSocksProxy', isOn)}
      />
      {socksProxy.value && <SocksSignIn {...props} />}
    </>
  );
}

/** User name and password, for a SOCKS proxy that has rules per data source or needs a password. */
function SocksSignIn(props: SettingsProps) {
  const { jsonData, readOnly, uid } = props.options;
  return (
    <>
      <InputSetting
        id="micromegas-socks-user"
        label={t('config.socks-user.label', 'SOCKS user name')}
        description={t('config.socks-user.description', 'Optional. Default: the uid of the data source.')}
        disabled={readOnly}
        value={jsonData.secureSocksProxyUsername}
        placeholder={uid}
        onChange={(value) => updateDatasourcePluginJsonDataOption(props, 'secureSocksProxyUsername', value)}
      />
      <SecretSetting
        id="micromegas-socks-password"
        label={t('config.socks-password.label', 'SOCKS password')}
        description={t(
          'config.socks-password.description',
          "Optional. Stored encrypted. Only Grafana's server can read it."
        )}
        page={props}
        secret="secureSocksProxyPassword"
        isPassword
      />
    </>
  );
}
