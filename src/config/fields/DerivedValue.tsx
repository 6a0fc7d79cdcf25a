/** A value that follows from another field, shown so that it can be compared with the provider's pages. */
import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import React from 'react';

interface Props {
  label: string;
  value: string | undefined;
  /** Words, and not something to compare to the character. */
  isText?: boolean;
}

/** Nothing while there is no value. */
export function DerivedValue({ label, value, isText = false }: Props) {
  const styles = useStyles2(getStyles);
  return value ? (
    <p className={styles.line} role="status">
      {label}: <span className={isText ? undefined : styles.value}>{value}</span>
    </p>
  ) : null;
}

const getStyles = (theme: GrafanaTheme2) => ({
  line: css({
    maxWidth: 480,
    overflowWrap: 'anywhere',
    // Below the field that it follows from, in the space that separates that from the next one.
    margin: theme.spacing(-1.5, 0, 2),
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
  }),
  value: css({ fontFamily: theme.typography.fontFamilyMonospace }),
});
