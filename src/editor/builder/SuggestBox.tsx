/**
 * Inputs with suggestions, and a plain input. Any value can be typed, so the inputs work without a response of the
 * server.
 */
import { Combobox, Input, MultiCombobox } from '@grafana/ui';
import { t } from '@grafana/i18n';
import React, { useEffect, useRef, useState } from 'react';
import { fitsParent, limitsChildren } from '../../shared/controls/fit-parent';
import { highlightMatch } from './highlight-match';
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
  onFocus?: () => void;
  /** Called once per choice, with an empty string when the user clears the control. */
  onChange: (value: string) => void;
}

const customLabel = () => t('builder.custom-value', 'Use this text');

/**
 * Adds the typed text as the last option of a list from the server. Without this option, Combobox would add the typed
 * text as the first option.
 */
function withTyped(options: Options): Options {
  if (typeof options !== 'function') {
    return options;
  }
  return async (search) => {
    const found = await options(search);
    const isListed = search === '' || found.some(({ value }) => value === search);
    return isListed ? found : [...found, { value: search, label: search, description: customLabel() }];
  };
}

/** Returns an event handler that highlights the first matching option of a fixed list. */
function highlightOnInput(options: Options): React.FormEventHandler {
  return ({ target }) => {
    if (!(target instanceof HTMLInputElement) || typeof options === 'function' || target.value === '') {
      return;
    }
    const names = options.map(({ value, label }) => label ?? value);
    // Combobox sets its own highlight after this event.
    setTimeout(() => highlightMatch(target, names), 0);
  };
}

/**
 * Moves the chosen option to the start of the list. When the user types, Combobox filters the list, but still
 * highlights the index that the chosen option had in the full list. At the start, this index is the first match, so
 * Enter chooses it.
 */
function chosenFirst(options: Options, value: string): Options {
  if (typeof options === 'function') {
    return options;
  }
  const chosen = options.filter((option) => option.value === value);
  return chosen.length === 0 ? options : [...chosen, ...options.filter((option) => option.value !== value)];
}

/**
 * An input for one string, with suggestions. Combobox may report a choice several times, but `onChange` is called once.
 */
export function SuggestBox({ value, options, onFocus, onChange, width = 25, ...rest }: SuggestProps) {
  const reported = useRef(value);
  useEffect(() => {
    reported.current = value;
  }, [value]);
  return (
    <div className={limitsChildren} onFocus={onFocus} onInput={highlightOnInput(options)}>
      <Combobox<string>
        {...rest}
        options={withTyped(chosenFirst(options, value))}
        width={width}
        value={value === '' ? null : value}
        isClearable
        createCustomValue
        customValueDescription={customLabel()}
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
  return (
    <div className={limitsChildren} onFocus={onFocus} onInput={highlightOnInput(options)}>
      <MultiCombobox<string>
        {...rest}
        options={withTyped(options)}
        width={width}
        value={values.map((value) => ({ value, label: value }))}
        isClearable
        createCustomValue
        customValueDescription={customLabel()}
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
