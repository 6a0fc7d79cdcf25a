/**
 * The modules that Grafana shares with its plugins at run time, by the names that plugins import.
 *
 * As in Grafana's loader, a plugin gets the `module.exports` of a CommonJS package, and the namespace of an ES module
 * package. The namespace has `__esModule`, so that webpack finds the default export.
 */
import * as emotionCss from '@emotion/css';
import * as emotionReact from '@emotion/react';
import * as grafanaData from '@grafana/data';
import * as grafanaRuntime from '@grafana/runtime';
import * as grafanaUi from '@grafana/ui';
import * as grafanaUiUnstable from '@grafana/ui/unstable';
import i18next from 'i18next';
import lodash from 'lodash';
import React from 'react';
import ReactDom from 'react-dom';
import * as jsxRuntime from 'react/jsx-runtime';
import * as rxjs from 'rxjs';

function namespace(module: object): object {
  return Object.create(module, { __esModule: { value: true } }) as object;
}

export const SHARED_MODULES: Readonly<Record<string, unknown>> = {
  react: React,
  'react-dom': ReactDom,
  'react/jsx-runtime': jsxRuntime,
  '@grafana/data': namespace(grafanaData),
  '@grafana/runtime': namespace(grafanaRuntime),
  '@grafana/ui': namespace(grafanaUi),
  '@grafana/ui/unstable': namespace(grafanaUiUnstable),
  '@emotion/css': namespace(emotionCss),
  '@emotion/react': namespace(emotionReact),
  i18next,
  lodash,
  rxjs: namespace(rxjs),
};
