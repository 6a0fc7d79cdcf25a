/** A secret that can be typed, is stored, or belongs to a provisioning file. */
import { Input, SecretInput } from '@grafana/ui';
import React, { type FormEvent } from 'react';

interface Props {
  id: string;
  /** What was typed and not saved yet. */
  value: string;
  isStored: boolean;
  /** Provisioned: cannot be changed here. Grafana's own field would still offer to reset it. */
  readOnly: boolean | undefined;
  /** Given by the field around it. */
  invalid?: boolean;
  /** Given by the field around it. */
  'aria-describedby'?: string;
  onChange: (event: FormEvent<HTMLInputElement>) => void;
  onReset: () => void;
}

export function StoredSecretInput({ value, isStored, readOnly, onChange, onReset, ...props }: Props) {
  const common = { id: props.id, invalid: props.invalid, 'aria-describedby': props['aria-describedby'] };
  if (readOnly) {
    return <Input {...common} type="text" disabled value={isStored ? 'configured' : ''} />;
  }
  return (
    <SecretInput
      {...common}
      isConfigured={isStored}
      value={value}
      autoComplete="off"
      onChange={onChange}
      onReset={onReset}
    />
  );
}
