/** A list of rows, each with a button that removes it. An added row gets the focus. */
import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Button, useStyles2 } from '@grafana/ui';
import React from 'react';
import { useFocusOnAdd, useFocusOnRemove } from '../../shared/controls/use-focus-on-add';

interface Props<Item> {
  /** Accessible name of the list. The name of each button that removes a row contains this name: `Remove Filters 1`. */
  label: string;
  items: readonly Item[];
  /** Renders the controls of an item. `replace` puts another item in its place. */
  render: (item: Item, index: number, replace: (item: Item) => void) => React.ReactNode;
  onChange: (items: Item[]) => void;
  /** Buttons that add rows. */
  children?: React.ReactNode;
}

/**
 * The React key of a row is its position: when a row is removed, the controls at this position show the next item. So
 * each control must drop its React state when its value changes, as `CommitInput` does.
 */
export function RowList<Item>({ label, items, render, onChange, children }: Props<Item>) {
  const styles = useStyles2(getStyles);
  const { list, beforeAdd } = useFocusOnAdd(items.length);
  const beforeRemove = useFocusOnRemove(list, items.length);
  const replaceAt = (index: number) => (item: Item) => onChange(items.map((old, at) => (at === index ? item : old)));
  return (
    <div ref={list} role="group" aria-label={label} className={styles.list}>
      {items.map((item, index) => (
        <div key={index} className={styles.row}>
          {render(item, index, replaceAt(index))}
          <Button
            icon="times"
            variant="secondary"
            fill="text"
            type="button"
            aria-label={t('builder.remove-row', 'Remove {{label}} {{number}}', {
              label,
              number: index + 1,
              interpolation: { escapeValue: false },
            })}
            tooltip={t('builder.remove', 'Remove')}
            onClick={() => {
              beforeRemove();
              onChange(items.filter((_, at) => at !== index));
            }}
          />
        </div>
      ))}
      {children && (
        <div className={styles.row} onClickCapture={beforeAdd}>
          {children}
        </div>
      )}
    </div>
  );
}

interface AddProps {
  label: string;
  /** Why no row can be added. The button is then disabled, and has this tooltip. Default: rows can be added. */
  disabledReason?: string;
  onClick: () => void;
}

/** A button that adds a row, for the children of a `RowList`. The list moves the focus to the added row. */
export function AddButton({ label, disabledReason, onClick }: AddProps) {
  return (
    <Button
      size="sm"
      variant="secondary"
      icon="plus"
      type="button"
      disabled={disabledReason !== undefined}
      tooltip={disabledReason}
      onClick={onClick}
    >
      {label}
    </Button>
  );
}

interface LabelledProps {
  htmlFor: string;
  label: string;
}

/** A control in a row, with a label for screen readers only. */
export function Labelled({ htmlFor, label, children }: React.PropsWithChildren<LabelledProps>) {
  const styles = useStyles2(getStyles);
  return (
    <div>
      <label htmlFor={htmlFor} className={styles.hiddenLabel}>
        {label}
      </label>
      {children}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1), minWidth: 0 }),
  row: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1), alignItems: 'center' }),
  hiddenLabel: css({
    position: 'absolute',
    width: 1,
    height: 1,
    overflow: 'hidden',
    clip: 'rect(0 0 0 0)',
    whiteSpace: 'nowrap',
  }),
});
