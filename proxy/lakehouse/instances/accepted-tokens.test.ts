import { AcceptedTokens } from './accepted-tokens';

const ISSUER = 'https://idp.example';
const token = (audience: string | string[], keyId = 'k1', issuer = ISSUER) => ({
  isJwt: true,
  issuer,
  audience: [audience].flat(),
  keyId,
});

let nowMs = 0;
let accepted: AcceptedTokens;

beforeEach(() => {
  nowMs = 0;
  accepted = new AcceptedTokens(() => nowMs);
});

it('finds the kind with the same audiences in any order, and its age since the last acceptance', () => {
  const first = token(['lake', 'other']);
  accepted.add(first);
  accepted.add(token('cli', 'k2'));
  nowMs = 5000;
  accepted.add(first);
  nowMs = 7000;
  expect(accepted.like(token(['other', 'lake'], 'k3'))).toEqual({
    issuer: ISSUER,
    audience: ['lake', 'other'],
    keyId: 'k1',
    agoMs: 2000,
    isSameAudience: true,
  });
});

it('finds the last kind of the issuer if no token had these audiences', () => {
  accepted.add(token('lake'));
  accepted.add(token('cli'));
  accepted.add(token('mine', 'k1', 'https://elsewhere'));
  expect(accepted.like(token('mine'))).toMatchObject({ audience: ['cli'], isSameAudience: false });
  expect(accepted.like(token('lake', 'k1', 'https://unknown'))).toBeUndefined();
});

it('remembers the key of the last token of a kind', () => {
  accepted.add(token('lake', 'k1'));
  accepted.add(token('lake', 'k2'));
  expect(accepted.like(token('lake'))?.keyId).toBe('k2');
});

it('remembers 20 kinds, and no long claims', () => {
  for (let count = 0; count <= 20; count++) {
    accepted.add(token('lake', 'k1', `https://idp-${count}`));
  }
  accepted.add(token('x'.repeat(501)));
  const known = (issuer: string) => accepted.like(token('lake', 'k1', issuer)) !== undefined;
  expect([known('https://idp-0'), known('https://idp-1'), known('https://idp-20'), known(ISSUER)]).toEqual([
    false,
    true,
    true,
    false,
  ]);
});
