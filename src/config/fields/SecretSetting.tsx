/** A setting that is kept encrypted: one line, or a text of several lines such as a key in PEM. */
import { updateDatasourcePluginResetOption } from '@grafana/data';
import React from 'react';
import { type MicromegasSecrets } from '../../../contract/settings';
import { type SettingsProps } from '../../types';
import { presentSecrets, withSecret } from '../update-settings';
import { SettingField } from './SettingField';
import { StoredSecretInput } from './StoredSecretInput';
import { StoredSecretText } from './StoredSecretText';

const STORED_ENCRYPTED = "Stored encrypted. Only Grafana's server can read it again.";

interface Props {
  id: string;
  label: string;
  description?: React.ReactNode;
  page: SettingsProps;
  secret: keyof MicromegasSecrets;
  /** What to say while nothing is stored or typed. Given, the setting is required. */
  missing?: string;
  /** What is wrong with the text that was typed. */
  problem?: (typed: string) => string | undefined;
  /** Several lines. */
  multiline?: boolean;
  placeholder?: string;
  /** Instead of storing the typed text as it is. */
  onType?: (typed: string) => void;
}

export function SecretSetting({ page, secret, missing, problem, multiline, placeholder, ...props }: Props) {
  const { options, onOptionsChange } = page;
  const typed = options.secureJsonData?.[secret] ?? '';
  const isMissing = presentSecrets(options)[secret] !== true;
  const onType = props.onType ?? ((text) => onOptionsChange(withSecret(options, secret, text)));
  const Control = multiline ? StoredSecretText : StoredSecretInput;
  return (
    <SettingField
      id={props.id}
      label={props.label}
      description={props.description ?? STORED_ENCRYPTED}
      required={missing !== undefined}
      disabled={options.readOnly}
      problem={isMissing ? missing : problem?.(typed)}
      isEmpty={isMissing}
    >
      <Control
        id={props.id}
        value={typed}
        placeholder={placeholder}
        isStored={Boolean(options.secureJsonFields?.[secret])}
        readOnly={options.readOnly}
        onChange={({ currentTarget }) => onType(currentTarget.value)}
        onReset={() => updateDatasourcePluginResetOption(page, secret)}
      />
    </SettingField>
  );
}
