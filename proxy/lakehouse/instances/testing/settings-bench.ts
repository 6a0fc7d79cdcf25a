/** Saved data sources for tests. Without an `environment`, the operator has set no limits. */
import { render } from '../../../../contract/messages/message';
import { ProxyError } from '../../../base/errors/proxy-error';
import { createLogger } from '../../../observe/logging/logger';
import { createOperatorPolicy } from '../../operator/operator-policy';
import { type SavedDataSource } from '../saved-data-source';
import { parseSettings, type DataSourceSettings, type SettingsDeps } from '../settings';

type Variables = Record<string, string>;

/** A data source with the name Lake. @param jsonData An object is saved as JSON, a string is saved unchanged. */
export function saved(jsonData: unknown, secrets: Variables = {}, grafanaConfig: Variables = {}): SavedDataSource {
  return {
    uid: 'u1',
    orgId: 1,
    name: 'Lake',
    jsonData: Buffer.from(typeof jsonData === 'string' ? jsonData : JSON.stringify(jsonData)),
    decryptedSecureJsonData: secrets,
    lastUpdatedMs: 0,
    grafanaConfig,
  };
}

/** @param environment Environment variables of the process, with the operator's settings. */
export function depsWith(environment: Variables = {}): SettingsDeps {
  return { policy: createOperatorPolicy(environment, createLogger({ write: () => undefined })), environment };
}

/** The settings, with their warnings as strings. */
export function settingsOf(
  source: SavedDataSource,
  environment: Variables = {}
): Omit<DataSourceSettings, 'warnings'> & { warnings: string[] } {
  const settings = parseSettings(source, depsWith(environment));
  const { warnings, labels } = settings;
  return { ...settings, warnings: warnings.map((warning) => render(warning, { labels })) };
}

/** The error for invalid settings. */
export function problemOf(source: SavedDataSource, environment: Variables = {}): ProxyError {
  try {
    settingsOf(source, environment);
  } catch (reason) {
    return ProxyError.from(reason);
  }
  throw new Error('Expected an error for the settings');
}
