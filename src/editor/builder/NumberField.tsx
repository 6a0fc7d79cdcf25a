/** Fields for a number. Invalid input is marked, and not saved. */
import { t } from '@grafana/i18n';
import { EditorField } from '@grafana/plugin-ui';
import React, { useState } from 'react';
import { CommitInput } from './SuggestBox';

/** Props of each field with a label. */
export interface FieldProps {
  id: string;
  label: string;
  tooltip?: string;
  placeholder?: string;
  width?: number;
}

interface ReadFieldProps extends FieldProps {
  value: number | undefined;
  /** True if the label says that the field is optional. Default: false. */
  isOptional?: boolean;
  type?: 'number';
  /** Returns the string that the field shows for a value. */
  format: (value: number) => string;
  /** Parses a typed string. Returns undefined for an invalid string. */
  read: (entered: string) => number | undefined;
  /** Error message for an invalid string. */
  error: string;
  onChange: (value: number | undefined) => void;
}

/** A field for a number. Until the value changes, the field shows an invalid string together with `error`. */
export function ReadField({
  id,
  label,
  tooltip,
  isOptional,
  value,
  format,
  read,
  error,
  onChange,
  ...input
}: ReadFieldProps) {
  // The invalid string, and the `value` that the field had when the user typed this string. If `value` changes, the
  // string is no longer shown.
  const [rejected, setRejected] = useState<{ of: number | undefined; entered: string }>();
  const isInvalid = rejected !== undefined && rejected.of === value;
  return (
    <EditorField label={label} htmlFor={id} tooltip={tooltip} optional={isOptional} invalid={isInvalid} error={error}>
      <CommitInput
        id={id}
        {...input}
        value={isInvalid ? rejected.entered : value === undefined ? '' : format(value)}
        invalid={isInvalid}
        onChange={(entered) => {
          const isBlank = entered.trim() === '';
          const number = isBlank ? undefined : read(entered);
          const isUsable = isBlank || number !== undefined;
          setRejected(isUsable ? undefined : { of: value, entered });
          if (isUsable) {
            onChange(number);
          }
        }}
      />
    </EditorField>
  );
}

interface NumberProps extends FieldProps {
  value: number | undefined;
  /** True if the label says that the field is optional. Default: false. */
  isOptional?: boolean;
  /** Largest value. */
  max: number;
  onChange: (value: number | undefined) => void;
}

/** A field for a whole number from 1 to `max`. Other numbers are marked, and not saved. */
export function NumberField({ max, width = 12, ...props }: NumberProps) {
  return (
    <ReadField
      {...props}
      type="number"
      width={width}
      format={String}
      read={(entered) => {
        const number = Number(entered);
        return Number.isInteger(number) && number >= 1 && number <= max ? number : undefined;
      }}
      error={t('query-types.number-invalid', 'Enter a whole number from 1 to {{max}}.', {
        max: max.toLocaleString('en-US'),
      })}
    />
  );
}
