/** Auth0 shows its domain, and calls itself by that domain with a slash at the end. */
import React from 'react';
import { providerProblems } from '../../../contract/provider-problems';
import { auth0Issuer } from '../../../contract/providers';
import { issuerProblem } from '../../../contract/settings-problems';
import { DerivedValue } from '../fields/DerivedValue';
import { TextSetting } from '../fields/SettingField';
import { withSettings } from '../update-settings';
import { type ProviderFieldProps } from './provider-field-props';
import { useTypedText } from './use-typed-text';

/** The domain of an issuer that Auth0 would call itself by; any other one is shown as it was saved. */
function domainOf(issuer: string): string {
  return /^https:\/\/([^/?#@\s]+)\/$/.exec(issuer)?.[1] ?? issuer;
}

export function Auth0Domain({ page, isRequired }: ProviderFieldProps) {
  const { options, onOptionsChange } = page;
  const issuer = options.jsonData.oauthIssuer;
  const [domain, remember] = useTypedText(issuer, domainOf);
  const { problems, doubts } = providerProblems(options.jsonData);
  const type = (text: string) => {
    // Plaintext is refused with the reason, which a silent https:// would hide.
    const typed = /^http:\/\//i.test(text.trim()) ? text.trim() : auth0Issuer(text);
    remember(text, typed);
    onOptionsChange(withSettings(options, { oauthIssuer: typed }));
  };
  return (
    <>
      <TextSetting
        id="micromegas-oauth-issuer"
        label="Domain"
        description="As the settings of the application show it, or your custom domain."
        required={isRequired}
        disabled={options.readOnly}
        problem={
          issuer ? (issuerProblem(issuer) ?? problems.oauthIssuer) : isRequired ? 'Enter the domain.' : undefined
        }
        doubt={doubts.oauthIssuer}
        value={domain}
        placeholder="tenant.eu.auth0.com"
        onChange={({ currentTarget }) => type(currentTarget.value)}
      />
      <DerivedValue label="Issuer" value={domain === issuer ? undefined : issuer} />
    </>
  );
}
