/** One setting with its label, explanation and, at the field, what is wrong with it. */
import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Field, Icon, Input, Label, useStyles2 } from '@grafana/ui';
import React, { useState } from 'react';

const FIELD_WIDTH_PX = 480;
const NUMBER_WIDTH = 25;

interface FieldProps {
  id: string;
  label: string;
  description?: React.ReactNode;
  required?: boolean;
  disabled?: boolean;
  /** What is wrong with the value, or undefined. */
  problem?: string;
  /** What is probably wrong with it. A problem takes its place. */
  doubt?: string;
  /** True when nothing is filled in: the problem waits then until the person has left the field. */
  isEmpty?: boolean;
  children: React.ReactElement<Record<string, unknown>>;
}

/**
 * Shows a problem as the value is typed; that a value is missing only after the field was visited.
 *
 * The explanation stands outside the label, so that the control is called by the label alone.
 */
export function SettingField({ id, label, description, required, isEmpty = false, ...field }: FieldProps) {
  const styles = useStyles2(getStyles);
  const [wasVisited, setWasVisited] = useState(false);
  const isQuiet = isEmpty && !wasVisited;
  const problem = isQuiet ? undefined : field.problem;
  const doubt = isQuiet || problem !== undefined ? undefined : field.doubt;
  const descriptionId = `${id}-description`;
  const problemId = `${id}-problem`;
  const doubtId = `${id}-doubt`;
  // What a screen reader says of the control after its label: Grafana's field ties neither text to it.
  const spoken = [description && descriptionId, problem && problemId, doubt && doubtId].filter(Boolean).join(' ');
  const labelled = (
    <div className={styles.label}>
      <Label htmlFor={id} className={styles.name}>
        {required ? `${label} *` : label}
      </Label>
      {description && (
        <div id={descriptionId} className={styles.description}>
          {description}
        </div>
      )}
    </div>
  );
  return (
    <div className={styles.field} onBlur={() => setWasVisited(true)}>
      <Field
        label={labelled}
        htmlFor={id}
        disabled={field.disabled}
        invalid={problem !== undefined}
        error={problem && <span id={problemId}>{problem}</span>}
      >
        {React.cloneElement(field.children, {
          ...(spoken !== '' && { 'aria-describedby': spoken }),
          ...(problem !== undefined && { 'aria-invalid': true }),
        })}
      </Field>
      {doubt && (
        <div id={doubtId} className={styles.doubt} role="status">
          <Icon name="exclamation-triangle" size="sm" />
          <span>{doubt}</span>
        </div>
      )}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  // Controls without a width of their own fill it, and shrink with a narrow window.
  field: css({ maxWidth: FIELD_WIDTH_PX }),
  label: css({ marginBottom: theme.spacing(0.5) }),
  name: css({ marginBottom: theme.spacing(0.25) }),
  doubt: css({
    display: 'flex',
    gap: theme.spacing(0.5),
    // Below the field, in the space that separates it from the next one.
    margin: theme.spacing(-1.5, 0, 2),
    color: theme.colors.warning.text,
    fontSize: theme.typography.bodySmall.fontSize,
    svg: { flexShrink: 0, marginTop: 2 },
  }),
  description: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
});

interface TextSettingProps extends Omit<FieldProps, 'children' | 'isEmpty'> {
  value: string | undefined;
  placeholder?: string;
  onChange: (event: React.ChangeEvent<HTMLInputElement>) => void;
}

/** A setting that is one line of text. */
export function TextSetting({ value = '', placeholder, onChange, ...field }: TextSettingProps) {
  return (
    <SettingField {...field} isEmpty={value === ''}>
      <Input
        id={field.id}
        value={value}
        placeholder={placeholder}
        onChange={onChange}
        spellCheck={false}
        autoComplete="off"
      />
    </SettingField>
  );
}

interface NumberSettingProps extends Omit<FieldProps, 'children' | 'isEmpty'> {
  value: number | undefined;
  placeholder: string;
  onChange: (value: number | undefined) => void;
}

/** A setting that is a number, or undefined for the default that the placeholder names. */
export function NumberSetting({ value, placeholder, onChange, ...field }: NumberSettingProps) {
  return (
    <SettingField {...field} isEmpty={value === undefined}>
      <Input
        id={field.id}
        type="number"
        width={NUMBER_WIDTH}
        value={value ?? ''}
        placeholder={placeholder}
        onChange={({ currentTarget }) => onChange(currentTarget.value === '' ? undefined : Number(currentTarget.value))}
      />
    </SettingField>
  );
}
