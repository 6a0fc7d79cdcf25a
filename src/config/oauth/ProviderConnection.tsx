/** The way to the identity provider: its certificates, and an HTTP proxy in between. Folded unless something is set. */
import { onUpdateDatasourceJsonDataOption } from '@grafana/data';
import React from 'react';
import { proxyUrlProblem } from '../../../contract/settings-problems';
import { type SettingsProps } from '../../types';
import { SecretSetting } from '../fields/SecretSetting';
import { TextSetting } from '../fields/SettingField';
import { PROVIDER_TLS, usesTlsFields } from '../tls/tls-fields';
import { TlsSettings } from '../tls/TlsSettings';
import { Subsection } from '../fields/Subsection';

export function ProviderConnection(props: SettingsProps) {
  const { jsonData, readOnly } = props.options;
  return (
    <Subsection
      title="Connection to the identity provider"
      description="Certificates of your own, and an HTTP proxy on the way."
      isCollapsible
      isInitiallyOpen={usesTlsFields(jsonData, PROVIDER_TLS) || Boolean(jsonData.oauthProxyUrl)}
    >
      <TlsSettings page={props} fields={PROVIDER_TLS} />
      <TextSetting
        id="micromegas-oauth-proxy-url"
        label="HTTP proxy"
        description="Optional. Without one, the variables HTTPS_PROXY and NO_PROXY of Grafana's server decide."
        disabled={readOnly}
        problem={proxyUrlProblem(jsonData.oauthProxyUrl)}
        value={jsonData.oauthProxyUrl}
        placeholder="http://proxy.example.com:3128"
        onChange={onUpdateDatasourceJsonDataOption(props, 'oauthProxyUrl')}
      />
      {jsonData.oauthProxyUrl && (
        <>
          <TextSetting
            id="micromegas-oauth-proxy-user"
            label="Proxy user"
            description="Optional."
            disabled={readOnly}
            value={jsonData.oauthProxyUser}
            onChange={onUpdateDatasourceJsonDataOption(props, 'oauthProxyUser')}
          />
          {jsonData.oauthProxyUser && (
            <SecretSetting
              id="micromegas-oauth-proxy-password"
              label="Proxy password"
              page={props}
              secret="oauthProxyPassword"
            />
          )}
        </>
      )}
    </Subsection>
  );
}
