/** Settings with one plain control each: text, number, switch, or a choice from a list. */
import { Input, Switch, TextArea } from '@grafana/ui';
import React from 'react';
import { useTrim } from './use-trim';
import { ChoiceBox } from '../../shared/controls/ChoiceBox';
import { type FieldProps, SettingField } from './SettingField';

const NUMBER_WIDTH = 25;
const TEXT_AREA_ROWS = 4;

type SettingProps = Omit<FieldProps, 'children' | 'isEmpty'>;

interface InputSettingProps extends SettingProps {
  value: string | undefined;
  placeholder?: string;
  onChange: (value: string, isPasted: boolean) => void;
  /** Called when the control loses the focus. Default: removes white space at the ends of the value. */
  onBlur?: (event: React.FocusEvent<HTMLInputElement>) => void;
}

/** A setting with one line of text. */
export function InputSetting({ value = '', placeholder, onChange, onBlur, ...field }: InputSettingProps) {
  const { notice, trim } = useTrim(value, (trimmed) => onChange(trimmed, false));
  return (
    <SettingField {...field} isEmpty={value === ''} notice={notice}>
      <Input
        id={field.id}
        value={value}
        placeholder={placeholder}
        onChange={({ currentTarget, nativeEvent }) =>
          onChange(currentTarget.value, 'inputType' in nativeEvent && nativeEvent.inputType === 'insertFromPaste')
        }
        onBlur={onBlur ?? trim}
        spellCheck={false}
        autoComplete="off"
      />
    </SettingField>
  );
}

interface TextAreaSettingProps extends SettingProps {
  value: string | undefined;
  placeholder?: string;
  onChange: (value: string) => void;
}

/** A setting of several lines that is not secret, such as a certificate. */
export function TextAreaSetting({ value = '', placeholder, onChange, ...field }: TextAreaSettingProps) {
  return (
    <SettingField {...field} isEmpty={value === ''}>
      <TextArea
        id={field.id}
        rows={TEXT_AREA_ROWS}
        value={value}
        placeholder={placeholder}
        spellCheck={false}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
      />
    </SettingField>
  );
}

interface NumberSettingProps extends SettingProps {
  /** Undefined: the default, which the placeholder shows. */
  value: number | undefined;
  placeholder: string;
  onChange: (value: number | undefined) => void;
}

/** An empty field is reported as undefined. Values out of range are reported unchanged. */
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

interface SwitchSettingProps extends SettingProps {
  value: boolean;
  onChange: (isOn: boolean) => void;
}

/** A setting that is on or off. */
export function SwitchSetting({ value, onChange, ...field }: SwitchSettingProps) {
  return (
    <SettingField {...field}>
      <Switch id={field.id} value={value} onChange={({ currentTarget }) => onChange(currentTarget.checked)} />
    </SettingField>
  );
}

export interface Choice<Value extends string> {
  value: Value;
  label: string;
  description?: string;
}

interface ChoiceSettingProps<Value extends string> extends SettingProps {
  choices: ReadonlyArray<Choice<Value>>;
  value: Value;
  onChange: (value: Value) => void;
}

/** A setting with a list of a few values. */
export function ChoiceSetting<Value extends string>({ choices, value, onChange, ...field }: ChoiceSettingProps<Value>) {
  return (
    <SettingField {...field}>
      <ChoiceBox<Value> id={field.id} options={choices} value={value} onChange={onChange} />
    </SettingField>
  );
}
