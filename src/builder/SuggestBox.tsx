/** Text controls with suggestions: any text can be typed, so they work without an answer of the server. */
import { Combobox, Input, MultiCombobox } from '@grafana/ui';
import { t } from '@grafana/i18n';
import React, { useEffect, useRef, useState } from 'react';
import { type Option } from './suggestions';

type Options = Option[] | ((search: string) => Promise<Option[]>);

interface SuggestProps {
  id: string;
  value: string;
  options: Options;
  placeholder?: string;
  /** In units of 8 pixels. */
  width?: number;
  invalid?: boolean;
  /** Called once per choice, with an empty text when the user clears the control. */
  onChange: (value: string) => void;
}

/** One text. See `ChoiceBox` for the reason why a choice is reported once. */
export function SuggestBox({ value, onChange, width = 25, ...rest }: SuggestProps) {
  const reported = useRef(value);
  useEffect(() => {
    reported.current = value;
  }, [value]);
  return (
    <Combobox<string>
      {...rest}
      width={width}
      value={value === '' ? null : value}
      isClearable
      createCustomValue
      customValueDescription={t('builder.custom-value', 'Use this text')}
      onChange={(chosen) => {
        const next = chosen?.value ?? '';
        if (next !== reported.current) {
          reported.current = next;
          onChange(next);
        }
      }}
    />
  );
}

interface SuggestManyProps extends Omit<SuggestProps, 'value' | 'onChange'> {
  values: readonly string[];
  onChange: (values: string[]) => void;
}

/** A list of texts. */
export function SuggestMany({ values, onChange, width, ...rest }: SuggestManyProps) {
  return (
    <MultiCombobox<string>
      {...rest}
      width={width}
      value={values.map((value) => ({ value, label: value }))}
      isClearable
      createCustomValue
      customValueDescription={t('builder.custom-value', 'Use this text')}
      onChange={(chosen) => onChange(chosen.map(({ value }) => value))}
    />
  );
}

interface CommitInputProps {
  id: string;
  value: string;
  placeholder?: string;
  width?: number;
  type?: 'text' | 'number';
  invalid?: boolean;
  /** Called when the focus leaves the field, and after Enter, if the text has changed. */
  onChange: (value: string) => void;
}

/** Typed text. A query must not run at each key. */
export function CommitInput({ value, onChange, ...rest }: CommitInputProps) {
  // The typed text belongs to the value that it replaces. Another value from outside drops it.
  const [draft, setDraft] = useState({ of: value, text: value });
  const typed = draft.of === value ? draft.text : value;
  const commit = () => {
    if (typed !== value) {
      onChange(typed);
    }
  };
  return (
    <Input
      {...rest}
      value={typed}
      onChange={({ currentTarget }) => setDraft({ of: value, text: currentTarget.value })}
      onBlur={commit}
      onKeyDown={({ key }) => {
        if (key === 'Enter') {
          commit();
        }
      }}
    />
  );
}
