/** A text field of a provider's form. The table in `provider-forms.ts` describes it. */
import React, { useRef, useState } from 'react';
import { type Message } from '../../../contract/messages/message';
import { type FieldMessages, providerProblems } from '../../../contract/problems/provider-problems';
import { issuerProblem } from '../../../contract/problems/settings-problems';
import { type SettingsProps } from '../../shared/types';
import { InputSetting } from '../fields/input-settings';
import { DerivedValue } from '../fields/SettingField';
import { withSettings } from '../update-settings';
import { isBareKey } from './google-key';
import { type FieldSetting, type InputPart } from './provider-forms';
import { type Conversion, useEnteredValue } from './entered-values';

/** Props of the fields of a service account. */
export interface ProviderFieldProps {
  page: SettingsProps;
  /** False if the data source only forwards the tokens of the users and needs no service account. */
  isRequired: boolean;
}

const IDS: Record<FieldSetting, string> = {
  oauthIssuer: 'micromegas-oauth-issuer',
  oauthClientId: 'micromegas-oauth-client-id',
  oauthAudience: 'micromegas-oauth-audience',
  oauthScope: 'micromegas-oauth-scope',
};

const UNCHANGED: Conversion = { toInput: (saved) => saved, toSaved: (input) => input, savedLabel: () => '' };

/** The error message for a missing required value, or for a value that cannot work. */
function problemOf(
  { setting, missing }: InputPart,
  value: string | undefined,
  isFieldRequired: boolean,
  problems: FieldMessages
): Message | string | undefined {
  const byProvider = setting === 'oauthClientId' ? undefined : problems[setting];
  const byRule = () => (setting === 'oauthIssuer' ? issuerProblem(value) : undefined);
  return value?.trim()
    ? (byRule() ?? byProvider)
    : (byProvider ?? (isFieldRequired ? (missing ?? byRule()) : undefined));
}

/** A setting that the provider does not use is rendered only if a value is saved. */
export function ProviderInputField({ page, part, isRequired }: ProviderFieldProps & { part: InputPart }) {
  const { options, onOptionsChange } = page;
  const { setting, conversion } = part;
  const { toInput, toSaved, savedLabel } = conversion ?? UNCHANGED;
  const value = options.jsonData[setting];
  const [input, remember] = useEnteredValue(value, toInput);
  const [wasFilled] = useState(Boolean(value));
  const earlier = useRef<string[]>([]);
  if (part.isUnused && !value && !wasFilled) {
    return null;
  }
  const isFieldRequired =
    isRequired && (part.required === 'with-bare-key' ? isBareKey(options.secureJsonData) : (part.required ?? false));
  const { problems, warnings } = providerProblems(options.jsonData);
  const isChecked = Boolean(value) || isRequired;
  const type = (typed: string) => {
    earlier.current.unshift(value ?? '');
    const saved = toSaved(typed, earlier.current);
    remember(typed, saved ?? '');
    onOptionsChange(withSettings(options, { [setting]: saved }));
  };
  return (
    <>
      <InputSetting
        id={IDS[setting]}
        label={part.label}
        description={part.description}
        required={isFieldRequired}
        disabled={options.readOnly}
        problem={isChecked ? problemOf(part, value, isFieldRequired, problems) : undefined}
        warning={isChecked && setting !== 'oauthClientId' ? warnings[setting] : undefined}
        value={input}
        placeholder={part.placeholder}
        onChange={type}
      />
      {conversion && <DerivedValue label={savedLabel()} value={input === value ? undefined : value} />}
    </>
  );
}
