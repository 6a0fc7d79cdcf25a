/** The issuer as it is, for providers where nothing shorter stands for it. */
import { onUpdateDatasourceJsonDataOption } from '@grafana/data';
import React from 'react';
import { providerProblems } from '../../../contract/provider-problems';
import { issuerProblem } from '../../../contract/settings-problems';
import { TextSetting } from '../fields/SettingField';
import { type ProviderFieldProps } from './provider-field-props';

interface Props extends ProviderFieldProps {
  description: string;
  placeholder: string;
}

export function IssuerField({ page, isRequired, description, placeholder }: Props) {
  const { jsonData, readOnly } = page.options;
  const { problems, doubts } = providerProblems(jsonData);
  const isUnused = !isRequired && !jsonData.oauthIssuer;
  return (
    <TextSetting
      id="micromegas-oauth-issuer"
      label="OIDC Issuer"
      description={description}
      required={isRequired}
      disabled={readOnly}
      problem={isUnused ? undefined : (issuerProblem(jsonData.oauthIssuer) ?? problems.oauthIssuer)}
      doubt={doubts.oauthIssuer}
      value={jsonData.oauthIssuer}
      placeholder={placeholder}
      onChange={onUpdateDatasourceJsonDataOption(page, 'oauthIssuer')}
    />
  );
}
