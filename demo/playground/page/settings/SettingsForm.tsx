import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Alert, Button, InlineField, Input, useStyles2 } from '@grafana/ui';
import React, { type FormEvent, useState } from 'react';
import { type PageLocation } from '../location';
import { useRuntime } from '../runtime/use-runtime';
import { DemoNote } from './DemoNote';
import { testDataSource, type TestResult } from './test-result';
import { TestResultAlert } from './TestResultAlert';
import { type EditedSettings, type SettingsEditing } from './use-data-source-settings';

interface Props {
  settings: EditedSettings;
  editing: SettingsEditing;
  location: PageLocation;
}

/** The name, the plugin's config editor, and Save & test. */
export function SettingsForm({ settings, editing, location }: Props) {
  const styles = useStyles2(getStyles);
  const { plugin, dataSources } = useRuntime();
  const [result, setResult] = useState<TestResult>();
  const [isTesting, setTesting] = useState(false);
  const ConfigEditor = plugin.components.ConfigEditor;

  const saveAndTest = async () => {
    setTesting(true);
    setResult(undefined);
    try {
      await editing.save();
      setResult(await testDataSource(await dataSources.get(settings.uid)));
    } catch (error) {
      setResult({ status: 'error', message: error instanceof Error ? error.message : String(error) });
    } finally {
      setTesting(false);
    }
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void saveAndTest();
  };

  return (
    <form className={styles.form} onSubmit={onSubmit}>
      {settings.readOnly ? (
        <Alert severity="info" title="Provisioned data source">
          This data source was added by config and cannot be modified using the UI.
        </Alert>
      ) : (
        <DemoNote />
      )}
      <InlineField label="Name" labelWidth={14} disabled={settings.readOnly} grow shrink className={styles.name}>
        <Input
          id="data-source-name"
          value={settings.name}
          onChange={({ currentTarget }) => editing.edit({ ...settings, name: currentTarget.value })}
        />
      </InlineField>
      {ConfigEditor ? <ConfigEditor options={settings} onOptionsChange={editing.edit} /> : null}
      <div aria-live="polite" className={styles.result}>
        {result ? <TestResultAlert result={result} location={location} /> : null}
      </div>
      <Button type="submit" disabled={isTesting} icon={isTesting ? 'spinner' : undefined}>
        {settings.readOnly ? 'Test' : 'Save & test'}
      </Button>
    </form>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  form: css({ marginTop: theme.spacing(3), paddingBottom: theme.spacing(4) }),
  name: css({ marginBottom: theme.spacing(3), maxWidth: 440 }),
  result: css({ marginTop: theme.spacing(4) }),
});
