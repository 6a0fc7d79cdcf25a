/** How the data source signs in: the choice of a method, and the fields of the chosen one. */
import { updateDatasourcePluginJsonDataOption } from '@grafana/data';
import { ConfigSection } from '@grafana/plugin-ui';
import React from 'react';
import { type AuthType } from '../../contract/settings';
import { type SettingsProps } from '../types';
import { ApiKeyFields } from './ApiKeyFields';
import { AUTH_METHODS, LEGACY_METHOD } from './auth-methods';
import { OAuthFields } from './oauth/OAuthFields';
import { useProvider } from './oauth/use-provider';
import { PasswordNotice } from './PasswordNotice';
import { ChoiceSetting } from './fields/ChoiceSetting';

interface Props extends SettingsProps {
  method: AuthType;
  onMethodChange: (method: AuthType) => void;
}

export function AuthenticationSection({ method, onMethodChange, ...props }: Props) {
  const provider = useProvider(props);
  const choose = (chosen: AuthType) => {
    onMethodChange(chosen);
    updateDatasourcePluginJsonDataOption(props, 'selectedAuthType', chosen);
  };
  return (
    <ConfigSection title="Authentication">
      <ChoiceSetting<AuthType>
        id="micromegas-auth-method"
        label="Auth Method"
        description="How Grafana signs in at Micromegas."
        disabled={props.options.readOnly}
        choices={method === 'username/password' ? [...AUTH_METHODS, LEGACY_METHOD] : AUTH_METHODS}
        value={method}
        onChange={choose}
      />
      {method === 'token' && <ApiKeyFields {...props} />}
      {method === 'oauth2' && <OAuthFields {...props} choice={provider} />}
      {method === 'username/password' && <PasswordNotice disabled={props.options.readOnly} onChoose={choose} />}
    </ConfigSection>
  );
}
