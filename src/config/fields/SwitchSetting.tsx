/** A setting that is on or off. */
import { Switch } from '@grafana/ui';
import React from 'react';
import { SettingField } from './SettingField';

interface Props {
  id: string;
  label: string;
  description?: React.ReactNode;
  disabled?: boolean;
  problem?: string;
  value: boolean;
  onChange: (isOn: boolean) => void;
}

export function SwitchSetting({ value, onChange, ...field }: Props) {
  return (
    <SettingField {...field}>
      <Switch id={field.id} value={value} onChange={({ currentTarget }) => onChange(currentTarget.checked)} />
    </SettingField>
  );
}
