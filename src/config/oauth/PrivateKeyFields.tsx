/** A key that signs an assertion for each token request, in the place of a secret (private_key_jwt, RFC 7523). */
import { onUpdateDatasourceJsonDataOption } from '@grafana/data';
import React from 'react';
import { KEY_ALGORITHMS, type KeyAlgorithm } from '../../../contract/settings';
import { type Choice, ChoiceSetting } from '../fields/ChoiceSetting';
import { SecretSetting } from '../fields/SecretSetting';
import { TextSetting } from '../fields/SettingField';
import { TextAreaSetting } from '../fields/TextAreaSetting';
import { certificateProblem, privateKeyProblem } from '../tls/pem';
import { withSettings } from '../update-settings';
import { type ProviderFieldProps } from './provider-field-props';
import { type ProviderForm } from './provider-forms';

type Algorithm = KeyAlgorithm | 'auto';

const AUTOMATIC: Choice<Algorithm> = {
  value: 'auto',
  label: 'Automatic',
  description: 'What provider and key ask for',
};
const ALGORITHMS: Array<Choice<Algorithm>> = [
  AUTOMATIC,
  { value: 'RS256', label: 'RS256', description: 'RSA key' },
  { value: 'PS256', label: 'PS256', description: 'RSA key' },
  { value: 'ES256', label: 'ES256', description: 'Key on the curve P-256' },
];

/** Okta takes no PS256, Auth0 no elliptic curves, Entra ID neither; a saved one is offered all the same. */
const REFUSED: Partial<Record<ProviderForm['value'], Algorithm[]>> = {
  okta: ['PS256'],
  auth0: ['ES256'],
  entra: ['ES256'],
};

export function PrivateKeyFields({ page, form, isRequired }: ProviderFieldProps & { form: ProviderForm }) {
  const { options, onOptionsChange } = page;
  const { jsonData, readOnly } = options;
  const isEntra = form.value === 'entra';
  const algorithm: Algorithm = KEY_ALGORITHMS.find((known) => known === jsonData.oauthSigningAlgorithm) ?? 'auto';
  const refused = REFUSED[form.value] ?? [];
  return (
    <>
      <SecretSetting
        id="micromegas-oauth-private-key"
        label="Private Key"
        description={
          isEntra
            ? 'Of the certificate (PEM). Stored encrypted.'
            : 'PEM. The public half is registered at the provider. Stored encrypted.'
        }
        page={page}
        secret="oauthPrivateKey"
        missing={isRequired ? 'Paste the private key of the service account (PEM).' : undefined}
        problem={privateKeyProblem}
        placeholder="-----BEGIN PRIVATE KEY-----"
        multiline
      />
      {(isEntra || jsonData.oauthCertificate) && (
        <TextAreaSetting
          id="micromegas-oauth-certificate"
          label="Certificate"
          description="The certificate that was uploaded to the app registration (PEM). Entra ID finds the key by its thumbprint."
          required={isRequired && isEntra}
          disabled={readOnly}
          problem={
            isRequired && isEntra && !jsonData.oauthCertificate
              ? 'Paste the certificate (PEM).'
              : certificateProblem(jsonData.oauthCertificate)
          }
          value={jsonData.oauthCertificate}
          placeholder="-----BEGIN CERTIFICATE-----"
          onChange={(text) => onOptionsChange(withSettings(options, { oauthCertificate: text || undefined }))}
        />
      )}
      {(!isEntra || jsonData.oauthKeyId) && (
        <TextSetting
          id="micromegas-oauth-key-id"
          label="Key ID"
          description="Optional. The kid under which the provider knows the public key."
          disabled={readOnly}
          value={jsonData.oauthKeyId}
          onChange={onUpdateDatasourceJsonDataOption(page, 'oauthKeyId')}
        />
      )}
      <ChoiceSetting
        id="micromegas-oauth-signing-algorithm"
        label="Signing algorithm"
        disabled={readOnly}
        choices={ALGORITHMS.filter(({ value }) => value === algorithm || !refused.includes(value))}
        value={algorithm}
        onChange={(chosen) =>
          onOptionsChange(withSettings(options, { oauthSigningAlgorithm: chosen === 'auto' ? undefined : chosen }))
        }
      />
    </>
  );
}
