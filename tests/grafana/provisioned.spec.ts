import { expect, settingsField, test } from './grafana';
import { provisionedRules } from '../support/provisioned-rules';
import { RuleStates } from './rule-states';
import { areServicesGiven } from './services';

test.skip(
  !areServicesGiven(),
  'MICROMEGAS_HOST is not set: Grafana is not provisioned with the services of these tests.'
);

for (const name of ['Micromegas', 'Micromegas (OAuth)']) {
  test(`shows and tests the provisioned data source ${name}`, async ({
    readProvisionedDataSource,
    gotoDataSourceConfigPage,
    services,
    page,
  }) => {
    const { uid } = await readProvisionedDataSource({ fileName: 'micromegas.yaml', name });
    const config = await gotoDataSourceConfigPage(uid);
    await expect(settingsField(page, 'Host')).toHaveValue(services.lakehouse);
    await expect(settingsField(page, 'Host')).toBeDisabled();
    await expect(page.getByRole('button', { name: 'Reset' })).toHaveCount(0);
    await page.getByRole('button', { name: 'Test', exact: true }).click();
    await expect(config).toHaveAlert('success', { hasText: 'Connected to' });
  });
}

test('evaluates the provisioned rules', async ({ request }) => {
  // The name of the group in provisioning/alerting/micromegas.yaml. Grafana evaluates it every minute.
  const states = new RuleStates(request, 'Micromegas');
  const evaluated = provisionedRules().map(({ title }) => [title, 'ok']);
  await expect.poll(() => states.healths(), { timeout: 120_000 }).toEqual(Object.fromEntries(evaluated));
});
