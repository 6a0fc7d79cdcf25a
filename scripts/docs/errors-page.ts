/** Writes docs/errors.md from the catalogue of errors and their explanations. */
import { ERRORS, type ErrorCode, type ErrorEntry } from '../../proxy/base/errors/catalogue';
import { ERROR_SECTIONS, EXPLANATIONS } from '../../proxy/base/errors/explanations';

const INTRODUCTION = `# Errors

Each failure has a code. This page lists all codes with their message, cause and remedy. Search it for the code or the message that you see.

- A panel and Save & test show the message, the details (for example the message of the server), and what to do.
- Only users with the role Admin see details about settings, connections and sign-in. Other users see the message and the advice to ask an administrator.
- The code is in the query inspector (\`meta.custom\`), in the log of the plugin and in the metrics (\`micromegas_queries_total\`).
- Below each message are the HTTP status and the error source with which Grafana's metrics count the failure. _downstream_: the cause is the lakehouse, the identity provider, the settings or the query.
  _plugin_: the cause is the data source itself.
`;

function formatEntry(code: string, { message, status, source }: ErrorEntry): string {
  const { cause, remedy } = EXPLANATIONS[code as ErrorCode];
  return `### \`${code}\`\n\n> ${message}\n\n${status}, ${source}.\n\n- **Typical cause:** ${cause}\n- **What to do:** ${remedy}\n`;
}

/** The page. Its sections begin at the codes of `ERROR_SECTIONS`. */
export function errorsPage(): string {
  const parts = Object.entries(ERRORS).map(([code, entry]) => {
    const section = ERROR_SECTIONS.find(({ first }) => first === code);
    return `${section === undefined ? '' : `## ${section.title}\n\n`}${formatEntry(code, entry)}`;
  });
  return [INTRODUCTION, ...parts].join('\n');
}
