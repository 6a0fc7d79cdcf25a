/**
 * User attribution: whether Grafana sends the user's name with a query, and what the server's audit trail then shows.
 */
import { updateDatasourcePluginJsonDataOption } from '@grafana/data';
import { t } from '@grafana/i18n';
import { ConfigSection } from '@grafana/plugin-ui';
import React from 'react';
import { readSwitch } from '../../contract/problems/switch-problems';
import { type AuthType } from '../../contract/settings/settings';
import { type SettingsProps } from '../shared/types';
import { SwitchSetting } from './fields/input-settings';

/**
 * The description of the setting: what the audit trail shows.
 *
 * @param isForwarded True if the data source forwards the user's own token.
 */
function auditTrail(isOn: boolean, method: AuthType, isForwarded: boolean): string {
  if (method === 'oauth2' && isForwarded) {
    return isOn
      ? t(
          'config.attribution.on-forwarded',
          'The audit trail shows the person whose own token was forwarded, and also the name from Grafana.'
        )
      : t(
          'config.attribution.off-forwarded',
          'Off: the audit trail still shows the person whose own token was forwarded, because the token names the person.'
        );
  }
  if (isOn) {
    return method === 'oauth2'
      ? t(
          'config.attribution.on-oauth',
          'The audit trail shows the service account as the caller. The name of the caller contains the person, as Name <e-mail> (login). Login and e-mail are sent only in this name: Micromegas rejects a separate login or e-mail if it does not belong to the service account.'
        )
      : t('config.attribution.on', 'The audit trail shows the login, e-mail address and name of the person who asks.');
  }
  return method === 'none'
    ? t('config.attribution.off-none', 'Off: the audit trail names nobody. No personal data leaves Grafana.')
    : t(
        'config.attribution.off',
        'Off: the audit trail shows the service account only. No personal data leaves Grafana.'
      );
}

/** Shown on the settings page, below Authentication. @param method Decides which name the server records. */
export function AttributionSection({ method, ...props }: SettingsProps & { method: AuthType }) {
  const { jsonData, readOnly } = props.options;
  const attribution = readSwitch('enableUserAttribution', jsonData, true);
  return (
    <ConfigSection
      title={t('config.attribution.title', 'User Attribution')}
      description={t(
        'config.attribution.description',
        'Tells Micromegas which Grafana user runs a query, and from which dashboard and panel. Login, name and e-mail address are personal data. The Micromegas server writes them to its logs, which its operators can read.'
      )}
    >
      <SwitchSetting
        id="micromegas-user-attribution"
        label={t('config.attribution.label', 'Enable User Attribution')}
        description={auditTrail(attribution.value, method, readSwitch('oauthPassThru', jsonData, false).value)}
        disabled={readOnly}
        {...attribution}
        onChange={(value) => updateDatasourcePluginJsonDataOption(props, 'enableUserAttribution', value)}
      />
    </ConfigSection>
  );
}
