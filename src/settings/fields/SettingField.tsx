/** Layout of the settings page: a setting with its label and problem, a value below a field, and a subsection. */
import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { ConfigSubSection } from '@grafana/plugin-ui';
import { Field, Icon, Label, useStyles2 } from '@grafana/ui';
import React, { useState } from 'react';
import { type Message } from '../../../contract/messages/message';
import { translateMessage } from '../../shared/translate-message';

const FIELD_WIDTH_PX = 480;

/** The properties of every setting, independent of its control. */
export interface FieldProps {
  /** Id of the control, and prefix of the ids of description, problem and warning. */
  id: string;
  label: string;
  description?: React.ReactNode;
  /** Adds `*` to the label. The value is not checked. Default: false. */
  required?: boolean;
  disabled?: boolean;
  /** Error message. */
  problem?: Message | string;
  /** Warning. Not shown together with a problem. */
  warning?: Message | string;
  /** What the page did with the value, such as a removal of white space. */
  notice?: string | undefined;
  /** True for an empty field: its problem and warning are shown only after the field has lost the focus. */
  isEmpty?: boolean;
  /** The control. Gets `aria-describedby` and `aria-invalid`. */
  children: React.ReactElement<Record<string, unknown>>;
}

/** The description is outside the label, so that the accessible name of the control is the label alone. */
export function SettingField({ id, label, description, required, isEmpty = false, ...field }: FieldProps) {
  const styles = useStyles2(getStyles);
  const [wasVisited, setWasVisited] = useState(false);
  const isQuiet = isEmpty && !wasVisited;
  const problem = isQuiet ? undefined : field.problem && translateMessage(field.problem);
  const warning = isQuiet || problem !== undefined ? undefined : field.warning && translateMessage(field.warning);
  const descriptionId = `${id}-description`;
  const problemId = `${id}-problem`;
  const warningId = `${id}-warning`;
  const noticeId = `${id}-notice`;
  // Grafana's Field does not set aria-describedby.
  const describedBy = [
    description && descriptionId,
    problem && problemId,
    warning && warningId,
    field.notice && noticeId,
  ]
    .filter(Boolean)
    .join(' ');
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
          ...(describedBy !== '' && { 'aria-describedby': describedBy }),
          ...(problem !== undefined && { 'aria-invalid': true }),
        })}
      </Field>
      {warning && (
        <div id={warningId} className={styles.warning} role="status">
          <Icon name="exclamation-triangle" size="sm" />
          <span>{warning}</span>
        </div>
      )}
      {field.notice && (
        <p id={noticeId} className={styles.derived} role="status">
          {field.notice}
        </p>
      )}
    </div>
  );
}

interface DerivedValueProps {
  label: string;
  value: string | undefined;
  /** True for prose, false for a value in a monospace font. */
  isProse?: boolean;
}

/**
 * Shows a value that the page derives from the field above, such as the issuer of a Keycloak realm. Hidden without a
 * value.
 */
export function DerivedValue({ label, value, isProse = false }: DerivedValueProps) {
  const styles = useStyles2(getStyles);
  return value ? (
    <p className={styles.derived} role="status">
      {label}: <span className={isProse ? undefined : styles.code}>{value}</span>
    </p>
  ) : null;
}

/** A ConfigSubSection with a margin above it, also when it is collapsed. */
export function Subsection(props: React.ComponentProps<typeof ConfigSubSection>) {
  const styles = useStyles2(getStyles);
  return <ConfigSubSection {...props} className={styles.subsection} />;
}

/** Moves an element up into the bottom margin of the field above it. */
const belowField = (theme: GrafanaTheme2) => ({
  margin: theme.spacing(-1.5, 0, 2),
  fontSize: theme.typography.bodySmall.fontSize,
});

const getStyles = (theme: GrafanaTheme2) => ({
  // Controls without a width of their own fill the field, and shrink with a narrow window.
  field: css({ maxWidth: FIELD_WIDTH_PX }),
  label: css({ marginBottom: theme.spacing(0.5) }),
  name: css({ marginBottom: theme.spacing(0.25) }),
  description: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
  warning: css({
    ...belowField(theme),
    display: 'flex',
    gap: theme.spacing(0.5),
    color: theme.colors.warning.text,
    svg: { flexShrink: 0, marginTop: 2 },
  }),
  derived: css({
    ...belowField(theme),
    maxWidth: FIELD_WIDTH_PX,
    overflowWrap: 'anywhere',
    color: theme.colors.text.secondary,
  }),
  code: css({ fontFamily: theme.typography.fontFamilyMonospace }),
  subsection: css({ marginTop: theme.spacing(3) }),
});
