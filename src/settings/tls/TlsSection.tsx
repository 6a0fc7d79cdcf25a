/** TLS settings of one connection: to the server or to the identity provider. */
import { updateDatasourcePluginJsonDataOption } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Alert } from '@grafana/ui';
import React from 'react';
import { readSwitch } from '../../../contract/problems/switch-problems';
import { type MicromegasSecrets, type MicromegasSettings } from '../../../contract/settings/settings';
import { type SettingsProps } from '../../shared/types';
import { SwitchSetting, InputSetting } from '../fields/input-settings';
import { SecretSetting } from '../fields/SecretSetting';
import { CERTIFICATE_EXAMPLE, certificateProblem, PRIVATE_KEY_EXAMPLE, privateKeyProblem } from './pem';

type BooleanField = 'tlsSkipVerify' | 'tlsAuth' | 'tlsAuthWithCACert';
type SecretField = 'tlsCACert' | 'tlsClientCert' | 'tlsClientKey';
type BooleanSetting = keyof MicromegasSettings & (BooleanField | `oauth${Capitalize<BooleanField>}`);
type SecretSettingName = keyof MicromegasSecrets & (SecretField | `oauth${Capitalize<SecretField>}`);

/** Names of the settings of one connection. */
export interface TlsFields {
  /** Prefix of the ids of the controls. */
  id: string;
  /** The other end of the connection. */
  peer: 'server' | 'provider';
  /** Example of a server name. */
  example: string;
  skipVerify: BooleanSetting;
  clientAuth: BooleanSetting;
  withCaCert: BooleanSetting;
  serverName: 'serverName' | 'oauthServerName';
  caCert: SecretSettingName;
  clientCert: SecretSettingName;
  clientKey: SecretSettingName;
}

export const SERVER_TLS: TlsFields = {
  id: 'micromegas-tls',
  peer: 'server',
  example: 'micromegas.example.com',
  skipVerify: 'tlsSkipVerify',
  clientAuth: 'tlsAuth',
  withCaCert: 'tlsAuthWithCACert',
  serverName: 'serverName',
  caCert: 'tlsCACert',
  clientCert: 'tlsClientCert',
  clientKey: 'tlsClientKey',
};

export const PROVIDER_TLS: TlsFields = {
  id: 'micromegas-oauth-tls',
  peer: 'provider',
  example: 'id.example.com',
  skipVerify: 'oauthTlsSkipVerify',
  clientAuth: 'oauthTlsAuth',
  withCaCert: 'oauthTlsAuthWithCACert',
  serverName: 'oauthServerName',
  caCert: 'oauthTlsCACert',
  clientCert: 'oauthTlsClientCert',
  clientKey: 'oauthTlsClientKey',
};

/** True if one of the settings is on or has a value, even an invalid value. */
export function usesTlsFields(settings: MicromegasSettings, fields: TlsFields): boolean {
  return Boolean(
    settings[fields.skipVerify] ||
    settings[fields.clientAuth] ||
    settings[fields.withCaCert] ||
    settings[fields.serverName]
  );
}

/** True if the value of a switch means neither on nor off. */
export function hasUnknownTlsSwitch(settings: MicromegasSettings, fields: TlsFields): boolean {
  return [fields.skipVerify, fields.clientAuth, fields.withCaCert].some(
    (name) => readSwitch(name, settings, false).problem !== undefined
  );
}

/** Labels that name the peer. */
function peerLabels(peer: TlsFields['peer']) {
  return peer === 'server'
    ? {
        group: t('config.tls.server.group', 'TLS settings for the server'),
        serverName: t(
          'config.tls.server.server-name',
          "Optional. The name in the server's certificate, if it differs from the host."
        ),
        clientAuth: t(
          'config.tls.server.client-auth',
          'Grafana presents a certificate to the server (mTLS), in addition to the sign-in.'
        ),
        unverified: t(
          'config.tls.server.unverified',
          'Anyone who can impersonate the server receives the credentials and can change every result.'
        ),
      }
    : {
        group: t('config.tls.provider.group', 'TLS settings for the identity provider'),
        serverName: t(
          'config.tls.provider.server-name',
          "Optional. The name in the identity provider's certificate, if it differs from the host."
        ),
        clientAuth: t(
          'config.tls.provider.client-auth',
          'Grafana presents a certificate to the identity provider (mTLS), in addition to the sign-in.'
        ),
        unverified: t(
          'config.tls.provider.unverified',
          'Anyone who can impersonate the identity provider receives the credentials and can change every response.'
        ),
      };
}

interface Props {
  page: SettingsProps;
  fields: TlsFields;
}

/** The fields for the TLS settings of one connection. */
export function TlsSection({ page, fields }: Props) {
  const { jsonData, readOnly } = page.options;
  const { id } = fields;
  const labels = peerLabels(fields.peer);
  const skipVerify = readSwitch(fields.skipVerify, jsonData, false);
  const withCaCert = readSwitch(fields.withCaCert, jsonData, false);
  return (
    <div role="group" aria-label={labels.group}>
      <SwitchSetting
        id={`${id}-with-ca-cert`}
        label={t('config.tls.with-ca-cert.label', 'With CA Certificate')}
        description={t(
          'config.tls.with-ca-cert.description',
          'For certificates of your own authority. No other authority is then trusted.'
        )}
        disabled={readOnly}
        {...withCaCert}
        onChange={(isOn) => updateDatasourcePluginJsonDataOption(page, fields.withCaCert, isOn)}
      />
      {withCaCert.value && (
        <SecretSetting
          id={`${id}-ca-cert`}
          label={t('config.tls.ca-cert.label', 'CA Certificate')}
          page={page}
          secret={fields.caCert}
          missing={t('config.tls.ca-cert.missing', 'Paste the certificate of the authority (PEM).')}
          problem={certificateProblem}
          placeholder={CERTIFICATE_EXAMPLE}
          multiline
        />
      )}
      <ClientCertificate page={page} fields={fields} description={labels.clientAuth} />
      {!skipVerify.value && (
        <InputSetting
          id={`${id}-server-name`}
          label={t('config.tls.server-name.label', 'Server Name')}
          description={labels.serverName}
          disabled={readOnly}
          value={jsonData[fields.serverName]}
          placeholder={fields.example}
          onChange={(value) => updateDatasourcePluginJsonDataOption(page, fields.serverName, value)}
        />
      )}
      <SwitchSetting
        id={`${id}-skip-verify`}
        label={t('config.tls.skip-verify.label', 'Skip TLS verification')}
        description={t(
          'config.tls.skip-verify.description',
          'For tests only. A CA certificate makes the connection work and keeps it secure.'
        )}
        disabled={readOnly}
        {...skipVerify}
        onChange={(isOn) => updateDatasourcePluginJsonDataOption(page, fields.skipVerify, isOn)}
      />
      {skipVerify.value && (
        <Alert severity="warning" title={t('config.tls.unverified.title', 'The certificate is not checked')}>
          {labels.unverified}
        </Alert>
      )}
    </div>
  );
}

function ClientCertificate({ page, fields, description }: Props & { description: string }) {
  const { jsonData, readOnly } = page.options;
  const { id } = fields;
  const clientAuth = readSwitch(fields.clientAuth, jsonData, false);
  return (
    <>
      <SwitchSetting
        id={`${id}-client-auth`}
        label={t('config.tls.client-auth.label', 'TLS Client Authentication')}
        description={description}
        disabled={readOnly}
        {...clientAuth}
        onChange={(isOn) => updateDatasourcePluginJsonDataOption(page, fields.clientAuth, isOn)}
      />
      {clientAuth.value && (
        <>
          <SecretSetting
            id={`${id}-client-cert`}
            label={t('config.tls.client-cert.label', 'Client Certificate')}
            page={page}
            secret={fields.clientCert}
            missing={t('config.tls.client-cert.missing', 'Paste the client certificate (PEM).')}
            problem={certificateProblem}
            placeholder={CERTIFICATE_EXAMPLE}
            multiline
          />
          <SecretSetting
            id={`${id}-client-key`}
            label={t('config.tls.client-key.label', 'Client Key')}
            page={page}
            secret={fields.clientKey}
            missing={t('config.tls.client-key.missing', 'Paste the private key of the client certificate (PEM).')}
            problem={privateKeyProblem}
            placeholder={PRIVATE_KEY_EXAMPLE}
            multiline
          />
        </>
      )}
    </>
  );
}
