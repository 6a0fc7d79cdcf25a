/**
 * Grafana's Combobox for one of a few values, which tells its owner of a choice once.
 *
 * Combobox calls `onChange` at every render until it is given the chosen value. A page of Grafana is rendered in between
 * when the owner changes Redux as well as state of React, since React renders a change of Redux first. An owner that
 * changes Redux at each call would never get to the render with the chosen value: React stops such a loop with error 185
 * and the page is lost.
 */
import { Combobox, type ComboboxOption } from '@grafana/ui';
import React, { useEffect, useRef } from 'react';

interface Props<Value extends string> {
  id: string;
  options: ReadonlyArray<ComboboxOption<Value>>;
  value: Value;
  disabled?: boolean;
  /** In units of 8 pixels. Missing: as wide as there is room. */
  width?: number;
  onChange: (value: Value) => void;
}

export function ChoiceBox<Value extends string>({ options, value, onChange, ...rest }: Props<Value>) {
  const told = useRef(value);
  useEffect(() => {
    told.current = value;
  }, [value]);
  return (
    <Combobox<Value>
      {...rest}
      options={[...options]}
      value={value}
      onChange={(chosen) => {
        if (chosen.value !== told.current) {
          told.current = chosen.value;
          onChange(chosen.value);
        }
      }}
    />
  );
}
