/** For tests of provider errors: parses tables of test cases, and creates the failure for a response. */
import { isErrorCode } from '../../../../tests/support/error-code';
import { type ErrorCode } from '../../../base/errors/catalogue';
import { type AuthenticationInUse } from '../client-credentials';
import { tokenFailure } from '../provider-failure';
import { type ProviderError } from '../provider-error';

export interface Row {
  name: string;
  status: number;
  body: Record<string, string>;
  code: ErrorCode;
  advice: string;
}

export const NOW_MS = Date.UTC(2026, 0, 1);
export const url = 'https://idp.example/token';

export const says = (error: string, description = '') => ({ error, error_description: description });

/** The ids that Entra ID adds to each message. A failure must not contain these ids. */
const TRAILER = '\r\nTrace ID: 1-2\r\nCorrelation ID: 3-4\r\nTimestamp: 2026';

function bodyOf(words: string): Record<string, string> {
  const [, shape, error = '', description = ''] = /^(errorCode )?(.*?)(?:: (.*))?$/.exec(words) ?? [];
  return shape === undefined
    ? says(error, description.startsWith('AADSTS') ? description + TRAILER : description)
    : { errorCode: error, errorSummary: description };
}

/** The rows of a table in the format that provider-hints.test.ts describes. */
export function rowsOf(table: string): Row[] {
  return table
    .trim()
    .split('\n')
    .map((line) => {
      const [name = '', status = '', words = '', code = '', advice = ''] = line.trim().split(' | ');
      if (!isErrorCode(code) || advice === '') {
        throw new Error(`Not a row: ${line}`);
      }
      return { name, status: Number(status), body: bodyOf(words), code, advice };
    });
}

/** The failure for a response of the token endpoint. */
export function failureOf(
  status: number,
  body: unknown,
  authentication: AuthenticationInUse = { kind: 'secret' },
  headers: Record<string, string> = {}
): ProviderError {
  const response = { status, headers: new Headers(headers), body: JSON.stringify(body) };
  return tokenFailure(response, { url, secrets: [], nowMs: NOW_MS, authentication });
}
