import { css } from '@emotion/css';

/** For Grafana's `Input` with a `width`: the input becomes narrower where its parent is narrower. */
export const fitsParent = css({ maxWidth: '100%' });

/** For a parent of Grafana's `Combobox` or `MultiCombobox` with a `width`: the control is not wider than the parent. */
export const limitsChildren = css({ minWidth: 0, '& > *': { maxWidth: '100%' } });
