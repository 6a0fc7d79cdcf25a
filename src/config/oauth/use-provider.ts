/**
 * Which provider's form the page shows, and what changes when another one is chosen. What was typed for one provider is
 * put aside and comes back with it, so that a look at another form costs nothing.
 */
import { useRef, useState } from 'react';
import { GOOGLE_ISSUER, providerOf, recogniseProvider } from '../../../contract/providers';
import { type MicromegasSettings, type OAuthProvider } from '../../../contract/settings';
import { type SettingsProps } from '../../types';
import { withSettings } from '../update-settings';
import { providerForm } from './provider-forms';

/** The settings that mean something else with another provider. Client ID and secrets stay where they are. */
type Draft = Pick<MicromegasSettings, 'oauthIssuer' | 'oauthAudience' | 'oauthScope' | 'oauthClientProof'>;

function draftOf({ oauthIssuer, oauthAudience, oauthScope, oauthClientProof }: MicromegasSettings): Draft {
  return { oauthIssuer, oauthAudience, oauthScope, oauthClientProof };
}

/** The issuer that the form of a provider begins with, when another one stood there. */
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

/** What a form begins with that was not shown before: what fits of the form that it follows. */
function firstDraft(provider: OAuthProvider, before: Draft): Draft {
  const { audience, scope, proofs } = providerForm(provider);
  const proof = before.oauthClientProof;
  return {
    oauthIssuer: firstIssuer(provider, before.oauthIssuer),
    oauthAudience: audience && before.oauthAudience,
    oauthScope: scope && before.oauthScope,
    oauthClientProof: proof !== undefined && proofs.includes(proof) ? proof : undefined,
  };
}

export interface ProviderChoice {
  provider: OAuthProvider;
  choose: (provider: OAuthProvider) => void;
}

/** Lives as long as the page, not as long as the OAuth fields are shown. */
export function useProvider({ options, onOptionsChange }: SettingsProps): ProviderChoice {
  const [provider, setProvider] = useState<OAuthProvider>(() => {
    const found = providerOf(options.jsonData);
    return found === 'cognito' ? 'other' : found;
  });
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
