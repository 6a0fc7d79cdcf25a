import { type DiagnosticCheck } from '../../../contract/resources/diagnostics';
import { type HealthDetails } from '../../../contract/resources/health';

interface Checked {
  status: 'ok' | 'error';
  details: HealthDetails;
}

/**
 * The result of a check for the diagnostics file. Messages are reduced to their codes, because their values may contain
 * the names of servers, accounts and users.
 *
 * @param nowMs Time of the check in milliseconds since 1970.
 */
export function describeCheck({ status, details }: Checked, nowMs: number): DiagnosticCheck {
  const { code, stages, token } = details;
  return {
    checkedAt: new Date(nowMs).toISOString(),
    status,
    ...(code !== undefined && { code }),
    stages: stages.map(({ name, status: outcome, tookMs, text }) => ({
      name,
      status: outcome,
      tookMs,
      messages: text.map((message) => message.code),
    })),
    tokenRules: (token?.rules ?? []).map(({ name, status: outcome }) => ({ name, status: outcome })),
  };
}
