/**
 * The people who use the playground. A cookie says who sits at the page: it is a demo of attribution, not a sign-in.
 */
export interface DemoUser {
  /** Value of the cookie and of `?user=`. */
  id: string;
  login: string;
  name: string;
  email: string;
  /** Grafana's organisation role. */
  role: 'Admin' | 'Viewer';
}

export const DEMO_USERS: readonly DemoUser[] = [
  { id: 'ada', login: 'ada', name: 'Ada Lovelace', email: 'ada@example.com', role: 'Admin' },
  { id: 'grace', login: 'grace', name: 'Grace Hopper', email: 'grace@example.com', role: 'Viewer' },
];

export const USER_COOKIE = 'playground_user';

/** Finds a user by id. */
export function demoUser(id: string | null | undefined): DemoUser | undefined {
  return DEMO_USERS.find((user) => user.id === id);
}

/** The user whose cookie came with a request; the first one when there is none. */
export function userOfCookie(cookieHeader: string | undefined): DemoUser {
  for (const part of (cookieHeader ?? '').split(';')) {
    const [name, value] = part.trim().split('=');
    const user = name === USER_COOKIE ? demoUser(value) : undefined;
    if (user) {
      return user;
    }
  }
  return DEMO_USERS[0];
}
