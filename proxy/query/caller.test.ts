import { type CallOrigin } from '../lakehouse/flight-sql/flight-sql-client';
import { callerOf, personOf } from './caller';
import { type GrafanaUser, type RequestHeaders } from './plugin-request';

const ADA: GrafanaUser = { login: 'ada', name: 'Ada', email: 'ada@example.com', role: 'Viewer' };
const SCHEDULER: GrafanaUser = { login: 'grafana_scheduler', name: '', email: '', role: 'Admin' };
const PUBLIC: GrafanaUser = { login: 'service', name: '', email: '', role: 'Admin' };
const ANONYMOUS: GrafanaUser = { login: '', name: '', email: '', role: 'Viewer' };
const TOKENS = { authorization: 'Bearer access.token', 'x-id-token': 'id.token' };

describe('personOf', () => {
  it.each([
    { name: 'a person', user: ADA, person: { login: 'ada', name: 'Ada', email: 'ada@example.com' } },
    { name: 'a person with the login "service"', user: { ...ADA, login: 'service' }, person: expect.anything() },
    { name: 'the alert scheduler', user: SCHEDULER, person: undefined },
    { name: 'a public dashboard', user: PUBLIC, person: undefined },
    { name: 'an anonymous visitor', user: ANONYMOUS, person: undefined },
    { name: 'no user', user: undefined, person: undefined },
  ])('returns the person, or undefined if no person sent the request: $name', ({ user, person }) => {
    expect(personOf(user)).toEqual(person);
    const caller = callerOf(user, TOKENS);
    expect(caller.user).toEqual(person);
    // Tokens are forwarded only if a person sent the request.
    expect(caller.forwarded === undefined).toBe(person === undefined);
  });
});

interface EntryPointCase {
  name: string;
  user: GrafanaUser | undefined;
  headers: RequestHeaders;
  purpose?: string;
  origin: CallOrigin;
}

describe('entry points', () => {
  const dashboard = { 'x-dashboard-uid': 'd1', 'x-panel-id': '7' };
  it.each<EntryPointCase>([
    { name: 'a panel', user: ADA, headers: dashboard, origin: { entrypoint: 'dashboard', dashboardUid: 'd1', panelId: '7' } }, // prettier-ignore
    { name: 'a panel of a dashboard that is not saved', user: ADA, headers: { 'x-panel-plugin-id': 'logs' }, origin: { entrypoint: 'dashboard' } }, // prettier-ignore
    { name: 'Explore', user: ADA, headers: {}, origin: { entrypoint: 'explore' } },
    { name: 'a variable', user: ADA, headers: dashboard, purpose: 'variable', origin: { entrypoint: 'variable', dashboardUid: 'd1', panelId: '7' } }, // prettier-ignore
    { name: 'an annotation', user: ADA, headers: { 'x-dashboard-uid': 'd1' }, purpose: 'annotation', origin: { entrypoint: 'annotation', dashboardUid: 'd1' } }, // prettier-ignore
    {
      name: 'a lookup for completion',
      user: ADA,
      headers: {},
      purpose: 'completion',
      origin: { entrypoint: 'completion' },
    },
    { name: 'Save & test', user: ADA, headers: {}, purpose: 'health', origin: { entrypoint: 'health' } },
    { name: 'a public dashboard', user: PUBLIC, headers: dashboard, origin: { entrypoint: 'public-dashboard', dashboardUid: 'd1', panelId: '7' } }, // prettier-ignore
    { name: 'an anonymous visitor', user: ANONYMOUS, headers: dashboard, origin: { entrypoint: 'anonymous', dashboardUid: 'd1', panelId: '7' } }, // prettier-ignore
    { name: 'an alert rule', user: SCHEDULER, headers: { fromalert: 'true', 'x-rule-uid': 'r1' }, origin: { entrypoint: 'alerting', dashboardUid: 'alert-rule:r1' } }, // prettier-ignore
    { name: 'an alert rule without a user, as in later releases of Grafana', user: undefined, headers: { fromalert: 'true' }, origin: { entrypoint: 'alerting' } }, // prettier-ignore
  ])('are recognized: $name', ({ user, headers, purpose, origin }) => {
    expect(callerOf(user, headers, purpose).origin).toEqual(origin);
  });
});

describe('the forwarded tokens of a person', () => {
  const revealed = (headers: RequestHeaders) => {
    const { accessToken, idToken } = callerOf(ADA, headers).forwarded ?? {};
    return { accessToken: accessToken?.reveal(), idToken: idToken?.reveal() };
  };

  it.each<{ name: string; headers: RequestHeaders; accessToken?: string; idToken?: string }>([
    { name: 'both tokens', headers: TOKENS, accessToken: 'access.token', idToken: 'id.token' },
    { name: 'Bearer in lower case, with extra spaces', headers: { authorization: 'bearer  a.b ' }, accessToken: 'a.b' },
    { name: 'basic authentication', headers: { authorization: 'Basic YTpi' } },
    { name: 'invalid characters', headers: { authorization: 'Bearer a b', 'x-id-token': 'ä' } },
    { name: 'empty headers', headers: { authorization: '', 'x-id-token': ' ' } },
  ])('are read from the headers, or ignored if they are invalid: $name', ({ headers, accessToken, idToken }) => {
    expect(revealed(headers)).toEqual({ accessToken, idToken });
  });

  it('do not appear in JSON', () => {
    expect(JSON.stringify(callerOf(ADA, TOKENS))).not.toMatch(/access\.token|id\.token/);
  });

  it('are not used for an alert rule that a person previews', () => {
    const caller = callerOf(ADA, { ...TOKENS, fromalert: 'true' });
    expect(caller.user?.login).toBe('ada');
    expect(caller.forwarded).toBeUndefined();
  });
});
