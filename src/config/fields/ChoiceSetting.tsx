/** A setting that is one of a few values. */
import React from 'react';
import { ChoiceBox } from '../../controls/ChoiceBox';
import { SettingField } from './SettingField';

export interface Choice<Value extends string> {
  value: Value;
  label: string;
  description?: string;
}

interface Props<Value extends string> {
  id: string;
  label: string;
  description?: React.ReactNode;
  disabled?: boolean;
  problem?: string;
  choices: ReadonlyArray<Choice<Value>>;
  value: Value;
  onChange: (value: Value) => void;
}

export function ChoiceSetting<Value extends string>({ choices, value, onChange, ...field }: Props<Value>) {
  return (
    <SettingField {...field}>
      <ChoiceBox<Value> id={field.id} options={choices} value={value} onChange={onChange} />
    </SettingField>
  );
}
