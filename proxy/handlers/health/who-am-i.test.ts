import { type AttributionMode, type CallUser } from '../../lakehouse/flight-sql/flight-sql-client';
import { render } from '../../../contract/messages/message';
import {
  callerOfAttempt,
  identityParts,
  recordedIdentity,
  type ServerCaller,
  type SignInKind,
  whoAmI,
  whoAmIMessage,
} from './who-am-i';

const ADA: CallUser = { login: 'ada', name: 'Ada', email: 'ada@example.com' };
const KEY: ServerCaller = { kind: 'api-key', name: 'dashboards' };
const TOKEN: ServerCaller = { kind: 'oidc', subject: 'grafana@clients' };
const MAILED: ServerCaller = { kind: 'oidc', subject: '1234', email: 'grafana@project.iam' };
const NOBODY: ServerCaller = { kind: 'none' };
const client = 'grafana';

const cases: Array<{
  name: string;
  caller: ServerCaller;
  attribution: AttributionMode;
  user?: CallUser;
  expected: object;
}> = [
  {
    name: 'records the user of the call for an API key',
    caller: KEY,
    attribution: 'full',
    user: ADA,
    expected: { user: 'ada', email: 'ada@example.com', name: 'Ada', serviceAccount: 'dashboards', client },
  },
  {
    name: 'records only the service account of an API key if attribution is off',
    caller: KEY,
    attribution: 'off',
    user: ADA,
    expected: { user: 'dashboards', email: 'service-account', client },
  },
  {
    name: 'records only the service account of an API key if the call has no user',
    caller: KEY,
    attribution: 'full',
    expected: { user: 'dashboards', email: 'service-account', client },
  },
  {
    name: 'does not record empty fields of the user for an API key',
    caller: KEY,
    attribution: 'full',
    user: { login: 'ada', name: ' ', email: '' },
    expected: { user: 'ada', email: 'service-account', serviceAccount: 'dashboards', client },
  },
  {
    name: 'records the subject of a token as the user, and the Grafana user in `name`',
    caller: TOKEN,
    attribution: 'name-only',
    user: ADA,
    expected: { user: 'grafana@clients', email: 'unknown', name: 'Ada <ada@example.com> (ada)', client },
  },
  {
    name: 'records the subject and the e-mail of a token',
    caller: MAILED,
    attribution: 'off',
    user: ADA,
    expected: { user: '1234', email: 'grafana@project.iam', client },
  },
  {
    name: 'records the user of the call for a token with full attribution',
    caller: TOKEN,
    attribution: 'full',
    user: ADA,
    expected: { user: 'ada', email: 'ada@example.com', name: 'Ada', serviceAccount: 'grafana@clients', client },
  },
  {
    name: 'records the user of the call if the server has no sign-in',
    caller: NOBODY,
    attribution: 'full',
    user: ADA,
    expected: { user: 'ada', email: 'ada@example.com', name: 'Ada', client },
  },
  {
    name: 'records no user if the server has no sign-in and attribution is off',
    caller: NOBODY,
    attribution: 'off',
    user: ADA,
    expected: { user: 'unknown', email: 'unknown', client },
  },
];

it.each(cases)('$name', ({ caller, user, attribution, expected }) => {
  expect(recordedIdentity(caller, user, attribution)).toEqual(expected);
});

it.each<{ caller: ServerCaller; attribution: AttributionMode; other: AttributionMode }>([
  { caller: KEY, attribution: 'full', other: 'off' },
  { caller: KEY, attribution: 'off', other: 'full' },
  { caller: TOKEN, attribution: 'name-only', other: 'off' },
  { caller: TOKEN, attribution: 'off', other: 'name-only' },
  { caller: NOBODY, attribution: 'off', other: 'full' },
])('compares attribution $attribution with $other for the sign-in $caller.kind', ({ caller, attribution, other }) => {
  const who = whoAmI(caller, ADA, attribution);
  expect(who).toEqual({
    isAttributionOn: attribution !== 'off',
    recorded: recordedIdentity(caller, ADA, attribution),
    otherwise: recordedIdentity(caller, ADA, other),
    isProven: false,
  });
});

it('takes the name of the API key from the audit record', () => {
  const unnamed: ServerCaller = { kind: 'api-key' };
  const attributed = { user: 'ada', email: 'ada@example.com', serviceAccount: 'dashboards', client };
  const proven = whoAmI(unnamed, ADA, 'full', attributed);
  expect(proven).toMatchObject({ isProven: true, recorded: attributed, otherwise: { user: 'dashboards' } });
  const plain = whoAmI(unnamed, ADA, 'off', { user: 'dashboards', email: 'service-account', client });
  expect(plain.otherwise).toMatchObject({ user: 'ada', serviceAccount: 'dashboards' });
});

it('shows a placeholder for the name of an API key without an audit record', () => {
  expect(whoAmI({ kind: 'api-key' }, ADA, 'full').recorded.serviceAccount).toBe('(the name of the API key)');
});

const sentences: Array<{ kind: SignInKind; attribution: AttributionMode; message: string }> = [
  { kind: 'none', attribution: 'off', message: 'User attribution is off: queries carry no user.' },
  {
    kind: 'none',
    attribution: 'full',
    message: 'The audit trail names you by login ada, e-mail ada@example.com, name Ada.',
  },
  {
    kind: 'token',
    attribution: 'off',
    message: 'User attribution is off: the audit trail shows only the service account of the API key.',
  },
  {
    kind: 'service-account',
    attribution: 'off',
    message: 'User attribution is off: the audit trail shows only the service account sub-1.',
  },
  {
    kind: 'service-account',
    attribution: 'name-only',
    message:
      'The audit trail names sub-1 as the user, and adds your name in Grafana (x-user-name): Ada <ada@example.com> (ada).',
  },
  {
    kind: 'forwarded',
    attribution: 'off',
    message: 'User attribution is off, but the token is your own: the audit trail names sub-1.',
  },
  {
    kind: 'forwarded',
    attribution: 'name-only',
    message:
      'The audit trail names you as sub-1, and adds your name in Grafana (x-user-name): Ada <ada@example.com> (ada).',
  },
];
it.each(sentences)(
  'describes the audit trail for $kind with attribution $attribution',
  ({ kind, attribution, message }) => {
    const caller = callerOfAttempt(kind, { isJwt: true, subject: 'sub-1' }, false);
    expect(render(whoAmIMessage(whoAmI(caller, ADA, attribution), kind, ADA))).toBe(message);
  }
);

it('describes the audit trail for a call without a person', () => {
  expect(render(whoAmIMessage(whoAmI(KEY, undefined, 'full'), 'token', undefined))).toBe(
    'No person started this check, so the audit trail names dashboards.'
  );
});

it('identifies no caller if the server accepts calls without a sign-in', () => {
  expect(callerOfAttempt('token', undefined, true)).toEqual({ kind: 'none' });
  expect(callerOfAttempt('service-account', { isJwt: true, subject: 's' }, true)).toEqual({ kind: 'none' });
});

it('lists the fields of an identity', () => {
  const parts = identityParts({ user: 'ada', email: 'a@x', name: 'Ada', serviceAccount: 'dashboards', client });
  expect(parts.map((part) => render(part))).toEqual([
    'user ada',
    'e-mail a@x',
    'name Ada',
    'service account dashboards',
    'client grafana',
  ]);
});
