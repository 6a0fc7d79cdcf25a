/** A secret of several lines, such as a key in PEM or a JSON file. Grafana's text area hides what is typed. */
import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { SecretTextArea, TextArea, useStyles2 } from '@grafana/ui';
import React from 'react';
import { type StoredSecretProps } from './StoredSecretInput';

const LINES = 5;

export function StoredSecretText(props: StoredSecretProps<HTMLTextAreaElement>) {
  const { isStored, readOnly, onReset, value, onChange, ...common } = props;
  const styles = useStyles2(getStyles);
  if (readOnly) {
    return <TextArea {...common} rows={1} disabled value={isStored ? 'configured' : ''} readOnly />;
  }
  return (
    <SecretTextArea
      {...common}
      grow
      className={styles.text}
      rows={LINES}
      isConfigured={isStored}
      value={value}
      spellCheck={false}
      autoComplete="off"
      onChange={onChange}
      onReset={onReset}
    />
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  // Room for the button that shows what was typed.
  text: css({ paddingRight: theme.spacing(6) }),
});
