/**
 * Inputs with suggestions, and a plain input. Any value can be typed, so the inputs work without a response of the
 * server.
 */
import { Combobox, Input, MultiCombobox } from '@grafana/ui';
import React, { useEffect, useRef, useState } from 'react';
import { fitsParent, limitsChildren } from '../../shared/controls/fit-parent';
import { type Options } from './suggest-list';
import { useSuggestList } from './use-suggest-list';

interface SuggestProps {
  id: string;
  value: string;
  options: Options;
  placeholder?: string;
  /** In units of 8 pixels. */
  width?: number;
  invalid?: boolean;
  onFocus?: () => void;
  /** Called once per choice, with an empty string when the user clears the control. */
  onChange: (value: string) => void;
}

/**
 * An input for one string, with suggestions. Combobox may report a choice several times, but `onChange` is called once.
 */
export function SuggestBox({ value, options, onFocus, onChange, width = 25, ...rest }: SuggestProps) {
  const reported = useRef(value);
  useEffect(() => {
    reported.current = value;
  }, [value]);
  const { list, handlers } = useSuggestList(options, value);
  return (
    <div className={limitsChildren} onFocus={onFocus} {...handlers}>
      <Combobox<string>
        {...rest}
        {...list}
        width={width}
        value={value === '' ? null : value}
        isClearable
        onChange={(chosen) => {
          const next = chosen?.value ?? '';
          if (next !== reported.current) {
            reported.current = next;
            onChange(next);
          }
        }}
      />
    </div>
  );
}

interface SuggestManyProps extends Omit<SuggestProps, 'value' | 'onChange'> {
  values: readonly string[];
  onChange: (values: string[]) => void;
}

/** An input for several strings, with suggestions. */
export function SuggestMany({ values, options, onFocus, onChange, width, ...rest }: SuggestManyProps) {
  const { list, handlers } = useSuggestList(options);
  return (
    <div className={limitsChildren} onFocus={onFocus} {...handlers}>
      <MultiCombobox<string>
        {...rest}
        {...list}
        width={width}
        value={values.map((value) => ({ value, label: value }))}
        isClearable
        onChange={(chosen) => onChange(chosen.map(({ value }) => value))}
      />
    </div>
  );
}

interface CommitInputProps {
  id: string;
  value: string;
  placeholder?: string;
  width?: number;
  type?: 'text' | 'number';
  invalid?: boolean;
  /** Called when the focus leaves the field, and after Enter, if the input has changed. */
  onChange: (value: string) => void;
}

/** A text input that reports its value only when typing ends, so that the query does not run at each key press. */
export function CommitInput({ value, onChange, ...rest }: CommitInputProps) {
  // The draft belongs to the `value` that it replaces. If `value` changes, the draft is dropped.
  const [draft, setDraft] = useState({ of: value, entered: value });
  const typed = draft.of === value ? draft.entered : value;
  const commit = () => {
    if (typed !== value) {
      onChange(typed);
    }
  };
  return (
    <Input
      {...rest}
      className={fitsParent}
      value={typed}
      onChange={({ currentTarget }) => setDraft({ of: value, entered: currentTarget.value })}
      onBlur={commit}
      onKeyDown={({ key }) => {
        if (key === 'Enter') {
          commit();
        }
      }}
    />
  );
}
