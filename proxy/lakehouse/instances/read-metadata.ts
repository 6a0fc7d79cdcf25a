/** Reads the additional gRPC metadata of a data source, including secret entries. */
import { message } from '../../../contract/messages/message';
import {
  isReservedMetadata,
  metadataKeyProblem,
  metadataValueProblem,
} from '../../../contract/problems/settings-problems';
import { type SettingsEntry } from '../flight-sql/call-metadata';
import { Secret } from '../../observe/logging/secret';
import { type Findings } from './findings';
import { type SavedFields } from './saved-fields';
import { type SecretFields } from './secret-fields';

/**
 * The entries that are not secret. The older plugin accepted names that this plugin sets itself. Entries with such
 * names are dropped with a warning, except `authorization` if the data source has no other sign-in.
 */
function plainMetadata(saved: SavedFields, isOnlySignIn: boolean, findings: Findings): SettingsEntry[] {
  const kept: SettingsEntry[] = [];
  for (const [name, value] of saved.metadata) {
    const signsIn = name.toLowerCase() === 'authorization' && isOnlySignIn;
    if (isReservedMetadata(name.toLowerCase()) && !signsIn) {
      findings.warn('metadata', message('entry-not-sent-reserved', { name }));
      continue;
    }
    if (signsIn) {
      findings.warn('metadata', message('authorization-in-plain-text'));
    }
    const nameProblem = signsIn ? undefined : metadataKeyProblem(name);
    const problem =
      name === '' ? message('value-without-name', { value }) : (nameProblem ?? metadataValueProblem(value));
    if (problem !== undefined) {
      findings.check('metadata', problem);
    } else if (value === '') {
      findings.warn('metadata', message('entry-not-sent-empty', { name }));
    } else {
      kept.push([name.toLowerCase(), value]);
    }
  }
  return kept;
}

function secretMetadata(saved: SavedFields, secrets: SecretFields, findings: Findings): SettingsEntry[] {
  const kept: SettingsEntry[] = [];
  for (const { number, name } of saved.secureMetadata) {
    const value = secrets.string(`secureMetadataValue${number}`);
    const problem = metadataKeyProblem(name) ?? metadataValueProblem(value);
    if (problem !== undefined) {
      findings.check('metadata', problem);
    } else if (value === '') {
      findings.warn('metadata', message('entry-not-sent-empty', { name }));
    } else {
      kept.push([name.toLowerCase(), new Secret(value)]);
    }
  }
  return kept;
}

/**
 * The entries to send. Names are in lower case. Secret entries come last, so that `callMetadata` sends them in place of
 * other entries with the same name.
 *
 * @param isOnlySignIn True: the data source has no other sign-in, so an `authorization` in the metadata is sent.
 */
export function readMetadata(
  saved: SavedFields,
  secrets: SecretFields,
  isOnlySignIn: boolean,
  findings: Findings
): SettingsEntry[] {
  return [...plainMetadata(saved, isOnlySignIn, findings), ...secretMetadata(saved, secrets, findings)];
}
