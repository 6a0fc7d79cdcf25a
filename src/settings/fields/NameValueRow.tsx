/** One row of a list of names and values. The value may be a secret. */
import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Checkbox, Field, IconButton, Input, useStyles2 } from '@grafana/ui';
import React from 'react';
import { type Message } from '../../../contract/messages/message';
import { translateMessage } from '../../shared/translate-message';
import { SecretLineControl } from './SecretSetting';

/** Accessible names, each with the number of the row. */
export interface RowLabels {
  row: string;
  name: string;
  value: string;
  isSecret: string;
  remove: string;
}

interface Props {
  /** Prefix of the ids of the controls. */
  id: string;
  labels: RowLabels;
  /** Position of the row in its list, from 1. */
  number: number;
  name: string;
  value: string;
  isSecret: boolean;
  isStored: boolean;
  nameProblem?: Message;
  valueProblem?: Message;
  disabled: boolean | undefined;
  onName: (name: string) => void;
  onValue: (value: string) => void;
  onSecret: (isSecret: boolean) => void;
  onRemove: () => void;
}

/** A row of the lists of headers and of token parameters. A stored secret is shown as `configured`. */
export function NameValueRow({ id, labels, number, name, value, isSecret, isStored, disabled, ...props }: Props) {
  const styles = useStyles2(getStyles);
  const nameControl = controlProps(`${id}-name-${number}`, labels.name, props.nameProblem);
  const valueControl = controlProps(`${id}-value-${number}`, labels.value, props.valueProblem);
  return (
    <div className={styles.row} role="group" aria-label={labels.row}>
      <Field className={styles.name} noMargin disabled={disabled} {...fieldProblem(nameControl.id, props.nameProblem)}>
        <Input
          {...nameControl}
          placeholder={t('config.row.name-placeholder', 'name')}
          value={name}
          spellCheck={false}
          autoComplete="off"
          onChange={({ currentTarget }) => props.onName(currentTarget.value)}
        />
      </Field>
      <Field
        className={styles.value}
        noMargin
        disabled={disabled}
        {...fieldProblem(valueControl.id, props.valueProblem)}
      >
        {isSecret ? (
          <SecretLineControl
            {...valueControl}
            placeholder={t('config.row.secret-placeholder', 'secret value')}
            value={value}
            isStored={isStored}
            readOnly={disabled}
            onChange={({ currentTarget }) => props.onValue(currentTarget.value)}
            onReset={() => props.onValue('')}
          />
        ) : (
          <Input
            {...valueControl}
            placeholder={t('config.row.value-placeholder', 'value')}
            value={value}
            spellCheck={false}
            autoComplete="off"
            onChange={({ currentTarget }) => props.onValue(currentTarget.value)}
          />
        )}
      </Field>
      <div className={styles.side}>
        <Checkbox
          id={`${id}-secret-${number}`}
          aria-label={labels.isSecret}
          label={t('config.row.secret', 'Secret')}
          value={isSecret}
          disabled={disabled}
          onChange={({ currentTarget }) => props.onSecret(currentTarget.checked)}
        />
        <IconButton
          name="trash-alt"
          size="lg"
          aria-label={labels.remove}
          disabled={disabled}
          onClick={props.onRemove}
        />
      </div>
    </div>
  );
}

const problemId = (id: string) => `${id}-problem`;

function controlProps(id: string, label: string, problem: Message | undefined) {
  return {
    id,
    'aria-label': label,
    'aria-describedby': problem && problemId(id),
    'aria-invalid': problem !== undefined,
  };
}

function fieldProblem(id: string, problem: Message | undefined) {
  return {
    invalid: problem !== undefined,
    error: problem && <span id={problemId(id)}>{translateMessage(problem)}</span>,
  };
}

const getStyles = (theme: GrafanaTheme2) => ({
  row: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1), alignItems: 'flex-start', width: '100%' }),
  name: css({ flex: '1 1 160px', maxWidth: 220, minWidth: 0 }),
  value: css({ flex: '2 1 200px', maxWidth: 340, minWidth: 0 }),
  side: css({
    display: 'flex',
    alignItems: 'center',
    gap: theme.spacing(1.5),
    height: theme.spacing(theme.components.height.md),
  }),
});
