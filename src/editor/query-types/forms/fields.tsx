/** Fields that several forms have. */
import { t } from '@grafana/i18n';
import { EditorField, EditorRow } from '@grafana/plugin-ui';
import { type ComboboxOption, MultiCombobox, RadioButtonGroup } from '@grafana/ui';
import React from 'react';
import { MAX_STRING_CHARACTERS } from '../../../../contract/schemas';
import { type FieldProps, ReadField } from '../../builder/NumberField';
import { CommitInput, SuggestBox, SuggestMany } from '../../builder/SuggestBox';
import { type Option } from '../../builder/suggestions';
import { formatDuration, readDuration } from '../durations';

/** The string to save: trimmed and at most `MAX_STRING_CHARACTERS` long. Undefined if it is blank. */
export function stringToSave(entered: string): string | undefined {
  return entered.trim().slice(0, MAX_STRING_CHARACTERS) || undefined;
}

/** The strings to save. Blank strings and too long strings are dropped. Undefined if none is left. */
export function savedStrings<T extends string>(values: readonly T[], maxEntries: number): T[] | undefined {
  const filled = values.filter((entered) => entered.trim() !== '' && entered.length <= MAX_STRING_CHARACTERS);
  return filled.length === 0 ? undefined : filled.slice(0, maxEntries);
}

interface ViewProps<View extends string> {
  views: Array<{ value: View; label: string; description?: string }>;
  value: View;
  onChange: (view: View) => void;
}

/** The choice of the view, in the first row of a form. The request keeps the fields of other views. */
export function ViewField<View extends string>({ views, value, onChange }: ViewProps<View>) {
  const label = t('query-types.view', 'View');
  return (
    <EditorRow>
      <EditorField label={label}>
        <RadioButtonGroup<View> aria-label={label} options={views} value={value} onChange={onChange} />
      </EditorField>
    </EditorRow>
  );
}

type Load = (search: string) => Promise<Option[]>;

interface StringFieldProps extends FieldProps {
  value: string | undefined;
  /** Default: no suggestions. */
  options?: Load;
  /** Called with undefined when the field is emptied. */
  onChange: (entered: string | undefined) => void;
}

/** A field for one string, with suggestions if `options` is given. An empty field is reported as undefined. */
export function StringField({ id, label, tooltip, value = '', options, onChange, ...input }: StringFieldProps) {
  const change = (entered: string) => onChange(stringToSave(entered));
  return (
    <EditorField label={label} htmlFor={id} tooltip={tooltip}>
      {options === undefined ? (
        <CommitInput id={id} value={value} {...input} onChange={change} />
      ) : (
        <SuggestBox id={id} value={value} options={options} {...input} onChange={change} />
      )}
    </EditorField>
  );
}

interface StringListFieldProps extends FieldProps {
  values: readonly string[] | undefined;
  options: Load;
  onChange: (entered: string[]) => void;
}

/** A field for several strings, each of which may be a variable. */
export function StringListField({
  id,
  label,
  tooltip,
  values = [],
  options,
  onChange,
  ...input
}: StringListFieldProps) {
  return (
    <EditorField label={label} htmlFor={id} tooltip={tooltip}>
      <SuggestMany id={id} values={values} options={options} {...input} onChange={onChange} />
    </EditorField>
  );
}

interface ChoicesFieldProps<Value extends string> extends FieldProps {
  choices: Array<ComboboxOption<Value>>;
  values: readonly Value[] | undefined;
  onChange: (values: Value[] | undefined) => void;
}

/** A choice of one or more values from a short list. */
export function ChoicesField<Value extends string>({
  id,
  label,
  tooltip,
  choices,
  values = [],
  onChange,
  ...input
}: ChoicesFieldProps<Value>) {
  return (
    <EditorField label={label} htmlFor={id} tooltip={tooltip}>
      <MultiCombobox<Value>
        id={id}
        {...input}
        options={choices}
        value={[...values]}
        isClearable
        onChange={(chosen) => onChange(chosen.length === 0 ? undefined : chosen.map(({ value }) => value))}
      />
    </EditorField>
  );
}

interface DurationProps extends FieldProps {
  /** In milliseconds. */
  value: number | undefined;
  onChange: (milliseconds: number | undefined) => void;
}

/** A field for a duration, saved in milliseconds. A string that is not a duration is marked, and not saved. */
export function DurationField({ width = 18, ...props }: DurationProps) {
  return (
    <ReadField
      {...props}
      width={width}
      format={formatDuration}
      read={readDuration}
      error={t('query-types.duration-invalid', 'Enter a duration such as 250ms or 1.5s.')}
    />
  );
}
