/** Client authentication: the choice of a method that the provider supports, and the fields of the chosen method. */
import { updateDatasourcePluginJsonDataOption } from '@grafana/data';
import { t } from '@grafana/i18n';
import React from 'react';
import {
  type ClientAuthentication,
  SECRET_ALGORITHMS,
  type SigningAlgorithm,
} from '../../../contract/settings/settings';
import { readChoice } from '../../../contract/problems/choice-problems';
import { filePathProblem, signingAlgorithmProblem } from '../../../contract/problems/settings-problems';
import { type SettingsProps } from '../../shared/types';
import { type Choice, ChoiceSetting, InputSetting } from '../fields/input-settings';
import { SecretSetting } from '../fields/SecretSetting';
import { withSettings } from '../update-settings';
import { PrivateKeyFields } from './PrivateKeyFields';
import { type ProviderForm } from './provider-forms';
import { type ProviderFieldProps } from './ProviderInputField';

function methodChoice(method: ClientAuthentication, usesCertificate: boolean): Choice<ClientAuthentication> {
  switch (method) {
    case 'secret':
      return {
        value: method,
        label: t('config.client-proof.secret.label', 'Client secret'),
        description: t('config.client-proof.secret.description', 'Stored encrypted by Grafana'),
      };
    case 'secret_jwt':
      return {
        value: method,
        label: t('config.client-proof.secret-jwt.label', 'Client secret (signed JWT)'),
        description: t(
          'config.client-proof.secret-jwt.description',
          'The secret signs each token request and is not sent (client_secret_jwt)'
        ),
      };
    case 'private_key':
      return usesCertificate
        ? {
            value: method,
            label: t('config.client-proof.certificate.label', 'Certificate'),
            description: t('config.client-proof.certificate.description', 'Its private key signs each token request'),
          }
        : {
            value: method,
            label: t('config.client-proof.private-key.label', 'Private key'),
            description: t('config.client-proof.private-key.description', 'Signs each token request (private_key_jwt)'),
          };
    case 'secret_file':
      return {
        value: method,
        label: t('config.client-proof.secret-file.label', 'Secret from a file'),
        description: t('config.client-proof.secret-file.description', 'For example a mounted secret'),
      };
    case 'assertion_file':
      return {
        value: method,
        label: t('config.client-proof.assertion-file.label', 'Assertion from a file'),
        description: t(
          'config.client-proof.assertion-file.description',
          'Workload identity: a token of the platform in place of a secret'
        ),
      };
  }
}

/** The saved method is always offered, even if the form of the provider does not list this method. */
function choices(
  { methods, usesCertificate = false }: ProviderForm,
  chosen: ClientAuthentication
): Array<Choice<ClientAuthentication>> {
  const offered = methods.includes(chosen) ? methods : [...methods, chosen];
  return offered.map((method) => methodChoice(method, usesCertificate));
}

type Props = ProviderFieldProps & { form: ProviderForm };

/** Shown for each provider except Google. A list with one method is shown only if the saved method is unknown. */
export function ClientAuthenticationFields({ page, form, isRequired }: Props) {
  const { options, onOptionsChange } = page;
  const saved = readChoice('oauthClientProof', options.jsonData.oauthClientProof, 'secret');
  const method = saved.value;
  const offered = choices(form, method);
  return (
    <>
      {(offered.length > 1 || saved.warning !== undefined) && (
        <ChoiceSetting
          id="micromegas-oauth-client-authentication"
          label={t('config.client-proof.label', 'Client authentication')}
          description={t('config.client-proof.description', 'How the client proves its identity.')}
          disabled={options.readOnly}
          choices={offered}
          {...saved}
          // A secret and a key have no signing algorithm in common, so the saved algorithm is deleted.
          onChange={(chosen) =>
            onOptionsChange(withSettings(options, { oauthClientProof: chosen, oauthSigningAlgorithm: undefined }))
          }
        />
      )}
      {(method === 'secret' || method === 'secret_jwt') && (
        <SecretSetting
          id="micromegas-oauth-client-secret"
          label={t('config.client-secret.label', 'Client Secret')}
          description={form.secretDescription}
          page={page}
          secret="oauthClientSecret"
          missing={
            isRequired
              ? t('config.client-secret.missing', 'Enter the client secret of the service account.')
              : undefined
          }
        />
      )}
      {method === 'secret_jwt' && <SecretAlgorithmField {...page} />}
      {method === 'private_key' && <PrivateKeyFields page={page} form={form} isRequired={isRequired} />}
      {method === 'secret_file' && <FileField page={page} isRequired={isRequired} kind="secret" />}
      {method === 'assertion_file' && <FileField page={page} isRequired={isRequired} kind="assertion" />}
    </>
  );
}

function SecretAlgorithmField({ options, onOptionsChange }: SettingsProps) {
  // An empty string counts as missing.
  const saved = options.jsonData.oauthSigningAlgorithm || SECRET_ALGORITHMS[0];
  const problem = signingAlgorithmProblem(saved, SECRET_ALGORITHMS);
  // The list contains an invalid algorithm from a provisioning file, so that the user can see and replace it.
  const offered: readonly SigningAlgorithm[] =
    problem === undefined ? SECRET_ALGORITHMS : [saved, ...SECRET_ALGORITHMS];
  return (
    <ChoiceSetting
      id="micromegas-oauth-signing-algorithm"
      label={t('config.signing-algorithm.label', 'Signing algorithm')}
      description={t('config.signing-algorithm.of-secret', 'The algorithm that is set for the client at the provider.')}
      disabled={options.readOnly}
      choices={offered.map((value): Choice<SigningAlgorithm> => ({ value, label: value }))}
      value={saved}
      problem={problem}
      onChange={(chosen) => onOptionsChange(withSettings(options, { oauthSigningAlgorithm: chosen }))}
    />
  );
}

const FILES = {
  secret: {
    id: 'micromegas-oauth-secret-file',
    setting: 'oauthSecretFile',
    example: '/run/secrets/micromegas-client-secret',
  },
  assertion: {
    id: 'micromegas-oauth-assertion-file',
    setting: 'oauthAssertionFile',
    example: '/var/run/secrets/azure/tokens/azure-identity-token',
  },
} as const;

function FileField({ page, isRequired, kind }: ProviderFieldProps & { kind: keyof typeof FILES }) {
  const { jsonData, readOnly } = page.options;
  const { id, setting, example } = FILES[kind];
  const path = jsonData[setting];
  return (
    <InputSetting
      id={id}
      label={
        kind === 'secret'
          ? t('config.secret-file.label', 'Secret file')
          : t('config.assertion-file.label', 'Assertion file')
      }
      description={t(
        'config.file-path.description',
        'Path on the machine that runs Grafana (or the sidecar). The file is read at each token request. The operator must set allowed_file_folders and allowed_hosts.'
      )}
      required={isRequired}
      disabled={readOnly}
      problem={isRequired || path ? filePathProblem(path) : undefined}
      value={path}
      placeholder={example}
      onChange={(value) => updateDatasourcePluginJsonDataOption(page, setting, value)}
    />
  );
}
