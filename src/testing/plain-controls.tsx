/**
 * Replacements for two controls of @grafana/ui. CodeEditor uses Monaco, which needs a layout, and jsdom has none. With
 * the real Combobox, tests take 40 % more CPU time, because it computes the styles of many elements to place its list.
 * The browser tests use the real controls.
 */
import React, { useEffect, useRef, useState } from 'react';

interface CodeEditorProps {
  value: string;
  onChange: (sql: string) => void;
  onBlur?: (sql: string) => void;
}

export function CodeEditor({ value, onChange, onBlur }: CodeEditorProps) {
  return (
    <textarea
      aria-label="SQL"
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
      onBlur={({ currentTarget }) => onBlur?.(currentTarget.value)}
    />
  );
}

interface Option {
  value: string;
  label?: string;
  description?: string;
}

type Load = (search: string) => Promise<Option[]>;

interface ComboboxProps {
  id: string;
  disabled?: boolean;
  value: string | null;
  options: Option[] | Load;
  createCustomValue?: boolean;
  onChange: (option: Option | null) => void;
}

export function Combobox({ createCustomValue, ...props }: ComboboxProps) {
  return createCustomValue || typeof props.options === 'function' ? (
    <InputWithOptions
      id={props.id}
      options={props.options}
      shown={props.value ?? ''}
      onEnter={(entered) => props.onChange(entered === '' ? null : { value: entered })}
    />
  ) : (
    <Choice {...props} options={props.options} />
  );
}

function Choice({ id, disabled, value, options, onChange }: ComboboxProps & { options: Option[] }) {
  return (
    <select
      id={id}
      disabled={disabled}
      value={value ?? ''}
      onChange={({ currentTarget }) => onChange(options[currentTarget.selectedIndex])}
    >
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label ?? option.value}
        </option>
      ))}
    </select>
  );
}

interface InputProps {
  id: string;
  options: Option[] | Load;
  shown: string;
  onEnter: (entered: string) => void;
}

/** A text field that reports its string at Enter or when it loses the focus. It lists options after its first focus. */
function InputWithOptions({ id, options, shown, onEnter }: InputProps) {
  const [typed, setTyped] = useState<string>();
  const [listed, setListed] = useState<Option[]>([]);
  const [openings, setOpenings] = useState(0);
  const isFocused = openings > 0;
  const load = async (search: string) => {
    if (typeof options === 'function') {
      setListed([...(await options(search))]);
    }
  };
  const search = useRef('');
  useEffect(() => {
    search.current = typed ?? '';
  }, [typed]);
  useEffect(() => {
    if (openings > 0 && typeof options === 'function') {
      // A new function stands for options that arrived later.
      void options(search.current).then((found) => setListed([...found]));
    }
  }, [openings, options]);
  const shownOptions =
    typeof options === 'function'
      ? listed
      : isFocused
        ? options.filter(({ value }) => value.includes(typed ?? ''))
        : [];
  const enter = () => {
    if (typed !== undefined) {
      setTyped(undefined);
      onEnter(typed);
    }
  };
  return (
    <>
      <input
        id={id}
        value={typed ?? shown}
        onFocus={() => setOpenings(openings + 1)}
        onChange={({ currentTarget }) => {
          setTyped(currentTarget.value);
          void load(currentTarget.value);
        }}
        onKeyDown={({ key }) => {
          if (key === 'Enter') {
            enter();
          }
        }}
        onBlur={enter}
      />
      <ul aria-label="Options">
        {shownOptions.map(({ value, label, description }) => (
          <li key={value}>{[label ?? value, description].filter(Boolean).join(': ')}</li>
        ))}
      </ul>
    </>
  );
}
