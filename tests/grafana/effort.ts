/** A fixture for tests of user tasks, which counts clicks and typed characters. */
import { countEffort, type Effort } from '../support/effort';
import { test as base } from './grafana';

/** Adds the effort of the test to the report. */
export const test = base.extend<{ effort: Effort }>({
  hasOwnContext: true,
  effort: async ({ context }, use) => {
    const effort = await countEffort(context);
    await use(effort);
    test
      .info()
      .annotations.push({ type: 'effort', description: `${effort.clicks} clicks, ${effort.characters} characters` });
  },
});
