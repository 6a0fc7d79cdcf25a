/** A secret that can be typed, is stored, or belongs to a provisioning file. */
import { Input, SecretInput } from '@grafana/ui';
import React, { type FormEvent } from 'react';

export interface StoredSecretProps<Control extends HTMLElement> {
  id: string;
  /** What was typed and not saved yet. */
  value: string;
  isStored: boolean;
  /** Provisioned: cannot be changed here. Grafana's own field would still offer to reset it. */
  readOnly: boolean | undefined;
  placeholder?: string;
  /** Where no label stands above it. */
  'aria-label'?: string;
  /** Given by the field around it. */
  invalid?: boolean;
  /** Given by the field around it. */
  'aria-describedby'?: string;
  /** Given by the field around it. */
  'aria-invalid'?: boolean;
  onChange: (event: FormEvent<Control>) => void;
  onReset: () => void;
}

export function StoredSecretInput(props: StoredSecretProps<HTMLInputElement>) {
  const { isStored, readOnly, onReset, value, onChange, ...common } = props;
  if (readOnly) {
    return <Input {...common} type="text" disabled value={isStored ? 'configured' : ''} readOnly />;
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
