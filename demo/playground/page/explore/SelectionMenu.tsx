import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Menu, useStyles2 } from '@grafana/ui';
import React, { type MouseEvent, type ReactNode, useState } from 'react';
import { useFiltering } from './filtering';

interface Selected {
  selected: string;
  left: number;
  top: number;
}

/** Log lines with Grafana's menu for selected text: copy, line contains, line does not contain. */
export function SelectionMenu({ children }: { children: ReactNode }) {
  const styles = useStyles2(getStyles);
  const { filterText } = useFiltering();
  const [selected, setSelected] = useState<Selected>();
  const onMouseUp = ({ currentTarget, clientX, clientY }: MouseEvent<HTMLElement>) => {
    const selected = window.getSelection()?.toString().trim() ?? '';
    const box = currentTarget.getBoundingClientRect();
    setSelected(selected === '' ? undefined : { selected, left: clientX - box.left, top: clientY - box.top });
  };
  const choose = (act: (selected: string) => void) => () => {
    if (selected) {
      act(selected.selected);
    }
    window.getSelection()?.removeAllRanges();
    setSelected(undefined);
  };
  return (
    <div className={styles.area} onMouseUp={onMouseUp}>
      {children}
      {selected ? (
        <div className={styles.menu} style={{ left: selected.left, top: selected.top }}>
          <Menu ariaLabel="Selected text">
            <Menu.Item
              label="Copy selection"
              onClick={choose((selected) => void navigator.clipboard.writeText(selected).catch(() => undefined))}
            />
            {filterText ? (
              <>
                <Menu.Item
                  label="Add as line contains filter"
                  onClick={choose((selected) => filterText(selected, false))}
                />
                <Menu.Item
                  label="Add as line does not contain filter"
                  onClick={choose((selected) => filterText(selected, true))}
                />
              </>
            ) : null}
          </Menu>
        </div>
      ) : null}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  area: css({ position: 'relative' }),
  menu: css({ position: 'absolute', zIndex: theme.zIndex.dropdown }),
});
