import { ProxyError } from '../base/errors/proxy-error';
import { mayKnowDetails, messageFor } from './may-know-details';

const user = (role: string, login = 'ada') => ({ login, name: '', email: 'a@example.com', role });
const REJECTED = new ProxyError('provider_refused', { detail: 'Its result: invalid_client (HTTP 401).' });
const BAD_SQL = new ProxyError('query_invalid', { detail: "No field named 'x'." });

it.each([
  ['an admin', user('Admin'), true],
  ['an editor', user('Editor'), false],
  ['a viewer', user('Viewer'), false],
  ['no user', undefined, false],
  ['the alert scheduler', { ...user('Admin', 'grafana_scheduler'), email: '' }, false],
])('shows setup details to admins only: %s', (_name, reader, mayKnow) => {
  expect(mayKnowDetails(reader)).toBe(mayKnow);
  expect(messageFor(reader, REJECTED).includes('invalid_client')).toBe(mayKnow);
});

it('shows all users the details of their own queries', () => {
  expect(messageFor(user('Viewer'), BAD_SQL)).toBe(BAD_SQL.adminMessage);
});
