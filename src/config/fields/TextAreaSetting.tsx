/** A setting of several lines that is no secret, such as a certificate. */
import { TextArea } from '@grafana/ui';
import React from 'react';
import { SettingField } from './SettingField';

interface Props {
  id: string;
  label: string;
  description?: React.ReactNode;
  required?: boolean;
  disabled?: boolean;
  problem?: string;
  value: string | undefined;
  placeholder?: string;
  onChange: (text: string) => void;
}

export function TextAreaSetting({ value = '', placeholder, onChange, ...field }: Props) {
  return (
    <SettingField {...field} isEmpty={value === ''}>
      <TextArea
        id={field.id}
        rows={4}
        value={value}
        placeholder={placeholder}
        spellCheck={false}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
      />
    </SettingField>
  );
}
