import { Tab, TabsBar } from '@grafana/ui';
import React, { type MouseEvent } from 'react';
import { hrefOf, navigate, type PageLocation, type ScreenName } from '../location';

const TABS = [
  { screen: 'explore', label: 'Explore', icon: 'compass' },
  { screen: 'dashboard', label: 'Dashboard', icon: 'apps' },
  { screen: 'variables', label: 'Variables', icon: 'brackets-curly' },
  { screen: 'settings', label: 'Settings', icon: 'sliders-v-alt' },
] as const satisfies ReadonlyArray<{ screen: ScreenName; label: string; icon: string }>;

/** Tabs for the screens of one data source. */
export function ScreenTabs({ location }: { location: PageLocation }) {
  return (
    <TabsBar>
      {TABS.map(({ screen, label, icon }) => {
        const target = { ...location, screen, left: undefined };
        return (
          <Tab
            key={screen}
            label={label}
            icon={icon}
            active={screen === location.screen}
            href={hrefOf(target)}
            onChangeTab={(event: MouseEvent) => {
              event.preventDefault();
              navigate(target);
            }}
          />
        );
      })}
    </TabsBar>
  );
}
