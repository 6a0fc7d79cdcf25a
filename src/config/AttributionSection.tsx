/** Whether the server learns who asks, and in which words. */
import { updateDatasourcePluginJsonDataOption } from '@grafana/data';
import { ConfigSection } from '@grafana/plugin-ui';
import React from 'react';
import { type AuthType } from '../../contract/settings';
import { type SettingsProps } from '../types';
import { SwitchSetting } from './fields/SwitchSetting';

/** What the audit trail of the server will show. */
function auditTrail(isOn: boolean, method: AuthType, isForwarded: boolean): string {
  if (method === 'oauth2' && isForwarded) {
    return isOn
      ? 'The audit trail shows the person whose own token was forwarded, and beside it the name from Grafana.'
      : 'Off: the audit trail still shows the person whose own token was forwarded, because the token says who it is.';
  }
  if (!isOn) {
    const who = method === 'none' ? 'names nobody' : 'shows the service account only';
    return `Off: the audit trail ${who}, whoever asks. No personal data leaves Grafana.`;
  }
  return method === 'oauth2'
    ? 'The audit trail shows the service account as the caller, and the person as its name: Name <e-mail> (login). ' +
        'Micromegas lets an OAuth service account set nothing else.'
    : 'The audit trail shows the login, e-mail address and name of the person who asks.';
}

export function AttributionSection({ method, ...props }: SettingsProps & { method: AuthType }) {
  const { jsonData } = props.options;
  const isOn = jsonData.enableUserAttribution ?? true;
  return (
    <ConfigSection
      title="User Attribution"
      description="Tells Micromegas which Grafana user runs a query, and from which dashboard and panel. Login, name and e-mail address are personal data: they are kept in the logs of the Micromegas server, where its operators can read them."
    >
      <SwitchSetting
        id="micromegas-user-attribution"
        label="Enable User Attribution"
        description={auditTrail(isOn, method, jsonData.oauthPassThru ?? false)}
        disabled={props.options.readOnly}
        value={isOn}
        onChange={(value) => updateDatasourcePluginJsonDataOption(props, 'enableUserAttribution', value)}
      />
    </ConfigSection>
  );
}
