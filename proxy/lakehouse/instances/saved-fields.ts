/** Reads the saved fields of a data source. `settings.ts` checks the values. */
import {
  readValues,
  savedString,
  type SavedValues,
  type SwitchName,
  unknownSwitches,
} from '../../../contract/settings/saved-values';
import { ProxyError } from '../../base/errors/proxy-error';
import { type UnknownNames, unknownNames } from './misspelled-names';

/** An item of a list in numbered fields (`…Name1`, `…Value1`), the format in which Grafana saves HTTP headers. */
export interface NumberedField {
  readonly number: number;
  readonly name: string;
  /** Empty when the value is secret or missing. */
  readonly value: string;
}

export type SavedFields = SavedValues &
  UnknownNames & {
    readonly secureMetadata: readonly NumberedField[];
    readonly oauthParameters: readonly NumberedField[];
    /** Names of switches with a saved value that means neither on nor off. */
    readonly unknownSwitches: readonly SwitchName[];
  };

function parseJson(bytes: Uint8Array): unknown {
  const json = Buffer.from(bytes).toString('utf8').trim();
  try {
    return json === '' ? {} : (JSON.parse(json) ?? {});
  } catch {
    return undefined;
  }
}

/**
 * The items of a numbered list in order. The numbers may have gaps, because settings forms do not renumber the items
 * after one is removed.
 */
function numbered(saved: object, prefix: string): NumberedField[] {
  return Object.keys(saved)
    .flatMap((key) => (key.startsWith(`${prefix}Name`) ? (/^\d+$/.exec(key.slice(prefix.length + 4))?.[0] ?? []) : []))
    .map((digits) => ({
      number: Number(digits),
      name: savedString(Reflect.get(saved, `${prefix}Name${digits}`)),
      value: savedString(Reflect.get(saved, `${prefix}Value${digits}`)),
    }))
    .filter(({ name, value }) => name !== '' || value !== '')
    .sort((a, b) => a.number - b.number);
}

/**
 * Reads `jsonData`, which may be empty or `null`.
 *
 * @throws {ProxyError} `settings_invalid` for invalid JSON, and for JSON that is neither an object nor `null`.
 */
export function readSavedFields(jsonData: Uint8Array): SavedFields {
  const saved = parseJson(jsonData);
  if (typeof saved !== 'object' || saved === null || Array.isArray(saved)) {
    throw new ProxyError('settings_invalid', { detail: 'The saved settings are not a JSON object.' });
  }
  const fields = readValues(saved);
  return {
    ...fields,
    ...unknownNames(saved, Object.keys(fields)),
    unknownSwitches: unknownSwitches(saved),
    secureMetadata: numbered(saved, 'secureMetadata'),
    oauthParameters: numbered(saved, 'oauthParameter'),
  };
}
