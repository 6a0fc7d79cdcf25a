/** Two subsections of settings that few providers need. Each is open at first if one of its settings is set. */
import { updateDatasourcePluginJsonDataOption } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { Button, Stack } from '@grafana/ui';
import React from 'react';
import { readChoice } from '../../../contract/problems/choice-problems';
import { choiceOf } from '../../../contract/settings/choices';
import { endpointHostEntries, endpointHostsProblem } from '../../../contract/problems/endpoint-hosts';
import { type MicromegasSettings, type SecretStyle } from '../../../contract/settings/settings';
import { parameterNameProblem, proxyUrlProblem } from '../../../contract/problems/settings-problems';
import { useFocusOnAdd, useFocusOnRemove } from '../../shared/controls/use-focus-on-add';
import { type SettingsProps } from '../../shared/types';
import { type Choice, ChoiceSetting, InputSetting } from '../fields/input-settings';
import { NameValueRow, type RowLabels } from '../fields/NameValueRow';
import {
  numberedEntries,
  TOKEN_PARAMETERS,
  withEntryName,
  withEntrySecrecy,
  withEntryValue,
  withNewEntry,
  withoutEntry,
} from '../fields/numbered-entries';
import { SecretSetting } from '../fields/SecretSetting';
import { Subsection } from '../fields/SettingField';
import { PROVIDER_TLS, TlsSection, usesTlsFields } from '../tls/TlsSection';
import { withSettings } from '../update-settings';
import { type ProviderForm } from './provider-forms';

const EXAMPLE_HOSTS = 'auth.example.com, keycloak.internal:8443';
const EXAMPLE_PROXY = 'http://proxy.example.com:3128';

/** Names in OpenID Connect Core 1.0, section 9. */
const POST = 'client_secret_post';
const BASIC = 'client_secret_basic';

function secretStyles(): Array<Choice<SecretStyle>> {
  return [
    {
      value: 'auto',
      label: t('config.secret-style.auto.label', 'Automatic'),
      description: t('config.secret-style.auto.description', "As the provider's discovery document says"),
    },
    { value: 'post', label: t('config.secret-style.post.label', 'In the form'), description: POST },
    {
      value: 'basic',
      label: t('config.secret-style.basic.label', 'In the Authorization header'),
      description: BASIC,
    },
    {
      value: 'basic_unencoded',
      label: t('config.secret-style.basic-unencoded.label', 'In the Authorization header, not encoded'),
      description: t('config.secret-style.basic-unencoded.description', 'For servers that do not decode the header'),
    },
  ];
}

/** True if the token request contains the client secret. */
function sendsSecret(settings: MicromegasSettings, { value }: ProviderForm): boolean {
  const oauthClientProof = choiceOf('oauthClientProof', settings.oauthClientProof) ?? 'secret';
  return value !== 'google' && (oauthClientProof === 'secret' || oauthClientProof === 'secret_file');
}

/** `oauthEndpointHosts` as one line. Provisioning may have saved a list. */
function formatEndpointHosts(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? endpointHostEntries(value).join(', ') : value;
}

/** How the secret is sent, allowed hosts, and additional parameters. */
export function TokenRequestFields({ form, ...page }: SettingsProps & { form: ProviderForm }) {
  const { options, onOptionsChange } = page;
  const { jsonData, readOnly } = options;
  const style = readChoice('oauthSecretStyle', jsonData.oauthSecretStyle, 'auto');
  const hosts = formatEndpointHosts(jsonData.oauthEndpointHosts);
  const isUsed =
    style.value !== 'auto' ||
    style.warning !== undefined ||
    Boolean(hosts) ||
    numberedEntries(options, TOKEN_PARAMETERS).length > 0;
  return (
    <Subsection
      title={t('config.token-request.title', 'Advanced token request')}
      description={t(
        'config.token-request.description',
        'How the secret is sent, hosts of the provider, and additional parameters.'
      )}
      isCollapsible
      isInitiallyOpen={isUsed}
    >
      {sendsSecret(jsonData, form) && (
        <ChoiceSetting
          id="micromegas-oauth-secret-style"
          label={t('config.secret-style.label', 'Secret style')}
          description={t('config.secret-style.description', 'Where the token request contains the client secret.')}
          disabled={readOnly}
          choices={secretStyles()}
          {...style}
          onChange={(chosen) =>
            onOptionsChange(withSettings(options, { oauthSecretStyle: chosen === 'auto' ? undefined : chosen }))
          }
        />
      )}
      <InputSetting
        id="micromegas-oauth-endpoint-hosts"
        label={t('config.endpoint-hosts.label', 'Endpoint hosts')}
        description={t(
          'config.endpoint-hosts.description',
          "Optional. Hosts that the provider's discovery document may name in addition to the issuer's own, such as a custom domain of AWS Cognito or a back channel of Keycloak. Write host or host:port, separated by commas."
        )}
        disabled={readOnly}
        problem={endpointHostsProblem(jsonData.oauthEndpointHosts)}
        value={hosts}
        placeholder={EXAMPLE_HOSTS}
        onChange={(value) => updateDatasourcePluginJsonDataOption(page, 'oauthEndpointHosts', value)}
      />
      <TokenParameters {...page} />
    </Subsection>
  );
}

function rowLabels(number: number): RowLabels {
  return {
    row: t('config.token-parameter.row', 'Token parameter {{number}}', { number }),
    name: t('config.token-parameter.name', 'Token parameter {{number}} name', { number }),
    value: t('config.token-parameter.value', 'Token parameter {{number}} value', { number }),
    isSecret: t('config.token-parameter.is-secret', 'Token parameter {{number}} is secret', { number }),
    remove: t('config.token-parameter.remove', 'Remove token parameter {{number}}', { number }),
  };
}

/** Additional parameters of the token request, such as `resource` or `organization`. */
function TokenParameters({ options, onOptionsChange }: SettingsProps) {
  const entries = numberedEntries(options, TOKEN_PARAMETERS);
  const { list, beforeAdd } = useFocusOnAdd(entries.length);
  const beforeRemove = useFocusOnRemove(list, entries.length);
  return (
    <Subsection
      title={t('config.token-parameters.title', 'Additional token parameters')}
      description={t(
        'config.token-parameters.description',
        'Sent with the token request, in addition to the fields above. Secret values are stored encrypted.'
      )}
    >
      <div ref={list}>
        <Stack direction="column" gap={1} alignItems="flex-start">
          {entries.map((entry, index) => (
            <NameValueRow
              {...entry}
              key={entry.number}
              id="micromegas-oauth-parameter"
              labels={rowLabels(index + 1)}
              number={index + 1}
              nameProblem={parameterNameProblem(entry.name)}
              disabled={options.readOnly}
              onName={(typed) => onOptionsChange(withEntryName(options, TOKEN_PARAMETERS, entry, typed))}
              onValue={(typed) => onOptionsChange(withEntryValue(options, TOKEN_PARAMETERS, entry, typed))}
              onSecret={(isSecret) => onOptionsChange(withEntrySecrecy(options, TOKEN_PARAMETERS, entry, isSecret))}
              onRemove={() => {
                beforeRemove();
                onOptionsChange(withoutEntry(options, TOKEN_PARAMETERS, entry));
              }}
            />
          ))}
          <Button
            variant="secondary"
            icon="plus"
            type="button"
            disabled={options.readOnly}
            onClickCapture={beforeAdd}
            onClick={() => onOptionsChange(withNewEntry(options, TOKEN_PARAMETERS))}
          >
            <Trans i18nKey="config.token-parameters.add">Add parameter</Trans>
          </Button>
        </Stack>
      </div>
    </Subsection>
  );
}

/** Certificates of the connection to the identity provider, and an HTTP proxy. */
export function ProviderConnection(props: SettingsProps) {
  const { jsonData, readOnly } = props.options;
  return (
    <Subsection
      title={t('config.provider-connection.title', 'Connection to the identity provider')}
      description={t('config.provider-connection.description', 'Your own certificates, and an HTTP proxy.')}
      isCollapsible
      isInitiallyOpen={usesTlsFields(jsonData, PROVIDER_TLS) || Boolean(jsonData.oauthProxyUrl)}
    >
      <TlsSection page={props} fields={PROVIDER_TLS} />
      <InputSetting
        id="micromegas-oauth-proxy-url"
        label={t('config.http-proxy.label', 'HTTP proxy')}
        description={t(
          'config.http-proxy.description',
          "Optional. Default: the environment variables HTTPS_PROXY and NO_PROXY of Grafana's server."
        )}
        disabled={readOnly}
        problem={proxyUrlProblem(jsonData.oauthProxyUrl)}
        value={jsonData.oauthProxyUrl}
        placeholder={EXAMPLE_PROXY}
        onChange={(value) => updateDatasourcePluginJsonDataOption(props, 'oauthProxyUrl', value)}
      />
      {jsonData.oauthProxyUrl && <ProxySignIn {...props} />}
    </Subsection>
  );
}

function ProxySignIn(props: SettingsProps) {
  const { jsonData, readOnly } = props.options;
  return (
    <>
      <InputSetting
        id="micromegas-oauth-proxy-user"
        label={t('config.http-proxy.user.label', 'Proxy user')}
        description={t('config.http-proxy.user.description', 'Optional.')}
        disabled={readOnly}
        value={jsonData.oauthProxyUser}
        onChange={(value) => updateDatasourcePluginJsonDataOption(props, 'oauthProxyUser', value)}
      />
      {jsonData.oauthProxyUser && (
        <SecretSetting
          id="micromegas-oauth-proxy-password"
          label={t('config.http-proxy.password', 'Proxy password')}
          page={props}
          secret="oauthProxyPassword"
          isPassword
        />
      )}
    </>
  );
}
