/** Tests of the ways of a person, which count clicks and typed characters. */
import { countEffort, type Effort } from '../support/effort';
import { test as base } from './grafana';

/** The effort of each test is in the report. */
export const test = base.extend<{ effort: Effort }>({
  effort: async ({ context }, use) => {
    const effort = await countEffort(context);
    await use(effort);
    test
      .info()
      .annotations.push({ type: 'effort', description: `${effort.clicks} clicks, ${effort.characters} characters` });
  },
});
