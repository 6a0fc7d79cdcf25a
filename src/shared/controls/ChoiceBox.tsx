/**
 * A wrapper around Grafana's Combobox, which calls `onChange` once per choice.
 *
 * Combobox calls `onChange` at every render until its `value` is the chosen one. Grafana renders a change of Redux
 * before a change of React state. A parent that changes Redux in `onChange` and keeps the value in React state would
 * therefore never reach the render with the chosen value. React stops that loop with error 185, and the page crashes.
 */
import { Combobox, type ComboboxOption } from '@grafana/ui';
import React, { useEffect, useRef } from 'react';

interface Props<Value extends string> {
  id: string;
  options: ReadonlyArray<ComboboxOption<Value>>;
  value: Value;
  disabled?: boolean;
  /** In units of 8 pixels. Default: the width of the parent. */
  width?: number;
  onChange: (value: Value) => void;
}

/** For the values of a setting or of a query. A choice of the current value is not reported. */
export function ChoiceBox<Value extends string>({ options, value, onChange, ...rest }: Props<Value>) {
  const reported = useRef(value);
  useEffect(() => {
    reported.current = value;
  }, [value]);
  return (
    <Combobox<Value>
      {...rest}
      options={[...options]}
      value={value}
      onChange={(chosen) => {
        if (chosen.value !== reported.current) {
          reported.current = chosen.value;
          onChange(chosen.value);
        }
      }}
    />
  );
}
