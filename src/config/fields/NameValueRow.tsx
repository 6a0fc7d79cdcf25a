/** One row of a list of names and values, whose value may be secret. */
import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Checkbox, Field, IconButton, Input, useStyles2 } from '@grafana/ui';
import React from 'react';
import { StoredSecretInput } from './StoredSecretInput';

interface Props {
  /** Start of the ids of the controls. */
  id: string;
  /** What the row is, with its number, for example `Metadata 1`. */
  what: string;
  /** What the name is called, for screen readers. */
  nameLabel: string;
  /** Place of the row in its list, from 1. */
  number: number;
  name: string;
  value: string;
  isSecret: boolean;
  isStored: boolean;
  nameProblem?: string;
  valueProblem?: string;
  disabled: boolean | undefined;
  onName: (name: string) => void;
  onValue: (value: string) => void;
  onSecret: (isSecret: boolean) => void;
  onRemove: () => void;
}

export function NameValueRow({ id, what, number, name, value, isSecret, isStored, disabled, ...props }: Props) {
  const styles = useStyles2(getStyles);
  const valueId = `${id}-value-${number}`;
  const valueLabel = `${what} value`;
  const nameProblemId = `${id}-${props.nameLabel}-${number}-problem`;
  const valueProblemId = `${valueId}-problem`;
  return (
    <div className={styles.row} role="group" aria-label={what}>
      <Field
        className={styles.name}
        noMargin
        invalid={props.nameProblem !== undefined}
        error={props.nameProblem && <span id={nameProblemId}>{props.nameProblem}</span>}
        disabled={disabled}
      >
        <Input
          id={`${id}-${props.nameLabel}-${number}`}
          aria-label={`${what} ${props.nameLabel}`}
          aria-describedby={props.nameProblem && nameProblemId}
          aria-invalid={props.nameProblem !== undefined}
          placeholder="name"
          value={name}
          spellCheck={false}
          autoComplete="off"
          onChange={({ currentTarget }) => props.onName(currentTarget.value)}
        />
      </Field>
      <Field
        className={styles.value}
        noMargin
        invalid={props.valueProblem !== undefined}
        error={props.valueProblem && <span id={valueProblemId}>{props.valueProblem}</span>}
        disabled={disabled}
      >
        {isSecret ? (
          <StoredSecretInput
            id={valueId}
            aria-label={valueLabel}
            aria-describedby={props.valueProblem && valueProblemId}
            aria-invalid={props.valueProblem !== undefined}
            placeholder="secret value"
            value={value}
            isStored={isStored}
            readOnly={disabled}
            onChange={({ currentTarget }) => props.onValue(currentTarget.value)}
            onReset={() => props.onValue('')}
          />
        ) : (
          <Input
            id={valueId}
            aria-label={valueLabel}
            aria-describedby={props.valueProblem && valueProblemId}
            aria-invalid={props.valueProblem !== undefined}
            placeholder="value"
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
          aria-label={`${what} is secret`}
          label="Secret"
          value={isSecret}
          disabled={disabled}
          onChange={({ currentTarget }) => props.onSecret(currentTarget.checked)}
        />
        <IconButton
          name="trash-alt"
          size="lg"
          aria-label={`Remove ${what[0].toLowerCase()}${what.slice(1)}`}
          disabled={disabled}
          onClick={props.onRemove}
        />
      </div>
    </div>
  );
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
