/** A part of a section, with room to the next one also while it is folded. */
import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { ConfigSubSection } from '@grafana/plugin-ui';
import { useStyles2 } from '@grafana/ui';
import React from 'react';

type Props = React.ComponentProps<typeof ConfigSubSection>;

export function Subsection(props: Props) {
  const styles = useStyles2(getStyles);
  return <ConfigSubSection {...props} className={styles.subsection} />;
}

const getStyles = (theme: GrafanaTheme2) => ({
  subsection: css({ marginTop: theme.spacing(3) }),
});
