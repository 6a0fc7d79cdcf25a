/** Fields for secrets, which Grafana stores encrypted: with one line, or with several lines for a key in PEM. */
import { css } from '@emotion/css';
import { type GrafanaTheme2, updateDatasourcePluginResetOption } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Input, SecretInput, SecretTextArea, TextArea, useStyles2 } from '@grafana/ui';
import React, { type FormEvent } from 'react';
import { message } from '../../../contract/messages/message';
import { secretWarning } from '../../../contract/settings/secret-shape';
import { type MicromegasSecrets } from '../../../contract/settings/settings';
import { type SettingsProps } from '../../shared/types';
import { presentSecrets, withSecret } from '../update-settings';
import { SettingField } from './SettingField';
import { useTrim } from './use-trim';

const TEXT_AREA_ROWS = 5;

/** Shown in place of a stored secret. Grafana's SecretInput shows the same word. */
const CONFIGURED = 'configured';

/** The default description of a secret. */
export function storedEncrypted(): string {
  return t('config.secret.stored-encrypted', "Stored encrypted. Only Grafana's server can read it.");
}

interface Props {
  id: string;
  label: string;
  /** Default: the sentence of `storedEncrypted`. */
  description?: React.ReactNode;
  page: SettingsProps;
  secret: keyof MicromegasSecrets;
  /** Error message while no secret is stored or typed. The setting is required if this message is given. */
  missing?: string;
  /** Returns an error message for a typed secret. Must accept an empty string, which stands for a stored secret. */
  problem?: (typed: string) => string | undefined;
  multiline?: boolean;
  /** True for a password, which may begin or end with white space. Default: false. */
  isPassword?: boolean;
  placeholder?: string;
  /** Called with the typed text. Default: the typed text becomes the secret. */
  onType?: (typed: string) => void;
}

/** A stored secret is shown as `configured`. */
export function SecretSetting({ page, secret, missing, problem, multiline, isPassword, placeholder, ...props }: Props) {
  const { options, onOptionsChange } = page;
  const typed = options.secureJsonData?.[secret] ?? '';
  const isMissing = presentSecrets(options)[secret] !== true;
  const onType = props.onType ?? ((entered) => onOptionsChange(withSecret(options, secret, entered)));
  // A secret of several lines is a key or a file, which `problem` checks.
  const warning = multiline ? undefined : secretWarning(typed.trim());
  const Control = multiline ? SecretAreaControl : SecretLineControl;
  const { notice, trim } = useTrim(typed, onType);
  return (
    <SettingField
      id={props.id}
      label={props.label}
      description={props.description ?? storedEncrypted()}
      required={missing !== undefined}
      disabled={options.readOnly}
      problem={isMissing ? missing : problem?.(typed)}
      warning={warning && message(warning)}
      notice={notice}
      isEmpty={isMissing}
    >
      <Control
        id={props.id}
        value={typed}
        placeholder={placeholder}
        isStored={Boolean(options.secureJsonFields?.[secret])}
        readOnly={options.readOnly}
        onChange={({ currentTarget }) => onType(currentTarget.value)}
        onBlur={isPassword ? undefined : trim}
        onReset={() => updateDatasourcePluginResetOption(page, secret)}
      />
    </SettingField>
  );
}

interface ControlProps<Control extends HTMLElement> {
  id: string;
  /** Typed and not saved yet. */
  value: string;
  isStored: boolean;
  /** True in a provisioned data source. Grafana's own control would still show the Reset button. */
  readOnly: boolean | undefined;
  placeholder?: string;
  /** For controls without a label above them. */
  'aria-label'?: string;
  /** The field around the control sets this property and the two `aria-` properties below. */
  invalid?: boolean;
  'aria-describedby'?: string;
  'aria-invalid'?: boolean;
  onChange: (event: FormEvent<Control>) => void;
  onBlur?: () => void;
  onReset: () => void;
}

/** A control with one line, for a form with its own label. If `readOnly`, it shows only whether a secret is stored. */
export function SecretLineControl(props: ControlProps<HTMLInputElement>) {
  const { isStored, readOnly, onReset, value, onChange, onBlur, ...common } = props;
  if (readOnly) {
    return <Input {...common} type="text" disabled value={isStored ? CONFIGURED : ''} readOnly />;
  }
  return (
    <SecretInput
      {...common}
      isConfigured={isStored}
      value={value}
      autoComplete="off"
      onChange={onChange}
      onBlur={onBlur}
      onReset={onReset}
    />
  );
}

function SecretAreaControl(props: ControlProps<HTMLTextAreaElement>) {
  const { isStored, readOnly, onReset, value, onChange, onBlur, ...common } = props;
  const styles = useStyles2(getStyles);
  if (readOnly) {
    return <TextArea {...common} rows={1} disabled value={isStored ? CONFIGURED : ''} readOnly />;
  }
  return (
    <SecretTextArea
      {...common}
      grow
      className={styles.secret}
      rows={TEXT_AREA_ROWS}
      isConfigured={isStored}
      value={value}
      spellCheck={false}
      autoComplete="off"
      onChange={onChange}
      onBlur={onBlur}
      onReset={onReset}
    />
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  // Room for the button that shows or hides the typed text.
  secret: css({ paddingRight: theme.spacing(6) }),
});
