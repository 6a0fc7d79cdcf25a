/** The signed-in user's own OAuth identity in the place of the service account. */
import React from 'react';
import { type ForwardedToken } from '../../../contract/settings';
import { type SettingsProps } from '../../types';
import { type Choice, ChoiceSetting } from '../fields/ChoiceSetting';
import { SwitchSetting } from '../fields/SwitchSetting';
import { withSettings } from '../update-settings';
import { Subsection } from '../fields/Subsection';

const TOKENS: Array<Choice<ForwardedToken>> = [
  { value: 'auto', label: 'Automatic', description: 'The access token if Micromegas can read it, else the ID token' },
  { value: 'access', label: 'Access token' },
  { value: 'id', label: 'ID token' },
];

/** True while queries need no service account: those without a user's token are refused. */
export function forwardsOnly({ jsonData }: SettingsProps['options']): boolean {
  return Boolean(jsonData.oauthPassThru) && !jsonData.oauthPassThruFallback;
}

export function ForwardIdentity({ options, onOptionsChange }: SettingsProps) {
  const { jsonData, readOnly } = options;
  return (
    <Subsection
      title="Signed-in users"
      description="For a Grafana where people sign in with OAuth at a provider that Micromegas knows, too."
    >
      <SwitchSetting
        id="micromegas-oauth-pass-thru"
        label="Forward the user's OAuth identity"
        description="Each person's own token goes to Micromegas, which then knows the person, and not a service account."
        disabled={readOnly}
        value={jsonData.oauthPassThru ?? false}
        onChange={(isOn) => onOptionsChange(withSettings(options, { oauthPassThru: isOn }))}
      />
      {jsonData.oauthPassThru && (
        <>
          <SwitchSetting
            id="micromegas-oauth-pass-thru-fallback"
            label="Use the service account where there is no user's token"
            description={
              jsonData.oauthPassThruFallback
                ? 'Alert rules, public dashboards and people who signed in another way use the service account above, and see what it may read.'
                : 'Off: queries of alert rules, public dashboards and people who signed in another way are refused, because nobody there has a token. The service account above is not used.'
            }
            disabled={readOnly}
            value={jsonData.oauthPassThruFallback ?? false}
            onChange={(isOn) => onOptionsChange(withSettings(options, { oauthPassThruFallback: isOn }))}
          />
          <ChoiceSetting
            id="micromegas-oauth-forwarded-token"
            label="Forwarded token"
            description="Micromegas takes a JWT that is signed with RS256 and names an audience of its configuration."
            disabled={readOnly}
            choices={TOKENS}
            value={jsonData.oauthForwardedToken ?? 'auto'}
            onChange={(token) => onOptionsChange(withSettings(options, { oauthForwardedToken: token }))}
          />
        </>
      )}
    </Subsection>
  );
}
