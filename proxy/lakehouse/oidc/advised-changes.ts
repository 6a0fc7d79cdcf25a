/**
 * Recognizes advice to change a setting that already has the advised value. Each advice that names one value for a
 * setting has an entry here. A test finds missing entries.
 */
import { type Message, type MessageCode } from '../../../contract/messages/message';
import { type SettingsInUse } from './client-credentials';

/** The settings after the recommended change, by the code of the advice. */
export const ADVISED_CHANGES: Readonly<Partial<Record<MessageCode, Readonly<SettingsInUse>>>> = {
  'use-secret': { kind: 'secret' },
  'use-private-key': { kind: 'private-key' },
  'use-secret-jwt': { kind: 'secret-jwt' },
  'use-signed-jwt': { kind: 'private-key' },
  'entra-proof-missing': { kind: 'private-key' },
  'google-paste-key': { kind: 'google-key' },
  'opaque-google': { kind: 'google-key' },
  'hydra-secret-place': { secretStyle: 'auto' },
  'keycloak-key-unknown': { hasKeyId: false },
  'key-id-required': { hasKeyId: true },
  'auth0-audience-required': { hasAudience: true },
  'opaque-auth0': { hasAudience: true },
  'audience-empty': { hasAudience: true },
  'audience-empty-hydra': { hasAudience: true },
  'resource-missing': { hasResource: true },
};

/** False if the advised change is already made. A change of an unknown setting counts as not made yet. */
export function isNeeded({ code }: Message, settings: SettingsInUse): boolean {
  const change = ADVISED_CHANGES[code];
  if (change === undefined) {
    return true;
  }
  const { kind, secretStyle, hasKeyId, hasAudience, hasResource } = change;
  return (
    (kind !== undefined && kind !== settings.kind) ||
    (secretStyle !== undefined && secretStyle !== settings.secretStyle) ||
    (hasKeyId !== undefined && hasKeyId !== settings.hasKeyId) ||
    (hasAudience !== undefined && hasAudience !== settings.hasAudience) ||
    (hasResource !== undefined && hasResource !== settings.hasResource)
  );
}
