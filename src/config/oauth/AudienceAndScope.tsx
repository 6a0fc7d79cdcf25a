/** Whom the token is for and what it allows: asked in the words of the provider, and only where it takes them. */
import { onUpdateDatasourceJsonDataOption } from '@grafana/data';
import React, { useState } from 'react';
import { providerProblems } from '../../../contract/provider-problems';
import { TextSetting } from '../fields/SettingField';
import { type ProviderFieldProps } from './provider-field-props';
import { type ProviderForm } from './provider-forms';

interface Props extends ProviderFieldProps {
  form: ProviderForm;
}

const FIELDS = {
  audience: { id: 'micromegas-oauth-audience', setting: 'oauthAudience', label: 'Audience' },
  scope: { id: 'micromegas-oauth-scope', setting: 'oauthScope', label: 'Scope' },
} as const;

export function AudienceField(props: Props) {
  return <TokenField {...props} kind="audience" />;
}

export function ScopeField(props: Props) {
  return <TokenField {...props} kind="scope" />;
}

/** A field that the provider has no use for is shown as long as an older save fills it: nothing acts unseen. */
function TokenField({ page, form, isRequired, kind }: Props & { kind: keyof typeof FIELDS }) {
  const { jsonData, readOnly } = page.options;
  const { id, setting, label } = FIELDS[kind];
  const value = jsonData[setting];
  const [wasFilled] = useState(Boolean(value));
  const texts = form[kind];
  if (texts === undefined && !value && !wasFilled) {
    return null;
  }
  const { problems, doubts } = providerProblems(jsonData);
  return (
    <TextSetting
      id={id}
      label={texts?.label ?? label}
      description={texts?.description ?? `${form.label} has no use for it. It was saved before.`}
      required={isRequired && texts?.required}
      disabled={readOnly}
      problem={value || isRequired ? problems[setting] : undefined}
      doubt={value || isRequired ? doubts[setting] : undefined}
      value={value}
      placeholder={texts?.placeholder}
      onChange={onUpdateDatasourceJsonDataOption(page, setting)}
    />
  );
}
