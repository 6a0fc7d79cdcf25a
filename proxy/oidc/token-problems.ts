/**
 * An access token in words: which rule of Micromegas it breaks, and what the server must be told to accept it. Neither
 * the token nor its signature is ever quoted.
 */
import { type TokenExplanation, type TokenRule } from '../../contract/health';
import { sortAudiences } from './shared-audiences';
import { duration, type Rule, RULES, type TokenContext, type TokenProblem } from './token-rules';
import { type AccessToken, type TokenDescription } from './token-source';

export { issuerDifference, type TokenContext, type TokenProblem } from './token-rules';

/**
 * The first rule of Micromegas that the token breaks, or undefined when it breaks none that can be seen from here.
 *
 * @param context Makes the advice more exact; with `nowMs`, a token that has ended counts as broken.
 */
export function tokenProblem(token: TokenDescription, context: TokenContext = {}): TokenProblem | undefined {
  for (const rule of RULES) {
    const problem = rule.problem(token, context);
    if (problem !== undefined) {
      return problem;
    }
  }
  return undefined;
}

function applied(rule: Rule, token: TokenDescription, context: TokenContext): TokenRule {
  const problem = rule.problem(token, context);
  return problem === undefined
    ? { name: rule.name, status: 'ok', text: rule.found(token, context) }
    : { name: rule.name, status: 'broken', text: `${problem.text} ${problem.advice}` };
}

/**
 * All rules of Micromegas, applied to a token. Of one that cannot be read there is nothing more to tell than that.
 *
 * @param context The issuer of the settings, this machine's clock (milliseconds since 1970), and by how many
 *   milliseconds the provider's is ahead of it.
 */
export function explainToken(
  token: TokenDescription,
  context: TokenContext & { issuer: string; nowMs: number; clockAheadMs: number }
): TokenExplanation {
  const [readable, ...others] = RULES.map((rule) => applied(rule, token, context));
  const rules = [readable, ...(readable?.status === 'ok' ? others : [])].filter((rule) => rule !== undefined);
  const serverConfig = rules.some(({ status }) => status === 'broken')
    ? undefined
    : serverConfigFor(token, context.audience);
  return { rules, ...(serverConfig !== undefined && { serverConfig }) };
}

/** The token in words: issuer, subject, audience, algorithm and time left, as far as they can be read. */
export function tokenInWords({ description, expiresAtMs }: AccessToken, nowMs: number): string {
  const { issuer, subject, audience, algorithm } = description;
  const parts = [
    issuer !== undefined && `issuer ${issuer}`,
    subject !== undefined && `subject ${subject}`,
    audience !== undefined && `audience ${audience.join(', ')}`,
    algorithm !== undefined && `signed with ${algorithm}`,
    `${duration(expiresAtMs - nowMs)} left`,
  ];
  return parts.filter((part) => part !== false).join(', ');
}

/**
 * What `MICROMEGAS_OIDC_CONFIG` of the server must contain for this token, as JSON. Undefined if that cannot be told, and
 * for an audience that belongs to others: the server would accept their tokens as well.
 *
 * @param wanted The audience in the settings, which decides among several.
 */
export function serverConfigFor(token: TokenDescription, wanted?: string): string | undefined {
  const { issuer } = token;
  const { forServer: audience } = sortAudiences(token, wanted);
  return issuer === undefined || audience === undefined
    ? undefined
    : JSON.stringify({ issuers: [{ issuer, audience }] });
}
