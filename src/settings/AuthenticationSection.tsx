/** The sign-in of the data source: the choice of a method, and the fields of the chosen method. */
import { t, Trans } from '@grafana/i18n';
import { ConfigSection } from '@grafana/plugin-ui';
import { Alert, Button, Stack } from '@grafana/ui';
import React from 'react';
import { choiceWarning } from '../../contract/problems/choice-problems';
import { type AuthType } from '../../contract/settings/settings';
import { type SettingsProps } from '../shared/types';
import { type Choice, ChoiceSetting } from './fields/input-settings';
import { SecretLineControl, storedEncrypted } from './fields/SecretSetting';
import { SettingField } from './fields/SettingField';
import { useTrim } from './fields/use-trim';
import { OAuthFields } from './oauth/OAuthFields';
import { useProvider } from './oauth/use-provider';
import { presentSecrets, withApiKey, withSettings } from './update-settings';

function methods(): Array<Choice<AuthType>> {
  return [
    {
      value: 'token',
      label: t('config.auth-method.api-key.label', 'API Key'),
      description: t('config.auth-method.api-key.description', 'A key of the Micromegas server'),
    },
    {
      value: 'oauth2',
      label: t('config.auth-method.oauth.label', 'OAuth 2.0 Client Credentials'),
      description: t('config.auth-method.oauth.description', 'A service account at your identity provider'),
    },
    {
      value: 'none',
      label: t('config.auth-method.none.label', 'None'),
      description: t('config.auth-method.none.description', 'For a server without authentication'),
    },
  ];
}

/** Offered only for a data source that was saved with this method. */
function passwordMethod(): Choice<AuthType> {
  return {
    value: 'username/password',
    label: t('config.auth-method.password.label', 'User name and password (not supported)'),
    description: t('config.auth-method.password.description', 'Micromegas has no such sign-in'),
  };
}

interface Props extends SettingsProps {
  method: AuthType;
  onMethodChange: (method: AuthType) => void;
}

/** Shown on the settings page, below Connection. User name and password are offered only where they are saved. */
export function AuthenticationSection({ method, onMethodChange, ...props }: Props) {
  const provider = useProvider(props);
  const choose = (chosen: AuthType) => {
    onMethodChange(chosen);
    props.onOptionsChange(withSettings(props.options, { selectedAuthType: chosen, authMethodChosen: true }));
  };
  return (
    <ConfigSection title={t('config.authentication.title', 'Authentication')}>
      <ChoiceSetting<AuthType>
        id="micromegas-auth-method"
        label={t('config.auth-method.label', 'Auth Method')}
        description={t('config.auth-method.description', 'How Grafana signs in to Micromegas.')}
        disabled={props.options.readOnly}
        choices={method === 'username/password' ? [...methods(), passwordMethod()] : methods()}
        value={method}
        warning={choiceWarning('selectedAuthType', props.options.jsonData.selectedAuthType, method)}
        onChange={choose}
      />
      {method === 'token' && <ApiKeyFields {...props} />}
      {method === 'oauth2' && <OAuthFields {...props} choice={provider} />}
      {method === 'username/password' && <PasswordNotice disabled={props.options.readOnly} onChoose={choose} />}
    </ConfigSection>
  );
}

/**
 * Very old versions saved the API key as a readable setting. A button moves a readable key to the secrets. If the
 * secrets already have a key, the button deletes the readable key.
 */
function ApiKeyFields({ options, onOptionsChange }: SettingsProps) {
  const readable = options.jsonData.token;
  const isStored = Boolean(options.secureJsonFields?.token);
  const isMissing = !presentSecrets(options).token && !readable;
  const typed = options.secureJsonData?.token ?? '';
  const save = (key: string) => onOptionsChange(withApiKey(options, key));
  const { notice, trim } = useTrim(typed, save);
  return (
    <>
      <SettingField
        id="micromegas-api-key"
        label={t('config.api-key.label', 'API Key')}
        description={storedEncrypted()}
        required
        disabled={options.readOnly}
        problem={isMissing ? t('config.api-key.missing', 'Enter the API key.') : undefined}
        notice={notice}
        isEmpty={isMissing}
      >
        <SecretLineControl
          id="micromegas-api-key"
          value={typed}
          isStored={isStored || (Boolean(readable) && typed === '')}
          readOnly={options.readOnly}
          onChange={({ currentTarget }) => save(currentTarget.value)}
          onBlur={trim}
          onReset={() => save('')}
        />
      </SettingField>
      {readable && !isStored && (
        <PlaintextNotice
          title={t('config.api-key.readable.title', 'The API key is stored in plain text')}
          explanation={t(
            'config.api-key.readable.text',
            'An old version of the plugin saved the key where everyone who may open dashboards can read it.'
          )}
          action={t('config.api-key.readable.move', 'Move it to the encrypted store')}
          disabled={options.readOnly}
          onAct={() => save(readable)}
        />
      )}
      {readable && isStored && (
        <PlaintextNotice
          title={t('config.api-key.unused.title', 'An unused API key is stored in plain text')}
          explanation={t(
            'config.api-key.unused.text',
            'An old version of the plugin saved this key where everyone who may open dashboards can read it. The data source uses the encrypted key.'
          )}
          action={t('config.api-key.unused.delete', 'Delete the unused key')}
          disabled={options.readOnly}
          onAct={() => onOptionsChange(withSettings(options, { token: undefined }))}
        />
      )}
    </>
  );
}

interface PlaintextNoticeProps {
  title: string;
  explanation: string;
  /** Label of the button. */
  action: string;
  disabled?: boolean;
  onAct: () => void;
}

/** A warning about a readable API key, with a button that removes the key from the readable settings. */
function PlaintextNotice({ title, explanation, action, disabled, onAct }: PlaintextNoticeProps) {
  return (
    <Alert severity="warning" title={title}>
      <p>{explanation}</p>
      <Button size="sm" variant="secondary" disabled={disabled} onClick={onAct}>
        {action}
      </Button>
    </Alert>
  );
}

function PasswordNotice({ disabled, onChoose }: { disabled?: boolean; onChoose: (method: AuthType) => void }) {
  return (
    <Alert
      severity="warning"
      title={t('config.password-notice.title', 'Micromegas has no sign-in by user name and password')}
    >
      <p>
        <Trans i18nKey="config.password-notice.text">
          This data source was saved with a user name and password, so its queries fail. Choose another method. Nothing
          changes until you save this page.
        </Trans>
      </p>
      <Stack gap={1} wrap="wrap">
        <Button size="sm" variant="secondary" disabled={disabled} onClick={() => onChoose('token')}>
          <Trans i18nKey="config.password-notice.use-api-key">Use an API key</Trans>
        </Button>
        <Button size="sm" variant="secondary" disabled={disabled} onClick={() => onChoose('oauth2')}>
          <Trans i18nKey="config.password-notice.use-oauth">Use OAuth 2.0</Trans>
        </Button>
      </Stack>
    </Alert>
  );
}
