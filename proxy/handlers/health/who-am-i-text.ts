/** Who the asking user is for the server, in sentences. */
import { type RecordedIdentity, type WhoAmI } from '../../../contract/health';
import { type CallUser } from '../../flight-sql/flight-sql-client';
import { type TokenDescription } from '../../oidc/token-source';
import { type Trial } from './trials';
import { type ServerCaller } from './who-am-i';

type Kind = Trial['kind'];

/** How the server knows the caller of a trial. @param isOpen True for a server that asks nobody who they are. */
export function callerOfTrial(kind: Kind, token: TokenDescription | undefined, isOpen: boolean): ServerCaller {
  if (kind === 'none' || isOpen) {
    return { kind: 'none' };
  }
  if (kind === 'token') {
    return { kind: 'api-key' };
  }
  return { kind: 'oidc', subject: token?.subject, email: token?.email };
}

/** An identity as a list: `user ada, e-mail ada@example.com, name Ada, client grafana`. */
export function identityInWords({ user, email, name, serviceAccount, client }: RecordedIdentity): string {
  const parts = [
    user !== undefined && `user ${user}`,
    email !== undefined && `e-mail ${email}`,
    name !== undefined && `name ${name}`,
    serviceAccount !== undefined && `service account ${serviceAccount}`,
    `client ${client}`,
  ];
  return parts.filter((part) => part !== false).join(', ');
}

function unattributedText(kind: Kind, user: string): string {
  const off = 'User attribution is off';
  switch (kind) {
    case 'none':
      return `${off}: queries carry no user.`;
    case 'token':
      return `${off}: the audit trail shows the service account of the API key only.`;
    case 'service-account':
      return `${off}: the audit trail shows the service account ${user} only.`;
    case 'forwarded':
      return `${off}, but the token is your own: the audit trail names ${user}.`;
  }
}

/** One sentence: what the server's audit trail shows of the user who asks. @param user Undefined for no person. */
export function whoAmIText({ isAttributionOn, recorded }: WhoAmI, kind: Kind, user: CallUser | undefined): string {
  const { user: recordedUser = 'nobody', email, name } = recorded;
  if (!isAttributionOn) {
    return unattributedText(kind, recordedUser);
  }
  if (user === undefined) {
    return `No person is behind this check, so the audit trail names ${recordedUser}.`;
  }
  if (recordedUser === user.login.trim() && kind !== 'forwarded') {
    const rest = [email !== undefined && `e-mail ${email}`, name !== undefined && `name ${name}`];
    const words = [`login ${recordedUser}`, ...rest.filter((part) => part !== false)];
    return `The audit trail names you by ${words.join(', ')}.`;
  }
  const beside = name === undefined ? '' : `, and beside it the name that Grafana has of you (x-user-name): ${name}`;
  return kind === 'forwarded'
    ? `The audit trail names you as ${recordedUser}${beside}.`
    : `The audit trail names ${recordedUser} as the user${beside}.`;
}
