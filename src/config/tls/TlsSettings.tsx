/** Certificates of one connection, under the names that Grafana's data sources share. */
import { onUpdateDatasourceJsonDataOption, updateDatasourcePluginJsonDataOption } from '@grafana/data';
import { Alert } from '@grafana/ui';
import React from 'react';
import { type SettingsProps } from '../../types';
import { SecretSetting } from '../fields/SecretSetting';
import { TextSetting } from '../fields/SettingField';
import { SwitchSetting } from '../fields/SwitchSetting';
import { certificateProblem, privateKeyProblem } from './pem';
import { type TlsFields } from './tls-fields';

interface Props {
  page: SettingsProps;
  fields: TlsFields;
}

export function TlsSettings({ page, fields }: Props) {
  const { jsonData, readOnly } = page.options;
  const { id, peer } = fields;
  const isUnverified = jsonData[fields.skipVerify] ?? false;
  return (
    <div role="group" aria-label={`TLS settings for the ${peer}`}>
      <SwitchSetting
        id={`${id}-with-ca-cert`}
        label="With CA Certificate"
        description="For certificates of an authority of your own. Only that one is trusted then."
        disabled={readOnly}
        value={jsonData[fields.withCaCert] ?? false}
        onChange={(isOn) => updateDatasourcePluginJsonDataOption(page, fields.withCaCert, isOn)}
      />
      {jsonData[fields.withCaCert] && (
        <SecretSetting
          id={`${id}-ca-cert`}
          label="CA Certificate"
          page={page}
          secret={fields.caCert}
          missing="Paste the certificate of the authority (PEM)."
          problem={certificateProblem}
          placeholder="-----BEGIN CERTIFICATE-----"
          multiline
        />
      )}
      <ClientCertificate page={page} fields={fields} />
      {!isUnverified && (
        <TextSetting
          id={`${id}-server-name`}
          label="Server Name"
          description={`Optional. The name in the ${peer}'s certificate, where it is not the host.`}
          disabled={readOnly}
          value={jsonData[fields.serverName]}
          placeholder={fields.example}
          onChange={onUpdateDatasourceJsonDataOption(page, fields.serverName)}
        />
      )}
      <SwitchSetting
        id={`${id}-skip-verify`}
        label="Skip TLS verification"
        description="For tests only. A CA certificate makes the connection work and keeps it safe."
        disabled={readOnly}
        value={isUnverified}
        onChange={(isOn) => updateDatasourcePluginJsonDataOption(page, fields.skipVerify, isOn)}
      />
      {isUnverified && (
        <Alert severity="warning" title="The certificate is not checked">
          Whoever can answer in the place of the {peer} receives the credentials and can change every answer.
        </Alert>
      )}
    </div>
  );
}

function ClientCertificate({ page, fields }: Props) {
  const { jsonData, readOnly } = page.options;
  const { id, peer } = fields;
  return (
    <>
      <SwitchSetting
        id={`${id}-client-auth`}
        label="TLS Client Authentication"
        description={`Shows a certificate of Grafana to the ${peer} (mTLS), in addition to the sign-in.`}
        disabled={readOnly}
        value={jsonData[fields.clientAuth] ?? false}
        onChange={(isOn) => updateDatasourcePluginJsonDataOption(page, fields.clientAuth, isOn)}
      />
      {jsonData[fields.clientAuth] && (
        <>
          <SecretSetting
            id={`${id}-client-cert`}
            label="Client Certificate"
            page={page}
            secret={fields.clientCert}
            missing="Paste the client certificate (PEM)."
            problem={certificateProblem}
            placeholder="-----BEGIN CERTIFICATE-----"
            multiline
          />
          <SecretSetting
            id={`${id}-client-key`}
            label="Client Key"
            page={page}
            secret={fields.clientKey}
            missing="Paste the private key of the client certificate (PEM)."
            problem={privateKeyProblem}
            placeholder="-----BEGIN PRIVATE KEY-----"
            multiline
          />
        </>
      )}
    </>
  );
}
