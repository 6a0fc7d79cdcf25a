/** The settings for forwarding the signed-in user's token in place of the service account's token. */
import { t } from '@grafana/i18n';
import React from 'react';
import { readChoice } from '../../../contract/problems/choice-problems';
import { readSwitch } from '../../../contract/problems/switch-problems';
import { type ForwardedToken } from '../../../contract/settings/settings';
import { type SettingsProps } from '../../shared/types';
import { type Choice, ChoiceSetting, SwitchSetting } from '../fields/input-settings';
import { Subsection } from '../fields/SettingField';
import { withSettings } from '../update-settings';

function tokens(): Array<Choice<ForwardedToken>> {
  return [
    {
      value: 'auto',
      label: t('config.forwarded-token.auto.label', 'Automatic'),
      description: t(
        'config.forwarded-token.auto.description',
        'The access token if Micromegas accepts it, otherwise the ID token'
      ),
    },
    { value: 'access', label: t('config.forwarded-token.access', 'Access token') },
    { value: 'id', label: t('config.forwarded-token.id', 'ID token') },
  ];
}

/** True if no query uses the service account: a query without the token of a user fails. */
export function forwardsOnly({ jsonData }: SettingsProps['options']): boolean {
  return (
    readSwitch('oauthPassThru', jsonData, false).value && !readSwitch('oauthPassThruFallback', jsonData, false).value
  );
}

/**
 * Shown in the OAuth settings, below the service account. While forwarding is off, only the switch for forwarding is
 * shown. If the fallback setting has a problem, all settings are shown.
 */
export function ForwardIdentity({ options, onOptionsChange }: SettingsProps) {
  const { jsonData, readOnly } = options;
  const passThru = readSwitch('oauthPassThru', jsonData, false);
  const fallback = readSwitch('oauthPassThruFallback', jsonData, false);
  return (
    <Subsection
      title={t('config.forward-identity.title', 'Signed-in users')}
      description={t(
        'config.forward-identity.description',
        'For a Grafana where people sign in with OAuth, at a provider that Micromegas accepts too.'
      )}
    >
      <SwitchSetting
        id="micromegas-oauth-pass-thru"
        label={t('config.forward-identity.label', "Forward the user's OAuth identity")}
        description={t(
          'config.forward-identity.switch',
          "Grafana sends each user's own token, so that Micromegas sees the person and not a service account."
        )}
        disabled={readOnly}
        {...passThru}
        onChange={(isOn) => onOptionsChange(withSettings(options, { oauthPassThru: isOn }))}
      />
      {(passThru.value || fallback.problem !== undefined) && (
        <>
          <SwitchSetting
            id="micromegas-oauth-pass-thru-fallback"
            label={t('config.forward-fallback.label', "Use the service account where there is no user's token")}
            description={
              fallback.value
                ? t(
                    'config.forward-fallback.on',
                    'Queries of alert rules, public dashboards and people who signed in another way use the service account above, with its permissions.'
                  )
                : t(
                    'config.forward-fallback.off',
                    'Off: queries of alert rules, public dashboards and people who signed in another way are rejected, because there is no token of a user. The service account above is not used.'
                  )
            }
            disabled={readOnly}
            {...fallback}
            onChange={(isOn) => onOptionsChange(withSettings(options, { oauthPassThruFallback: isOn }))}
          />
          <ChoiceSetting
            id="micromegas-oauth-forwarded-token"
            label={t('config.forwarded-token.label', 'Forwarded token')}
            description={t(
              'config.forwarded-token.description',
              'Micromegas accepts a JWT that is signed with RS256 and has an audience that is in the configuration of Micromegas.'
            )}
            disabled={readOnly}
            choices={tokens()}
            {...readChoice('oauthForwardedToken', jsonData.oauthForwardedToken, 'auto')}
            onChange={(token) => onOptionsChange(withSettings(options, { oauthForwardedToken: token }))}
          />
        </>
      )}
    </Subsection>
  );
}
