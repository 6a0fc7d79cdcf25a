/** Entra ID: the issuer follows from the tenant, the scope from the application that the token is for. */
import React, { useState } from 'react';
import { providerProblems } from '../../../contract/provider-problems';
import { applicationOf, ENTRA_V1_HOST, entraIssuer, entraScope, tenantOf, urlOf } from '../../../contract/providers';
import { issuerProblem } from '../../../contract/settings-problems';
import { DerivedValue } from '../fields/DerivedValue';
import { TextSetting } from '../fields/SettingField';
import { withSettings } from '../update-settings';
import { type ProviderFieldProps } from './provider-field-props';
import { useTypedText } from './use-typed-text';

/** Host of the cloud that an issuer belongs to. Issuers of v1 tokens name none. */
function cloudOf(issuer: string | undefined): string | undefined {
  const host = urlOf(issuer)?.hostname;
  return tenantOf(issuer) === undefined || host === ENTRA_V1_HOST ? undefined : host;
}

/** The issuer of a tenant. A whole issuer may be pasted as well. */
function issuerOf(text: string, cloud: string | undefined): string {
  const typed = text.trim();
  return /^https?:\/\//i.test(typed) ? typed : entraIssuer(typed, cloud);
}

export function EntraTenant({ page, isRequired }: ProviderFieldProps) {
  const { options, onOptionsChange } = page;
  const issuer = options.jsonData.oauthIssuer;
  const [tenant, remember] = useTypedText(issuer, (saved) => tenantOf(saved) ?? saved);
  // Of the issuer before, also after the field was emptied on the way to another tenant.
  const [lastCloud, setLastCloud] = useState<string>();
  const { problems, doubts } = providerProblems(options.jsonData);
  const type = (text: string) => {
    const cloud = cloudOf(issuer) ?? lastCloud;
    setLastCloud(cloud);
    const typed = issuerOf(text, cloud);
    remember(text, typed);
    onOptionsChange(withSettings(options, { oauthIssuer: typed }));
  };
  return (
    <>
      <TextSetting
        id="micromegas-oauth-issuer"
        label="Directory (tenant) ID"
        description="As the overview of the app registration shows it."
        required={isRequired}
        disabled={options.readOnly}
        problem={
          issuer ? (issuerProblem(issuer) ?? problems.oauthIssuer) : isRequired ? 'Enter the tenant ID.' : undefined
        }
        doubt={doubts.oauthIssuer}
        value={tenant}
        placeholder="00000000-0000-0000-0000-000000000000"
        onChange={({ currentTarget }) => type(currentTarget.value)}
      />
      <DerivedValue label="Issuer" value={tenant === issuer ? undefined : issuer} />
    </>
  );
}

export function EntraApplication({ page, isRequired }: ProviderFieldProps) {
  const { options, onOptionsChange } = page;
  const scope = options.jsonData.oauthScope;
  const [application, remember] = useTypedText(scope, applicationOf);
  const { problems, doubts } = providerProblems(options.jsonData);
  const type = (text: string) => {
    const typed = entraScope(text);
    remember(text, typed);
    onOptionsChange(withSettings(options, { oauthScope: typed === '' ? undefined : typed }));
  };
  return (
    <>
      <TextSetting
        id="micromegas-oauth-scope"
        label="Application ID URI"
        description="Of the Micromegas API's app registration, under Expose an API. Its application ID works as well."
        required={isRequired}
        disabled={options.readOnly}
        problem={
          scope
            ? problems.oauthScope
            : isRequired
              ? (problems.oauthScope ?? 'Enter the Application ID URI.')
              : undefined
        }
        doubt={doubts.oauthScope}
        value={application}
        placeholder="api://00000000-0000-0000-0000-000000000000"
        onChange={({ currentTarget }) => type(currentTarget.value)}
      />
      <DerivedValue label="Scope" value={scope} />
    </>
  );
}
