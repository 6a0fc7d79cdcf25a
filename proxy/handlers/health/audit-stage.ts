/**
 * Proves who the asking user is for the server: by the record of the test query in the server's own audit log, where
 * there is one that can be read. It never fails a check, and ends after a few seconds.
 */
import { type RecordedIdentity, type WhoAmI } from '../../../contract/health';
import { ProxyError } from '../../errors/proxy-error';
import { AUDIT_TABLE, AUDIT_TARGET, findInAudit, type AuditFinding } from './audit-log';
import { bounded } from './bounded';
import { type StageFinding } from './health-report';
import { type StageContext } from './stage-context';
import { type TestStatement } from './statement-stages';
import { type Trial } from './trials';
import { identityInWords } from './who-am-i-text';

/** Milliseconds that all looks together may take. */
const LIMIT_MS = 2500;

const BY_THE_RULES = "who is recorded follows from the server's rules, and is not proven.";

/** Differences that somebody should know of: values that came to be on the way, or by rules that are not known here. */
function surprises({ recorded: expected }: WhoAmI, recorded: RecordedIdentity, kind: Trial['kind']): string[] {
  // What the server calls an API key is known to nobody else.
  const isUserKnown = kind !== 'token' || expected.serviceAccount !== undefined;
  const differs = (isUserKnown && recorded.user !== expected.user) || recorded.name !== expected.name;
  return differs
    ? [
        `That is not what was to be expected (${identityInWords(expected)}): something between Grafana and the server changes the x-user headers, or the server has rules of its own.`,
      ]
    : [];
}

function findingText(finding: AuditFinding | undefined, kind: Trial['kind'], expected: WhoAmI): StageFinding {
  switch (finding?.kind) {
    case 'found':
      return {
        text: `The record of the test query says ${identityInWords(finding.recorded)}.`,
        warnings: surprises(expected, finding.recorded, kind),
      };
    case 'no-audit':
      return { text: `${AUDIT_TABLE} holds no audit records of the last hour: ${BY_THE_RULES}` };
    default:
      return { text: `The record of the test query was not there within ${LIMIT_MS / 1000} s: ${BY_THE_RULES}` };
  }
}

/**
 * @param tables Names of the tables that the server lists.
 * @param expected By the rules.
 * @returns What the audit log has for the test statement, or undefined when that could not be found out.
 */
export async function auditStage(
  { report, instance, now, wait, signal }: StageContext,
  {
    trial,
    statement,
    tables,
    expected,
  }: { trial: Trial; statement: TestStatement; tables: readonly string[]; expected: WhoAmI }
): Promise<RecordedIdentity | undefined> {
  if (!tables.includes(AUDIT_TABLE)) {
    return undefined;
  }
  const heading = { name: 'audit', title: 'Audit log', tried: `${AUDIT_TABLE}, target ${AUDIT_TARGET}` } as const;
  return report.run(heading, async () => {
    try {
      const finding = await bounded({ limitMs: LIMIT_MS, wait, parent: signal }, (ending) =>
        findInAudit(
          {
            ask: (sql, range) => instance.execute(sql, { ...trial.call, range, signal: ending }),
            memory: trial.call.memory,
            now,
            wait: (ms) => wait(ms, ending),
          },
          statement.sql,
          statement.mark
        )
      );
      const value = finding?.kind === 'found' ? finding.recorded : undefined;
      return { ...findingText(finding, trial.kind, expected), value };
    } catch (reason) {
      const { summary } = ProxyError.from(reason);
      return { text: `It could not be read (${summary}): ${BY_THE_RULES}`, value: undefined };
    }
  });
}
