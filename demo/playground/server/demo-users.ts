/**
 * The users of the playground. A cookie contains the id of the current user. The cookie demonstrates attribution and is
 * not a sign-in.
 */
import { type DemoUser } from '../playground-data';

export const DEMO_USERS: readonly DemoUser[] = [
  { id: 'ada', login: 'ada', name: 'Ada Lovelace', email: 'ada@example.com', role: 'Admin' },
  { id: 'grace', login: 'grace', name: 'Grace Hopper', email: 'grace@example.com', role: 'Viewer' },
];

export const USER_COOKIE = 'playground_user';

/** Finds a user by id. */
export function demoUser(id: string | null | undefined): DemoUser | undefined {
  return DEMO_USERS.find((user) => user.id === id);
}

/** The user in the cookie of a request. Without a cookie or for an unknown id: the first user. */
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
