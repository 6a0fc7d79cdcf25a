/** Keycloak: the issuer is the address of the server and the name of a realm. */
import React from 'react';
import { providerProblems } from '../../../contract/provider-problems';
import { urlOf } from '../../../contract/providers';
import { issuerProblem } from '../../../contract/settings-problems';
import { DerivedValue } from '../fields/DerivedValue';
import { TextSetting } from '../fields/SettingField';
import { withSettings } from '../update-settings';
import { type ProviderFieldProps } from './provider-field-props';
import { useTypedText } from './use-typed-text';

interface Realm {
  base: string;
  realm: string;
}

const WITH_REALM = /^(.*?)\/realms\/([^/]*)(\/?)$/;

function realmOf(issuer: string): Realm {
  const [, base, realm, slash] = WITH_REALM.exec(issuer) ?? [];
  // A slash at the end is a mistake that the field must be able to show.
  return base === undefined || slash === '/' ? { base: issuer, realm: '' } : { base, realm };
}

function issuerOf({ base, realm }: Realm): string {
  const server = base.trim().replace(/(?<!\/)\/+$/, '');
  const name = realm.trim();
  return name === '' ? base.trim() : `${server}/realms/${name}`;
}

/** What is wrong with the address, or with the issuer that it is a part of. */
function serverProblem(base: string, issuer: string | undefined): string | undefined {
  if (base.trim() === '') {
    return 'Enter the address of Keycloak.';
  }
  return urlOf(base) === undefined
    ? 'The address is a full URL, for example https://keycloak.example.com.'
    : issuerProblem(issuer);
}

export function KeycloakRealm({ page, isRequired }: ProviderFieldProps) {
  const { options, onOptionsChange } = page;
  const issuer = options.jsonData.oauthIssuer;
  const [{ base, realm }, remember] = useTypedText(issuer, realmOf);
  const { problems, doubts } = providerProblems(options.jsonData);
  const type = (typed: Realm) => {
    const becomes = issuerOf(typed);
    remember(typed, becomes);
    onOptionsChange(withSettings(options, { oauthIssuer: becomes }));
  };
  const typeBase = (text: string) => {
    // The whole issuer was pasted: it fills both fields.
    const [, server, name] = WITH_REALM.exec(text.trim()) ?? [];
    type(server !== undefined && name !== '' ? { base: server, realm: name } : { base: text, realm });
  };
  const isUnused = !isRequired && !issuer;
  const isWhole = WITH_REALM.test(issuer ?? '');
  const problem = isUnused ? undefined : (serverProblem(base, issuer) ?? problems.oauthIssuer);
  return (
    <>
      <TextSetting
        id="micromegas-oauth-issuer"
        label="Server URL"
        description="By the host name that Keycloak itself uses. Before version 17 it ends in /auth."
        required={isRequired}
        disabled={options.readOnly}
        problem={problem}
        doubt={doubts.oauthIssuer}
        value={base}
        placeholder="https://keycloak.example.com"
        onChange={({ currentTarget }) => typeBase(currentTarget.value)}
      />
      <TextSetting
        id="micromegas-keycloak-realm"
        label="Realm"
        required={isRequired}
        disabled={options.readOnly}
        problem={isRequired && realm === '' && !isWhole ? 'Enter the name of the realm.' : undefined}
        value={realm}
        placeholder="observability"
        onChange={({ currentTarget }) => type({ base, realm: currentTarget.value })}
      />
      <DerivedValue label="Issuer" value={isWhole && problem === undefined ? issuer : undefined} />
    </>
  );
}
