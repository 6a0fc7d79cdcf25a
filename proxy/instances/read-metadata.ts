/** Reads the additional gRPC metadata of a data source, including secret entries. */
import { isReservedMetadata, metadataKeyProblem, metadataValueProblem } from '../../contract/settings-problems';
import { type SettingsEntry } from '../flight-sql/call-metadata';
import { Secret } from '../logging/secret';
import { type Findings } from './findings';
import { type SavedFields } from './saved-fields';
import { type SecretFields } from './secret-fields';

const LABEL = 'Additional metadata';

/**
 * The entries that are not secret. The older plugin accepted names that the data source sets itself. Such settings still
 * load: these entries are dropped with a warning in Save & Test. Only an `authorization` without any other sign-in is still
 * sent.
 */
function plainMetadata(saved: SavedFields, isOnlySignIn: boolean, findings: Findings): SettingsEntry[] {
  const kept: SettingsEntry[] = [];
  for (const [name, value] of saved.metadata) {
    const signsIn = name.toLowerCase() === 'authorization' && isOnlySignIn;
    if (isReservedMetadata(name.toLowerCase()) && !signsIn) {
      findings.doubt(LABEL, `"${name}" is set by the data source itself; the entry is not sent.`);
      continue;
    }
    if (signsIn) {
      findings.doubt(LABEL, '"authorization" is stored unencrypted. Choose API Key instead.');
    }
    const nameProblem = signsIn ? undefined : metadataKeyProblem(name);
    const problem = name === '' ? `the value "${value}" has no name.` : (nameProblem ?? metadataValueProblem(value));
    if (problem !== undefined) {
      findings.check(LABEL, problem);
    } else if (value === '') {
      findings.doubt(LABEL, `"${name}" has no value and is not sent.`);
    } else {
      kept.push([name.toLowerCase(), value]);
    }
  }
  return kept;
}

function secretMetadata(saved: SavedFields, secrets: SecretFields, findings: Findings): SettingsEntry[] {
  const kept: SettingsEntry[] = [];
  for (const { number, name } of saved.secureMetadata) {
    const value = secrets.text(`secureMetadataValue${number}`);
    const problem = metadataKeyProblem(name) ?? metadataValueProblem(value);
    if (problem !== undefined) {
      findings.check(LABEL, problem);
    } else if (value === '') {
      findings.doubt(LABEL, `"${name}" has no value and is not sent.`);
    } else {
      kept.push([name.toLowerCase(), new Secret(value)]);
    }
  }
  return kept;
}

/**
 * All entries with a name and a value. Names are in lower case. A secret entry replaces others of the same name.
 *
 * @param isOnlySignIn True when nothing else signs in.
 */
export function readMetadata(
  saved: SavedFields,
  secrets: SecretFields,
  isOnlySignIn: boolean,
  findings: Findings
): SettingsEntry[] {
  return [...plainMetadata(saved, isOnlySignIn, findings), ...secretMetadata(saved, secrets, findings)];
}
