/**
 * The identity provider whose form the page shows, and the settings that change with the provider. The page keeps the
 * values of each form, so that the user can open another form and return.
 */
import { useRef, useState } from 'react';
import { GOOGLE_ISSUER, providerOf, recogniseProvider } from '../../../contract/settings/providers';
import { type MicromegasSettings, type OAuthProvider } from '../../../contract/settings/settings';
import { type SettingsProps } from '../../shared/types';
import { withSettings } from '../update-settings';
import { type FieldSetting, providerForm } from './provider-forms';

/** The settings whose meaning depends on the provider. Client ID and secrets are not among them. */
type Draft = Pick<MicromegasSettings, 'oauthIssuer' | 'oauthAudience' | 'oauthScope' | 'oauthClientProof'>;

function draftOf({ oauthIssuer, oauthAudience, oauthScope, oauthClientProof }: MicromegasSettings): Draft {
  return { oauthIssuer, oauthAudience, oauthScope, oauthClientProof };
}

/** The initial issuer of a form, derived from the issuer in the form that was shown before. */
function firstIssuer(provider: OAuthProvider, issuer: string | undefined): string | undefined {
  const owner = recogniseProvider(issuer);
  switch (provider) {
    case 'google':
      return GOOGLE_ISSUER;
    case 'entra':
      return owner === 'entra' ? issuer : undefined;
    case 'other':
      return owner === 'google' ? undefined : issuer;
    default:
      return owner === 'other' || owner === provider ? issuer : undefined;
  }
}

/** The initial values of a form, derived from the values in the form that was shown before. */
function firstDraft(provider: OAuthProvider, before: Draft): Draft {
  const { parts, methods } = providerForm(provider);
  const takesAsIs = (setting: FieldSetting) =>
    parts.some((part) => part.kind === 'text' && part.setting === setting && !part.isUnused && !part.conversion);
  const method = before.oauthClientProof;
  return {
    oauthIssuer: firstIssuer(provider, before.oauthIssuer),
    oauthAudience: takesAsIs('oauthAudience') ? before.oauthAudience : undefined,
    oauthScope: takesAsIs('oauthScope') ? before.oauthScope : undefined,
    oauthClientProof: method !== undefined && methods.includes(method) ? method : undefined,
  };
}

/** The choice on the page, which may differ from the provider of the saved issuer. */
export interface ChosenProvider {
  provider: OAuthProvider;
  /** Shows another form with the values that it had before, or with initial values the first time. */
  choose: (provider: OAuthProvider) => void;
}

/** The form of saved settings. Messages about these settings name the fields of this form. */
function savedForm(settings: MicromegasSettings): OAuthProvider {
  const found = providerOf(settings);
  return found === 'cognito' ? 'other' : found;
}

/**
 * The provider of the form, and a function that changes it. After each save, the saved settings determine the form. The
 * component with this hook must stay mounted when the user chooses another sign-in method, so that the choice of the
 * form is kept.
 */
export function useProvider({ options, onOptionsChange }: SettingsProps): ChosenProvider {
  const [provider, setProvider] = useState(() => savedForm(options.jsonData));
  const [version, setVersion] = useState(options.version);
  if (version !== options.version) {
    setVersion(options.version);
    setProvider(savedForm(options.jsonData));
  }
  const drafts = useRef(new Map<OAuthProvider, Draft>());
  const choose = (chosen: OAuthProvider) => {
    if (chosen === provider) {
      return;
    }
    const before = draftOf(options.jsonData);
    drafts.current.set(provider, before);
    setProvider(chosen);
    const draft = drafts.current.get(chosen) ?? firstDraft(chosen, before);
    onOptionsChange(withSettings(options, { ...draft, oauthProvider: chosen }));
  };
  return { provider, choose };
}
