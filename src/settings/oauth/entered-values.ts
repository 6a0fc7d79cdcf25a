/** Fields that do not show the saved value itself. For example, a field shows a domain, and the issuer is saved. */
import { t } from '@grafana/i18n';
import { useState } from 'react';
import {
  applicationOf,
  auth0Issuer,
  ENTRA_V1_HOST,
  entraIssuer,
  entraScope,
  tenantOf,
  urlOf,
} from '../../../contract/settings/providers';

/** Converts between the input of a field and its saved value. */
export interface Conversion {
  /** The input of the field for a saved value. */
  toInput: (saved: string) => string;
  /**
   * The value to save for a typed string, or undefined to delete the setting.
   *
   * @param earlier Earlier values of this setting on the page, newest first.
   */
  toSaved: (input: string, earlier: readonly string[]) => string | undefined;
  /** Label of the saved value, which the page shows below the field. */
  savedLabel: () => string;
}

const issuerLabel = () => t('config.derived.issuer', 'Issuer');

/**
 * The field for Auth0 shows a domain. The issuer is the URL of the domain with a slash at the end. Other issuers are
 * shown unchanged.
 */
export const AUTH0_DOMAIN: Conversion = {
  toInput: (issuer) => /^https:\/\/([^/?#@\s]+)\/$/.exec(issuer)?.[1] ?? issuer,
  // Keeps a typed http://, so that the field reports it. Replacing it with https:// would hide the mistake.
  toSaved: (input) => (/^http:\/\//i.test(input.trim()) ? input.trim() : auth0Issuer(input)),
  savedLabel: issuerLabel,
};

/** Host of the cloud that an issuer belongs to. Issuers of v1 tokens do not identify the cloud. */
function cloudOf(issuer: string): string | undefined {
  const host = urlOf(issuer)?.hostname;
  return tenantOf(issuer) === undefined || host === ENTRA_V1_HOST ? undefined : host;
}

/**
 * The field for Entra ID shows the ID of a tenant. The issuer is a URL with the host of the cloud. The user may also
 * paste an issuer.
 */
export const ENTRA_TENANT: Conversion = {
  toInput: (issuer) => tenantOf(issuer) ?? issuer,
  // After the user deletes an issuer to type another tenant, the host of the deleted issuer still determines the cloud.
  toSaved: (input, earlier) =>
    /^https?:\/\//i.test(input.trim())
      ? input.trim()
      : entraIssuer(
          input,
          earlier.map(cloudOf).find((cloud) => cloud !== undefined)
        ),
  savedLabel: issuerLabel,
};

/** The field for Entra ID shows the Application ID URI of an API. The scope is that URI with `/.default` at the end. */
export const ENTRA_APPLICATION: Conversion = {
  toInput: applicationOf,
  toSaved: (input) => entraScope(input) || undefined,
  savedLabel: () => t('config.derived.scope', 'Scope'),
};

/**
 * Keeps what the user entered, which cannot always be computed from the saved value. A saved value that changes
 * elsewhere replaces the input.
 *
 * @param toInput Input of the field for a saved value.
 * @returns The current input of the field, and a function to call with an entered input and its saved value.
 */
export function useEnteredValue<Input>(
  saved: string | undefined,
  toInput: (saved: string) => Input
): [input: Input, remember: (input: Input, saved: string) => void] {
  const [typed, setTyped] = useState<{ input: Input; saved: string }>();
  const current = saved ?? '';
  return [
    typed !== undefined && typed.saved === current ? typed.input : toInput(current),
    (input, becomes) => setTyped({ input, saved: becomes }),
  ];
}
