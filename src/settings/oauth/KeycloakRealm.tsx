/** For Keycloak, two fields replace the issuer: the address of the server and the name of a realm. */
import { t } from '@grafana/i18n';
import React, { useRef } from 'react';
import { type Message } from '../../../contract/messages/message';
import { providerProblems } from '../../../contract/problems/provider-problems';
import { urlOf } from '../../../contract/settings/providers';
import { issuerProblem } from '../../../contract/problems/settings-problems';
import { InputSetting } from '../fields/input-settings';
import { DerivedValue } from '../fields/SettingField';
import { withSettings } from '../update-settings';
import { type ProviderFieldProps } from './ProviderInputField';
import { useEnteredValue } from './entered-values';

const EXAMPLE_SERVER = 'https://keycloak.example.com';
const EXAMPLE_REALM = 'observability';

interface Realm {
  base: string;
  realm: string;
}

const WITH_REALM = /^(.*?)\/realms\/([^/]*)(\/?)$/;

function realmOf(issuer: string): Realm {
  const [, base, realm, slash] = WITH_REALM.exec(issuer) ?? [];
  // A slash at the end is a mistake, so the field shows the whole issuer.
  return base === undefined || slash === '/' ? { base: issuer, realm: '' } : { base, realm };
}

/** Server and realm of an issuer, also with a slash at the end. Undefined for another string. */
function splitIssuer(entered: string): Realm | undefined {
  const parts = realmOf(entered.trim().replace(/\/$/, ''));
  return parts.realm === '' ? undefined : parts;
}

function issuerOf({ base, realm }: Realm): string {
  const server = base.trim().replace(/(?<!\/)\/+$/, '');
  const name = realm.trim();
  return name === '' ? base.trim() : `${server}/realms/${name}`;
}

/** A problem of the address, or of the whole issuer. */
function serverProblem(base: string, issuer: string | undefined): Message | string | undefined {
  if (base.trim() === '') {
    return t('config.keycloak.server.missing', 'Enter the address of Keycloak.');
  }
  return urlOf(base) === undefined
    ? t('config.keycloak.server.no-url', 'Enter a full URL, for example https://keycloak.example.com.')
    : issuerProblem(issuer);
}

/**
 * Only the issuer is saved. If it is not the URL of a realm, or has a slash after the realm, the first field shows the
 * whole issuer.
 */
export function KeycloakRealm({ page, isRequired }: ProviderFieldProps) {
  const { options, onOptionsChange } = page;
  const issuer = options.jsonData.oauthIssuer;
  const [{ base, realm }, remember] = useEnteredValue(issuer, realmOf);
  const { problems, warnings } = providerProblems(options.jsonData);
  const save = (shown: Realm, becomes: string) => {
    remember(shown, becomes);
    onOptionsChange(withSettings(options, { oauthIssuer: becomes }));
  };
  const type = (typed: Realm) => save(typed, issuerOf(typed));
  const isEdited = useRef(false);
  const editBase = (entered: string, isPasted: boolean) => {
    const parts = splitIssuer(entered);
    isEdited.current = true;
    if (parts === undefined) {
      type({ base: entered, realm });
    } else if (isPasted) {
      type(parts);
    } else {
      // The typed issuer may be incomplete, so it is split when the field loses the focus.
      save({ base: entered, realm }, entered.trim());
    }
  };
  const leaveBase = ({ target }: React.FocusEvent<HTMLInputElement>) => {
    // The field stays the active element while another window has the focus.
    if (!isEdited.current || document.activeElement === target) {
      return;
    }
    isEdited.current = false;
    const parts = splitIssuer(base) ?? { base: base.trim().replace(/\/realms\/?$/, ''), realm };
    if (parts.base !== base || parts.realm !== realm) {
      type(parts);
    }
  };
  const isUnused = !isRequired && !issuer;
  const isWhole = splitIssuer(issuer ?? '') !== undefined;
  const problem = isUnused ? undefined : (serverProblem(base, issuer) ?? problems.oauthIssuer);
  return (
    <>
      <InputSetting
        id="micromegas-oauth-issuer"
        label={t('config.keycloak.server.label', 'Server URL')}
        description={t(
          'config.keycloak.server.description',
          'Use the host name that is set in the configuration of Keycloak. Before Keycloak 17, the URL ends in /auth.'
        )}
        required={isRequired}
        disabled={options.readOnly}
        problem={problem}
        warning={warnings.oauthIssuer}
        value={base}
        placeholder={EXAMPLE_SERVER}
        onChange={editBase}
        onBlur={leaveBase}
      />
      <InputSetting
        id="micromegas-keycloak-realm"
        label={t('config.keycloak.realm.label', 'Realm')}
        required={isRequired}
        disabled={options.readOnly}
        problem={
          isRequired && realm.trim() === '' && !isWhole
            ? t('config.keycloak.realm.missing', 'Enter the name of the realm.')
            : undefined
        }
        value={realm}
        placeholder={EXAMPLE_REALM}
        onChange={(entered) => type({ base, realm: entered })}
      />
      <DerivedValue
        label={t('config.derived.issuer', 'Issuer')}
        value={isWhole && problem === undefined ? issuer : undefined}
      />
    </>
  );
}
