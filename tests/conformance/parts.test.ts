import { type Selection } from './decisions';
import { decide, missingTool, PARTS } from './parts';

const LOCAL: Selection = { only: [], skip: undefined, ci: undefined };
const CI: Selection = { ...LOCAL, ci: 'true' };
const NO_JAVA = { keycloak: 'Java is not installed' };
const ALL_RUN = Object.fromEntries(PARTS.map((part) => [part, { kind: 'run' }]));

describe('decide', () => {
  it.each([LOCAL, CI])('runs all parts when no tool is missing', (selection) => {
    expect(decide(selection, {})).toEqual(ALL_RUN);
  });

  it('outside CI, skips a part whose tool is missing', () => {
    expect(decide(LOCAL, NO_JAVA)).toEqual({ ...ALL_RUN, keycloak: { kind: 'skip', why: 'Java is not installed' } });
  });

  it('under CI, fails a part whose tool is missing, and names the variable that skips it', () => {
    expect(decide(CI, NO_JAVA)).toEqual({
      ...ALL_RUN,
      keycloak: { kind: 'fail', why: 'Java is not installed. CONFORMANCE_SKIP=keycloak skips it.' },
    });
  });

  it.each(['', '0', 'false', 'False'])('treats CI=%j as a run outside CI', (ci) => {
    expect(decide({ ...LOCAL, ci }, NO_JAVA).keycloak.kind).toBe('skip');
  });

  it.each([LOCAL, CI])('skips the parts of CONFORMANCE_SKIP, whether or not their tools are missing', (selection) => {
    expect(decide({ ...selection, skip: ' keycloak, micromegas,' }, NO_JAVA)).toEqual({
      ...ALL_RUN,
      keycloak: { kind: 'skip', why: 'CONFORMANCE_SKIP names it' },
      micromegas: { kind: 'skip', why: 'CONFORMANCE_SKIP names it' },
    });
  });

  it('runs only the parts named in the command line', () => {
    const decisions = decide({ ...CI, only: ['h2spec', 'grafana'] }, NO_JAVA);
    expect(decisions.h2spec).toEqual({ kind: 'run' });
    expect(decisions.grafana).toEqual({ kind: 'run' });
    expect(decisions.keycloak).toEqual({ kind: 'skip', why: 'the command line names other parts' });
  });

  it('under CI, fails a part named in the command line if the tool of the part is missing', () => {
    expect(decide({ ...CI, only: ['keycloak'] }, NO_JAVA).keycloak.kind).toBe('fail');
  });

  it('throws for an unknown name in CONFORMANCE_SKIP', () => {
    expect(() => decide({ ...LOCAL, skip: 'keycloak,keyclock' }, {})).toThrow(
      'CONFORMANCE_SKIP names "keyclock", which is not part of the conformance run. Parts: h2spec, grafana, mutations, oidc-provider, keycloak, micromegas.'
    );
  });

  it('throws for an unknown name on the command line', () => {
    expect(() => decide({ ...LOCAL, only: ['h3spec'] }, {})).toThrow('The command line names "h3spec"');
  });
});

describe('missingTool', () => {
  it('under CI, fails a part whose tool turns out to be missing during the run', () => {
    expect(missingTool('keycloak', 'Maven could not download Keycloak', '1')).toEqual({
      kind: 'fail',
      why: 'Maven could not download Keycloak. CONFORMANCE_SKIP=keycloak skips it.',
    });
  });
});
