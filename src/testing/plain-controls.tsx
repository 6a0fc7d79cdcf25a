/**
 * Replacements for two controls of @grafana/ui that do not work in jsdom: Monaco needs a layout, and the list of a Combobox
 * has only the visible options. The browser tests use the real controls.
 */
import React from 'react';

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
  label: string;
}

interface ComboboxProps {
  id: string;
  disabled?: boolean;
  value: string;
  options: Option[];
  onChange: (option: Option) => void;
}

export function Combobox({ id, disabled, value, options, onChange }: ComboboxProps) {
  return (
    <select
      id={id}
      disabled={disabled}
      value={value}
      onChange={({ currentTarget }) => onChange(options[currentTarget.selectedIndex])}
    >
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </select>
  );
}
