/** A private key that signs an assertion for each token request, in place of a secret (private_key_jwt, RFC 7523). */
import { updateDatasourcePluginJsonDataOption } from '@grafana/data';
import { t } from '@grafana/i18n';
import React from 'react';
import { KEY_ALGORITHMS, type KeyAlgorithm, type SigningAlgorithm } from '../../../contract/settings/settings';
import { signingAlgorithmProblem } from '../../../contract/problems/settings-problems';
import { type Choice, ChoiceSetting, TextAreaSetting, InputSetting } from '../fields/input-settings';
import { SecretSetting } from '../fields/SecretSetting';
import { CERTIFICATE_EXAMPLE, certificateProblem, PRIVATE_KEY_EXAMPLE, privateKeyProblem } from '../tls/pem';
import { withSettings } from '../update-settings';
import { type ProviderForm } from './provider-forms';
import { type ProviderFieldProps } from './ProviderInputField';

type Algorithm = SigningAlgorithm | 'auto';

function algorithms(): Array<Choice<Algorithm>> {
  const rsaKey = t('config.signing-algorithm.rsa', 'RSA key');
  const keys: Record<KeyAlgorithm, string> = {
    RS256: rsaKey,
    PS256: rsaKey,
    ES256: t('config.signing-algorithm.es256', 'Key on the curve P-256'),
  };
  return [
    {
      value: 'auto',
      label: t('config.signing-algorithm.auto.label', 'Automatic'),
      description: t('config.signing-algorithm.auto.description', 'As provider and key require'),
    },
    ...KEY_ALGORITHMS.map((value) => ({ value, label: value, description: keys[value] })),
  ];
}

type Props = ProviderFieldProps & { form: ProviderForm };

/**
 * Shown if the client authenticates with a private key. The certificate is shown only if the provider uses it or if it
 * is saved. The same applies to the key ID.
 */
export function PrivateKeyFields({ page, form, isRequired }: Props) {
  const { options, onOptionsChange } = page;
  const { jsonData, readOnly } = options;
  const { usesCertificate = false, rejectedAlgorithms = [] } = form;
  // An empty string counts as missing.
  const algorithm: Algorithm = jsonData.oauthSigningAlgorithm || 'auto';
  const algorithmProblem = signingAlgorithmProblem(jsonData.oauthSigningAlgorithm, KEY_ALGORITHMS);
  // A saved algorithm is offered even if the provider rejects it.
  const offered = algorithms().filter(
    ({ value }) => value === algorithm || !rejectedAlgorithms.some((rejected) => rejected === value)
  );
  return (
    <>
      <SecretSetting
        id="micromegas-oauth-private-key"
        label={t('config.private-key.label', 'Private Key')}
        description={
          usesCertificate
            ? t('config.private-key.of-certificate', 'The private key of the certificate (PEM). Stored encrypted.')
            : t('config.private-key.description', 'PEM. The provider has the public key. Stored encrypted.')
        }
        page={page}
        secret="oauthPrivateKey"
        missing={
          isRequired
            ? t('config.private-key.missing', 'Paste the private key of the service account (PEM).')
            : undefined
        }
        problem={privateKeyProblem}
        placeholder={PRIVATE_KEY_EXAMPLE}
        multiline
      />
      {(usesCertificate || jsonData.oauthCertificate) && (
        <CertificateField page={page} isRequired={isRequired && usesCertificate} />
      )}
      {(!usesCertificate || jsonData.oauthKeyId) && (
        <InputSetting
          id="micromegas-oauth-key-id"
          label={t('config.key-id.label', 'Key ID')}
          description={t('config.key-id.description', 'Optional. The kid of the public key at the provider.')}
          disabled={readOnly}
          value={jsonData.oauthKeyId}
          onChange={(value) => updateDatasourcePluginJsonDataOption(page, 'oauthKeyId', value)}
        />
      )}
      <ChoiceSetting
        id="micromegas-oauth-signing-algorithm"
        label={t('config.signing-algorithm.label', 'Signing algorithm')}
        disabled={readOnly}
        // The list contains an invalid algorithm from a provisioning file, so that the user can see and replace it.
        choices={algorithmProblem === undefined ? offered : [{ value: algorithm, label: algorithm }, ...offered]}
        value={algorithm}
        problem={algorithmProblem}
        onChange={(chosen) =>
          onOptionsChange(withSettings(options, { oauthSigningAlgorithm: chosen === 'auto' ? undefined : chosen }))
        }
      />
    </>
  );
}

function CertificateField({ page, isRequired }: ProviderFieldProps) {
  const { options, onOptionsChange } = page;
  const certificate = options.jsonData.oauthCertificate;
  return (
    <TextAreaSetting
      id="micromegas-oauth-certificate"
      label={t('config.certificate.label', 'Certificate')}
      description={t(
        'config.certificate.description',
        'The certificate that was uploaded to the app registration (PEM). Entra ID finds the key by the thumbprint of the certificate.'
      )}
      required={isRequired}
      disabled={options.readOnly}
      problem={
        isRequired && !certificate
          ? t('config.certificate.missing', 'Paste the certificate (PEM).')
          : certificateProblem(certificate)
      }
      value={certificate}
      placeholder={CERTIFICATE_EXAMPLE}
      onChange={(entered) => onOptionsChange(withSettings(options, { oauthCertificate: entered || undefined }))}
    />
  );
}
