/** How the client proves who it is: the choice among the ways that the provider takes, and the fields of the chosen one. */
import { onUpdateDatasourceJsonDataOption } from '@grafana/data';
import React from 'react';
import { type ClientProof, SECRET_ALGORITHMS, type SecretAlgorithm } from '../../../contract/settings';
import { filePathProblem } from '../../../contract/settings-problems';
import { type SettingsProps } from '../../types';
import { type Choice, ChoiceSetting } from '../fields/ChoiceSetting';
import { SecretSetting } from '../fields/SecretSetting';
import { TextSetting } from '../fields/SettingField';
import { withSettings } from '../update-settings';
import { PrivateKeyFields } from './PrivateKeyFields';
import { type ProviderFieldProps } from './provider-field-props';
import { type ProviderForm } from './provider-forms';

interface Props extends ProviderFieldProps {
  form: ProviderForm;
}

const PROOFS: Record<ClientProof, Choice<ClientProof>> = {
  secret: { value: 'secret', label: 'Client secret', description: 'Kept encrypted by Grafana' },
  secret_jwt: {
    value: 'secret_jwt',
    label: 'Client secret (signed JWT)',
    description: 'Signs each token request and is not sent itself (client_secret_jwt)',
  },
  private_key: {
    value: 'private_key',
    label: 'Private key',
    description: 'Signs each token request (private_key_jwt)',
  },
  secret_file: { value: 'secret_file', label: 'Secret from a file', description: 'Such as a mounted secret' },
  assertion_file: {
    value: 'assertion_file',
    label: 'Assertion from a file',
    description: 'Workload identity: a token of the platform stands for the secret',
  },
};

const CERTIFICATE: Choice<ClientProof> = {
  value: 'private_key',
  label: 'Certificate',
  description: 'Its private key signs each token request',
};

/** A way that was saved is offered even where the provider is not known to take it. */
function choices({ proofs, value }: ProviderForm, chosen: ClientProof): Array<Choice<ClientProof>> {
  const offered = proofs.includes(chosen) ? proofs : [...proofs, chosen];
  return offered.map((proof) => (value === 'entra' && proof === 'private_key' ? CERTIFICATE : PROOFS[proof]));
}

export function ClientProofFields({ page, form, isRequired }: Props) {
  const { options, onOptionsChange } = page;
  const proof = options.jsonData.oauthClientProof ?? 'secret';
  const offered = choices(form, proof);
  return (
    <>
      {offered.length > 1 && (
        <ChoiceSetting
          id="micromegas-oauth-client-proof"
          label="Client authentication"
          description="How the client proves who it is."
          disabled={options.readOnly}
          choices={offered}
          value={proof}
          // The algorithms of a secret and of a key have nothing in common.
          onChange={(chosen) =>
            onOptionsChange(withSettings(options, { oauthClientProof: chosen, oauthSigningAlgorithm: undefined }))
          }
        />
      )}
      {(proof === 'secret' || proof === 'secret_jwt') && (
        <SecretSetting
          id="micromegas-oauth-client-secret"
          label="Client Secret"
          description={form.secret}
          page={page}
          secret="oauthClientSecret"
          missing={isRequired ? 'Enter the client secret of the service account.' : undefined}
        />
      )}
      {proof === 'secret_jwt' && <SecretAlgorithmField {...page} />}
      {proof === 'private_key' && <PrivateKeyFields page={page} form={form} isRequired={isRequired} />}
      {proof === 'secret_file' && <FileField page={page} isRequired={isRequired} kind="secret" />}
      {proof === 'assertion_file' && <FileField page={page} isRequired={isRequired} kind="assertion" />}
    </>
  );
}

const SECRET_CHOICES = SECRET_ALGORITHMS.map((value): Choice<SecretAlgorithm> => ({ value, label: value }));

function SecretAlgorithmField({ options, onOptionsChange }: SettingsProps) {
  const saved = options.jsonData.oauthSigningAlgorithm;
  return (
    <ChoiceSetting
      id="micromegas-oauth-signing-algorithm"
      label="Signing algorithm"
      description="As it is set for the client at the provider."
      disabled={options.readOnly}
      choices={SECRET_CHOICES}
      value={SECRET_ALGORITHMS.find((algorithm) => algorithm === saved) ?? SECRET_ALGORITHMS[0]}
      onChange={(chosen) => onOptionsChange(withSettings(options, { oauthSigningAlgorithm: chosen }))}
    />
  );
}

const FILES = {
  secret: {
    id: 'micromegas-oauth-secret-file',
    label: 'Secret file',
    setting: 'oauthSecretFile',
    placeholder: '/run/secrets/micromegas-client-secret',
  },
  assertion: {
    id: 'micromegas-oauth-assertion-file',
    label: 'Assertion file',
    setting: 'oauthAssertionFile',
    placeholder: '/var/run/secrets/azure/tokens/azure-identity-token',
  },
} as const;

function FileField({ page, isRequired, kind }: ProviderFieldProps & { kind: keyof typeof FILES }) {
  const { jsonData, readOnly } = page.options;
  const { id, label, setting, placeholder } = FILES[kind];
  const path = jsonData[setting];
  return (
    <TextSetting
      id={id}
      label={label}
      description="Path on the machine of Grafana's server, read at each token request. The operator must have set allowed_file_folders and allowed_hosts in the plugin's section of grafana.ini."
      required={isRequired}
      disabled={readOnly}
      problem={isRequired || path ? filePathProblem(path) : undefined}
      value={path}
      placeholder={placeholder}
      onChange={onUpdateDatasourceJsonDataOption(page, setting)}
    />
  );
}
