/** A button that reads a text file of the person's own machine. */
import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Button, Text, useStyles2 } from '@grafana/ui';
import React, { useRef, useState } from 'react';

interface Props {
  id: string;
  label: string;
  /** As the attribute of a file input. */
  accept: string;
  onText: (text: string) => void;
}

export function FileButton({ id, label, accept, onText }: Props) {
  const styles = useStyles2(getStyles);
  const input = useRef<HTMLInputElement>(null);
  const [failure, setFailure] = useState<string>();
  const read = async ({ currentTarget }: React.ChangeEvent<HTMLInputElement>) => {
    const file = currentTarget.files?.[0];
    if (file === undefined) {
      return;
    }
    try {
      onText(await file.text());
      setFailure(undefined);
    } catch {
      setFailure(`${file.name} could not be read. Paste its content instead.`);
    }
    // The same file can be chosen again after it was changed.
    if (input.current !== null) {
      input.current.value = '';
    }
  };
  return (
    <div className={styles.row}>
      <Button type="button" size="sm" variant="secondary" icon="upload" onClick={() => input.current?.click()}>
        {label}
      </Button>
      <input ref={input} id={id} type="file" accept={accept} aria-label={label} hidden onChange={read} />
      {failure && (
        <Text element="span" color="error" variant="bodySmall">
          {failure}
        </Text>
      )}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  row: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: theme.spacing(1),
    // Close to the field above, which it fills.
    margin: theme.spacing(-1, 0, 2),
  }),
});
