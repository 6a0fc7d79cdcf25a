/**
 * Tests the advice of Save & test for a sign-in that the server rejects, or accepts although it is unsafe. Also tests
 * the use of tokens if clocks differ. The providers are simulated, and the server has the rules of Micromegas.
 */
import { type MicromegasSettings } from '../../contract/settings/settings';
import { generic } from '../fakes/providers/generic';
import { hydra } from '../fakes/providers/hydra';
import { datedKeycloak, keycloak } from '../fakes/providers/keycloak';
import { LOCALHOST } from '../support/certificates';
import { onlyFrame } from '../support/frames';
import { runQuery } from '../support/plugin';
import { expectNoSecretsAtEnd } from '../support/secret-watch';
import { useSignInLab, type HealthOutcome } from '../support/sign-in-lab';

const lab = useSignInLab();

const stageOf = ({ details }: HealthOutcome, name: string) => details.stages.find((stage) => stage.name === name);
const ruleOf = ({ details }: HealthOutcome, name: string) => details.token?.rules.find((rule) => rule.name === name);

describe('a token with the audience of another API', () => {
  const microsoft = '00000003-0000-0000-c000-000000000000';

  it.each([
    { name: 'Keycloak, audience account', rules: keycloak, aud: 'account', fix: /audience mapper/ },
    {
      name: 'Keycloak, audiences realm-management and account',
      rules: keycloak,
      aud: ['realm-management', 'account'],
      fix: /audience mapper/,
    },
    { name: 'Microsoft Graph', rules: generic, aud: microsoft, fix: /Register Micromegas as a separate API/ },
  ])('is rejected with advice that proposes no server configuration: $name', async ({ rules, aud, fix }) => {
    const tested = await lab.provider(rules);
    tested.provider.behaviour.tokens.claims.aud = aud;
    const outcome = await lab.saveAndTest(lab.oauth(tested));
    expect(outcome.code).toBe('token_audience_shared');
    expect(outcome.report).toMatch(fix);
    expect(outcome.report).not.toContain('"audience"');
    expect(ruleOf(outcome, 'audience')?.status).toBe('broken');
    expect(outcome.details.token?.serverConfig).toBeUndefined();
  });

  it('causes a warning if the server accepts the token', async () => {
    const tested = await lab.provider(keycloak);
    tested.provider.behaviour.tokens.claims.aud = 'account';
    lab.micromegas.issuers.push({ issuer: tested.provider.issuer, audience: 'account' });
    const outcome = await lab.saveAndTest(lab.oauth(tested));
    expect(outcome.ok ? '' : outcome.report).toBe('');
    expect(stageOf(outcome, 'token')).toMatchObject({ status: 'warning' });
    expect(outcome.report).toMatch(/Do not configure account on the server/);
    expect(outcome.details.token?.serverConfig).toBeUndefined();
  });

  it('gives a server configuration for the right audience if the token has both audiences', async () => {
    const tested = await lab.provider(keycloak);
    tested.provider.behaviour.tokens.claims.aud = ['account', tested.saved.serverAudience];
    const { ok, details } = await lab.saveAndTest(lab.oauth(tested));
    expect(ok).toBe(true);
    expect(JSON.parse(details.token?.serverConfig ?? '{}')).toEqual({
      issuers: [{ issuer: tested.provider.issuer, audience: tested.saved.serverAudience }],
    });
  });
});

describe('the clocks of provider and server', () => {
  afterEach(() => {
    lab.micromegas.behaviour.clockAheadSeconds = 0;
  });

  const cases = [keycloak, datedKeycloak].flatMap((rules) =>
    [-86_400, -610, 610, 86_400].map((aheadSeconds) => ({ rules, name: rules.name, aheadSeconds }))
  );

  it.each(cases)(
    'cause a warning, and only one token request, if both are off by $aheadSeconds s: $name',
    async ({ rules, aheadSeconds }) => {
      const tested = await lab.provider(rules);
      tested.provider.behaviour.clockAheadSeconds = aheadSeconds;
      lab.micromegas.behaviour.clockAheadSeconds = aheadSeconds;
      const source = lab.oauth(tested);
      for (let count = 0; count < 3; count++) {
        const response = await runQuery(lab.plugin, source, { query: 'SELECT 1 AS one', version: 2 });
        expect(response.error).toBe('');
        expect(onlyFrame(response).rowCount).toBe(1);
      }
      expect(tested.provider.tokenRequests).toHaveLength(1);
      const outcome = await lab.saveAndTest(source);
      expect(outcome.ok ? '' : outcome.report).toBe('');
      const amount = Math.abs(aheadSeconds) === 610 ? '10 min' : '24 h';
      const direction = aheadSeconds > 0 ? 'ahead of' : 'behind';
      expect(outcome.report).toContain(
        `The provider's clock is ${amount} ${direction} the clock of the machine that runs the plugin.`
      );
      expect(stageOf(outcome, 'token')?.status).toBe('warning');
    }
  );

  it.each([
    { ahead: 'server', seconds: 610, message: /By the server's clock, the token expired 5 min ago/ },
    {
      ahead: 'provider',
      seconds: -610,
      message: /By the server's clock, the token expired .*provider's clock is 10 min behind/s,
    },
  ])(
    'cause the error for an expired token if only the clock of the $ahead is off by $seconds s',
    async ({ ahead, seconds, message }) => {
      const tested = await lab.provider(keycloak);
      const { behaviour } = ahead === 'server' ? lab.micromegas : tested.provider;
      behaviour.clockAheadSeconds = seconds;
      const outcome = await lab.saveAndTest(lab.oauth(tested));
      expect(outcome.code).toBe('token_expired');
      expect(outcome.report).toMatch(message);
    }
  );

  it('are not mentioned if they agree', async () => {
    const { ok, report } = await lab.saveAndTest(lab.oauth(await lab.provider(keycloak)));
    expect(ok).toBe(true);
    expect(report).not.toMatch(/clock/);
  });
});

describe('a provider behind a proxy that terminates TLS', () => {
  const cases = [
    { rules: keycloak, advice: /--proxy-headers xforwarded, or with --hostname https:\/\/localhost/ },
    { rules: hydra, advice: /Set urls\.self\.issuer of Hydra to https:\/\/localhost/ },
    { rules: generic, advice: /X-Forwarded-Proto: https/ },
  ];

  it.each(cases)(
    "$rules.name: advises to change the provider's setting for proxies, not to enter an issuer with http",
    async ({ rules, advice }) => {
      const tested = await lab.provider(rules, { tls: { cert: LOCALHOST.certificate, key: LOCALHOST.key } });
      tested.provider.behaviour.discovery = 'issuerOverHttp';
      const changes: MicromegasSettings = { oauthTlsSkipVerify: true };
      const { code, report } = await lab.saveAndTest(lab.oauth(tested, changes));
      expect(code).toBe('provider_issuer_mismatch');
      expect(report).toMatch(advice);
      expect(report).not.toMatch(/enter exactly this as the issuer/);
    }
  );
});

expectNoSecretsAtEnd();
